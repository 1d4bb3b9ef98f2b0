"""Forecasts drawn over the truth: one step ahead from what really was, and rolling on from the net's own predictions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from rnnlab.runs.event_numbers import Number, number
from rnnlab.runs.events import Forecast
from rnnlab.tasks.describe.naive_forecast import naive_forecast, naive_lags
from rnnlab.tasks.splitting.normalise import as_trained, digits_of
from rnnlab.tasks.splitting.types import ForecastSeries, Split

MOST_STEPS = 400
"""Steps of a forecast, the first ones of its part: what a screen can show, and what the rolling forecast can cost."""
_BATCH = 512
DIGITS = 6
"""Significant digits of a number in the log; more for a series that is far from zero."""


class SeriesForecaster:
    """Forecasts of a series whose `scale` is that of the split.

    Channels other than the one forecast are held, in the rolling forecast, at what they were one season before: nothing of the
    future is used.
    """

    def __init__(self, track: ForecastSeries, scale: Mapping[str, float], device: torch.device) -> None:
        self.track = track
        self._scale = scale
        self._device = device

    @torch.inference_mode()
    def ahead(self, net: nn.Module, steps: int) -> NDArray[np.float64]:
        """The predictions of the `steps` steps after the end of the series (steps,), in its own unit, horizon after horizon."""
        return self.rolling(net, len(self.track.values), steps)

    def one_step(self, net: nn.Module, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """The prediction of each step from the window that ends before it."""
        window = self.track.window
        windows = np.lib.stride_tricks.sliding_window_view(
            self.track.values, window, axis=0
        )  # (starts, channels, window)
        predictions = []
        for first in range(0, len(steps), _BATCH):
            chosen = windows[steps[first : first + _BATCH] - window].transpose(0, 2, 1)
            predictions.append(self._predict(net, chosen)[:, 0])
        return np.concatenate(predictions)

    def rolling(self, net: nn.Module, start: int, steps: int) -> NDArray[np.float64]:
        """The predictions of `steps` steps from `start` on, where nothing after the step before `start` is known."""
        track, horizon = self.track, self.track.horizon
        values = np.array(track.values[: start + steps + horizon])
        values = np.concatenate(
            [values, np.zeros((start + steps + horizon - len(values), values.shape[1]), values.dtype)]
        )
        for step in range(start, len(values)):
            values[step] = values[step - min(track.season, start)]
        predictions = np.zeros(steps + horizon)
        for done in range(0, steps, horizon):
            predicted = self._predict(net, values[None, start + done - track.window : start + done])[0]
            predictions[done : done + horizon] = predicted
            values[start + done : start + done + horizon, track.channel] = self._as_input(predicted)
        return predictions[:steps]

    def _predict(self, net: nn.Module, windows: NDArray[np.float32]) -> NDArray[np.float64]:
        """The predictions (windows, horizon) in the series' unit."""
        inputs = torch.from_numpy(np.ascontiguousarray(windows)).to(self._device)
        raw: NDArray[np.float32] = net(inputs, None).cpu().numpy()
        return raw.astype(np.float64) * self._scale.get("target_scale", 1.0) + self._scale.get("target_offset", 0.0)

    def _as_input(self, predicted: NDArray[np.float64]) -> NDArray[np.float32]:
        channels = np.zeros((len(predicted), self.track.values.shape[1]))
        channels[:, self.track.channel] = predicted
        return as_trained(channels, self._scale)[:, self.track.channel]


class Forecaster(SeriesForecaster):
    """Forecasts of parts of a split's series."""

    def __init__(self, split: Split, device: torch.device) -> None:
        assert split.series is not None
        super().__init__(split.series, split.scale, device)
        self._digits = digits_of(self.track.truth[:, None], DIGITS)[0]

    @torch.inference_mode()
    def forecast(self, net: nn.Module, part: str) -> Forecast:
        """The first steps of the `validation` or `test` part, at most 400 of them, in the series' own unit."""
        track = self.track
        start, end = (track.validation, track.test) if part == "validation" else (track.test, len(track.truth))
        start = max(start, track.window)
        steps = np.arange(start, min(end, start + MOST_STEPS))
        if not len(steps):
            return Forecast()
        naive = {name: naive_forecast(track, lag, steps)[:, 0] for name, lag in naive_lags(track).items()}
        return Forecast(
            first=track.labels[steps[0]] if track.labels else str(steps[0]),
            last=track.labels[steps[-1]] if track.labels else str(steps[-1]),
            truth=self._numbers(track.truth[steps]),
            one_step=self._numbers(self.one_step(net, steps)),
            rolling=self._numbers(self.rolling(net, int(steps[0]), len(steps))),
            baselines={name: self._numbers(values) for name, values in naive.items() if np.isfinite(values).all()},
        )

    def _numbers(self, values: NDArray[np.float64]) -> tuple[Number, ...]:
        """As they stand in an event, rounded to a figure's worth of digits."""
        return tuple(number(float(f"{value:.{self._digits}g}")) for value in values.tolist())
