"""Watch for values of sequences that are no measurements: stand-ins for missing ones, padding, channels that never change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.findings import Findings

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
_WATCHED = 50_000
"""Rows of which each is looked at; of those after them every sixteenth."""
_LISTED = 5
_PADDED_SHARE = 0.1
"""Minimum share of the rows that end, or begin, in one value."""


class _End:
    """The lowest value of each channel, how often it stands there, and the lowest of all others."""

    def __init__(self, channels: int) -> None:
        self.value = np.full(channels, np.inf)
        self.count = np.zeros(channels, dtype=np.int64)
        self.next = np.full(channels, np.inf)

    def add(self, values: NDArray[np.float64]) -> None:
        """One row's values (steps, channels)."""
        low = np.fmin.reduce(values, axis=0)
        if not (low <= self.value).any():
            self.next = np.fmin(self.next, low)
            return
        lower = low < self.value
        self.next = np.where(lower, np.fmin(self.value, self.next), self.next)
        self.count[lower] = 0
        self.value = np.fmin(self.value, low)
        marked = values == self.value
        self.count += marked.sum(axis=0)
        self.next = np.fmin(self.next, np.fmin.reduce(np.where(marked, np.inf, values), axis=0))


class MarkWatch:
    """What the rows have in common that is no measurement, and that a person should hear of."""

    def __init__(self) -> None:
        self._rows = 0
        self._low: _End | None = None
        self._high: _End | None = None
        self._ends: dict[tuple[str, float], list[int]] = {}
        """By side and value: the lengths of the runs of it, in all channels, that rows end or begin in."""
        self._seen = 0

    def add(self, values: NDArray[np.float64]) -> None:
        """One row's values (steps, channels)."""
        self._rows += 1
        if self._rows > _WATCHED and self._rows % 16:
            return
        self._seen += 1
        if self._low is None or self._high is None:
            self._low, self._high = _End(values.shape[1]), _End(values.shape[1])
        self._low.add(values)
        self._high.add(-values)
        self._see_padding(values)

    def _see_padding(self, values: NDArray[np.float64]) -> None:
        for side, ordered in (("end", values[::-1]), ("begin", values)):
            value = float(ordered[0, 0])
            if len(values) < 3 or not (ordered[:2] == value).all():
                continue
            other = np.flatnonzero((ordered != value).any(axis=1))
            if len(other):
                self._ends.setdefault((side, value), []).append(int(other[0]))
                if len(self._ends) > 64:  # no padding: that is one value
                    del self._ends[min(self._ends, key=lambda key: len(self._ends[key]))]

    def note(self, findings: Findings, noun: str) -> None:
        """Notes what was found, once all rows are added."""
        if self._low is None or self._high is None:
            return
        codes = self._note_stand_ins(findings)
        self._note_padding(findings, noun, codes)
        highest = -self._high.value
        constant = np.flatnonzero(highest == self._low.value)
        empty = np.flatnonzero(np.isinf(self._low.value))
        channels = len(highest)
        if len(constant) and channels > 1:
            tell = "tells" if len(constant) == 1 else "tell"
            message = f"{_channels(constant)} the same value at every step of all {noun}, and {tell} the net nothing"
            findings.warn("constant channel", message, count=len(constant))
        if len(empty):
            findings.warn("empty channel", f"{_channels(empty)} no value in any of the {noun}", count=len(empty))

    def _note_stand_ins(self, findings: Findings) -> set[float]:
        assert self._low is not None
        assert self._high is not None
        found: dict[float, list[int]] = {}
        for end, other, sign in ((self._low, self._high, 1.0), (self._high, self._low, -1.0)):
            # Where both ends are far off, neither counts for the range of the others.
            top = np.where(_apart(other, -end.next), -other.next, -other.value)
            for channel in np.flatnonzero(_apart(end, top)).tolist():
                found.setdefault(sign * float(end.value[channel]), []).append(int(end.count[channel]))
        for value, counts in found.items():
            text = f"{value:.10g}"
            several = f", in {len(counts):,} channels" if len(counts) > 1 else ""
            findings.warn(
                f"stand-in {text}",
                f"one value, {text}, stands {sum(counts):,} times{several}, far from all others, as a stand-in for a missing "
                f"value does; if it is one, set data.missing={text}",
                count=sum(counts),
            )
        return set(found)

    def _note_padding(self, findings: Findings, noun: str, codes: set[float]) -> None:
        for (side, value), runs in self._ends.items():
            varied = len(set(runs)) > 1 or value in codes or value in CODES
            if len(runs) < max(3, _PADDED_SHARE * self._seen) or not varied or value in codes:
                continue
            text = f"{value:.10g}"
            findings.warn(
                f"padding {side}",
                f"{len(runs):,} of {self._rows:,} {noun} {side} with {text} in all channels, for up to {max(runs):,} steps, as "
                f"padding does; if these steps are no part of them, set data.missing={text}",
                count=len(runs),
            )


def _apart(end: _End, top: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Channels (channels,) whose lowest value is frequent and far from all others, of which `top` is the highest."""
    with np.errstate(invalid="ignore"):
        spread = top - end.next
        gap = end.next - end.value
        code = np.isin(np.abs(end.value), [abs(value) for value in CODES])
        far = gap > np.where(code, _FAR_OF_CODE, _FAR) * spread
        short = np.abs(end.value * 10 - np.round(end.value * 10)) < 1e-6
        found: NDArray[np.bool_] = (end.count >= _FREQUENT) & np.isfinite(gap) & (spread > 0) & far & short
    return found


def _channels(indices: NDArray[np.int64]) -> str:
    names = ", ".join(str(index + 1) for index in indices[:_LISTED].tolist()) + (
        ", …" if len(indices) > _LISTED else ""
    )
    return f"channel {names} has" if len(indices) == 1 else f"channels {names} have"
