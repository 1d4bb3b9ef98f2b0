"""Naive forecasts: what a series' own past says without any learning."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.splitting.types import Subset, Track

LAST = "last value"


def naive_lags(track: Track) -> dict[str, int]:
    """Each naive forecast's name, and how many steps back it looks."""
    return track.naive or {LAST: 1, f"{track.season} steps ago": track.season}


def naive_forecast(track: Track, lag: int, first: NDArray[np.int64], ahead: int = 1) -> NDArray[np.float64]:
    """What was `lag` steps before, for the `ahead` steps from each step of `first` on: (windows, ahead), in the series' unit.

    What is not known yet at the step before `first` is repeated from the last lag that is. NaN where the series does not
    reach back so far.
    """
    step = np.arange(ahead)
    back = lag * (step // lag + 1)
    source = first[:, None] + step - back
    return np.where(source >= 0, track.truth[np.maximum(source, 0)], np.nan)


def naive_errors(track: Track, part: Subset) -> dict[str, float]:
    """The mean absolute error of each naive forecast over a part's windows; those that do not reach back are left out."""
    assert part.spans is not None
    first, ahead = part.spans[:, 1], part.targets.shape[1]
    errors = {}
    for name, lag in naive_lags(track).items():
        missed = np.abs(naive_forecast(track, lag, first, ahead) - part.targets)
        reached = np.isfinite(missed).all(axis=1)
        if reached.any():
            errors[name] = float(missed[reached].mean())
    return errors
