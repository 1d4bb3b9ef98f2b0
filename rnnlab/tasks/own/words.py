"""Fields of a table as numbers and dates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime

MISSING = frozenset(
    ("", "?", "-", "--", ".", "na", "n/a", "#n/a", "nan", "nil", "null", "none", "missing", "inf", "+inf", "-inf")
)
"""Texts, in lower case, that stand for a missing value."""
FARTHEST = 1e15
"""Maximum magnitude of a measurement; the squares of larger ones would not be finite."""
_LONGEST_NUMBER = 40


def is_missing(word: str) -> bool:
    """Whether the text stands for a missing value."""
    return len(word) < 10 and word.strip().lower() in MISSING


def number_of(word: str, decimal_comma: bool = False) -> float | None:
    """Number of a text; NaN for a missing value, None for what is no number."""
    word = word.strip()
    if len(word) > _LONGEST_NUMBER or "_" in word:
        return None
    try:
        value = float(word.replace(",", ".") if decimal_comma else word)
    except ValueError:
        return math.nan if is_missing(word) else None
    if math.isfinite(value):
        return value if abs(value) <= FARTHEST else None
    return math.nan


_FORMATS = (
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d-%m-%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%Y-%m",
    "%Y/%m",
    "%b %Y",
    "%b %d, %Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b-%y",
    "%B %Y",
    "%d %B %Y",
)
_LONGEST_DATE = 40

DateReader = Callable[[str], datetime | None]


def _from_iso(word: str) -> datetime | None:
    # `20130101` and `2013` are also whole numbers; eight digits are taken for a date, others not.
    if word.isdigit() and len(word) != 8:
        return None
    try:
        return datetime.fromisoformat(word).replace(tzinfo=None)
    except ValueError:
        return None


def _from(pattern: str) -> DateReader:
    def read(word: str) -> datetime | None:
        try:
            return datetime.strptime(word, pattern)
        except ValueError:
            return None

    return read


def date_reader(words: Sequence[str]) -> DateReader | None:
    """Parser of these texts as dates; None where fewer than nine in ten are dates of one format."""
    words = [word.strip() for word in words if word.strip()]
    if not words or len(max(words, key=len)) > 10 * _LONGEST_DATE:
        return None
    for reader in (_from_iso, *map(_from, _FORMATS)):
        # A few texts first: most formats fail at these.
        if any(reader(word) is not None for word in words[:3]):
            found = sum(len(word) <= _LONGEST_DATE and reader(word) is not None for word in words)
            if found >= 0.9 * len(words):
                return _guarded(reader)
    return None


def _guarded(reader: DateReader) -> DateReader:
    def read(word: str) -> datetime | None:
        word = word.strip()
        return reader(word) if len(word) <= _LONGEST_DATE else None

    return read
