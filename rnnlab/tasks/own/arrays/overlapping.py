"""Rows of an array that are windows cut from one series, each a few steps further than the one before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.findings import Findings

_LOOKED_AT = 1000
"""Rows at the beginning of an array in which windows that overlap are looked for."""
_FEWEST, _LEAST_SHARED = 8, 3
"""Minimum number of rows, and of steps that two windows share."""
_BEGINNING, _MOST_TRIED = 16, 50
"""Steps at the beginning of a row that are looked for in the one before, and places where they stand that are tried."""
_MOSTLY = 0.9
"""Minimum share of the rows that go on from the one before."""


def warn_overlapping(values: NDArray[np.float64], name: str, findings: Findings) -> None:
    """Notes that rows (rows, steps, channels) overlap, so that parts which are drawn from them share what they hold."""
    values = values[:_LOOKED_AT]
    if len(values) < _FEWEST:
        return
    changing = np.flatnonzero((values != values[:, :1]).any(axis=(1, 2)) & np.isfinite(values).all(axis=(1, 2)))
    changing = changing[changing > 0]
    if len(changing) < _FEWEST - 1:
        return
    first = changing[0]
    for by in _steps_on(values[first - 1], values[first])[:_MOST_TRIED]:
        shared = values[changing, :-by]
        # What does not change goes on from anything.
        telling = (shared != shared[:, :1]).any(axis=(1, 2))
        onward = (shared == values[changing - 1, by:]).all(axis=(1, 2))[telling]
        if len(onward) >= _FEWEST - 1 and onward.mean() >= _MOSTLY:
            far = "one step" if by == 1 else f"{by:,} steps"
            findings.warn(
                "overlapping",
                f"each row of {name} is the one before, {far} further on: rows of different parts share their values, and the "
                "test part promises too much; save the series itself, a row for each step, from which windows are cut by time, "
                "or name the rows to test on X_test",
            )
            return


def _steps_on(before: NDArray[np.float64], row: NDArray[np.float64]) -> list[int]:
    """By how many steps the row may be further on than the one before, both (steps, channels): where its beginning stands."""
    places = np.arange(1, len(row) - _LEAST_SHARED + 1)
    for step in range(min(_BEGINNING, len(row))):
        inside = places + step < len(row)
        found = (before[np.minimum(places + step, len(row) - 1)] == row[step]).all(axis=-1)
        places = places[found | ~inside]
    return [int(place) for place in places]
