"""Learning-rate schedule: a shape, times a rate that a person may set while the run trains."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rnnlab.config import UsageError
from rnnlab.config.optim import Optim


@dataclass
class ScheduleState:
    """All that a schedule remembers, in numbers that JSON holds; everything else follows from configuration and step."""

    base: float
    """What the shape is multiplied with: `optim.lr` until a person sets a rate."""
    share: float = 1.0
    """Of a plateau: the product of the falls so far."""
    best: float | None = None
    """Of a plateau: the best validation loss so far."""
    waited: int = 0
    """Of a plateau: evaluations in a row without a better one."""
    cooling: int = 0
    """Of a plateau: evaluations still to come that do not count."""


class Schedule:
    """The rate of each update: `state.base` times a shape of the schedule's name, with `optim.warmup` updates in front.

    `total` is the number of updates planned, `steps_per_epoch` those of an epoch. While warming up the rate rises in a
    line, ending at the rate the schedule begins with; the schedule then has the updates that are left.
    """

    def __init__(self, optim: Optim, total: int, steps_per_epoch: int) -> None:
        self.state = ScheduleState(optim.lr)
        self._optim = optim
        # Rprop reads the rate once, before the first update.
        self._name = "constant" if optim.name == "rprop" else optim.schedule
        self._warmup = 0 if optim.name == "rprop" or optim.schedule == "range" else optim.warmup
        self.total = total
        """May be changed while the run trains: the rate is then what it would be had that been planned from the start."""
        self._epoch = steps_per_epoch
        shapes: dict[str, Callable[[int], float]] = {
            "step": self._step,
            "exponential": self._exponential,
            "cosine": self._cosine,
            "one-cycle": self._one_cycle,
            "plateau": lambda _: self.state.share,
            "range": self._range,
        }
        self._shape = shapes.get(self._name)

    def at(self, step: int) -> float:
        """The rate of the update that follows `step` updates."""
        if self._shape is None and step >= self._warmup:
            return self.state.base
        return self.state.base * self._share(step)

    def set(self, step: int, lr: float) -> None:
        """Make `lr` the rate after `step` updates; the schedule continues from there in the same shape.

        Raises `UsageError` for an optimiser that ignores it.
        """
        if self._optim.name == "rprop":
            raise UsageError("Rprop looks at optim.lr before the first update only; its step sizes go their own way")
        self.state.base = lr / self._share(step)

    def after_evaluation(self, step: int, loss: float) -> None:
        """Take account of the validation loss after `step` updates: a plateau lowers the rate where it has not improved."""
        if self._name != "plateau" or step < self._warmup:
            return
        state, optim = self.state, self._optim
        if state.best is None or loss < state.best * (1.0 - optim.threshold):
            state.best, state.waited = loss, 0
        else:
            state.waited += 1
        if state.cooling:
            state.cooling -= 1
            state.waited = 0
        if state.waited > optim.wait:
            state.cooling, state.waited = optim.cooldown, 0
            lowered = max(state.share * optim.factor, optim.lr_min / state.base)
            state.share = min(state.share, lowered)

    def state_dict(self) -> dict[str, Any]:
        """Plain numbers by name, for `load_state_dict`."""
        return asdict(self.state)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a saved state."""
        self.state = ScheduleState(**state)

    def _share(self, step: int) -> float:
        """The rate over `state.base`; never zero."""
        if step < self._warmup:
            share = (step + 1) / self._warmup
            return share if self._shape is None else share * self._shape(0)
        if self._shape is None:
            return 1.0
        return max(self._shape(min(step - self._warmup, self._steps - 1)), sys.float_info.min)

    @property
    def _steps(self) -> int:
        """Updates that are left for the schedule behind the warm-up."""
        return max(1, self.total - self._warmup)

    def _step(self, step: int) -> float:
        share: float = self._optim.factor ** (step // (self._epoch * self._optim.step_epochs))
        return share

    def _exponential(self, step: int) -> float:
        """A factor an epoch, in equal parts at each update."""
        share: float = self._optim.decay ** (step / self._epoch)
        return share

    def _cosine(self, step: int) -> float:
        """Half a cosine: ½(1 + cos(π · step / total)) (Loshchilov and Hutter 2017, SGDR, without restarts).

        It reaches the least rate where the update after the last would be.
        """
        share = 0.5 * (1.0 + math.cos(math.pi * step / self._steps))
        if self._optim.lr_min:
            floor = self._optim.lr_min / self._optim.lr
            share = floor + (1.0 - floor) * share
        return share

    def _range(self, step: int) -> float:
        """By a constant factor from update to update, from `lr_from` to `lr_to` (Smith 2017, Cyclical learning rates)."""
        low, high = self._optim.lr_from, self._optim.lr_to
        share: float = low / self._optim.lr * (high / low) ** (step / max(1, self._steps - 1))
        return share

    def _one_cycle(self, step: int) -> float:
        """Up along half a cosine and down along another (Smith and Topin 2018, Super-convergence).

        It is PyTorch's OneCycleLR, of the rate alone; momentum stays what it is.
        """
        first = 1.0 / self._optim.div_factor
        last = first / self._optim.final_div
        top, end = self._optim.rise * self._steps - 1.0, self._steps - 1.0
        if step <= top:
            return _between(first, 1.0, step / top if top > 0 else 1.0)
        return _between(1.0, last, (step - top) / (end - top))


def _between(start: float, end: float, share: float) -> float:
    """From `start` to `end` along half a cosine."""
    return end + (start - end) / 2.0 * (1.0 + math.cos(math.pi * share))
