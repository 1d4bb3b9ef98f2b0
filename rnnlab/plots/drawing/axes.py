"""Scales, ticks and their labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rnnlab.text.numbers import count, duration, whole

XAxis = Literal["steps", "epochs", "seconds"]

HUGE = 1e300
"""Beyond this a number is drawn as little as infinity is: differences of such numbers overflow."""

_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values from `low` to `high` (their logarithms where `log`) to 0…1."""

    low: float
    high: float
    log: bool = False

    def __call__(self, value: float) -> float:
        if self.log:
            value = math.log10(value) if value > 0 else self.low
        return (value - self.low) / (self.high - self.low)

    def slope(self) -> float:
        """Share of the axis that one unit covers."""
        return 1.0 / (self.high - self.low)


def scale_of(low: float, high: float, *, log: bool = False, margin: float = 0.03) -> Scale:
    """The scale of data between `low` and `high`, with a little air; never of no extent."""
    if log:
        low, high = math.log10(low), math.log10(high)
    span = high - low
    size = max(abs(low), abs(high))
    if span <= size * 1e-9 or span < 1e-290:
        air = size * 0.1 if not log and size > 1e-280 else 0.5
        return Scale(low - air, high + air, log)
    return Scale(low - span * margin, high + span * margin, log)


def nice_step(span: float, most: int) -> float:
    """The least step of 1, 2 or 5 times a power of ten with at most `most` steps in `span`."""
    raw = span / max(1, most)
    if raw <= 0 or not math.isfinite(raw):
        return 1.0
    power = 10.0 ** max(-300, math.floor(math.log10(raw)))
    for step in (1, 2, 5, 10):
        if step * power >= raw * (1 - 1e-9):
            return step * power
    return 10 * power


def ticks(scale: Scale, most: int) -> list[tuple[float, str]]:
    """At most about `most` round values within the scale, each with its label."""
    if most < 1:
        return []
    return _log_ticks(scale, most) if scale.log else _linear_ticks(scale, most)


def _linear_ticks(scale: Scale, most: int) -> list[tuple[float, str]]:
    step = nice_step(scale.high - scale.low, most)
    values = multiples(scale.low, scale.high, step)
    return list(zip(values, labels(values, step), strict=True))


def multiples(low: float, high: float, step: float) -> list[float]:
    """The multiples of `step` from `low` to `high`."""
    if not math.isfinite(low / step) or not math.isfinite(high / step):
        return []
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last - first > 1000:
        return []
    return [n * step for n in range(first, last + 1)]


def labels(values: Sequence[float], step: float) -> list[str]:
    """Labels of linear ticks that share their decimals: `.4 .6 .8 1.0`, `500 1k 1.5k`."""
    largest = max(map(abs, values), default=0.0)
    if largest == 0:
        return ["0"] * len(values)
    if largest >= 1e15 or step < 1e-4:
        # As many digits as tell one step from the next.
        digits = min(15, max(1, math.ceil(math.log10(largest / step) - 1e-9))) if step > 0 else 1
        return ["0" if abs(v) < step / 2 else _short(v, digits) for v in values]
    if largest >= 1000 and step >= 1:
        short = [count(v) for v in values]
        # Three digits do not tell 1000 from 1002.
        return short if len(set(short)) == len(short) else [whole(v) for v in values]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    texts = [f"{v:.{decimals}f}" if abs(v) > step / 2 else "0" for v in values]
    return [text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text for text in texts]


def _short(value: float, digits: int = 1) -> str:
    mantissa, _, exponent = f"{value:.{digits}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def _log_ticks(scale: Scale, most: int) -> list[tuple[float, str]]:
    first, last = math.floor(scale.low), math.ceil(scale.high)
    decades = last - first
    values: list[float] = []
    for digits in ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5), (1, 3), (1,)):
        values = [
            d * 10.0**e
            for e in range(max(first, -300), min(last, 300) + 1)
            for d in digits
            if scale.low - 1e-9 <= e + math.log10(d) <= scale.high + 1e-9
        ]
        if len(values) <= most:
            break
    if len(values) > most:
        stride = math.ceil(decades / most)
        values = [v for v in values if round(math.log10(v)) % stride == 0]
    if len(values) < 2:
        # Less than a factor of two: round values as on a linear scale.
        low, high = 10.0**scale.low, 10.0**scale.high
        step = nice_step(high - low, most)
        values = [v for v in multiples(low, high, step) if v > 0]
        return list(zip(values, labels(values, step), strict=True))
    return [(v, _power(v)) for v in values]


def _power(value: float) -> str:
    if 0.99e-3 <= value < 1:
        return f"{value:.0e}"[0] + f"e{math.floor(math.log10(value) + 1e-9)}" if value < 0.0099 else f"{value:.3g}"[1:]
    return count(value) if 1 <= value < 1e6 else _short(value)


def x_ticks(low: float, high: float, axis: XAxis, most: int) -> list[tuple[float, str]]:
    """Round values of an x axis with labels: counts, epochs, or m:ss."""
    span = high - low
    if most < 1 or span <= 0:
        return []
    if axis == "seconds" and span >= 3:
        step = next((float(s) for s in _SECONDS if span / s <= most), 0.0) or 86_400 * nice_step(span / 86_400, most)
        return [(v, duration(v)) for v in multiples(low, high, step)]
    step = nice_step(span, most)
    if axis == "steps" or (axis == "epochs" and span >= 2):
        step = max(1.0, step)
    values = multiples(low, high, step)
    return list(zip(values, labels(values, step), strict=True))
