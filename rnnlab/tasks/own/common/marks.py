"""Watch for values of sequences that are no measurements: stand-ins for missing ones, padding, channels that never change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.findings import Findings

CODES = frozenset(
    (
        -99.0,
        -200.0,
        -999.0,
        -1000.0,
        -9999.0,
        -99999.0,
        -32768.0,
        -999.9,
        -9999.9,
        999.0,
        999.9,
        9999.0,
        9999.9,
        99999.0,
    )
)
"""Numbers that instruments and archives write for a missing value."""
_FREQUENT = 3
"""Minimum count of a stand-in."""
_FAR = 3.0
"""A stand-in is so many times the range of all other values away from them;"""
_FAR_OF_CODE = 0.1
"""or, one of `CODES`, so many times."""
_TOGETHER = 2048
"""Steps of rows that are examined together."""
_WIDE = 128
"""Values of a row in which the lowest and the highest are looked for."""
_SHORTEST = 3
"""Minimum steps of a row that may be padded."""
_MOST_VALUES = 64
_LISTED = 5
_PADDED_SHARE = 0.1
"""Minimum share of the rows that end, or begin, in one value."""


class _End:
    """The lowest value of each channel, or the highest, how often it stands there, and the next one."""

    def __init__(self, channels: int, *, lowest: bool) -> None:
        self._outer: np.ufunc = np.fmin if lowest else np.fmax
        self._beyond: np.ufunc = np.less if lowest else np.greater
        self._inner = np.inf if lowest else -np.inf
        self.value = np.full(channels, self._inner)
        self.count = np.zeros(channels, dtype=np.int64)
        self.next = np.full(channels, self._inner)

    def add(self, values: NDArray[np.float64]) -> None:
        """Values (steps, channels) of some rows."""
        found = self._reduced(values)
        beyond = self._beyond(found, self.value)
        if not (beyond | (found == self.value)).any():
            self.next = self._outer(self.next, found)
            return
        self.next = np.where(beyond, self._outer(self.value, self.next), self.next)
        self.count[beyond] = 0
        self.value = self._outer(self.value, found)
        marked = values == self.value
        self.count += marked.sum(axis=0)
        self.next = self._outer(self.next, self._outer.reduce(np.where(marked, self._inner, values), axis=0))

    def _reduced(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The lowest, or the highest, of each channel (channels,)."""
        steps, channels = values.shape
        together = _WIDE // channels
        if together > 1 and steps > 2 * together:
            # Many steps side by side: NumPy goes through long rows many times as fast as through short ones.
            whole = steps // together * together
            wide = self._outer.reduce(values[:whole].reshape(-1, together * channels), axis=0)
            values = np.concatenate([wide.reshape(together, channels), values[whole:]])
        found: NDArray[np.float64] = self._outer.reduce(values, axis=0)
        return found


@dataclass
class _Runs:
    """Runs of one value at one side of the rows: how many, and the steps of the shortest and the longest."""

    count: int = 0
    shortest: int = 0
    longest: int = 0

    def add(self, steps: int) -> None:
        """One more."""
        self.count += 1
        self.shortest = min(self.shortest or steps, steps)
        self.longest = max(self.longest, steps)


class MarkWatch:
    """What the rows have in common that is no measurement, and that a person should hear of."""

    def __init__(self) -> None:
        self._rows = 0
        self._low: _End | None = None
        self._high: _End | None = None
        self._held: list[NDArray[np.float64]] = []
        """Rows that are not examined yet: many short ones at once take a fraction of the time."""
        self._steps = 0
        self._runs: dict[tuple[str, float], _Runs] = {}
        """By side and value: the runs of it, in all channels, that rows end or begin with."""

    def add(self, values: NDArray[np.float64]) -> None:
        """One row's values (steps, channels)."""
        self._rows += 1
        self._held.append(values)
        self._steps += len(values)
        if self._steps >= _TOGETHER:
            self._look()

    def _look(self) -> None:
        rows, self._held, self._steps = self._held, [], 0
        if not rows:
            return
        if self._low is None or self._high is None:
            channels = rows[0].shape[1]
            self._low, self._high = _End(channels, lowest=True), _End(channels, lowest=False)
        values = np.concatenate(rows) if len(rows) > 1 else rows[0]
        self._low.add(values)
        self._high.add(values)
        lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        ends = np.cumsum(lengths) - 1
        long = lengths >= _SHORTEST
        for side, edges, inward in (("end", ends, -1), ("begin", ends - lengths + 1, 1)):
            edge = values[edges]
            same = (edge == edge[:, :1]).all(axis=1) & (values[np.clip(edges + inward, 0, None) * long] == edge).all(
                axis=1
            )
            for index in np.flatnonzero(same & long).tolist():
                self._see_run(side, rows[index][::inward])

    def _see_run(self, side: str, ordered: NDArray[np.float64]) -> None:
        """A row that begins with one value in all channels, from its edge inwards (steps, channels)."""
        value = float(ordered[0, 0])
        other = np.flatnonzero((ordered != value).any(axis=1))
        if not len(other):
            return
        self._runs.setdefault((side, value), _Runs()).add(int(other[0]))
        if len(self._runs) > _MOST_VALUES:  # no padding, which is one value
            # The fewest are one, as of the value that has just come.
            del self._runs[next(key for key, runs in self._runs.items() if runs.count == 1)]

    def note(self, findings: Findings, noun: str) -> None:
        """Notes what was found, once all rows are added."""
        self._look()
        if self._low is None or self._high is None:
            return
        codes = self.note_stand_ins(findings)
        self._note_padding(findings, noun, codes)
        constant = np.flatnonzero(self._high.value == self._low.value)
        empty = np.flatnonzero(np.isinf(self._low.value))
        channels = len(self._low.value)
        if len(constant) and channels > 1:
            tell = "tells" if len(constant) == 1 else "tell"
            message = f"{_channels(constant)} the same value at every step of all {noun}, and {tell} the net nothing"
            findings.warn("constant channel", message, count=len(constant))
        if len(empty):
            findings.warn("empty channel", f"{_channels(empty)} no value in any of the {noun}", count=len(empty))

    def note_stand_ins(self, findings: Findings, among: str = "") -> set[float]:
        """Notes values that stand for missing ones, `among` what; they are returned."""
        self._look()
        if self._low is None or self._high is None:
            return set()
        found: dict[float, list[int]] = {}
        for end, other in ((self._low, self._high), (self._high, self._low)):
            # Where both ends are far off, neither counts for the range of the others.
            top = np.where(_apart(other, end.next), other.next, other.value)
            for channel in np.flatnonzero(_apart(end, top)).tolist():
                found.setdefault(float(end.value[channel]), []).append(int(end.count[channel]))
        for value, counts in found.items():
            text = f"{value:.10g}"
            several = f", in {len(counts):,} channels" if len(counts) > 1 else ""
            findings.warn(
                f"stand-in {text}{among}",
                f"one value, {text}, stands {sum(counts):,} times{several}{among}, far from all others, as a stand-in for a "
                f"missing value does; if it is one, set data.missing={text}",
                count=sum(counts),
            )
        return set(found)

    def _note_padding(self, findings: Findings, noun: str, codes: set[float]) -> None:
        for (side, value), runs in self._runs.items():
            varied = runs.longest > runs.shortest or value in CODES
            if runs.count < max(3, _PADDED_SHARE * self._rows) or not varied or value in codes:
                continue
            text = f"{value:.10g}"
            findings.warn(
                f"padding {side}",
                f"{runs.count:,} of {self._rows:,} {noun} {side} with {text} in all channels, for up to {runs.longest:,} steps, "
                f"as padding does; if these steps are no part of them, set data.missing={text}",
                count=runs.count,
            )


def _apart(end: _End, top: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Channels (channels,) whose value at one end is frequent and far from all others, of which `top` is the other end."""
    with np.errstate(invalid="ignore"):
        spread, gap = np.abs(top - end.next), np.abs(end.next - end.value)
        code = np.isin(end.value, list(CODES))
        far = gap > np.where(code, _FAR_OF_CODE, _FAR) * spread
        short = np.abs(end.value * 10 - np.round(end.value * 10)) < 1e-6
        found: NDArray[np.bool_] = (end.count >= _FREQUENT) & np.isfinite(gap) & (spread > 0) & far & short
    return found


def _channels(indices: NDArray[np.int64]) -> str:
    names = ", ".join(str(index + 1) for index in indices[:_LISTED].tolist()) + (
        ", …" if len(indices) > _LISTED else ""
    )
    return f"channel {names} has" if len(indices) == 1 else f"channels {names} have"
