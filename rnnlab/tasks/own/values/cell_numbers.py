"""Cells that hold many numbers each, and not one value: lists in brackets, and numbers with blanks or commas between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rnnlab.tasks.own.values.missing import MISSING, plain_number

SAVE_SEQUENCES = (
    "save a table with one column for each step and one for the label, or an .npz file with X (rows × steps) and y"
)
"""What to do with sequences that stand in one field each."""
_FEWEST = 8
"""Minimum numbers of a cell without brackets: fewer may be a time, a version or a telephone number."""
_NEARLY_ALL = 0.95
"""Minimum share of the cells that hold numbers and nothing else."""
_LOOKED_AT = 40
"""Cells of a column that are taken apart, spread over it."""
_TRIED = 500
"""Parts of a cell of which each is tried as a number."""
_LIST = re.compile(r"\s*(?:\w+\.)?(?:(?:array|tensor)\s*\(\s*)?\[")
"""Beginning of a list as JSON, Python, NumPy and PyTorch write it."""
_END = re.compile(r"(?:dtype|device|grad_fn|requires_grad)=\S*\s*$")
"""What NumPy and PyTorch write behind the numbers."""
_LONGEST_END = 80
_BETWEEN = re.compile(r"[\s,;\[\]()]+")


class CellNumbers(NamedTuple):
    """What the cells of a column hold: so many numbers each, in brackets or not.

    `tokens`: they are whole and have blanks between, as the words of a text that was made numbers of.
    """

    fewest: int
    most: int
    brackets: bool
    tokens: bool

    @property
    def text(self) -> str:
        """`a list of numbers` or `28 numbers`, for a sentence."""
        if self.brackets:
            return "a list of numbers"
        return f"{self.fewest:,} numbers" if self.fewest == self.most else f"{self.fewest:,} numbers and more"


def cell_numbers(words: Sequence[str]) -> CellNumbers | None:
    """Numbers in the cells of a column, whose words these are but for missing ones; None where they hold anything else."""
    if not any(len(word) >= 2 * _FEWEST - 1 or _LIST.match(word) for word in words[:3]):
        return None
    spread = words[:: max(1, len(words) // _LOOKED_AT)]
    counts: list[int] = []
    brackets = 0
    for word in spread:
        begin = _LIST.match(word)
        count = _count(word[begin.end() :] if begin else word)
        if count >= _FEWEST or (begin is not None and count):
            counts.append(count)
            brackets += begin is not None
    if len(counts) < max(1, _NEARLY_ALL * len(spread)) or max(counts) < 2:
        return None
    tokens = all(map(str.isdigit, "".join(spread).replace(" ", "")))
    return CellNumbers(min(counts), max(counts), 2 * brackets > len(counts), tokens)


def _count(cell: str) -> int:
    """How many numbers the cell holds; none where anything else stands among them."""
    cell = cell[:-_LONGEST_END] + _END.sub("", cell[-_LONGEST_END:])
    parts = [part for part in _BETWEEN.split(cell) if part]
    numbers = [part for part in parts[:_TRIED] if part.lower() not in MISSING]
    return len(parts) if all(plain_number(part) is not None for part in numbers) else 0
