"""Moments of a series, in seconds since 1970, written out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_DAY = 86400.0


def stamps(moments: NDArray[np.float64], *, days: bool = False, minutes: bool = False) -> list[str]:
    """Dates of the moments, with the time where there are any but midnights, as `2020-03-01 14:00`.

    With `days` without it; with `minutes` to the nearest one, where a spreadsheet's days are rounded.
    """
    if not len(moments):
        return []
    if minutes and (moments % 1).any():
        moments = np.round(moments / 60) * 60
    unit = "D" if days or not (moments % _DAY).any() else "m" if not (moments % 60).any() else "s"
    if unit == "s" and (moments % 1).any():
        unit = "ms"
    exact = np.round(moments * 1000).astype(np.int64).astype("datetime64[ms]").astype(f"datetime64[{unit}]")
    return [stamp.replace("T", " ") for stamp in np.datetime_as_string(exact).tolist()]


def day_of(moment: float) -> str:
    """Date of one moment, without its time."""
    return stamps(np.array([moment]))[0][:10]
