"""Targets of arrays: labels of any form, one-hot labels, numbers to predict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.arrays.array_files import WHOLE, ArrayReader, Stored, shape_text
from rnnlab.tasks.own.arrays.array_names import PartName
from rnnlab.tasks.own.common.findings import Findings, Refusal
from rnnlab.tasks.own.common.labels import LONGEST_LABEL
from rnnlab.tasks.own.common.number_labels import WholeNumbers, class_names
from rnnlab.tasks.own.values.numbers import FARTHEST, is_missing

_MOST_OUTPUTS = 1000
_LAST_CHARACTER = 0x10FFFF
_SCANNED = 2**20
"""Numbers of a block that is scanned before the rows are read."""

Target = str | tuple[float, ...]


def check_targets(stored: Stored, findings: Findings, x: Stored) -> None:
    """Raises `Refusal` for targets that are neither labels nor numbers, or as many as the rows of `x`."""
    name, shape = stored.name, stored.shape
    text = shape_text(shape)
    if stored.dtype.kind not in "fiubUS":
        raise Refusal("target", f"{findings.name}: {name} is made of {stored.dtype}, neither labels nor numbers")
    if len(shape) not in (1, 2) or (shape[1:] and shape[1] > _MOST_OUTPUTS and shape[0] != 1):
        raise Refusal(
            "shape", f"{findings.name}: {name} has the shape {text}; it must be (rows,), a label or a number each"
        )
    if stored.dtype.kind in "US" and shape[1:] and min(shape) != 1:
        raise Refusal("shape", f"{findings.name}: {name} has the shape {text}; it must be (rows,), a label each")
    if stored.dtype.itemsize > 2**20:
        raise Refusal("target", f"{findings.name}: {name} holds texts too long to be labels")
    if not stored.bytes:
        raise Refusal("empty", f"{findings.name}: {name} is empty, its shape is {text}")
    if shape[0] != x.shape[0] and not _lies(shape, x.shape[0]):
        turned = ""
        if len(x.shape) == 3 and x.shape[1] == shape[0]:
            turned = f"; if {x.name} is (steps, rows, channels), save {x.name}.transpose(1, 0, 2)"
        raise Refusal(
            "ragged",
            f"{findings.name} has {x.shape[0]:,} rows in {x.name} and {shape[0]:,} in {name}; they must be as many{turned}",
        )
    if stored.row_bytes > WHOLE and not _lies(shape, x.shape[0]):
        raise Refusal("large", f"{findings.name}: {name} cannot be read row by row; save a label or a number a row")
    if stored.fortran and len(shape) > 1 and stored.bytes > WHOLE:
        raise Refusal(
            "large", f"{findings.name}: {name} cannot be read row by row; save it with numpy.ascontiguousarray"
        )


def _lies(shape: tuple[int, ...], rows: int) -> bool:
    """Whether targets stand in one row, (1, rows), instead of a column."""
    return len(shape) == 2 and shape[0] == 1 and shape[1] == rows and rows > 1


class Targets:
    """Targets of one part, scanned once before they are read.

    `hot`: each row is one-hot. `few`: whole numbers in floats, of a few values.
    """

    def __init__(self, stored: Stored, rows: int, reader: ArrayReader) -> None:
        self.name = stored.name
        self.whole = WholeNumbers()
        """The targets, counted where they are floats."""
        self._stored = stored
        self._reader = reader
        self._rows = rows
        self._lies = _lies(stored.shape, rows)
        self.columns = stored.shape[1] if len(stored.shape) == 2 and not self._lies else 1
        self.several = self.columns > 1
        self.hot = self.several and stored.dtype.kind in "fiub"
        self.few = stored.dtype.kind == "f" and not self.several
        if stored.dtype.kind == "f" or self.hot:
            self._scan()

    def _scan(self) -> None:
        for block in self._raw(max(1, _SCANNED // self.columns)):
            self.whole.add(block)
            if self.hot:
                self.hot = bool((((block != 0).sum(axis=1) == 1) & (block.max(axis=1) == 1)).all())
            if self.few:
                finite = block[np.isfinite(block)]
                self.few = bool((finite == np.floor(finite)).all())

    @property
    def floats(self) -> bool:
        """Whether they are floats."""
        return self._stored.dtype.kind == "f"

    @property
    def row_bytes(self) -> int:
        """Size of one row's target."""
        return self._stored.dtype.itemsize if self._lies else self._stored.row_bytes

    def _raw(self, rows: int) -> Iterator[NDArray[np.generic]]:
        if self._lies:
            whole = self._reader.whole(self._stored).reshape(-1)
            yield from (whole[start : start + rows] for start in range(0, len(whole), rows))
        else:
            yield from self._reader.blocks(self._stored, rows)

    def blocks(self, rows: int, classifies: bool, findings: Findings) -> Iterator[list[Target | None]]:
        """Label or numbers of each row, `rows` at a time; None where it is unusable."""
        for raw in self._raw(rows):
            yield self._read(raw, classifies, findings)

    def _read(self, raw: NDArray[np.generic], classifies: bool, findings: Findings) -> list[Target | None]:
        if self._stored.dtype.kind == "U":
            codes = np.frombuffer(raw.tobytes(), dtype=np.dtype(np.uint32).newbyteorder(self._stored.dtype.byteorder))
            if (codes > _LAST_CHARACTER).any():  # at which NumPy gives up with an error of the interpreter
                raise Refusal("damaged", f"{findings.name}: the array {self.name} holds what are no characters")
        if self._stored.dtype.kind in "US":
            words = [_text(word).strip() for word in raw.reshape(len(raw)).tolist()]
            return [None if is_missing(word) or len(word) > LONGEST_LABEL else word for word in words]
        if self.several and (classifies or not self.floats):
            if not self.hot:
                raise Refusal("shape", self._not_hot(findings))
            return [str(index) for index in raw.argmax(axis=1).tolist()]
        if self.floats:
            numbers = raw.astype(np.float64).reshape(len(raw), -1)
            good = np.all(np.abs(numbers) <= FARTHEST, axis=1).tolist()  # NaN is not
            named: Sequence[Target] = class_names(raw) if classifies else [tuple(row) for row in numbers.tolist()]
            return [target if fine else None for target, fine in zip(named, good, strict=True)]
        return [str(label) for label in raw.reshape(len(raw)).tolist()]

    def _not_hot(self, findings: Findings) -> str:
        kind, save = "numbers", "a label a row"
        if not self.floats:
            kind, save = "whole numbers", "a label a row, or numbers to predict as floats"
        return (
            f"{findings.name}: {self.name} has {self.columns} {kind} a row, which are not one-hot labels; save {save}"
        )


def _text(word: str | bytes) -> str:
    return word.decode("utf-8", "replace") if isinstance(word, bytes) else word


def problem_of(targets: Mapping[PartName, Targets], findings: Findings, *, classes: bool) -> bool:
    """Whether the targets are classes; what was assumed is noted. Raises `Refusal` where the parts disagree."""
    if classes:
        return True
    train = targets["train"]
    if train.floats and all(each.hot for each in targets.values()):
        findings.warn(
            "one-hot",
            f"{train.name} holds one-hot labels, as floats: its {train.columns} columns were taken for the classes 0 to "
            f"{train.columns - 1}",
        )
        return True
    numbers = {part: each.floats and not each.hot for part, each in targets.items()}
    if len(set(numbers.values())) == 1:
        return not numbers["train"]
    mixed = [each for part, each in targets.items() if numbers[part]]
    if all(each.few for each in mixed):
        names = " and ".join(each.name for each in mixed)
        other = next(each.name for part, each in targets.items() if not numbers[part])
        findings.warn(
            "whole", f"{names} holds whole numbers as floats: they were taken for classes, as {other} holds them"
        )
        return True
    names = " and ".join(f"y_{part}" for part in sorted(numbers, reverse=True))
    raise Refusal("target", f"{findings.name} has labels in one of {names} and numbers in the other")
