"""Values of a column's words in the style that they are written in, many at once."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.values.missing import AUTO, LONGEST_NUMBER, MISSING, Missing
from rnnlab.tasks.own.values.number_style import FARTHEST, NumberStyle
from rnnlab.text.characters import tidied_lines

_PLAIN = NumberStyle()


def values_of(
    words: Sequence[str], style: NumberStyle = _PLAIN, missing: Missing = AUTO
) -> tuple[NDArray[np.float64], list[int]]:
    """Values (words,), NaN where one is missing, and the indices of the words that are no numbers (NaN, too)."""
    wrong: list[int] = []
    values = quick_values(words, style)
    if values is None:
        known: dict[str, float | None] = {}
        values = np.empty(len(words))
        for index, word in enumerate(words):
            try:
                value = known[word]
            except KeyError:
                value = known[word] = math.nan if missing.is_no_number(word) else style.value(word)
            if value is None:
                wrong.append(index)
                value = math.nan
            values[index] = value
    else:
        values[~np.isfinite(values)] = np.nan
        wrong = np.flatnonzero(np.abs(values) > FARTHEST).tolist()
        values[wrong] = np.nan
    for number in missing.numbers:
        values[values == number] = np.nan
    return values, wrong


def plain_numbers(words: Sequence[str]) -> list[float] | None:
    """Numbers of words as `number_of` reads them; None where one must be read by itself, as that for a missing value."""
    if max(map(len, words), default=0) > LONGEST_NUMBER or any("_" in word for word in words):
        return None
    try:
        found = list(map(float, words))
    except ValueError:
        return None
    return found if all(map(FARTHEST.__ge__, map(abs, found))) else None


_SPELLINGS = frozenset(spelling for word in MISSING for spelling in (word, word.upper(), word.title())) - {"nan", "NaN"}


def quick_values(words: Sequence[str], style: NumberStyle) -> NDArray[np.float64] | None:
    """Values of words that are written simply, many at once; None where one of them needs a closer look."""
    if style == _PLAIN:
        if "_" in "".join(words):
            return None
        try:
            return np.fromiter(map(float, words), np.float64, len(words))
        except ValueError:
            pass
    else:
        lines = _simplified("\n".join(words), style)
        if lines is None or len(lines) != len(words):
            return None
        words = lines
    try:
        return np.array([float("nan" if word in _SPELLINGS else word) for word in words])
    except ValueError:
        return None


def _simplified(text: str, style: NumberStyle) -> list[str] | None:
    """Words, each on a line, as Python writes their numbers; None where one is not simply a number of the style."""
    text = tidied_lines(text)
    if style.scaled or _lines_of(style).fullmatch(text + "\n") is None:
        return None
    for sign in (style.unit, style.thousands, " "):
        text = text.replace(sign, "") if sign else text
    return text.replace(",", ".").split("\n")


@lru_cache(maxsize=256)
def _lines_of(style: NumberStyle) -> re.Pattern[str]:
    """Pattern of lines of numbers: no more than a sign, the digits and the unit in each, or nothing."""
    decimal, thousands, unit = re.escape(style.decimal), re.escape(style.thousands), re.escape(style.unit)
    between = r"\d{2,3}" if style.thousands == "," else r"\d{3}"
    grouped = rf"[1-9]\d{{0,2}}(?:{thousands}{between})*{thousands}\d{{3}}(?!\d)|" if thousands else ""
    digits = rf"(?:{grouped}\d+)(?:{decimal}\d*)?"
    whole = rf"{digits} ?{unit}" if style.unit == "%" else rf"(?:{unit} ?{digits}|{digits}(?: ?{unit})?)"
    return re.compile(rf"(?: *(?:[-+]?{whole})? *\n)*+", re.ASCII)
