"""What is tried: a typed text, or a sequence of the data, with the values that were edited in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from rnnlab.config import UsageError
from rnnlab.runs.step_prediction import Request, Strip

Edit = tuple[int, int, float]
"""Step, channel and the new value, in the data's own unit."""


@dataclass(frozen=True)
class Trial:
    """One input to predict: `text`, or the sequence at `index` of `subset`, or the one that is `row` of the task's dataset."""

    text: str | None = None
    subset: str = "test"
    index: int | None = None
    row: int | None = None
    edits: tuple[Edit, ...] = ()

    def request(self, number: int, *, allowed: bool) -> Request:
        """The request for its prediction."""
        return Request(
            number=number,
            kind="predict",
            text=self.text,
            subset=self.subset,
            index=self.index,
            row=self.row,
            edits=self.edits,
            allowed=allowed,
        )

    def edited(self, step: int, channel: int, value: float) -> Trial:
        """With one more value edited."""
        return replace(self, edits=(*self.edits, (step, channel, value)))

    def undone(self) -> Trial:
        """Without the last edit."""
        return replace(self, edits=self.edits[:-1])

    @property
    def edited_values(self) -> int:
        """How many values differ by edits."""
        return len({(step, channel) for step, channel, _ in self.edits})


def find_request(number: int, strip: Strip, cell: int, column: int, *, subset: str, allowed: bool) -> Request:
    """The request for sequences in which the cell is as strongly on as at the column; of a value below zero as low."""
    sign = -1 if strip.row(cell)[column] < 0 else 1
    return Request(number=number, kind="find", subset=subset, strip=strip.title, cell=cell, sign=sign, allowed=allowed)


def whole_typed(text: str) -> int:
    """Number of a sequence as typed, from 1. Raises `UsageError`."""
    if not text.strip().isdecimal() or not 1 <= int(text) <= 10**9:
        raise UsageError("type a whole number, 1 for the first sequence")
    return int(text)


def number_typed(text: str) -> float:
    """A value as typed. Raises `UsageError`."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e12:
        raise UsageError("type a number such as 12.5")
    return value
