"""Targets that are written as floats and may be classes."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.findings import Findings

KIND = "target"
"""Kind of the problem that is noted."""
_FEW = 20
"""Maximum number of different whole numbers, written as floats, that may be classes."""


class WholeNumbers:
    """Tracks whether the targets of a file are floats that are whole and few, and so may be classes."""

    def __init__(self) -> None:
        self._values: set[float] = set()
        self._counts = True
        self._missing = 0

    def add(self, targets: NDArray[Any]) -> None:
        """Adds targets of any shape; those that are no floats, or not finite, are not counted."""
        if self._counts and targets.dtype.kind == "f":
            # A row whose target is missing is left out, and tells nothing of the others.
            finite = targets[np.isfinite(targets)]
            self._missing += int(np.isnan(targets).sum())
            self._values |= set(np.unique(finite).tolist())
            self._counts = len(self._values) <= _FEW and bool((finite == np.floor(finite)).all())

    def add_number(self, target: float) -> None:
        """Adds one finite target."""
        if self._counts:
            self._values.add(target)
            self._counts = len(self._values) <= _FEW and target == math.floor(target)

    def warn(self, findings: Findings, rows: int, what: str) -> None:
        """Notes that `what` was taken for numbers, where the targets of so many rows may be classes."""
        if self._counts and 1 < len(self._values) < rows / 2:
            why = ""
            if self._missing:
                beside = (
                    "a missing one, which makes"
                    if self._missing == 1
                    else f"{self._missing:,} missing ones, which make"
                )
                why = f" beside {beside} floats of whole numbers"
            findings.warn(
                KIND,
                f"{what} holds floats, of {len(self._values)} different whole values{why}: they were taken for numbers to "
                "predict; if they are classes, set data.problem=classes",
            )


def class_word(word: str) -> str:
    """The label, in plain digits where it is a whole number in the notation of programs: `3` for 3.000e+00."""
    if "e" not in word.lower() or not word[-1].isdigit():
        return word
    try:
        number = float(word)
    except ValueError:
        return word
    return class_name(number) if abs(number) < 1e15 and number == int(number) else word


def class_names(numbers: NDArray[Any]) -> list[str]:
    """Class name of each number (rows,), in the fewest digits that distinguish it: `1` for 1.0."""
    values, indices = np.unique(numbers, return_inverse=True)
    # Adding zero makes one of minus zero.
    names = [np.format_float_positional(value + 0, trim="-") for value in values]
    return [names[index] for index in indices.reshape(-1).tolist()]


@lru_cache(maxsize=4096)
def class_name(number: float) -> str:
    """Class name of one number in double precision: `1` for 1.0."""
    return class_names(np.array([number]))[0]
