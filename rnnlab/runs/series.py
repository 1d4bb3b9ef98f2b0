"""A curve that never grows beyond 2,000 points, however long the run.

When it is full, neighbours are merged in pairs and the stride doubles: each point then stands for twice as many updates,
and keeps their mean, least and greatest value, so that no spike is lost.
"""

from __future__ import annotations

import math

import msgspec

CAPACITY = 2000
"""Points at most; even, so that pairs merge without a remainder."""


class Series(msgspec.Struct):
    """Columns of equal length. A point ends at update `step[i]` (fractional epoch `epoch[i]`, second `seconds[i]`), and
    `mean`, `low` and `high` are over the `count[i]` values it merges."""

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
        low = mean if low is None else low
        high = mean if high is None else high
        if not (math.isfinite(mean) and math.isfinite(low) and math.isfinite(high)):
            return
        if 0 < self.pending < self.stride:
            total = self.count[-1] + count
            self.mean[-1] += (mean - self.mean[-1]) * (count / total)
            self.low[-1] = min(self.low[-1], low)
            self.high[-1] = max(self.high[-1], high)
            self.count[-1] = total
            self.step[-1], self.epoch[-1], self.seconds[-1] = step, epoch, seconds
            self.pending += 1
            return
        if len(self.step) == CAPACITY:
            self._halve()
        for column, value in (
            (self.step, step),
            (self.epoch, epoch),
            (self.seconds, seconds),
            (self.mean, mean),
            (self.low, low),
            (self.high, high),
            (self.count, count),
        ):
            column.append(value)  # type: ignore[arg-type]
        self.pending = 1

    def _halve(self) -> None:
        pairs = zip(self.mean[::2], self.mean[1::2], self.count[::2], self.count[1::2], strict=True)
        self.mean = [a + (b - a) * (m / (n + m)) for a, b, n, m in pairs]
        self.low = [min(a, b) for a, b in zip(self.low[::2], self.low[1::2], strict=True)]
        self.high = [max(a, b) for a, b in zip(self.high[::2], self.high[1::2], strict=True)]
        self.count = [a + b for a, b in zip(self.count[::2], self.count[1::2], strict=True)]
        self.step, self.epoch, self.seconds = self.step[1::2], self.epoch[1::2], self.seconds[1::2]
        self.stride *= 2
