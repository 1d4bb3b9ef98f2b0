"""Rows that are taken many at a time: of many short ones each by itself costs more than all that is read of it."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.sequences import Sequences

_LONG = 1000
"""Values of a row above which it is taken by itself."""
_MOST = 4096
"""Maximum number of rows that are held, and of notes."""
_FEW = 4
"""Rows up to which each is taken by itself."""


class RowBatch:
    """Rows on their way to `sequences`, in the order of the file, and the notes on what stands between them.

    `flush` hands them over: at the end of what is read, and before anything else is noted of the file.
    """

    def __init__(self, sequences: Sequences, *, test: bool = False, validation: bool = False) -> None:
        self.sequences = sequences
        self._test, self._validation = test, validation
        self._values: list[NDArray[np.float64]] = []
        self._targets: list[str | tuple[float, ...]] = []
        self._places: list[str] = []
        self._groups: list[str] = []
        self._notes: deque[tuple[int, str, str, str]] = deque()
        """Notes on rows that are left out, with the number of the rows held before each."""

    def add(self, values: NDArray[np.float64], target: str | tuple[float, ...], where: str, group: str = "") -> None:
        """The next row, as `Sequences.add` takes it."""
        held = self._values
        if held and (len(held) >= _MOST or held[-1].shape[1] != values.shape[1]):
            self.flush()
        self._values.append(values)
        self._targets.append(target)
        self._places.append(where)
        self._groups.append(group)
        if values.size > _LONG or not values.size:
            self.flush()

    def row(self, kind: str, where: str, message: str) -> None:
        """Notes a row that is left out."""
        if not self._values:
            self.sequences.findings.row(kind, where, message)
            return
        self._notes.append((len(self._values), kind, where, message))
        if len(self._notes) >= _MOST:
            self.flush()

    def takes(self, channels: int, where: str) -> bool:
        """Whether a row has as many channels as those before; where not, that is noted."""
        known = (
            self.sequences.channels if self.sequences.rows else self._values[-1].shape[1] if self._values else channels
        )
        if channels == known:
            return True
        self.flush()
        return self.sequences.takes(channels, where)

    def flush(self) -> None:
        """Hands over the rows that are held."""
        held, self._values = self._values, []
        if len(held) <= _FEW:
            self._add_each(held, 0, len(held))
        else:
            self._add_many(held)
        self._say(len(held))
        self._targets, self._places, self._groups = [], [], []

    def _add_many(self, held: list[NDArray[np.float64]]) -> None:
        values = np.concatenate(held)
        lengths = np.fromiter(map(len, held), dtype=np.int64, count=len(held))
        ends = np.cumsum(lengths)
        near = np.logical_and.reduceat(self.sequences.are_near(values), ends - lengths)
        edges = [0, *(np.flatnonzero(np.diff(near)) + 1).tolist(), len(held)]
        for first, last in pairwise(edges):
            some = values[ends[first] - lengths[first] : ends[last - 1]]
            if last - first <= _FEW or not near[first] or not self._add_near(some, lengths, first, last):
                self._add_each(held, first, last)

    def _add_near(self, values: NDArray[np.float64], lengths: NDArray[np.int64], first: int, last: int) -> bool:
        # Of rows without a missing value nothing is said, so that the notes between them can wait.
        return self.sequences.add_all(
            values,
            lengths[first:last],
            self._targets[first:last],
            self._places[first:last],
            self._groups[first:last],
            test=self._test,
            validation=self._validation,
            before=lambda index: self._say(first + index),
        )

    def _add_each(self, held: list[NDArray[np.float64]], first: int, last: int) -> None:
        for index in range(first, last):
            self._say(index)
            self.sequences.add(
                held[index],
                self._targets[index],
                self._places[index],
                test=self._test,
                validation=self._validation,
                group=self._groups[index],
            )

    def _say(self, before: int) -> None:
        """Notes what stands before the row at that index."""
        while self._notes and self._notes[0][0] <= before:
            _, kind, where, message = self._notes.popleft()
            self.sequences.findings.row(kind, where, message)
