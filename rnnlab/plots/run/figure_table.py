"""A run's figures as a table: of each split, beside the baselines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.plots.run.figures import LEAKING, baselines_of, figure_title, format_of
from rnnlab.runs.event_numbers import real
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines, fit
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sections import heading
from rnnlab.text.table import Cell, Column, Table, text_cell

SPLITS = ("train", "validation", "test")
_SHORT = {"macro_f1": "macro F1", "mae": "MAE", "rmse": "RMSE", "balanced_accuracy": "balanced"}
"""Titles of columns, where a row's would be too long."""


def split_role(split: str) -> Role:
    """The colour that a split has everywhere."""
    return "validation" if split == "validation" else "test" if split == "test" else "train"


def short_title(metric: str) -> str:
    """A metric's name in a column's width: `balanced`, `clean`."""
    return _SHORT.get(metric, metric.removeprefix("accuracy_").replace("_", " "))


def chosen_by(state: RunState) -> str:
    """Which figure chose the best epoch, where it is not the task's metric: ` by validation macro F1`."""
    return f" by validation {figure_title(state, state.selected)}" if state.selected != state.metric else ""


def short_figure_title(state: RunState, figure: str) -> str:
    """As `short_title`, of one run's figure: its loss by its kind."""
    return figure_title(state, figure) if figure == "loss" else short_title(figure)


def cell_for(state: RunState, figures: Iterable[str]) -> int:
    """Cells of a column in a table of these figures: 11, or as many as the longest title needs."""
    return max(11, *(cell_len(short_figure_title(state, figure)) + 2 for figure in figures), 0)


def figures_as_table(state: RunState) -> Table:
    """Each split's figures and those of the baselines in full, a row each."""
    figures = state.final or state.latest
    splits = [split for split in SPLITS if split in figures]
    names = dict.fromkeys(name for split in splits for name in figures[split])
    found: list[tuple[str, str, Mapping[str, float]]] = []
    for name in names:
        held = {split: real(figures[split][name]) for split in splits if name in figures[split]}
        found.append((name, figure_title(state, name), held))
        if name == state.metric:
            found += [(name, f"{name} of {label}", scores) for label, scores in baselines_of(state).items()]
    rows = [
        (
            text_cell(title),
            *(Cell(format_of(name)(held[s]), (held[s],)) if s in held else Cell() for s in splits),
        )
        for name, title, held in found
    ]
    columns = (Column("figure", "figure", left=True), *(Column(split, split) for split in splits))
    return Table("", columns, tuple(rows))


def figures_table(state: RunState, width: int, palette: Palette) -> Lines:
    """Each split's figures: with the best weights where the run got to its end, else the latest ones.

    The baselines' scores stand under the metric; a leaking split is marked; `train.test` may have left the test part out.
    """
    figures = state.final or state.latest
    splits = [split for split in SPLITS if split in figures]
    if not splits:
        return []
    names = list(dict.fromkeys(name for split in splits for name in figures[split]))
    if {"loss", "plain_loss"} <= set(names):  # side by side
        names.remove("plain_loss")
        names.insert(names.index("loss") + 1, "plain_loss")
    note = (
        f"with the weights of epoch {state.best.epoch}, the best{chosen_by(state)}"
        if state.final and state.best
        else "latest evaluation"
    )
    if state.final and "test" not in state.final:
        note += "; not tested"
    baselines = {fit(name, 40).rstrip(): scores for name, scores in baselines_of(state).items()}
    titles = [figure_title(state, name) for name in names]
    first = min(width // 2, max([8, *map(cell_len, titles), *(cell_len(label) + 2 for label in baselines)]))
    cell = max(6, min(12, (width - first) // len(splits)))
    muted, text = palette.style("muted"), palette.style("text")
    lines = [
        heading("figures", width, palette, note, warning=LEAKING if state.leaks else ""),
        [
            Segment(" " * first),
            *(Segment(fit(split, cell, "right"), palette.style(split_role(split))) for split in splits),
        ],
    ]
    for name, title in zip(names, titles, strict=True):
        row = [Segment(fit(title, first), text)]
        for split in splits:
            value = figures[split].get(name)
            value_text = format_of(name)(real(value)) if value is not None else "–"
            bold = name == state.metric
            row.append(Segment(fit(value_text, cell, "right"), palette.style("text", bold=bold)))
        lines.append(row)
        if name == state.metric:
            for label, scores in baselines.items():
                row = [Segment(fit(f"  {label}", first), muted)]
                row += [
                    Segment(fit(format_of(name)(scores[s]) if s in scores else "–", cell, "right"), muted)
                    for s in splits
                ]
                lines.append(row)
    return lines
