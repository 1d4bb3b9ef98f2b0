"""Fields of a table as numbers and dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rnnlab.tasks.own.numbers import FARTHEST, MISSING, is_missing, number_of

__all__ = ["FARTHEST", "MISSING", "DateReader", "date_reader", "is_missing", "number_of"]

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
