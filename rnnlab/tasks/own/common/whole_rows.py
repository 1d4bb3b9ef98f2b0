"""Missing values of many rows at once: the same as `Sequences.add` does with those of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class WholeRows:
    """Rows one below another with their missing values filled, and what was found of each; rows that are left out are not there.

    `values` (steps of all kept rows, channels) and their `lengths`; of each row given (rows,): whether it is `kept`, the values
    that are `missing` between its first and its last step with a value, how many of them are `leading` (none stands before
    them in their channel), and whether it begins `late`.
    """

    values: NDArray[np.float64]
    lengths: NDArray[np.int64]
    kept: NDArray[np.bool_]
    missing: NDArray[np.int64]
    leading: NDArray[np.int64]
    late: NDArray[np.bool_]
    sizes: NDArray[np.int64]
    """Values of each row between those steps; 0 where all are missing."""


def whole_rows(values: NDArray[np.float64], lengths: NDArray[np.int64], most_missing: float) -> WholeRows:
    """The rows whose steps (steps of all, channels) are given one row below another, NaN where a value is missing.

    Rows without any value, or with more than this share of them missing, are left out.
    """
    missing = np.isnan(values)
    rows, channels = len(lengths), values.shape[1]
    if not missing.any():
        none = np.zeros(rows, dtype=np.int64)
        every = np.ones(rows, dtype=bool)
        return WholeRows(values, lengths, every, none, none, ~every, lengths * channels)
    ends = np.cumsum(lengths)
    begins = ends - lengths
    step = np.arange(len(values))
    present = ~missing.all(axis=1)
    first = np.minimum.reduceat(np.where(present, step, len(values)), begins)
    last = np.maximum.reduceat(np.where(present, step, -1), begins)
    there = last >= 0
    steps = np.where(there, last - first + 1, 0)
    sizes = steps * channels
    lost = np.add.reduceat(missing.sum(axis=1), begins) - (lengths - steps) * channels
    kept = there & (lost <= most_missing * sizes)
    inside = np.repeat(kept, lengths) & (step >= np.repeat(first, lengths)) & (step <= np.repeat(last, lengths))
    before = np.maximum.accumulate(np.where(missing, -1, step[:, None]), axis=0)
    begun = before >= np.repeat(begins, lengths)[:, None]
    filled = np.where(begun, values[before, np.arange(channels)], np.nan)
    leading = np.add.reduceat((~begun & inside[:, None]).sum(axis=1), begins)
    return WholeRows(filled[inside], steps[kept], kept, lost, leading, there & (first > begins), sizes)
