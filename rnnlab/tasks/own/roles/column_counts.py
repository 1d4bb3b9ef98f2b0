"""How a column reads in one style of numbers, or in one form of dates, counted block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.tables.block_values import moments_in, values_in
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.values.dates import DateForm
from rnnlab.tasks.own.values.numbers import Missing, NumberStyle, values_of

_MOST_KEPT = 1_000_000
"""Maximum moments of a column that are kept to tell the forms of its dates apart."""
_MOST_VALUES = 200_000
"""Maximum values of a column among which one is looked for that stands for a missing value."""
_RARE = 0.1
"""Share of a further block below which values that may stand for a missing one are kept."""
_CHECKED = 1000
"""Fields of each further block by which a second reading of numbers is checked."""


@dataclass(frozen=True)
class FormFit:
    """How a form of dates fits a column: the words that are none, the first of them, and the order of the dates."""

    form: DateForm
    failed: int
    word: str
    line: int
    rising: bool
    falling: bool
    low: float
    high: float


class StyleCount:
    """How a column reads in one style of numbers."""

    def __init__(self, style: NumberStyle, missing: Missing, *, whole: bool) -> None:
        self.style = style
        self.every = whole
        """Whether every word is read, and not some of each block."""
        self._missing = missing
        self.failed = self.missing = self.words = 0
        self.word, self.line = "", 0
        self.whole = True
        self.low, self.high = np.inf, -np.inf
        self.rising = True
        self._first: float | None = None
        self._last: float | None = None
        self._step: float | None = None
        self._even = True
        self._steps = self._steps_up = 0
        self.falls = 0
        """Numbers that are below the one before."""
        self.steady: bool | None = None
        """Whether half of the steps upwards in the first rows are of nearly one size; None where too few are."""
        self._kept: list[NDArray[np.float64]] = []
        self._n_kept = 0

    def add(self, block: Block, index: int) -> None:
        """Takes the fields of one column of a block."""
        words, lines = block.columns[index], block.lines
        if self.every:
            values, bad = values_in(block, index, self.style, self._missing)
        else:
            stride = max(1, len(words) // _CHECKED)
            words, lines = words[::stride], lines[::stride]
            values, bad = values_of(words, self.style, self._missing)
        self.words += len(values)
        if bad and not self.word:
            self.word, self.line = words[bad[0]].strip(), int(lines[bad[0]])
        self.failed += len(bad)
        known = values[~np.isnan(values)]
        self.missing += len(values) - len(known) - len(bad)
        if not len(known):
            return
        low, high = float(known.min()), float(known.max())
        self.low, self.high = min(self.low, low), max(self.high, high)
        self.whole = self.whole and bool((known == np.floor(known)).all())
        if self._n_kept < _MOST_VALUES:
            self._kept.append(known)
            self._n_kept += len(known)
        else:
            # A few far down a long file are as wrong as those at its beginning.
            for end in {low, high} & _USUAL:
                held = known[known == end]
                if len(held) < _RARE * len(known):
                    self._kept.append(held)
        steps = np.diff(known if self._last is None else np.concatenate([[self._last], known]))
        if self._first is None:
            self._first = float(known[0])
        self._last = float(known[-1])
        if len(steps):
            self.rising = self.rising and bool((steps >= 0).all())
            self._steps += len(steps)
            up = int(np.count_nonzero(steps > 0))
            self._steps_up += up
            self.falls += int(np.count_nonzero(steps < 0))
            if self.steady is None and up >= _FEWEST_UP:
                self.steady = _is_steady(steps[steps > 0]) if up > len(steps) / 2 else False
            if self._even:
                self._step = _median(steps) if self._step is None else self._step
                # Clocks are rounded as they are written: decimal years to thousandths, a fiftieth of a month.
                near = np.abs(steps - self._step) <= 0.02 * abs(self._step) + 1e-9 * max(abs(self.low), abs(self.high))
                self._even = bool(near.all())

    @property
    def up(self) -> float:
        """Share of numbers that are above the one before."""
        return self._steps_up / max(1, self._steps)

    @property
    def even_step(self) -> float:
        """Difference of each number from the one before, where it is the same everywhere; else 0."""
        return self._step if self._even and self._step is not None and not self.failed else 0.0

    def stand_ins(self) -> tuple[tuple[float, int], ...]:
        """Numbers that seem to stand for a missing value, and how often each does: far from all others, and not once."""
        if self._n_kept < 10:
            return ()
        values, counts = np.unique(np.concatenate(self._kept), return_counts=True)
        found: list[tuple[float, int]] = []
        while len(found) < _MOST_STAND_INS and (pair := _stand_in(values, counts)) is not None:
            found.append(pair)
            others = values != pair[0]
            values, counts = values[others], counts[others]
        return tuple(found)


def _is_steady(steps: NDArray[np.float64]) -> bool:
    """Whether the middle half of the steps, all above zero, differ from their median by less than half of it."""
    ordered = np.sort(steps)
    low, middle, high = (float(ordered[len(ordered) * quarter // 4]) for quarter in (1, 2, 3))
    return low * _NEARLY >= middle and high <= _NEARLY * middle


_FEWEST_UP = 8
"""Steps upwards by which is judged whether they are of nearly one size."""
_NEARLY = 1.5


def _median(steps: NDArray[np.float64]) -> float:
    """Their median; of a few without NumPy, whose own takes many times as long."""
    if len(steps) > _FEW:
        return float(np.median(steps))
    ordered = sorted(steps.tolist())
    return float((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2)


_FEW = 200
"""Steps whose median is taken without NumPy."""
_MOST_STAND_INS = 3
_USUAL = frozenset(
    sign * number
    for number in (
        99,
        999,
        9999,
        99999,
        999999,
        99.9,
        999.9,
        9999.9,
        99.99,
        999.99,
        9999.99,
        200,
        1000,
        32767,
        32768,
        65535,
    )
    for sign in (1, -1)
)
"""Numbers that are known to be written for a missing value."""
_ROUND = frozenset((99.0, 200.0, 1000.0))
"""Those of them that are often a measurement."""
_FREQUENT = 0.002
"""Minimum share of the values of a stand-in that its distance alone does not tell."""


def _stand_in(values: NDArray[np.float64], counts: NDArray[np.int64]) -> tuple[float, int] | None:
    """The lowest or the highest of the different values (ascending), where it is far from all others.

    It is frequent, or a number known to be written for a missing value: of such a one the distance tells, not the share.
    """
    if len(values) < 5:
        return None
    for at, others in ((0, slice(1, None)), (-1, slice(None, -1))):
        value, times = float(values[at]), int(counts[at])
        frequent = times >= max(3, _FREQUENT * counts.sum())
        known = value in _USUAL and times >= 2 and value not in _ROUND
        # What most rows hold is the usual value.
        if times > 0.5 * counts.sum() or not (frequent or known):
            continue
        rest, weights = values[others], counts[others]
        # The stand-in at the other end, as -9999 and 9999, is none of the others.
        other_end = -1 if at == 0 else 0
        if float(rest[other_end]) in _USUAL and len(rest) > 5:
            rest, weights = (rest[:-1], weights[:-1]) if at == 0 else (rest[1:], weights[1:])
        gap = abs(value - float(rest[0 if at == 0 else -1]))
        if frequent:
            cumulated = np.cumsum(weights) / weights.sum()
            low, high = (rest[min(len(rest) - 1, int(np.searchsorted(cumulated, share)))] for share in (0.01, 0.99))
            spread = max(float(high - low), 1e-12)
            usual = value in _USUAL and times >= 2 * int(weights.max())
            if gap > 2 * spread or (usual and gap > 0.3 * spread):
                return value, times
        if known and gap > rest[-1] - rest[0]:
            return value, times
    return None


class FormCount:
    """How a column reads in one form of dates."""

    def __init__(self, form: DateForm, missing: Missing, *, keep: bool) -> None:
        self.form = form
        self._keep = keep
        self._missing = missing
        self.failed = 0
        self._word, self._line = "", 0
        self._rising = self._falling = True
        self._low, self._high = np.inf, -np.inf
        self._last: float | None = None
        self._kept: list[NDArray[np.float64]] = []
        self._n_kept = 0

    def add(self, block: Block, index: int) -> None:
        """Takes the fields of one column of a block."""
        words, lines = block.columns[index], block.lines
        moments = moments_in(block, index, self.form)
        if self._keep and self._n_kept < _MOST_KEPT:
            self._kept.append(moments)
            self._n_kept += len(moments)
        missing = np.isnan(moments)
        if missing.any():
            for row in np.flatnonzero(missing).tolist():
                if not self._missing.is_no_number(words[row]):
                    self.failed += 1
                    if not self._word:
                        self._word, self._line = words[row].strip(), int(lines[row])
            moments = moments[~missing]
        if not len(moments):
            return
        steps = np.diff(moments if self._last is None else np.concatenate([[self._last], moments]))
        self._last = float(moments[-1])
        self._low, self._high = min(self._low, float(moments.min())), max(self._high, float(moments.max()))
        self._rising = self._rising and bool((steps >= 0).all())
        self._falling = self._falling and bool((steps <= 0).all())

    def moments(self) -> NDArray[np.float64]:
        """Seconds since 1970 of the first rows, up to `_MOST_KEPT`, where they are kept."""
        return np.concatenate(self._kept) if self._kept else np.zeros(0)

    def fit(self) -> FormFit:
        """How the form fits all that was added."""
        moved = self._low < self._high
        return FormFit(
            self.form,
            self.failed,
            self._word,
            self._line,
            self._rising and moved,
            self._falling and moved,
            self._low,
            self._high,
        )
