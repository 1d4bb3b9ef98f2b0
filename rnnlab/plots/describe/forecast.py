"""A forecast in sentences: the curves, and how far each is off."""

from __future__ import annotations

from rnnlab.plots.describe.charts import describe_chart
from rnnlab.plots.run.figures import LEAKING
from rnnlab.plots.run.forecast import forecast_chart, forecast_errors
from rnnlab.runs.events import Forecast
from rnnlab.runs.state import RunState
from rnnlab.text.numbers import figure, whole
from rnnlab.text.sanitise import plain

STEPS = 240
"""Steps that are drawn at most, from the first: more could not be told apart."""


def forecast_notes(state: RunState, forecast: Forecast) -> list[str]:
    """How far each forecast is off over all steps, how many are drawn, and what makes the figures doubtful."""
    steps = len(forecast.truth)
    errors = ", ".join(f"{plain(name, 40)} {figure(error)}" for name, error in forecast_errors(forecast).items())
    notes = [f"mean absolute error over all {whole(steps)} steps: {errors}"]
    if steps > STEPS:
        notes.append(f"the first {STEPS} of {whole(steps)} steps are drawn")
    if state.leaks:
        notes.append(LEAKING)
    return notes


def describe_forecast(state: RunState) -> str:
    """What the run forecasts, and how far off it is; empty where it makes no forecast, or none yet."""
    forecast = state.forecast
    if forecast is None or not forecast.truth:
        return ""
    unit = state.started.data.unit if state.started else ""
    chart = forecast_chart(forecast, shown=min(len(forecast.truth), STEPS), labels=6, title=unit or "value")
    return describe_chart(chart, forecast_notes(state, forecast))
