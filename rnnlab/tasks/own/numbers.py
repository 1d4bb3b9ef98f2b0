"""Numbers as people write them: decimal and thousands signs, currencies, percent, K/M/B, and words for a missing value."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnnlab.text.characters import tidied

MISSING = frozenset(
    (
        *(
            "",
            "?",
            "-",
            "--",
            "---",
            ".",
            "..",
            "...",
            "…",
            "*",
            "na",
            "n/a",
            "n.a.",
            "#n/a",
            "#na",
            "<na>",
            "nan",
            "-nan",
        ),
        *(
            "nat",
            "nil",
            "null",
            "none",
            "missing",
            "inf",
            "+inf",
            "-inf",
            "#value!",
            "#div/0!",
            "#ref!",
            "#null!",
            "#num!",
        ),
        *("#name?", "1.#qnan", "1.#ind", "-1.#ind"),
    )
)
"""Texts, in lower case, that stand for a missing value."""
FARTHEST = 1e15
"""Maximum magnitude of a measurement; the squares of larger ones would not be finite."""
NEARLY_ALL = 0.9
"""Share of the words of a column that have to be numbers, or dates of one form; the others are noted, each with its place."""
LONGEST_NUMBER = 40
_MOST_TRIED = 5000
"""Maximum number of distinct words by which the styles are tried."""


@dataclass(frozen=True)
class Missing:
    """What stands for a missing value, as `data.missing` says: words in lower case, and numbers such as -999.

    An empty field always does. In columns of numbers so do NA, null and the like, which are no numbers there in any case.
    """

    words: frozenset[str] = MISSING
    numbers: frozenset[float] = frozenset()
    given: bool = False
    """Whether a person said so; if not, a frequent word may be a class all the same."""

    @classmethod
    def from_setting(cls, text: str) -> Missing:
        """Words of the setting: `auto`, `empty`, or words and numbers with commas between, such as `-999,NA`."""
        setting = text.strip().lower()
        if setting in ("auto", ""):
            return cls()
        words = frozenset() if setting == "empty" else frozenset(tidied(word).lower() for word in text.split(","))
        numbers = {value for word in words if (value := _plain(word)) is not None and math.isfinite(value)}
        return cls(words | {""}, frozenset(numbers), given=True)

    def is_missing(self, word: str) -> bool:
        """Whether the text stands for a missing value."""
        if len(word) > LONGEST_NUMBER:
            return not word.strip()
        word = tidied(word).lower()
        return word in self.words or (bool(self.numbers) and _plain(word) in self.numbers)

    def is_no_number(self, word: str) -> bool:
        """Whether the text stands for a missing value in a column of numbers or dates."""
        return self.is_missing(word) or (len(word) < 10 and tidied(word).lower() in MISSING)


AUTO = Missing()


@dataclass(frozen=True)
class NumberStyle:
    """How numbers of a column are written.

    `decimal`: a point or a comma. `thousands`: "", ".", ",", " " (any blank) or "'" (either apostrophe). `unit`: "", "%", a
    currency, letters that stand after every number, or "K/M/B" where such letters multiply, perhaps after a currency ("$ K/M/B").
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""

    @property
    def scaled(self) -> bool:
        """Whether K, M and B after a number multiply it."""
        return self.unit.endswith(_SCALED)

    def value(self, word: str) -> float | None:
        """Number of a text; None for what is no number in this style, a missing value included."""
        if len(word) > LONGEST_NUMBER:
            return None
        if not self.thousands and not self.unit and self.decimal == "." and (plain := _plain(word)) is not None:
            return _measured(plain)
        found = _pattern(self).fullmatch(tidied(word))
        if found is None or ("(" in (found["open"], found["sign_after"])) != (found["close"] is not None):
            return None
        signs = [sign for sign in (found["sign"], found["sign_after"], found["trailing"], found["open"]) if sign]
        if len(signs) > 1 or (found["before"] and found["after"]):
            return None
        digits = found["digits"]
        if self.thousands:
            digits = digits.replace(self.thousands, "")
        value = float(digits.replace(self.decimal, ".") + (found["exponent"] or ""))
        if self.unit == "%" and value and not found["after"]:
            return None
        value *= _SCALES[(found["scale"] or "").lower()]
        return _measured(-value if signs and signs[0] in "-(" else value)

    @property
    def name(self) -> str:
        """The style in words, such as `decimal comma, a dot for thousands, in €`; empty for plain numbers."""
        words = ["decimal comma"] if self.decimal == "," else []
        if self.thousands:
            words.append(f"{_SIGNS[self.thousands]} for thousands")
        if self.unit:
            words.append(f"in {self.unit}")
        return ", ".join(words)


_SIGNS = {".": "a dot", ",": "a comma", " ": "a blank", "'": "an apostrophe"}
_SCALED = "K/M/B"
_SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9, "mrd": 1e9, "t": 1e12}
_SIGN = r"[€$£¥₹₩₽₺₫₴₦₪₱฿₿₡₲₵₸]"
_CODE = (
    r"(?:(?:us|ca|au|nz|hk|a|c|r|s)?\$|us\$|usd|eur|gbp|jpy|chf|cad|aud|nzd|cny|rmb|inr|krw|brl|rub|sek|nok|dkk|pln|czk|huf|"
    r"try|zar|mxn|sgd|hkd|twd|thb|idr|ils|btc|eth|euro?s?|rs\.?|kr\.?|fr\.?|zł|kč|ft|lei)"
)
CURRENCY = rf"(?:{_SIGN}|{_CODE})"
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


def _measured(value: float) -> float | None:
    """The value as a measurement: NaN where it is not finite, None where it is too far off to be one."""
    if not math.isfinite(value):
        return math.nan
    return value if abs(value) <= FARTHEST else None


def _plain(word: str) -> float | None:
    """Number of a word as Python writes it; None for what is none."""
    if "_" in word:
        return None
    try:
        return float(word)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _pattern(style: NumberStyle) -> re.Pattern[str]:
    """Pattern of the tidied words of the style."""
    decimal, thousands = re.escape(style.decimal), re.escape(style.thousands)
    # Indian grouping has twos before the last three: 12,34,567.
    between = r"\d{2,3}" if style.thousands == "," else r"\d{3}"
    grouped = rf"[1-9]\d{{0,2}}(?:{thousands}{between})*{thousands}\d{{3}}|" if style.thousands else ""
    digits = rf"(?P<digits>(?:{grouped}\d+)(?:{decimal}\d*)?|{decimal}\d+)"
    unit = style.unit.removesuffix(_SCALED).strip()
    before = CURRENCY if re.fullmatch(CURRENCY, unit, re.IGNORECASE) else "(?!)"
    after = before if before != "(?!)" else re.escape(unit) if unit else "(?!)"
    scale = r"mio|mrd|mn|bn|[kmbt]" if style.scaled else "(?!)"
    return re.compile(
        rf"(?P<open>\()?\s?(?P<sign>[-+])?\s?(?P<before>{before})?\s?(?P<sign_after>[-+(])?\s?{digits}"
        rf"(?P<exponent>e[-+]?\d+)?\s?(?P<scale>{scale})?\.?\s?(?P<after>{after})?\s?(?P<trailing>-)?\s?(?P<close>\))?",
        re.IGNORECASE,
    )


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

    def read_by(self, style: NumberStyle) -> int:
        """How many words are numbers of the style."""
        return sum(count for word, count in self.words.items() if style.value(word) is not None)


def number_styles(words: Sequence[str], missing: Missing = AUTO) -> tuple[NumberStyle, ...]:
    """Styles in which nearly all words that are not missing are numbers, the most likely first.

    None where the words are no numbers. Two where 1.150 could be both, one and a bit or a thousand and more: `settled` tells
    by the rest of the table which it is, or that a person has to say so.
    """
    counted = _Counted.of(words, missing)
    if not counted.total:
        return ()
    plain = NumberStyle()
    read = counted.read_by(plain)
    if read == counted.total and not any("." in word for word in counted.words):
        return (plain,)
    unit = "" if read == counted.total else _unit(counted)
    signs = [sign for sign in ".,'" if any(sign in tidied(word) for word in counted.words)]
    blanks = [" "] if any(re.search(r"\d \d", tidied(word)) for word in counted.words) else []
    scores: dict[NumberStyle, int] = {}
    for decimal in (".", ","):
        for thousands in ("", *signs, *blanks):
            if thousands != decimal:
                style = NumberStyle(decimal, thousands, unit)
                scores[style] = counted.read_by(style)
    best = max(scores.values())
    if best < NEARLY_ALL * counted.total:
        return ()
    # The first style is the simplest of those that read the same words in the same way.
    chosen: dict[tuple[float | None, ...], NumberStyle] = {}
    for style in (style for style, score in scores.items() if score == best):
        chosen.setdefault(tuple(style.value(word) for word in counted.words), style)
    return _likeliest_first(tuple(chosen.values()), counted)


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
        if scale := found["scale"]:
            scales[scale] = scales.get(scale, 0) + count
        if unit := found["before"] or found["after"] or found["after_scale"]:
            units[unit] = units.get(unit, 0) + count
        elif found["letters"]:
            letters[found["letters"]] = letters.get(found["letters"], 0) + count
    usual = max(units, key=lambda unit: units[unit], default="")
    multiply = bool(scales) and (
        len(scales) > 1 or next(iter(scales)) in ("K", "k", "M", "B", "bn", "Mio", "Mrd", "mn")
    )
    if multiply:
        return f"{usual} {_SCALED}".strip()
    if not usual:
        letters |= scales
        usual = max(letters, key=lambda unit: letters[unit], default="")
        return (
            ""
            if usual in _NO_LETTERS or usual.lower() in _NO_UNITS or letters.get(usual, 0) < 0.5 * counted.total
            else usual
        )
    return usual


def values_of(
    words: Sequence[str], style: NumberStyle = NumberStyle(), missing: Missing = AUTO
) -> tuple[NDArray[np.float64], list[int]]:
    """Values (words,), NaN where one is missing, and the indices of the words that are no numbers (NaN, too)."""
    wrong: list[int] = []
    values = _quick(words, style)
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


def _quick(words: Sequence[str], style: NumberStyle) -> NDArray[np.float64] | None:
    """Values of plain words, as fast as Python reads floats; None where one of them needs a closer look."""
    if style.unit or style.thousands:
        return None
    joined = "".join(words)
    if "_" in joined or (style.decimal == "," and "." in joined):
        return None
    comma = style.decimal == "," and "," in joined
    try:
        return np.array([float(word.replace(",", ".") if comma else word or "nan") for word in words])
    except ValueError:
        return None


def is_missing(word: str) -> bool:
    """Whether the text stands for a missing value."""
    return len(word) < 10 and word.strip().lower() in MISSING


def number_of(word: str, decimal_comma: bool = False) -> float | None:
    """Number of a text; NaN for a missing value, None for what is no number."""
    if AUTO.is_no_number(word):
        return math.nan
    return NumberStyle(decimal="," if decimal_comma else ".").value(word)
