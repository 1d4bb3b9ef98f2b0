"""Shape of a field at a glance: number, date or clock, missing, text. It tells titles from data and delimiters from commas.

What a number or a date is worth is decided by the modules for numbers and dates; here only what it looks like counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from rnnlab.tasks.own.values.date_names import MONTH, WEEKDAY, folded
from rnnlab.tasks.own.values.numbers import is_missing

Shape = Literal["number", "date", "missing", "text"]

_LONGEST = 40
_NUMBER = re.compile(
    r"[-+−–(]?\s?[$€£¥₹]?\s?[-+−]?(?:\d[\d.,'’\u00a0\u202f]*|\d{1,3}(?: \d{3})+(?:[.,]\d+)?|[.,]\d+)"
    r"(?:[eE][-+]?\d+)?\s?[%‰$€£¥₹KMBkmb]?\)?"
)
_WORD_OF_DATE = r"am|pm|a\.m\.|p\.m\.|utc|gmt|z|t|q[1-4]|h[12]|w\d\d?|st|nd|rd|th|er|de|del|of"
# `++`: a run of digits is one part. In parts of any length a field such as a long number and a word takes hours.
_DATE = re.compile(
    rf"(?:\d++|[-/.: +]|, (?=\w)|(?<![^\W\d_])(?:{_WORD_OF_DATE}|{MONTH}|{WEEKDAY})(?![^\W\d_]))+", re.IGNORECASE
)
_GROUPED = re.compile(r"\D*\d{1,3}(?:\.\d{3})+(?:,\d+)?\D*")
_TWO_PARTS = re.compile(r"\d\D+\d|[A-Za-zä]{3}.*\d|\d.*[A-Za-zä]{3}")
"""Two numbers, or a number and a name: `t0` and `h12` are no dates."""
_PLAIN = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")


def shape_of(word: str) -> Shape:
    """What the field looks like."""
    word = word.strip()
    if _PLAIN.fullmatch(word):
        return "number"
    if is_missing(word):
        return "missing"
    if len(word) > _LONGEST or "  " in word or "\t" in word:
        return "text"
    if _NUMBER.fullmatch(word) and (word.count(".") < 2 or _GROUPED.fullmatch(word)):
        return "number"
    if not _TWO_PARTS.search(word):
        return "text"
    return "date" if _DATE.fullmatch(word if word.isascii() else folded(word)) else "text"


def column_shape(words: Sequence[str]) -> Shape:
    """Shape of nine in ten of the fields that are not missing; text where there is none."""
    shapes: list[Shape] = [shape for word in words if (shape := shape_of(word)) != "missing"]
    if not shapes:
        return "missing"
    most = max(set(shapes), key=shapes.count)
    return most if shapes.count(most) >= 0.9 * len(shapes) else "text"
