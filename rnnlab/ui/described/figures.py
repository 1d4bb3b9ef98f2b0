"""Panels in sentences: the descriptions that the figures of `rnnlab plot` have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rnnlab.errors import UsageError
from rnnlab.plots.confusion.cells import Counts, is_square
from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.run.figures import LEAKING, figure_title, loss_chart, metric_chart, title_of
from rnnlab.runs.state import RunState

# What describes is imported where a person asks for it: a run is opened sooner.


class Described(NamedTuple):
    """A panel in sentences, under its title."""

    title: str
    text: str


def _described(state: RunState, title: str, text: str) -> Described:
    if not text:
        raise UsageError("There is nothing to describe in this panel yet.")
    return Described(f"{state.started.run}: {title}" if state.started else title, text)


def of_curves(state: RunState, kind: str, x_axis: XAxis, log_y: bool) -> Described:
    """The run's loss, or its metric. Raises `UsageError` before there is a point."""
    from rnnlab.plots.describe.charts import describe_chart

    loss = kind == "loss"
    chart = loss_chart(state, x_axis=x_axis, log_y=log_y) if loss else metric_chart(state, x_axis=x_axis)
    title = figure_title(state, "loss") if loss else title_of(state.metric)
    notes = [LEAKING] if state.leaks else []
    return _described(state, title, describe_chart(chart, notes) if chart.drawable else "")


def of_gradients(state: RunState) -> Described:
    """How much of the gradient reaches the first step. Raises `UsageError` before one was inspected."""
    from rnnlab.plots.describe.gradients import describe_flow, drawn_flows, flows_by_layer

    text = " ".join(map(describe_flow, drawn_flows(flows_by_layer(state))))
    return _described(state, "gradient reaching each step", text)


def of_matrix(state: RunState, counts: Counts, note: str, *, by_class: bool = False) -> Described:
    """A confusion matrix of the run, or the figures of each class in it; `note` says of which part and epoch.

    Raises `UsageError` where there is none.
    """
    from rnnlab.plots.describe.classes import describe_classes
    from rnnlab.plots.describe.confusion import describe_confusion
    from rnnlab.plots.run.per_class import class_figures

    classes: Sequence[str] = state.started.data.classes if state.started else ()
    text = ""
    if is_square(counts, classes):
        text = describe_classes(class_figures(counts), classes) if by_class else describe_confusion(counts, classes)
    return _described(state, f"{'classes' if by_class else 'confusion'} ({note})", text)


def of_forecast(state: RunState) -> Described:
    """The run's forecast. Raises `UsageError` before there is one."""
    from rnnlab.plots.describe.forecast import describe_forecast

    return _described(state, f"forecast ({state.forecast_split})", describe_forecast(state))
