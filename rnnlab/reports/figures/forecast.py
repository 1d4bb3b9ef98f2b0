"""Figure of a forecast over the truth: one step ahead, rolling, and the naive ones beside them."""

from __future__ import annotations

from dataclasses import replace

from rnnlab.plots.run.figures import LEAKING
from rnnlab.plots.run.forecast import Naive, forecast_chart, forecast_errors, forecast_plot
from rnnlab.reports.drawing.style import slug
from rnnlab.reports.figures.curves import chart_figure
from rnnlab.reports.figures.figure import LINES, Figure
from rnnlab.runs.state import RunState
from rnnlab.text.numbers import figure, whole
from rnnlab.text.sanitise import plain

STEPS = 240
"""Steps that are drawn at most, from the first: more could not be told apart."""
_SIZE = (7.2, 3.8)


def forecast_figure(state: RunState, name: str, *, naive: Naive = "best") -> Figure | None:
    """The forecast of the run called `name`; None where it makes none, or none yet."""
    forecast = state.forecast
    if forecast is None or not forecast.truth:
        return None
    steps = len(forecast.truth)
    unit = state.started.data.unit if state.started else ""
    chart = forecast_chart(forecast, shown=min(steps, STEPS), labels=6, title=unit or "value", naive=naive)
    notes = [f"mean absolute error over all {whole(steps)} steps: " + _errors(state)]
    if steps > STEPS:
        notes.append(f"the first {STEPS} of {whole(steps)} steps are drawn")
    if state.leaks:
        notes.append(LEAKING)
    dates = f", {forecast.first} to {forecast.last}" if forecast.first else ""
    title = plain(f"{name}: forecast over the truth ({state.forecast_split}{dates})")
    found = chart_figure(chart, slug("forecast", name), title, size=_SIZE, notes=notes)
    if found is None:
        return None
    return replace(
        found,
        lines=lambda width, palette: forecast_plot(forecast, width=width, height=LINES, palette=palette, naive=naive),
    )


def _errors(state: RunState) -> str:
    assert state.forecast is not None
    return ", ".join(f"{plain(name, 40)} {figure(error)}" for name, error in forecast_errors(state.forecast).items())
