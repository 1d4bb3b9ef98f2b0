"""Forecasting split: a series cut into windows, the earliest for training, the latest for the test."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.task_card import TaskCard
from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.tasks.splitting.normalise import as_trained, in_single, scale_of
from rnnlab.tasks.splitting.types import ForecastSeries, Split, Subset

SHOWN = 7
"""Values of a window that are shown to people, its last ones."""
_ROUNDING = 1e-6
"""A tenth of 30 is 3, although 0.1 is a little more than a tenth."""


def forecasting_split(
    card: TaskCard,
    config: RunConfig,
    series: NDArray[np.float64],
    labels: Sequence[str],
    *,
    channel: int = 0,
    naive: Mapping[str, int] | None = None,
    unit: str = "",
    notes: tuple[str, ...] = (),
) -> Split:
    """Split of `series` (steps, channels): windows of `data.window` steps, each followed by `data.horizon` targets of `channel`.

    A window belongs to the subset that all of its targets lie in; windows with targets in two subsets are left out. Its
    inputs may reach back into an earlier subset: they were known by then. Training windows begin every `data.stride` steps,
    the others at every step. Channels and targets are normalised by mean and standard deviation of the steps before
    validation, unless `data.normalise` is none; another channel that begins without a value (NaN) has its mean of these steps.
    `labels` names the steps, `naive` the lags of naive forecasts. Raises `UsageError` where the series is too short.
    """
    data = config.data
    _check_settings(config)
    steps, window, horizon = len(series), data.window, data.horizon
    validated, tested = _boundaries(config, steps)
    scale = _scale(series[:validated], channel) if data.normalise == "channel" else {}
    series, notes = _with_means(series, validated, notes)
    values, target = as_trained(series, scale), in_single(series[:, channel, None])[:, 0]
    decimals = _decimals(target)

    def subset(start: int, end: int, stride: int = 1) -> Subset:
        first = np.arange(max(start, window), end - horizon + 1, stride)
        return _window_subset(values, target, first, window, horizon)

    return Split(
        card=card,
        train=subset(0, validated, data.stride),
        validation=subset(validated, tested),
        test=subset(tested, steps),
        input_size=series.shape[1],
        outputs=horizon,
        scale=scale,
        show_input=_window_shown(series[:, channel], labels, decimals),
        show_number=lambda number: ", ".join(f"{value:.{decimals}f}" for value in number.tolist()),
        series=ForecastSeries(
            values=values,
            truth=series[:, channel].astype(np.float64),
            labels=tuple(labels),
            channel=channel,
            window=window,
            horizon=horizon,
            season=data.season,
            validation=validated,
            test=tested,
            naive=dict(naive or {}),
        ),
        unit=unit,
        notes=notes,
    )


def _window_subset(
    values: NDArray[np.float32],
    target: NDArray[np.float32] | NDArray[np.float64],
    first: NDArray[np.int64],
    window: int,
    horizon: int,
) -> Subset:
    """Subset of the windows before the steps `first` (windows,), of values (steps, channels), with their targets."""
    # A view, from which the windows are copied: an index of every step of each would take twice their memory.
    windows = np.lib.stride_tricks.sliding_window_view(values, window, axis=0)  # (windows, channels, steps)
    return Subset(
        inputs=np.ascontiguousarray(windows[first - window].transpose(0, 2, 1)),
        lengths=np.full(len(first), window, dtype=np.int64),
        targets=target[first[:, None] + np.arange(horizon)],
        spans=np.stack([first - window, first, first + horizon], axis=1).astype(np.int64),
        rows=first.astype(np.int64),
    )


def _window_shown(target: NDArray[np.float64], labels: Sequence[str], decimals: int) -> Callable[[Subset, int], str]:
    """Function that shows a window: its first and last label and its last values."""

    def show(subset: Subset, row: int) -> str:
        assert subset.spans is not None
        begin, first, _ = subset.spans[row].tolist()
        last = " ".join(f"{value:.{decimals}f}" for value in target[max(begin, first - SHOWN) : first].tolist())
        return f"{labels[begin]} to {labels[first - 1]}: {'… ' if first - begin > SHOWN else ''}{last}"

    return show


def _check_settings(config: RunConfig) -> None:
    """Raises `ConfigError` for settings that a forecast cannot have."""
    data = config.data
    if data.compand:
        raise ConfigError(
            "data.compand", data.compand, "0 where a series is forecast: its forecasts go in again as they are"
        )
    if data.normalise == "sequence":
        raise ConfigError(
            "data.normalise", data.normalise, "channel or none where a series is forecast: its windows overlap"
        )


def _boundaries(config: RunConfig, steps: int) -> tuple[int, int]:
    """First steps of validation and of test. Raises `UsageError` where a subset has no room for a window."""
    data = config.data
    tested = steps - math.ceil(steps * data.test - _ROUNDING)
    validated = tested - math.ceil(steps * data.validation - _ROUNDING)
    ranges = {"train": (data.window, validated), "validation": (validated, tested), "test": (tested, steps)}
    for name, (start, end) in ranges.items():
        if end - data.horizon < start:
            few = "1 step" if steps == 1 else f"{steps:,} steps"
            raise UsageError(
                f"the series has {few}, too few for a {name} part with data.window = {data.window} and "
                f"data.horizon = {data.horizon}; make these smaller, or the part larger (data.validation, data.test)"
            )
    return validated, tested


def _scale(trained: NDArray[np.float64], channel: int) -> dict[str, float]:
    """Scale of channels and targets, as in `Split.scale`, of the steps before validation (steps, channels)."""
    if np.isnan(trained).any():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of a channel without a value
            center, spread = np.nanmean(trained, axis=0), np.nanstd(trained, axis=0)
        center, spread = np.nan_to_num(center, nan=0.0), np.nan_to_num(spread, nan=0.0)
    else:
        center, spread = trained.mean(axis=0), trained.std(axis=0)
    spread = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(center)), spread, 1.0)
    return {"target_scale": float(spread[channel]), "target_offset": float(center[channel])} | scale_of(center, spread)


def _decimals(target: NDArray[np.float32] | NDArray[np.float64]) -> int:
    """Decimals of a value that is shown: one, or as many as show a tenth of how it moves."""
    spread = float(np.std(target))
    return min(12, max(1, 1 - math.floor(math.log10(spread)))) if spread else 1


def _with_means(
    series: NDArray[np.float64], validated: int, notes: tuple[str, ...]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The series (steps, channels) with the mean of the steps before `validated` where a value is missing, and the notes."""
    if not np.isnan(series).any():
        return series, notes
    trained = series[:validated]
    there = (~np.isnan(trained)).sum(axis=0)
    means = np.nansum(trained, axis=0) / np.maximum(1, there)
    if unknown := int((there == 0).sum()):
        have = "has" if unknown == 1 else "have"
        notes += (f"{unknown} of the columns that go in {have} no value in the training part",)
    return np.where(np.isnan(series), means, series), notes
