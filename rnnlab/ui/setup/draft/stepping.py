"""Moving a value one step up or down, as the form's + and - keys do."""

from __future__ import annotations

import math
from typing import Any

from rnnlab.config import ConfigError, Field

_SMALLEST_DECADE = 1e-6
"""Below this a step down along 1, 2, 5, 10 ends at zero, where zero is allowed."""


def stepped(field: Field, value: Any, direction: int) -> Any:
    """The value one step above (`direction` 1) or below (-1) `value`; `value` itself where there is no such step.

    Numbers move as `Setting.step` says; a share between 0 and 1 moves by 0.05. A choice moves to its neighbour. An
    optional number lies above none: a step down from its least value leads there.
    """
    setting = field.setting
    if field.kind == "bool":
        return direction > 0
    if setting.choices:
        index = setting.choices.index(value) + direction if value in setting.choices else 0
        return setting.choices[min(max(index, 0), len(setting.choices) - 1)]
    if field.kind == "str":
        return value
    if value is None:
        return _least(field) if direction > 0 else None
    candidate: Any
    if field.kind == "ints":
        candidate = tuple(_number(field, number, direction) for number in value)
    else:
        candidate = _number(field, value, direction)
    try:
        return field.check(candidate)
    except ConfigError:
        return None if direction < 0 and setting.optional else value


def _least(field: Field) -> Any:
    """Where an optional number starts: its default, else the least it may be."""
    if field.default is not None:
        return field.default
    return field.check(field.setting.ge if field.setting.ge is not None else 1)


def _number(field: Field, number: float, direction: int) -> float:
    whole = field.kind in ("int", "ints")
    if field.setting.step == "double":
        moved = number * 2 if direction > 0 else (number // 2 if whole else number / 2)
        return moved if moved or not whole else direction
    if field.setting.step == "decade":
        return _along_decades(number, direction)
    share = not whole and (field.setting.lt or field.setting.le or math.inf) <= 1
    return round(number + direction * (0.05 if share else 1), 10)


def _along_decades(number: float, direction: int) -> float:
    """The next number of … 0.001, 0.002, 0.005, 0.01, … in the direction."""
    if number <= 0:
        return _SMALLEST_DECADE if direction > 0 else -1.0
    exponent = math.floor(math.log10(number))
    ladder = [float(f"{digit}e{power}") for power in range(exponent - 1, exponent + 2) for digit in (1, 2, 5)]
    if direction > 0:
        return min(rung for rung in ladder if rung > number * (1 + 1e-9))
    below = max(rung for rung in ladder if rung < number * (1 - 1e-9))
    return below if below >= _SMALLEST_DECADE else 0.0
