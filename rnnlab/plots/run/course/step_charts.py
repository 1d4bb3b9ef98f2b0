"""Learning rate and gradient norm over the course of a run, side by side."""

from __future__ import annotations

from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.curves import Curve
from rnnlab.plots.run.figures import x_column
from rnnlab.runs.state import RunState
from rnnlab.text import numbers
from rnnlab.text.lines import Lines, beside
from rnnlab.text.palette import Palette

_SPAN = 30
"""From the least to the greatest value: beyond, the axis is logarithmic."""
LOWEST = 6
"""Lines of the lowest charts that can be read."""


def step_charts(state: RunState, *, width: int, height: int, palette: Palette, x_axis: XAxis = "epochs") -> Lines:
    """Both charts in `width` × `height` cells; nothing where neither is known, or where there is no room."""
    charts = [
        chart
        for name, title in (("lr", "learning rate"), ("grad_norm", "gradient norm"))
        if (chart := _chart(state, name, title, x_axis)) is not None
    ]
    if not charts or height < LOWEST:
        return []
    gap = 3
    each = (width - gap * (len(charts) - 1)) // len(charts)
    drawn = [chart_lines(chart, width=each, height=height, palette=palette) for chart in charts]
    return beside(drawn, [each] * len(charts), gap=gap)


def _chart(state: RunState, name: str, title: str, x_axis: XAxis) -> Chart | None:
    series = state.curves.get(name)
    if series is None or len(series) < 2:
        return None
    low, high = min(series.mean), max(series.mean)
    log = low > 0 and high > _SPAN * low
    curve = Curve("", x_column(series, x_axis), series.mean, series.low, series.high)
    shown = numbers.rate if name == "lr" else numbers.figure
    title += " · log" if log else ""
    return Chart(curves=[curve], title=title, x_axis=x_axis, log_y=log, y_format=shown)
