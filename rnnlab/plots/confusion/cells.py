"""Cells of a confusion matrix: what is written in one, how strongly it is shaded, and what it says in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rnnlab.text.numbers import count, percent, whole
from rnnlab.text.sanitise import plain

Mode = Literal["rows", "columns", "counts"]
"""Percent of each true class's rows, percent of the rows predicted as each class, or `counts` of rows."""

Counts = Sequence[Sequence[int]]
"""`counts[i][j]` rows of class i were predicted as class j."""

NONE = "·"
"""What stands in a cell of none."""
NARROW = 3
"""Cells of the narrowest column: a percentage fits, and 18 classes in half of a screen of 140 columns."""
_LONGEST_NAME = 24


def is_square(counts: Counts, classes: Sequence[str]) -> bool:
    """Whether there is a count for each pair of the classes: a log from a stranger may hold a matrix of another shape."""
    return bool(classes) and len(counts) == len(classes) and all(len(row) == len(classes) for row in counts)


def totals(counts: Counts, mode: Mode) -> list[int]:
    """What the cells of each row are shares of, or those of each column in the mode `columns`."""
    return [sum(column) for column in zip(*counts, strict=True)] if mode == "columns" else [sum(row) for row in counts]


def shade(share: float, *, right: bool) -> float:
    """How strongly a cell is shaded, 0 to 1: a correct prediction by its share.

    A mistake of a tenth of the row or column is worth seeing, one of a hundredth hardly.
    """
    return share if right else 0.0 if share < 0.01 else share**0.5


def number_text(n: int, total: int, mode: Mode, *, narrow: bool = False) -> str:
    """A cell's text: the count, or the percent of its row or column; `narrow`: a count of at most three characters."""
    if n == 0 or not total:
        return NONE
    if mode == "counts":
        return _short(n) if narrow else str(n) if n < 10_000 else count(n)
    share = 100 * n / total
    # 99.6 % is not all of them, and .3 % is not none.
    return "<1" if share < 0.5 else ">99" if 99.5 <= share < 100 else str(max(1, round(share)))


def _short(n: int) -> str:
    """A count in at most three characters: `934`, `12k`, `.3M`."""
    if n < 1000:
        return str(n)
    value = float(n)
    for unit in "kMG":
        value /= 1000
        if value < 0.95:
            return f".{max(1, round(value * 10))}{unit}"
        if value < 99.5:
            return f"{value:.0f}{unit}"
    return ">99"


def cell_text(counts: Counts, classes: Sequence[str], true: int, predicted: int) -> str:
    """A cell in words: `3 of 23 Irish predicted English · 13 % of the row · 2 % of the column`."""
    n, row, column = counts[true][predicted], sum(counts[true]), sum(each[predicted] for each in counts)
    name, other = (plain(classes[each], _LONGEST_NAME) for each in (true, predicted))
    verb = "right" if true == predicted else f"predicted {other}"
    parts = [f"{whole(n)} of {whole(row)} {name} {verb}"]
    if n:
        shares = [percent(share, 1 if share < 0.1 else 0) for share in (n / row, n / column)]
        parts += [f"{shares[0]} of the row", f"{shares[1]} of the column"]
    return " · ".join(parts)
