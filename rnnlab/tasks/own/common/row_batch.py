"""Rows that are taken many at a time: of many short ones each by itself costs more than all that is read of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.sequences import Sequences

_LONG = 1000
"""Values of a row above which it is taken by itself."""
_MOST_ROWS = 4096
"""Maximum number of rows that are held."""
_FEW = 4
"""Rows up to which each is taken by itself."""


class RowBatch:
    """Rows on their way to `sequences`, in the order of the file, and with what it would say of each.

    `flush` before anything else is noted of the file, and at its end.
    """

    def __init__(self, sequences: Sequences, *, test: bool = False, validation: bool = False) -> None:
        self.sequences = sequences
        self._test, self._validation = test, validation
        self._values: list[NDArray[np.float64]] = []
        self._targets: list[str | tuple[float, ...]] = []
        self._places: list[str] = []
        self._groups: list[str] = []

    def add(self, values: NDArray[np.float64], target: str | tuple[float, ...], where: str, group: str = "") -> None:
        """The next row, as `Sequences.add` takes it."""
        held = self._values
        if values.size > _LONG or not values.size:
            self.flush()
            self._add(values, target, where, group)
            return
        if held and (len(held) >= _MOST_ROWS or held[-1].shape[1] != values.shape[1]):
            self.flush()
        self._values.append(values)
        self._targets.append(target)
        self._places.append(where)
        self._groups.append(group)

    def flush(self) -> None:
        """Hands over the rows that are held."""
        held, self._values = self._values, []
        if not held:
            return
        values = np.concatenate(held)
        lengths = np.fromiter(map(len, held), dtype=np.int64, count=len(held))
        ends = np.cumsum(lengths)
        whole = np.logical_and.reduceat(self.sequences.are_whole(values), ends - lengths)
        edges = [0, *(np.flatnonzero(np.diff(whole)) + 1).tolist(), len(held)]
        for first, last in pairwise(edges):
            targets, places = self._targets[first:last], self._places[first:last]
            groups = self._groups[first:last]
            if last - first > _FEW and whole[first]:
                some = values[ends[first] - lengths[first] : ends[last - 1]]
                of = {"test": self._test, "validation": self._validation}
                if self.sequences.add_all(some, lengths[first:last], targets, places, groups, **of):
                    continue
            for row, target, where, group in zip(held[first:last], targets, places, groups, strict=True):
                self._add(row, target, where, group)
        self._targets, self._places, self._groups = [], [], []

    def _add(self, values: NDArray[np.float64], target: str | tuple[float, ...], where: str, group: str) -> None:
        self.sequences.add(values, target, where, test=self._test, validation=self._validation, group=group)
