"""Style of numbers: the signs and the unit with which a column writes them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from rnnlab.tasks.own.values.missing import LONGEST_NUMBER, plain_number
from rnnlab.text.characters import tidied

FARTHEST = 1e15
"""Maximum magnitude of a measurement; the squares of larger ones would not be finite."""


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
        return self.unit.endswith(SCALED)

    def value(self, word: str) -> float | None:
        """Number of a text; None for what is no number in this style, a missing value included."""
        if len(word) > LONGEST_NUMBER:
            return None
        if not self.thousands and not self.unit and self.decimal == "." and (plain := plain_number(word)) is not None:
            return _measured(plain)
        word = _unquoted(tidied(word))
        found = _pattern(self).fullmatch(word)
        if found is None and self._is_nothing(word):
            return 0.0
        if found is None or ("(" in (found["open"], found["sign_after"])) != (found["close"] is not None):
            return None
        signs = [sign for sign in (found["sign"], found["sign_after"], found["trailing"], found["open"]) if sign]
        if len(signs) > 1 or (found["before"] and found["after"]):
            return None
        digits = found["digits"]
        exponent = (found["exponent"] or "").lower().replace("d", "e")
        if self.thousands:
            if exponent and self.thousands in digits:
                return None
            digits = digits.replace(self.thousands, "")
        value = float(digits.replace(self.decimal, ".") + exponent)
        if self.unit == "%" and value and not found["after"]:
            return None
        value *= _SCALES[(found["scale"] or "").lower()]
        return _measured(-value if signs and signs[0] in "-(" else value)

    def _is_nothing(self, word: str) -> bool:
        """Whether the word is a currency and a dash, which bookkeepers write for zero."""
        sign, dash, rest = word.partition("-")
        unit = self.unit.removesuffix(SCALED).strip()
        return bool(dash and unit) and not rest.strip() and sign.strip().lower() == unit.lower()

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
SCALED = "K/M/B"
_SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9, "mrd": 1e9, "t": 1e12}
_SIGN = r"[€$£¥₹₩₽₺₫₴₦₪₱฿₿₡₲₵₸]"
_CODE = (
    r"(?:(?:us|ca|au|nz|hk|a|c|r|s)?\$|us\$|usd|eur|gbp|jpy|chf|cad|aud|nzd|cny|rmb|inr|krw|brl|rub|sek|nok|dkk|pln|czk|huf|"
    r"try|zar|mxn|sgd|hkd|twd|thb|idr|ils|btc|eth|euro?s?|rs\.?|kr\.?|fr\.?|zł|kč|ft|lei)"
)
CURRENCY = rf"(?:{_SIGN}|{_CODE})"


def _measured(value: float) -> float | None:
    """The value as a measurement: NaN where it is not finite, None where it is too far off to be one."""
    if not math.isfinite(value):
        return math.nan
    return value if abs(value) <= FARTHEST else None


@lru_cache(maxsize=256)
def _pattern(style: NumberStyle) -> re.Pattern[str]:
    """Pattern of the tidied words of the style."""
    decimal, thousands = re.escape(style.decimal), re.escape(style.thousands)
    # Indian grouping has twos before the last three: 12,34,567.
    between = r"\d{2,3}" if style.thousands == "," else r"\d{3}"
    grouped = rf"[1-9]\d{{0,2}}(?:{thousands}{between})*{thousands}\d{{3}}|" if style.thousands else ""
    digits = rf"(?P<digits>(?:{grouped}\d+)(?:{decimal}\d*)?|{decimal}\d+)"
    unit = style.unit.removesuffix(SCALED).strip()
    before = CURRENCY if re.fullmatch(CURRENCY, unit, re.IGNORECASE) else "(?!)"
    after = before if before != "(?!)" else re.escape(unit) if unit else "(?!)"
    scale = r"mio|mrd|mn|bn|[kmbt]" if style.scaled else "(?!)"
    return re.compile(
        rf"(?P<open>\()?\s?(?P<sign>[-+])?\s?(?P<before>{before})?\s?(?P<sign_after>[-+(])?\s?{digits}"
        rf"(?P<exponent>e[-+]?\d+|d[-+]\d+)?\s?(?P<scale>{scale})?\.?\s?(?P<after>{after})?\s?(?P<trailing>-)?\s?(?P<close>\))?",
        re.IGNORECASE,
    )


def _unquoted(word: str) -> str:
    """The word without quotes that are a part of it, as in `="5"` and `'5`, with which spreadsheets are kept from changing it."""
    if word[:1] not in ("=", '"', "'"):
        return word
    inner = word.removeprefix("=")
    return inner[1:-1] if inner[:1] == inner[-1:] == '"' else inner.removeprefix("'")
