"""View of a forecast: the first step that is shown, and which naive forecasts are drawn beside the net's."""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import clamp

from rnnlab.plots.run.forecast import Naive, forecast_errors, forecast_plot, steps_in
from rnnlab.runs.events import Forecast
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines, fit
from rnnlab.text.numbers import figure
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain

NAIVES: dict[Naive, str] = {"best": "best naive", "all": "all naive", "none": "none naive"}
WEEK = 7
"""Steps that a forecast is moved by."""


class ForecastView:
    """View of a forecast: where it begins, and what is drawn beside it."""

    def __init__(self) -> None:
        self.naive: Naive = "best"
        """Which naive forecasts are drawn beside the net's."""
        self.step = 0
        """The first step of the forecast that is shown."""

    def next_naive(self) -> Naive:
        """The naive forecasts that the key leads to."""
        naives = list(NAIVES)
        return naives[(naives.index(self.naive) + 1) % len(naives)]

    def hidden_steps(self, forecast: Forecast | None, width: int) -> int:
        """Steps of the forecast that are out of sight in `width` cells."""
        return 0 if forecast is None else len(forecast.truth) - steps_in(width, len(forecast.truth))

    def move(self, forecast: Forecast | None, by: int, width: int) -> None:
        """Show the forecast from so many weeks on."""
        self.step = clamp(self.step + by * WEEK, 0, self.hidden_steps(forecast, width))

    def labels(self, forecast: Forecast | None) -> list[str]:
        """How far the net is off, one step ahead and rolling."""
        if forecast is None:
            return []
        errors = forecast_errors(forecast)
        named = (("one step ahead", "one step"), ("rolling", "rolling"))
        return [f"{name} off by {figure(errors[key])}" for key, name in named if key in errors]

    def draw(self, state: RunState, width: int, height: int, palette: Palette) -> Lines:
        """The curves; where there is room, under them the error of each naive forecast."""
        forecast = state.forecast
        empty = "No evaluation was made." if state.ended else "The forecast is drawn from the first evaluation on."
        naive = forecast_errors(forecast) if forecast is not None else {}
        naive = {name: error for name, error in naive.items() if forecast is not None and name in forecast.baselines}
        below = height >= 14 and bool(naive)
        plotted = forecast_plot(
            forecast,
            width=width,
            height=height - below,
            palette=palette,
            first=self.step,
            naive=self.naive,
            empty=empty,
        )
        if below:
            errors = " · ".join(f"{plain(name, 24)} {figure(error)}" for name, error in naive.items())
            plotted.append([Segment(fit(f"naive forecasts are off by: {errors}", width), palette.style("muted"))])
        return plotted
