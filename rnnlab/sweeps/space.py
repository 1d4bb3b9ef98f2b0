"""Values that a sweep tries of one setting: listed ones, or a range.

`64;128;256` are three values, parted by semicolons; where no value can hold a comma, commas part them as well.
`1e-3..1e-1` is a range, `1e-3..1e-1:log` one whose decades count alike, `1e-3..1e-1:log:5` five values of it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from rnnlab.config import FIELDS, ConfigError, Field, UsageError, field_of

MOST_VALUES = 1000
"""Values of one setting: a list of thousands was meant otherwise."""
_RANGE = re.compile(r"(?P<low>[^.;:]*(?:\.[^.;:]+)?)\.\.(?P<high>[^;:]*?)(?P<log>:log)?(?::(?P<count>[^:]*))?")


@dataclass(frozen=True)
class Choices:
    """Listed values, in the order in which they were given."""

    values: tuple[Any, ...]

    def at(self, share: float) -> Any:
        """The value at `share` (0 ≤ share < 1) of the list."""
        return self.values[min(int(share * len(self.values)), len(self.values) - 1)]

    @property
    def listed(self) -> tuple[Any, ...]:
        """All values."""
        return self.values


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; `log`: equal ratios count alike; `whole`: whole numbers.

    `count` is how many of them a grid takes, 0 where that was not said.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False
    count: int = 0

    def at(self, share: float, digits: int = 3) -> float | int:
        """The number at `share` (0 ≤ share ≤ 1) of the range, with so many significant digits; of a narrow range with six."""
        if self.whole:
            # Each whole number has an equal part of the range, the ends as well.
            low, high = self.low - 0.5, self.high + 0.5
            value = low * (high / low) ** share if self.log else low + share * (high - low)
            return min(max(round(value), int(self.low)), int(self.high))
        value = self.low * (self.high / self.low) ** share if self.log else self.low + share * (self.high - self.low)
        narrow = 0 < self.low > self.high / 2 or self.high < 0
        return min(max(float(f"{value:.{6 if narrow else digits}g}"), self.low), self.high)

    @property
    def listed(self) -> tuple[float | int, ...]:
        """The `count` numbers of a grid; of whole numbers each once."""
        if self.count == 1:
            return (self.at(0.5, 6),)
        ends = self.count - 1
        inner = self if not self.whole else Range(self.low, self.high, self.log)
        digits = 3 if self.count < 50 else 6
        found = [inner.at(index / ends, digits) for index in range(self.count)]
        return tuple(dict.fromkeys(round(value) if self.whole else value for value in found))


Dimension = Choices | Range
"""What is tried of one setting."""


def parse_dimension(key: str, text: str) -> Dimension:
    """The values that `text` names for the setting `key`.

    Raises `UnknownKey`, and `ConfigError` for a value that is not allowed, a range upside down or of no numbers, values given
    twice, and for a comma that could part values or the numbers of one.
    """
    field = field_of(key, text)
    if ".." in text and field.kind in ("int", "float", "ints"):
        return _range(field, text)
    written = [part.strip() for part in text.split(";")]
    if written[-1] == "" and len(written) > 1:
        written.pop()  # `64,128;` is the one value 64,128
    elif len(written) == 1 and "," in text:
        written = _parted_by_commas(field, text)
    values = [field.parse(part) for part in written]
    if len(values) > MOST_VALUES:
        raise ConfigError(key, f"{len(values):,} values", f"at most {MOST_VALUES:,}; a range takes any number")
    twice = next((value for at, value in enumerate(values) if value in values[:at]), None)
    if len(set(map(repr, values))) < len(values):
        raise ConfigError(key, text, f"values each given once; {field.text(twice)} is there twice")
    return Choices(tuple(values))


def _parted_by_commas(field: Field, text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    if field.kind == "ints":
        raise ConfigError(
            field.key,
            text,
            f"parted by semicolons, as this could be one value or {len(parts)}: write '{';'.join(parts)}' for {len(parts)} "
            f"values, '{text.strip()};' for one (in quotes, as a shell ends the command at a semicolon)",
        )
    if field.kind == "str" and not field.setting.choices:
        return [text.strip()]
    return parts


def _range(field: Field, text: str) -> Range:
    allowed = "a range such as 1e-3..1e-1, 1e-3..1e-1:log or 1e-3..1e-1:log:5, the lower end first"
    found = _RANGE.fullmatch(text.strip())
    if found is None or not (found["low"].strip() and found["high"].strip()):
        raise ConfigError(field.key, text, allowed)
    ends = [field.parse(found[name]) for name in ("low", "high")]
    if None in ends or any(isinstance(end, tuple) and len(end) > 1 for end in ends):
        raise ConfigError(field.key, text, allowed)
    low, high = (float(end[0] if isinstance(end, tuple) else end) for end in ends)
    logarithmic, whole = found["log"] is not None, field.kind in ("int", "ints")
    if low >= high:
        raise ConfigError(field.key, text, f"{allowed}: {found['low'].strip()} is not below {found['high'].strip()}")
    if logarithmic and (low <= 0 or (whole and low < 1)):
        raise ConfigError(field.key, text, "above 0 where the range is logarithmic")
    count = found["count"]
    if count is not None and not (re.fullmatch(r"\s*\d{1,9}\s*", count) and 1 <= int(count) <= MOST_VALUES):
        raise ConfigError(field.key, text, f"with a number of values from 1 to {MOST_VALUES:,} after the last colon")
    return Range(low, high, logarithmic, whole, int(count) if count is not None else 0)


def dimension_text(key: str, dimension: Dimension) -> str:
    """The dimension as `parse_dimension` reads it."""
    field = FIELDS[key]
    if isinstance(dimension, Choices):
        texts = [field.text(value) for value in dimension.values]
        return ";".join(texts) + (";" if len(texts) == 1 and "," in texts[0] else "")
    kind = ":log" if dimension.log else ""
    return f"{_number(dimension.low)}..{_number(dimension.high)}{kind}" + (
        f":{dimension.count}" if dimension.count else ""
    )


def _number(value: float) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) and abs(value) < 1e15 else repr(value)


def parse_over(assignments: tuple[str, ...]) -> dict[str, Dimension]:
    """What `--over KEY=VALUES` gives, by key. Raises `UsageError`, also where a key is given twice."""
    found: dict[str, Dimension] = {}
    for assignment in assignments:
        key, equals, values = assignment.partition("=")
        key = key.strip()
        if not equals or not values.strip():
            raise UsageError(f"--over {assignment!r} is not KEY=VALUES; for example --over 'model.hidden=64;128'")
        if key in found:
            raise UsageError(f"--over names {key} twice; give all its values at once: {key}=A;B;C")
        found[key] = parse_dimension(key, values)
    return found
