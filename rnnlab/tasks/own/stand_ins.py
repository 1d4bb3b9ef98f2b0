"""Numbers that stand for a missing value, as `data.missing` names them."""

from __future__ import annotations

import math

from rnnlab.config.data import Data


def stand_ins(data: Data) -> tuple[float, ...]:
    """The numbers among the words of `data.missing`: -999 and 9999.9 of `-999,NA,9999.9`."""
    found = []
    for word in data.missing.split(","):
        try:
            value = float(word.strip().replace("\N{MINUS SIGN}", "-"))
        except ValueError:
            continue
        if math.isfinite(value):
            found.append(value)
    return tuple(found)
