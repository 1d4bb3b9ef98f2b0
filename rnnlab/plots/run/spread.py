"""Mean ± standard deviation as text."""

from __future__ import annotations

import math

from rnnlab.plots.run.figures import format_of, is_share
from rnnlab.runs.event_numbers import real
from rnnlab.runs.repeats import Spread
from rnnlab.text import numbers


def spread_text(spread: Spread, metric: str) -> str:
    """Mean ± standard deviation: `.825 ± .004`, `71.2 ± 1.5`; the mean alone where there is one value.

    A share has three decimals, any other figure two digits of its deviation.
    """
    mean = real(spread.mean)
    if spread.std is None:
        return format_of(metric)(mean)
    std = real(spread.std)
    if is_share(metric):
        return f"{numbers.probability(mean, 3)} ± {numbers.probability(std, 3)}"
    decimals = 1 - math.floor(math.log10(std)) if math.isfinite(std) and std > 0 else 9
    if decimals < 0 and abs(mean) < 1e9:
        return f"{numbers.whole(mean)} ± {numbers.whole(std)}"
    if not (0 <= decimals <= 6 and abs(mean) < 1e6):
        return f"{numbers.figure(mean)} ± {numbers.figure(std)}"
    return f"{_fixed(mean, decimals)} ± {_fixed(std, decimals)}"


def _fixed(value: float, decimals: int) -> str:
    """Without the zero before the point, as all figures are written here."""
    text = f"{value:.{decimals}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
