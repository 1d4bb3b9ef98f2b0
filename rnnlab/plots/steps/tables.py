"""What a net makes of one input as tables: outputs, inputs and the values of cells, a row each step."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.plots.steps.inputs import channel_name
from rnnlab.runs.step_prediction import Activations, StepPrediction, Strip
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Cell, Column, Table, Value, text_cell, whole_cell

_DIGITS = 5
"""Significant digits: values of cells come in 16 bits."""


def output_tables(predicted: StepPrediction) -> list[Table]:
    """Probabilities of the classes, or the numbers of a regression, after each step that is shown; what is true beside them."""
    columns = [(f"p {each.name}", each.probabilities) for each in predicted.classes]
    outputs = list(zip(*predicted.numbers, strict=True))
    columns += [("predicted" if len(outputs) == 1 else f"predicted {at + 1}", each) for at, each in enumerate(outputs)]
    if not columns:
        return []
    return [_by_step("", predicted, columns, predicted.target_steps)]


def input_tables(predicted: StepPrediction) -> list[Table]:
    """The channels of the input; none of tokens, which stand beside the outputs."""
    channels = [(channel_name(predicted, at), values) for at, values in enumerate(predicted.values)]
    return [_by_step("", predicted, channels)] if channels else []


def strip_tables(predicted: StepPrediction, strip: Strip) -> list[Table]:
    """The values of a state or a gate, its cells in columns."""
    return [_by_step(strip.title, predicted, [(f"cell {cell}", strip.row(cell)) for cell in range(strip.cells)])]


def activation_tables(found: Activations) -> list[Table]:
    """Sequences in which a cell is most strongly on, the strongest first."""
    titles = ("row", "step", "value", "before", "at", "after", "target")
    columns = tuple(Column(title, title, left=title in titles[3:]) for title in titles)
    rows = tuple(
        (
            whole_cell(each.row),
            whole_cell(each.step + 1),
            _number(each.value),
            *(text_cell(text) for text in (each.before, each.at, each.after, each.target)),
        )
        for each in found.found
    )
    return [Table(f"{found.strip}, cell {found.cell}", columns, rows)] if rows else []


def _by_step(
    heading: str,
    predicted: StepPrediction,
    columns: Sequence[tuple[str, Sequence[float]]],
    true: Sequence[str] = (),
) -> Table:
    """A row for each step that is shown: its number, what is read, the values of the columns, and the `true` class."""
    heads = [Column("step", "step"), Column("read", "read", left=True)]
    heads += [Column(plain(name), plain(name)) for name, _ in columns]
    heads += [Column("target", "target", left=True)] if true else []
    rows = []
    for at, (step, label) in enumerate(zip(predicted.columns, predicted.labels, strict=True)):
        cells = [whole_cell(step + 1), text_cell(label)]
        cells += [_number(values[at]) if at < len(values) else Cell() for _, values in columns]
        cells += [text_cell(true[at])] if true else []
        rows.append(tuple(cells))
    return Table(plain(heading), tuple(heads), tuple(rows))


def _number(number: float) -> Cell:
    text = f"{number:.{_DIGITS}g}"
    value: Value = float(text)
    return Cell(text, (value,))
