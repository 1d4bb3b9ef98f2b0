"""The evaluations of a run as a table: a line each, the figures of both splits in columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.strokes import nearest
from rnnlab.plots.run.figures import SECONDARY, format_of, title_of, x_column
from rnnlab.runs.series import Series
from rnnlab.runs.state import RunState
from rnnlab.text import numbers
from rnnlab.text.lines import Line, Lines, fit, padded, sentence
from rnnlab.text.palette import Palette
from rnnlab.text.table import Cell, Column, Table, figure_cell, whole_cell

_CELL = 9
_SHORT = {"accuracy": "acc", "balanced_accuracy": "balanced"}


def evaluation_table(
    state: RunState,
    *,
    width: int,
    height: int,
    palette: Palette,
    at: float | None = None,
    x_axis: XAxis = "epochs",
    figure: str = "loss",
) -> Lines:
    """The table in exactly `width` × `height` cells: of many evaluations those about `at` on the x axis, else the newest.

    The columns of `figure` come first. ★ stands at the best one, ▸ at the one nearest to `at`.
    """
    columns = [each for each in _columns(state, figure) if len(each[1])]
    if width <= 0 or height <= 0:
        return []
    timing = next((series for _, series, split in columns if split == "validation"), None)
    if timing is None:
        return sentence("The figures of each evaluation stand here.", width, height, palette.style("muted"))
    columns = columns[: max(1, (width - 16) // _CELL)]
    lines = _heads([(name, split) for name, _, split in columns], palette)[-1 if height < 5 else 0 :]
    chosen = None if at is None else nearest(x_column(timing, x_axis), at)
    rows = height - len(lines)
    middle = len(timing) - 1 if chosen is None else chosen
    first = max(0, min(middle - rows // 2, len(timing) - rows))
    for index in range(first, min(len(timing), first + rows)):
        lines.append(_row(state, columns, timing, index, index == chosen, palette))
    return [padded(line, width) for line in lines] + [[Segment(" " * width)]] * (height - len(lines))


def evaluations_as_table(state: RunState, figure: str = "") -> Table:
    """All evaluations, a row each, with every figure of both splits in full."""
    columns = [each for each in _columns(state, figure or state.metric) if len(each[1])]
    timing = next((series for _, series, split in columns if split == "validation"), None)
    heads = [Column("epoch", "epoch"), Column("step", "update")]
    heads += [Column(f"{split}.{name}", title_of(name), part=split) for name, _, split in columns]
    rows = []
    for index, step in enumerate(timing.step if timing is not None else ()):
        epoch = timing.epoch[index] if timing is not None else 0.0
        cells = [figure_cell(epoch), whole_cell(step)]
        for name, series, _ in columns:
            value = series.mean[nearest(series.step, step)]
            cells.append(Cell(format_of(name)(value), (value,)))
        rows.append(tuple(cells))
    return Table("evaluations", tuple(heads), tuple(rows), facts=(("table", "evaluations"),))


def _columns(state: RunState, figure: str) -> list[tuple[str, Series, str]]:
    """Names, curves and splits: loss and metric of both splits, `figure` first, then the other figures of validation."""
    empty = Series([], [], [], [], [], [], [])
    names = sorted(["loss", state.metric], key=lambda name: name != figure)
    validated = [key.removesuffix("/validation") for key in state.curves if key.endswith("/validation")]
    others = [name for name in validated if name not in (*names, *SECONDARY)]
    found = [(name, state.curves.get(f"{name}/{split}", empty), split) for name in names for split in _SPLITS]
    return found + [(name, state.curves[f"{name}/validation"], "validation") for name in others]


_SPLITS = ("train", "validation")


def _heads(columns: Sequence[tuple[str, str]], palette: Palette) -> Lines:
    """Two lines: what the figures are, and of which split."""
    names = [_SHORT.get(name, title_of(name)) for name, _ in columns]
    first = [name if index == 0 or names[index - 1] != name else "" for index, name in enumerate(names)]
    cells = "".join(f" {fit(name, _CELL - 1, 'right')}" for name in first)
    splits = "".join(fit("train" if split == "train" else "valid.", _CELL, "right") for _, split in columns)
    muted = palette.style("muted")
    return [[Segment(" " * 16), Segment(cells, muted)], [Segment(f"  {'epoch':>6}{'step':>8}{splits}", muted)]]


def _row(
    state: RunState,
    columns: Sequence[tuple[str, Series, str]],
    timing: Series,
    index: int,
    chosen: bool,
    palette: Palette,
) -> Line:
    step = timing.step[index]
    best = state.best is not None and state.best.step == step
    glyph = "▸" if chosen else "★" if best else " "
    style = palette.style("good" if best else "text", bold=chosen or best)
    line = [
        Segment(f"{glyph} ", palette.style("accent" if chosen else "good", bold=True)),
        Segment(f"{numbers.figure(timing.epoch[index]):>6}{numbers.count(step):>8}", palette.style("muted")),
    ]
    for name, series, _ in columns:
        value = series.mean[nearest(series.step, step)]
        line.append(Segment(fit(format_of(name)(value), _CELL, "right"), style))
    return line
