"""A curve that never grows beyond 2,000 points, however long the run.

When it is full, neighbours are merged in pairs and the stride doubles: each point then stands for twice as many updates,
and keeps their mean, least and greatest value, so that no spike is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

CAPACITY = 2000
"""Points at most; even, so that pairs merge without a remainder."""

_FEW = 4
"""Values from which on it is quicker to merge them together than one by one."""


class Series(msgspec.Struct):
    """A curve in columns of equal length, thinned where it grows long.

    A point ends at update `step[i]` (fractional epoch `epoch[i]`, second `seconds[i]`), and `mean`, `low` and `high` are over
    the `count[i]` values it merges.
    """

    step: list[int] = []
    epoch: list[float] = []
    seconds: list[float] = []
    mean: list[float] = []
    low: list[float] = []
    high: list[float] = []
    count: list[int] = []
    stride: int = 1
    """How many `add`s make a point."""
    pending: int = 0
    """How many `add`s the last point holds; it is complete at `stride`."""

    def __len__(self) -> int:
        return len(self.step)

    def add(
        self,
        step: int,
        epoch: float,
        seconds: float,
        mean: float,
        low: float | None = None,
        high: float | None = None,
        count: int = 1,
    ) -> None:
        """Append a value, or the mean, least and greatest of `count` values. What is not finite is left out."""
        if low is None:
            low = mean
        if high is None:
            high = mean
        # What is not finite minus itself is NaN; one sum is quicker than three calls of isfinite.
        if (mean - mean) + (low - low) + (high - high) != 0.0:
            return
        pending = self.pending
        if 0 < pending < self.stride:
            counts, means = self.count, self.mean
            before, total = means[-1], counts[-1] + count
            means[-1] = before + (mean - before) * (count / total)
            counts[-1] = total
            lows, highs = self.low, self.high
            if low < lows[-1]:
                lows[-1] = low
            if high > highs[-1]:
                highs[-1] = high
            self.step[-1] = step
            self.epoch[-1] = epoch
            self.seconds[-1] = seconds
            self.pending = pending + 1
            return
        if len(self.step) == CAPACITY:
            self._halve()
        self.step.append(step)
        self.epoch.append(epoch)
        self.seconds.append(seconds)
        self.mean.append(mean)
        self.low.append(low)
        self.high.append(high)
        self.count.append(count)
        self.pending = 1

    def extend(
        self,
        step: Sequence[int],
        epoch: Sequence[float],
        seconds: Sequence[float],
        mean: Sequence[float],
        low: Sequence[float],
        high: Sequence[float],
        count: Sequence[int],
    ) -> None:
        """Append values in columns of equal length. The curve is what `add` makes of them one by one, to the bit."""
        total = sum(mean) + sum(low) + sum(high)
        finite = total - total == 0.0
        start, end = 0, len(step)
        while start < end:
            stop = min(end, start + self.stride - self.pending) if finite and self.pending else start
            if stop - start < _FEW:
                stop = start + 1
                self.add(step[start], epoch[start], seconds[start], mean[start], low[start], high[start], count[start])
            else:
                self.step[-1], self.epoch[-1], self.seconds[-1] = step[stop - 1], epoch[stop - 1], seconds[stop - 1]
                self._merge(mean[start:stop], low[start:stop], high[start:stop], count[start:stop])
            start = stop

    def _merge(self, mean: Sequence[float], low: Sequence[float], high: Sequence[float], count: Sequence[int]) -> None:
        """Merge finite values into the last point, which has room for them."""
        merged, total = self.mean[-1], self.count[-1]
        for each, of in zip(mean, count, strict=True):
            total += of
            merged += (each - merged) * (of / total)
        self.mean[-1], self.count[-1] = merged, total
        self.low[-1] = min(self.low[-1], *low)
        self.high[-1] = max(self.high[-1], *high)
        self.pending += len(mean)

    def _halve(self) -> None:
        pairs = zip(self.mean[::2], self.mean[1::2], self.count[::2], self.count[1::2], strict=True)
        self.mean = [a + (b - a) * (m / (n + m)) for a, b, n, m in pairs]
        self.low = [min(a, b) for a, b in zip(self.low[::2], self.low[1::2], strict=True)]
        self.high = [max(a, b) for a, b in zip(self.high[::2], self.high[1::2], strict=True)]
        self.count = [a + b for a, b in zip(self.count[::2], self.count[1::2], strict=True)]
        self.step, self.epoch, self.seconds = self.step[1::2], self.epoch[1::2], self.seconds[1::2]
        self.stride *= 2
