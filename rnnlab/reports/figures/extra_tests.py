"""Figures of further tests: the metric over the length of the sequences, and after their first steps alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rnnlab.plots.comparison.columns import named_rows
from rnnlab.plots.drawing.chart import Chart
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.extra_tests import ExtraKind, early_note, length_chart, length_notes, prefix_chart, rows_chart
from rnnlab.plots.run.figures import LEAKING, title_of
from rnnlab.reports.drawing.style import slug
from rnnlab.reports.figures.curves import chart_figure
from rnnlab.reports.figures.figure import Figure
from rnnlab.runs.comparison import Comparison
from rnnlab.runs.state import RunState

_TITLES = {"length": "over the length of the sequences", "prefix": "after the first steps alone"}


def length_figure(state: RunState, name: str) -> Figure | None:
    """The test metric of the run called `name` over the length of the sequences; None where it was tested at one."""
    chart = length_chart(state)
    title = f"{name}: test {title_of(state.metric)} {_TITLES['length']}"
    notes = [*length_notes(state), *([LEAKING] if state.leaks else [])]
    return _figure(chart, state.metric, slug("length", name), title, notes)


def early_figure(state: RunState, name: str) -> Figure | None:
    """The test metric of the run called `name` after first steps, and the share of sequences that are longer."""
    chart = prefix_chart(state)
    title = f"{name}: test {title_of(state.metric)} {_TITLES['prefix']}"
    notes = [early_note(state), *([LEAKING] if state.leaks else [])]
    return _figure(chart, state.metric, slug("early", name), title, notes)


def rows_figure(
    comparison: Comparison, state_of: Callable[[str], RunState], kind: ExtraKind, name: str
) -> Figure | None:
    """The same of the first eight rows of a comparison: means over seeds, in bands of ± their standard deviation."""
    named = named_rows(comparison, [row for row in comparison.rows if row.extra][: len(STYLES)])
    rows = [(each, row, state_of(row.runs[0])) for each, row in named.items()]
    chart = rows_chart(rows, kind)
    if chart is None:
        return None
    first = rows[0][2]
    notes = (length_notes(first) if kind == "length" else [early_note(first)]) + (
        [LEAKING] if any(row.leaks for row in named.values()) else []
    )
    what = "length" if kind == "length" else "early"
    title = f"test {title_of(comparison.metric)} {_TITLES[kind]}"
    return _figure(chart, comparison.metric, slug(what, name), title, notes)


def _figure(chart: Chart | None, metric: str, name: str, title: str, notes: Sequence[str]) -> Figure | None:
    """The chart as a figure, whose axes name themselves."""
    return None if chart is None else chart_figure(replace(chart, title=title_of(metric)), name, title, notes=notes)
