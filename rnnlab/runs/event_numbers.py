"""Numbers as a log holds them: bounded, and with NaN and the infinities as strings, which JSON does not have."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from msgspec import Meta

LARGEST = 1e100
"""The largest number in an event; what is larger is written as infinite. A log from a stranger must not overflow a plot."""

Count = Annotated[int, Meta(ge=0, le=2**53)]
Real = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Seconds = Annotated[float, Meta(ge=-1e11, le=1e11)]
"""A time or a duration that a calendar can show."""
Number = Real | Literal["nan", "inf", "-inf"]
Confusion = tuple[tuple[Count, ...], ...]
ConfigValue = bool | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | Real | str | tuple[int | Real | str, ...] | None


def number(value: float) -> Number:
    """`value` as it may stand in JSON."""
    if abs(value) <= LARGEST:
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def real(value: Number) -> float:
    """The float that a `Number` stands for."""
    return float(value)
