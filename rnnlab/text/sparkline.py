"""A curve in one line of text: ▁▂▄▆█."""

from __future__ import annotations

import math
from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int, *, low: float | None = None, high: float | None = None) -> str:
    """The values as blocks of different height, in at most `width` characters.

    Each is the value furthest from the mean of its share of them, so that a spike shows; what is not finite is a blank. `low`
    and `high` fix the extent, which else is that of the values.
    """
    if width <= 0 or not values:
        return ""
    finite = [value / 2 for value in values if math.isfinite(value)]
    if not finite:
        return " " * min(width, len(values))
    # Halved, so that the extent of the largest floats is a float too.
    least = min(finite) if low is None else low / 2
    most = max(finite) if high is None else high / 2
    mean = sum(value / len(finite) for value in finite)
    count = min(width, len(values))
    blocks = []
    for index in range(count):
        part = values[index * len(values) // count : (index + 1) * len(values) // count]
        sound = [value / 2 for value in part if math.isfinite(value)]
        if not sound:
            blocks.append(" ")
            continue
        value = max(sound, key=lambda v: abs(v - mean))
        share = (value - least) / (most - least) if most > least else 0.5
        blocks.append(_BLOCKS[min(7, max(0, int(share * 8)))])
    return "".join(blocks)
