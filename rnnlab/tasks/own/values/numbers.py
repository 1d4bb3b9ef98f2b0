"""Numbers as people write them: decimal and thousands signs, currencies, percent, K/M/B, and words for a missing value."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from rnnlab.tasks.own.values.missing import AUTO, LONGEST_NUMBER, MISSING, Missing, is_missing
from rnnlab.tasks.own.values.number_style import CURRENCY, FARTHEST, SCALED, NumberStyle
from rnnlab.tasks.own.values.number_values import quick_values, values_of
from rnnlab.text.characters import tidied

__all__ = [
    "AUTO",
    "FARTHEST",
    "MISSING",
    "Missing",
    "NumberStyle",
    "is_missing",
    "number_of",
    "number_styles",
    "settled",
    "values_of",
]

NEARLY_ALL = 0.9
"""Share of the words of a column that have to be numbers, or dates of one form; the others are noted, each with its place."""
_MOST_TRIED = 5000
"""Maximum number of distinct words by which the styles are tried."""


_UNIT = r"[^\W\d_°]{1,6}[²³]?"
_AFFIXES = re.compile(
    rf"\(?[-+]?\s?(?P<before>{CURRENCY})?\s?[-+(]?\s?[\d.,' ]*\d[.,]?(?:e[-+]?\d+)?\s?"
    rf"(?:(?P<after>%|‰|°\s?[cfk]?|{CURRENCY})|(?P<scale>k|mn|m|bn|b|t|mio|mrd)\.?\s?(?P<after_scale>{CURRENCY})?|"
    rf"(?P<letters>{_UNIT}(?:/{_UNIT})?))?\s?-?\s?\)?",
    re.IGNORECASE,
)
_NO_LETTERS = frozenset("TQWSH")
"""Letters after digits that are part of a quarter, a week or a half-year."""
_NO_UNITS = frozenset(
    ("am", "pm", "a", "p", "q", "w", "st", "nd", "rd", "th", "jan", "feb", "mar", "apr", "may", "jun", "jul")
)
"""Letters after digits that are part of a time, a date or a rank."""


@dataclass
class _Counted:
    """Distinct words of a column, and how many words each stands for."""

    words: dict[str, int] = field(default_factory=dict)
    total: int = 0

    @classmethod
    def of(cls, words: Sequence[str], missing: Missing) -> _Counted:
        counted: dict[str, int] = {}
        for word in words:
            counted[word] = counted.get(word, 0) + 1
        some = {word: count for word, count in counted.items() if not missing.is_no_number(word)}
        if len(some) > _MOST_TRIED:
            # Spread over the whole, not the first: the column may change its ways further down.
            stride = -(-len(some) // _MOST_TRIED)
            some = dict(list(some.items())[::stride])
        return cls(some, sum(some.values()))

    def few(self) -> _Counted:
        """Some of the words, spread over all."""
        some = dict(list(self.words.items())[:: max(1, len(self.words) // 100)])
        return _Counted(some, sum(some.values()))

    def read_by(self, style: NumberStyle) -> int:
        """How many words are numbers of the style."""
        return sum(count for word, count in self.words.items() if style.value(word) is not None)


def number_styles(words: Sequence[str], missing: Missing = AUTO) -> tuple[NumberStyle, ...]:
    """Styles in which nearly all words that are not missing are numbers, the most likely first.

    None where the words are no numbers. Two where 1.150 could be both, one and a bit or a thousand and more: `settled` tells
    by the rest of the table which it is, or that a person has to say so.
    """
    plain = NumberStyle()
    values = quick_values(words, plain)
    if values is not None and not _as_thousands(words):
        return (plain,) if np.isfinite(values).any() and (np.abs(values) <= FARTHEST).any() else ()
    counted = _Counted.of(words, missing)
    never = sum(count for word, count in counted.words.items() if word.isascii() and _NO_NUMBER.match(word))
    if not counted.total or counted.total - never < NEARLY_ALL * counted.total:
        return ()
    read = counted.read_by(plain)
    unit = "" if read == counted.total else _unit(counted)
    signs = [sign for sign in ".,'" if any(sign in tidied(word) for word in counted.words)]
    blanks = [" "] if any(re.search(r"\d \d", tidied(word)) for word in counted.words) else []
    styles = [NumberStyle(d, t, unit) for d in (".", ",") for t in ("", *signs, *blanks) if t != d]
    few = counted.few()
    scores = {style: counted.read_by(style) for style in styles if few.read_by(style) > 0.5 * few.total}
    best = max(scores.values(), default=0)
    if best < NEARLY_ALL * counted.total:
        return ()
    # The first style is the simplest of those that read the same words in the same way.
    chosen: dict[tuple[float | None, ...], NumberStyle] = {}
    for style in (style for style, score in scores.items() if score == best):
        chosen.setdefault(tuple(style.value(word) for word in counted.words), style)
    return _likeliest_first(tuple(chosen.values()), counted)


_NO_NUMBER = re.compile(r"[^\d-]*+\Z|.*\d[-/:]\d", re.DOTALL)
"""Words that are numbers in no style, as most words and dates are: without a digit, or with a sign between two."""


def _as_thousands(words: Sequence[str]) -> bool:
    """Whether each dot among plain numbers could stand for thousands: three digits after it, one to three before it."""
    dotted = [word for word in words if "." in word]
    return bool(dotted) and all(map(_THOUSANDS.fullmatch, dotted))


_THOUSANDS = re.compile(r"\s*[-+]?[1-9]\d{0,2}\.\d{3}\s*")


def _likeliest_first(styles: tuple[NumberStyle, ...], counted: _Counted) -> tuple[NumberStyle, ...]:
    """At most two readings; the one with thousands first where whole numbers stand beside them, or where the sign is a comma."""
    if len(styles) < 2:
        return styles
    whole = any(any(map(str.isdigit, word)) and not re.search(r"[.,]", word) for word in counted.words)
    comma = any("," in word for word in counted.words)
    grouped = [style for style in styles if style.thousands]
    others = [style for style in styles if not style.thousands]
    return tuple((grouped[:1] + others[:1]) if whole or comma else (others[:1] + grouped[:1]))


def settled(
    styles: Sequence[NumberStyle], elsewhere: Sequence[NumberStyle] = (), delimiter: str = ","
) -> NumberStyle | None:
    """The one safe style of a column; None where only a person can say it (`data.decimal`).

    `elsewhere` are the styles of the table's other columns that have one alone, and `delimiter` is what parts the fields: a
    table whose other columns have a decimal comma has one here, too, and between commas an unquoted style is the English one.
    """
    if len(styles) < 2:
        return styles[0] if styles else None
    decimals = {style.decimal for style in elsewhere if style.decimal == "," or style.thousands == ","}
    decimals |= {"," for style in elsewhere if style.thousands == "."}
    agreeing = [style for style in styles if style.decimal in decimals]
    if len(decimals) == 1 and len(agreeing) == 1:
        return agreeing[0]
    likely = styles[0]
    # A comma before three digits in each word is for thousands, as English tables quote it, unless semicolons part the fields;
    # a dot in all words and no whole number beside them is a decimal point printed to three places, with the same exception.
    return likely if likely.decimal == "." and delimiter != ";" else None


def _unit(counted: _Counted) -> str:
    """Unit of nearly all words: what stands before or after the digits."""
    units: dict[str, int] = {}
    scales: dict[str, int] = {}
    letters: dict[str, int] = {}
    for word, count in counted.words.items():
        found = _AFFIXES.fullmatch(tidied(word)) if len(word) <= LONGEST_NUMBER else None
        if found is None:
            continue
        scale, start = found["scale"], found.start("scale")
        if scale and len(scale) == 1 and found[0][start - 1] == " " and not (found["before"] or found["after_scale"]):
            letters[scale] = letters.get(scale, 0) + count  # 300 K are kelvins, 300K are thousands
        elif scale:
            scales[scale] = scales.get(scale, 0) + count
        if unit := found["before"] or found["after"] or found["after_scale"]:
            units[unit] = units.get(unit, 0) + count
        elif found["letters"]:
            letters[found["letters"]] = letters.get(found["letters"], 0) + count
    usual = max(units, key=lambda unit: units[unit], default="")
    # The m of an amount is a million; alone it may be a metre or a minute.
    sure = {"K", "k", "M", "B", "bn", "Mio", "Mrd", "mn"}
    multiply = bool(scales) and (bool(usual) or len(scales) > 1 or not sure.isdisjoint(scales))
    if multiply:
        return f"{usual} {SCALED}".strip()
    if not usual:
        letters |= scales
        usual = max(letters, key=lambda unit: letters[unit], default="")
        return (
            ""
            if usual in _NO_LETTERS or usual.lower() in _NO_UNITS or letters.get(usual, 0) < 0.5 * counted.total
            else usual
        )
    return usual


_POINT = NumberStyle(decimal=".")
_COMMA = NumberStyle(decimal=",")


def number_of(word: str, decimal_comma: bool = False) -> float | None:
    """Number of a text; NaN for a missing value, None for what is no number."""
    if AUTO.is_no_number(word):
        return math.nan
    return (_COMMA if decimal_comma else _POINT).value(word)
