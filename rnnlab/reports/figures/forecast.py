"""Figure of a forecast over the truth: one step ahead, rolling, and the naive ones beside them."""

from __future__ import annotations

from dataclasses import replace

from rnnlab.plots.describe.forecast import STEPS, forecast_notes
from rnnlab.plots.run.forecast import Naive, forecast_chart, forecast_plot
from rnnlab.reports.drawing.style import slug
from rnnlab.reports.figures.curves import chart_figure
from rnnlab.reports.figures.figure import LINES, Figure
from rnnlab.runs.state import RunState
from rnnlab.text.sanitise import plain

_SIZE = (7.2, 3.8)


def forecast_figure(state: RunState, name: str, *, naive: Naive = "best") -> Figure | None:
    """The forecast of the run called `name`; None where it makes none, or none yet."""
    forecast = state.forecast
    if forecast is None or not forecast.truth:
        return None
    steps = len(forecast.truth)
    unit = state.started.data.unit if state.started else ""
    chart = forecast_chart(forecast, shown=min(steps, STEPS), labels=6, title=unit or "value", naive=naive)
    notes = forecast_notes(state, forecast)
    dates = f", {forecast.first} to {forecast.last}" if forecast.first else ""
    title = plain(f"{name}: forecast over the truth ({state.forecast_split}{dates})")
    found = chart_figure(chart, slug("forecast", name), title, size=_SIZE, notes=notes)
    if found is None:
        return None
    return replace(
        found,
        lines=lambda width, palette: forecast_plot(forecast, width=width, height=LINES, palette=palette, naive=naive),
    )
