"""Naive forecasts: earlier values of the series, repeated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.splitting.types import ForecastSeries, Subset

LAST = "last value"


def naive_lags(series: ForecastSeries) -> dict[str, int]:
    """Lag, in steps, of each naive forecast, by its name."""
    return series.naive or {LAST: 1, f"{series.season} steps ago": series.season}


def naive_forecast(series: ForecastSeries, lag: int, first: NDArray[np.int64], ahead: int = 1) -> NDArray[np.float64]:
    """Values of `lag` steps before, for the `ahead` steps from each step of `first` on: (windows, ahead), in the series' unit.

    Where that is not known yet at the step before `first`, the last known value of the same phase. NaN where the series
    does not reach back so far.
    """
    step = np.arange(ahead)
    back = lag * (step // lag + 1)
    source = first[:, None] + step - back
    return np.where(source >= 0, series.truth[np.maximum(source, 0)], np.nan)


def naive_errors(series: ForecastSeries, subset: Subset) -> dict[str, float]:
    """Mean absolute error of each naive forecast over a subset's windows; windows it does not reach back from are left out."""
    assert subset.spans is not None
    first, ahead = subset.spans[:, 1], subset.targets.shape[1]
    errors = {}
    for name, lag in naive_lags(series).items():
        absolute = np.abs(naive_forecast(series, lag, first, ahead) - subset.targets)
        reached = np.isfinite(absolute).all(axis=1)
        if reached.any():
            errors[name] = float(absolute[reached].mean())
    return errors
