"""A learning-rate range test (Smith 2017, Cyclical learning rates, section 3.3): what rates did to the loss, and which to take.

The rate grows by a constant factor from update to update. At first nothing happens, then the loss falls, then it blows up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_SMOOTHING = 0.9
"""The weight of the past in the average that is read instead of single batches' losses."""
_BLOWN_UP = 4.0
"""Times the least average: past this there is nothing more to see."""
FEWEST = 20
"""Updates, below which no rate is suggested."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Rates by what the loss did there: `steepest`, where it fell fastest; `lowest`, where it was least; `suggested`."""

    steepest: float
    lowest: float
    suggested: float
    text: str


class RangeTest:
    """Gathers the updates of a test, in order."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.losses: list[float] = []
        """Averaged."""
        self.blown_up = False
        """Whether the loss is far above its least, so that larger rates need not be tried."""
        self._mean = 0.0
        self._least = math.inf

    def add(self, rates: Sequence[float], losses: Sequence[float]) -> None:
        """Add the updates' rates and losses, in the order of the updates."""
        for rate, loss in zip(rates, losses, strict=True):
            if self.blown_up:
                return
            if not math.isfinite(loss):
                self.blown_up = True
                return
            self._mean = _SMOOTHING * self._mean + (1.0 - _SMOOTHING) * loss
            average = self._mean / (1.0 - _SMOOTHING ** (len(self.losses) + 1))
            self.rates.append(rate)
            self.losses.append(average)
            self._least = min(self._least, average)
            self.blown_up = len(self.losses) >= FEWEST and average > _BLOWN_UP * self._least

    def advice(self) -> Advice | None:
        """Which rate to take; None where the loss never fell.

        Two rules of thumb, of which the more careful one counts: where the loss fell fastest, and a tenth of the rate at
        which it was least.
        """
        rates, losses = self.rates, self.losses
        if len(losses) < FEWEST:
            return None
        reach = max(2, len(losses) // 25)
        bottom = min(range(len(losses)), key=losses.__getitem__)
        falls = [
            (losses[i + reach] - losses[i - reach], i) for i in range(reach, min(bottom, len(losses) - reach - 1) + 1)
        ]
        if not falls or min(falls)[0] >= 0 or losses[bottom] > 0.98 * max(losses[: bottom + 1]):
            return None
        steepest, lowest = rates[min(falls)[1]], rates[bottom]
        suggested = _round(min(steepest, lowest / 10.0))
        text = f"the loss fell fastest at a rate of {steepest:.2g} and was least at {lowest:.2g}"
        if self.blown_up:
            text += f", then blew up by {rates[-1]:.2g}"
        return Advice(steepest, lowest, suggested, f"{text}; try optim.lr = {suggested:g}")

    def text(self) -> str:
        """What the test found, in a sentence."""
        advice = self.advice()
        if advice is not None:
            return advice.text
        if len(self.losses) < FEWEST:
            return f"too few updates to suggest a rate: {len(self.losses)} of at least {FEWEST}"
        return "the loss fell at none of these rates; try others (optim.lr_from, optim.lr_to) or more updates"


def _round(rate: float) -> float:
    """To 1, 2, 3 or 5 times a power of ten, downwards."""
    power = 10.0 ** math.floor(math.log10(rate) + 1e-9)
    digit = max(d for d in (1, 2, 3, 5) if d <= rate / power * (1 + 1e-9))
    return float(f"{digit * power:.1g}")
