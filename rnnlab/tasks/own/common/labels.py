"""Labels of a file's rows, counted and checked."""

from __future__ import annotations

import re
import sys
import unicodedata
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.findings import Findings

MOST_CLASSES = 1000
LONGEST_LABEL = 200
"""Characters."""
ENOUGH = 3
"""Distinct rows that a class needs to be in all three subsets of a split."""
_BUCKETS = 16
_PIECE = 2**18
"""Rows that are counted at a time."""
_COUNTED = 100_000
"""Maximum number of classes that are counted: far too many in any case."""


_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_WHOLE = re.compile(r"([+-]?)(0|[1-9]\d*)(?:\.0*)?")


def same_label(label: str) -> str:
    """What labels that a person takes for one have in common: characters in composed form, none invisible; 1 for 1.0."""
    if not label.isascii():
        label = unicodedata.normalize("NFC", label.translate(_INVISIBLE)).replace("\u00a0", " ").strip()
    whole = _WHOLE.fullmatch(label)
    # 1.10 and 1.1 may be versions; a point and zeros are what a program writes that takes classes for numbers.
    return label if whole is None else whole[2] if whole[1] in ("", "+") or whole[2] == "0" else f"-{whole[2]}"


@dataclass
class Labels:
    """The label of each row, as a number, in the order of reading. Ways to write one label are one class."""

    names: dict[str, int] = field(default_factory=dict)
    """Number of each class, by the plainest way in which it is written."""
    rows: array[int] = field(default_factory=lambda: array("i"))
    written: dict[str, int] = field(default_factory=dict)
    """Number of each class, by every way in which it is written."""
    _alike: dict[str, int] = field(default_factory=dict)

    def add(self, label: str) -> int:
        """The next row's label; returns its number."""
        number = self.written.get(label)
        if number is None:
            number = self._new(label)
        self.rows.append(number)
        return number

    def add_all(self, labels: Sequence[str]) -> list[int]:
        """The labels of the next rows; returns their numbers. Quicker than one by one."""
        for label in dict.fromkeys(labels):
            if label in self.written:
                continue
            self._new(label)
        beyond = len(self.names)
        numbers = list(map(self.written.get, labels, repeat(beyond)))
        self.rows.extend(numbers)
        return numbers

    def _new(self, label: str) -> int:
        """Number of a way to write a label that is met for the first time."""
        alike = same_label(label)
        number = self._alike.get(alike)
        if number is None:
            number = len(self.names)
            if number >= _COUNTED:
                return number
            self._alike[alike] = number
            self.names[label] = number
        else:
            name = next(name for name, of in self.names.items() if of == number)
            if len(label) < len(name) or label == alike:
                self.names = {(label if of == number else name): of for name, of in self.names.items()}
        self.written[label] = number
        return number

    def numbers(self) -> NDArray[np.int32]:
        """Index of the class of each row (rows,), in the order of reading."""
        return np.frombuffer(self.rows, dtype=np.int32) if self.rows else np.zeros(0, np.int32)

    def counts(self) -> Counter[str]:
        """The rows of each class, the largest first."""
        return Counter(dict(zip(self.names, self._rows_by_number().tolist(), strict=False)))

    def _rows_by_number(self, among: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Rows of each class by its number, those that `among` (rows,) marks, or all."""
        numbers = self.numbers()
        # One number more stands for all classes beyond those that are counted.
        counted = np.zeros(len(self.names) + 1, dtype=np.int64)
        # Piece by piece, as NumPy counts no int32 without a copy in int64.
        for start in range(0, len(numbers), _PIECE):
            piece = numbers[start : start + _PIECE]
            piece = piece if among is None else piece[among[start : start + _PIECE]]
            counted += np.bincount(piece, minlength=len(counted))
        return counted[: len(self.names)]

    def only_among(self, rows: NDArray[np.bool_]) -> tuple[str, ...]:
        """Classes that only the rows marked in `rows` (rows,) have, as far as they are counted."""
        return tuple(compress(self.names, self._rows_by_number(~rows) == 0))

    def judge(self, distinct: NDArray[np.bool_], findings: Findings) -> None:
        """Notes the problems of the classes; `distinct` (rows,) marks the rows that are no duplicates."""
        if not self.rows:
            return
        name, classes = findings.name, len(self.names)
        if classes == 1:
            findings.stop(
                "one class",
                f"{name} has one class only, {next(iter(self.names))[:40]!r}: there is nothing to tell apart",
            )
            return
        if classes > MOST_CLASSES:
            many = f"{classes:,}" if classes < _COUNTED else f"{_COUNTED:,} or more"
            findings.stop(
                "many classes",
                f"{name} has {many} different labels, and at most {MOST_CLASSES:,} classes can be learned; is the label in "
                "another column (data.target_column)?",
                count=classes,
            )
            return
        sizes = self._rows_by_number(distinct)
        small = [(label, int(sizes[number])) for label, number in self.names.items() if sizes[number] < ENOUGH]
        if len(small) == classes:
            rows = int(np.count_nonzero(distinct))
            findings.stop(
                "few rows",
                f"{name} has {rows:,} distinct rows in {classes} classes, none of which has the {ENOUGH} that training, "
                "validation and test need",
                count=rows,
            )
            return
        for label, rows in small:
            findings.note_at(
                "small class", f"class {label[:40]}", f"{rows} distinct rows, too few to be in all three parts"
            )
        self._judge_spelling(findings)

    def _judge_spelling(self, findings: Findings) -> None:
        for name, number in self.names.items() if len(self.written) > len(self.names) else ():
            ways = [label for label, of in self.written.items() if of == number and label != name]
            if ways:
                others = ", ".join(map(_shown, ways[:3])) + (", …" if len(ways) > 3 else "")
                findings.note_at("joined", f"class {name[:40]}", f"is written {others} as well: they are one class")
        spelled: dict[str, str] = {}
        numbers: dict[str, str] = {}
        for label in self.names:
            other = spelled.setdefault(" ".join(label.casefold().split()), label)
            if other != label:
                findings.note_at(
                    "spelling", f"class {label[:40]}", f"differs from the class {other[:40]} only in how it is written"
                )
            equal = numbers.setdefault(label.lstrip("0") or "0", label) if label.isdecimal() else label
            if equal != label:
                findings.note_at(
                    "spelling", f"class {label[:40]}", f"differs from the class {equal[:40]} only in zeros before it"
                )


def _shown(label: str) -> str:
    """The label with what cannot be seen in it written out."""
    composed = unicodedata.normalize("NFC", label)
    if composed != label and same_label(label) == composed:
        return f"{composed[:40]} (with separate accents)"
    if "\u00a0" in label:
        return f"{label.replace(chr(0xA0), ' ')[:40]} (with a no-break blank)"
    seen = label.translate(_INVISIBLE)
    return f"{seen[:40]} (with invisible characters)" if seen != label else label[:40]


def first_rows(hashes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows are the first with their hash (rows,).

    By sixteenths, as sorting ten million at once would take three times what they take themselves.
    """
    # The lowest byte of each, without a copy of them all.
    lowest = 0 if sys.byteorder == "little" else 7
    bits = hashes.view(np.uint8).reshape(-1, 8)[:, lowest] & (_BUCKETS - 1)
    first = np.zeros(len(hashes), dtype=bool)
    for bucket in range(_BUCKETS):
        indices = np.flatnonzero(bits == bucket)
        first[indices[np.unique(hashes[indices], return_index=True)[1]]] = True
    return first


def ordered(names: list[str]) -> list[str]:
    """Class names in the order that people expect: numbers by size, then texts by letter."""

    def key(name: str) -> tuple[int, float, str]:
        try:
            number = float(name) if len(name) < 40 else None
        except ValueError:
            number = None
        return (1, 0.0, name) if number is None or number != number else (0, number, name)

    return sorted(names, key=key)
