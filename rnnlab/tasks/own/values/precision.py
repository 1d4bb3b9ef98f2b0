"""Choice between single and double precision for the values of a file, row by row.

In single precision a value of 123,456,789 is right to four units only: what moves by less is lost. Rows of such channels are
kept in double precision until a middle of the channel has been taken off (`middle`), after which single precision is enough.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.text.numbers import FAR

_FEWEST_STEPS = 50
"""Numbers of single precision that the range of a channel should hold."""


class Precision:
    """Ranges of the channels of the rows read so far, for as long as single precision may not be enough.

    The ratio of size to range can only fall as rows are added, so that a channel that is near zero once stays so.
    """

    def __init__(self) -> None:
        self._low: NDArray[np.float64] | None = None
        self._high: NDArray[np.float64] | None = None
        self._settled = False

    def rounded(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float32] | NDArray[np.float64], bool]:
        """The next row (steps, channels), in single precision where that is enough, and whether it now is for all rows."""
        single = np.ascontiguousarray(values, dtype=np.float32)
        if self._settled:
            return single, False
        self._see(values)
        far = self._far()
        if not far.any():
            self._settled = True
            return single, True
        near = (single == values) | np.isnan(values)
        return (single if near[:, far].all() else np.ascontiguousarray(values)), False

    def rounded_all(
        self, values: NDArray[np.float64], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_], bool]:
        """The next rows, one below another (steps of all, channels), in single precision.

        Beside them which rows (rows,) that is not enough for, and whether single precision now is enough for all rows.
        """
        single = np.ascontiguousarray(values, dtype=np.float32)
        double = np.zeros(len(lengths), dtype=bool)
        if self._settled:
            return single, double, False
        begins = np.cumsum(lengths) - lengths
        with np.errstate(invalid="ignore"):  # of a channel without a value
            lows, highs = np.fmin.reduceat(values, begins, axis=0), np.fmax.reduceat(values, begins, axis=0)
            if self._low is not None and self._high is not None:
                lows[0], highs[0] = np.fmin(self._low, lows[0]), np.fmax(self._high, highs[0])
            lows, highs = np.fmin.accumulate(lows, axis=0), np.fmax.accumulate(highs, axis=0)
        self._low, self._high = lows[-1], highs[-1]
        far = _are_far(lows, highs)
        if not far.any(axis=1).all():
            self._settled = True
            return single, double, True
        near = (single == values) | np.isnan(values) | ~np.repeat(far, lengths, axis=0)
        return single, ~np.logical_and.reduceat(near.all(axis=1), begins), False

    def middle(self) -> NDArray[np.float64] | None:
        """What to take off each channel (channels,) before single precision: the middle of those far from zero, else 0.

        None where no channel that changes is far from zero.
        """
        if self._settled or self._low is None or self._high is None:
            return None
        far = self._far() & (self._high > self._low)
        return np.where(far, (self._low + self._high) / 2, 0.0) if far.any() else None

    def blurred(self) -> list[tuple[int, float, float]]:
        """Channels that single precision has blurred: index, distance between two of its numbers there, range of the values."""
        if self._settled or self._low is None or self._high is None:
            return []
        found = []
        for channel in np.flatnonzero(self._far() & (self._high > self._low)).tolist():
            low, high = float(self._low[channel]), float(self._high[channel])
            step = float(np.spacing(np.float32(max(abs(low), abs(high)))))
            if high - low < _FEWEST_STEPS * step:
                found.append((channel, step, high - low))
        return found

    def _see(self, values: NDArray[np.float64]) -> None:
        with np.errstate(invalid="ignore"):  # of a channel without a value
            low, high = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
        self._low = low if self._low is None else np.fmin(self._low, low)
        self._high = high if self._high is None else np.fmax(self._high, high)

    def _far(self) -> NDArray[np.bool_]:
        assert self._low is not None
        assert self._high is not None
        return _are_far(self._low, self._high)


def _are_far(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether channels with this lowest and this highest value are far from zero, beside their range."""
    far: NDArray[np.bool_] = np.fmax(np.abs(low), np.abs(high)) > FAR * (high - low)
    return far
