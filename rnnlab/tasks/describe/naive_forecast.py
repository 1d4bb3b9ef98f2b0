"""Naive forecasts: what a series' own past says without any learning."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.splitting.types import ForecastSeries, Subset

LAST = "last value"


def naive_lags(series: ForecastSeries) -> dict[str, int]:
    """Each naive forecast's name, and how many steps back it looks."""
    return series.naive or {LAST: 1, f"{series.season} steps ago": series.season}


def naive_forecast(series: ForecastSeries, lag: int, first: NDArray[np.int64], ahead: int = 1) -> NDArray[np.float64]:
    """What was `lag` steps before, for the `ahead` steps from each step of `first` on: (windows, ahead), in the series' unit.

    What is not known yet at the step before `first` is repeated from the last lag that is. NaN where the series does not
    reach back so far.
    """
    step = np.arange(ahead)
    back = lag * (step // lag + 1)
    source = first[:, None] + step - back
    return np.where(source >= 0, series.truth[np.maximum(source, 0)], np.nan)


def naive_errors(series: ForecastSeries, subset: Subset) -> dict[str, float]:
    """The mean absolute error of each naive forecast over a part's windows; those that do not reach back are left out."""
    assert subset.spans is not None
    first, ahead = subset.spans[:, 1], subset.targets.shape[1]
    errors = {}
    for name, lag in naive_lags(series).items():
        missed = np.abs(naive_forecast(series, lag, first, ahead) - subset.targets)
        reached = np.isfinite(missed).all(axis=1)
        if reached.any():
            errors[name] = float(missed[reached].mean())
    return errors
