"""Hashes of rows, by which repeats are counted."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass
class RowKeys:
    """A 64-bit hash of each row's values and target, in the order of reading."""

    _hashes: array[int] = field(default_factory=lambda: array("q"))
    _single: dict[int, int] = field(default_factory=dict)
    """By the index of a row in double precision: its hash in single precision."""

    def add(self, values: NDArray[np.float32] | NDArray[np.float64], target: str | tuple[float, ...]) -> None:
        """The next row."""
        if values.dtype == np.float64:
            self._single[len(self._hashes)] = hash((values.astype(np.float32).tobytes(), target))
        self._hashes.append(hash((values.tobytes(), target)))

    def add_all(
        self,
        rows: Sequence[NDArray[np.float32] | NDArray[np.float64]],
        targets: Sequence[str | tuple[float, ...]],
    ) -> None:
        """The next rows."""
        for values, target in zip(rows, targets, strict=True):
            self.add(values, target)

    def settle(self) -> None:
        """Single precision tells all rows apart after all: those in double precision are hashed so, too."""
        for row, single in self._single.items():
            self._hashes[row] = single
        self._single.clear()

    def hashes(self) -> NDArray[np.int64]:
        """The hash of each row (rows,)."""
        return np.frombuffer(self._hashes, dtype=np.int64)
