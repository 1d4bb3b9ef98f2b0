"""Steps in, `Progress` events out: at most ten a second, however fast the steps are."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from rnnlab.runs.event_numbers import Number, number
from rnnlab.runs.events import Phase, Progress

WINDOW = 0.2
"""Seconds a `Progress` covers at least: the app reads four times a second."""
SIGN_OF_LIFE = 0.9
"""Seconds without a `Progress` after which one without steps is due."""
RATE_OVER = 3.0
"""Seconds over which the speed is measured."""
FETCH_EVERY = 16
"""Steps between two fetches of figures that lie on a device: each fetch waits for it."""


class _Clock(NamedTuple):
    """Times by phase, replaced as a whole, as another thread reads it."""

    phase: Phase
    since: float
    spent: float
    """Seconds before `since`, pauses left out."""
    stepping: float
    """Of those, seconds in which steps were made."""
    reason: str = ""
    """What keeps the run from continuing."""


class ProgressMeter:
    """Aggregates the steps of a run into windows.

    A window ends at the first step past `WINDOW` seconds. With `boundaries`, the steps at which the windows of a
    recorded run ended, it ends there instead, so that the same figures come out again. With `each` a window also holds
    rate and loss of each of its steps. `evaluations_left(step)` counts the evaluations still to come, for the estimate of
    the time left. `on_step(step, loss, norm)` is called for each step, once its figures are fetched or taken: for all steps of a
    window together, as the caches hold nothing of this after an update.
    """

    def __init__(
        self,
        steps_total: int,
        *,
        each: bool = False,
        evaluations_left: Callable[[int], float] = lambda _: 0.0,
        on_step: Callable[[int, float, float], None] = lambda *_: None,
        boundaries: Iterable[int] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.steps_total = steps_total
        self.clock = clock
        self.epoch = 0
        self.step = 0
        self.examples = 0
        self.lr = 0.0
        self.last_loss = 0.0
        """The loss fetched last from the device."""
        self._evaluations_left = evaluations_left
        self._on_step = on_step
        self._evaluations_done = 0
        self._boundaries = None if boundaries is None else iter(boundaries)
        self._next_boundary = self._following_boundary()
        self._clock = _Clock("training", clock(), 0.0, 0.0)
        self._waits_for = ""
        self._due_at = self._clock.since + WINDOW
        self._each = each
        self._rates: list[float] = []
        self._losses: list[float] = []
        self._norms: list[float] = []
        self._reported = 0
        """Of the window's losses and norms, those that `on_step` was called for."""
        self._pending: list[tuple[Tensor, Tensor]] = []
        self._speed: deque[tuple[float, int, int]] = deque([(0.0, 0, 0)])
        self._rate = self._step_rate = 0.0

    def add(self, epoch: int, step: int, sequences: int, lr: float, loss: float, norm: float) -> bool:
        """Note a step. Returns whether a window is complete: `take` it then."""
        self.epoch, self.step, self.lr = epoch, step, lr
        self.examples += sequences
        self._losses.append(loss)
        self._norms.append(norm)
        if self._each:
            self._rates.append(lr)
        return self._window_ends()

    def add_on_device(self, epoch: int, step: int, sequences: int, lr: float, loss: Tensor, norm: Tensor) -> bool:
        """As `add`, with figures on the device. Returns whether it is time to `fetch_losses`."""
        self.epoch, self.step, self.lr = epoch, step, lr
        self.examples += sequences
        self._pending.append((loss, norm))
        if self._each:
            self._rates.append(lr)
        return len(self._pending) >= FETCH_EVERY or self._window_ends()

    def fetch_losses(self) -> int | None:
        """Fetch the figures that lie on the device: the first step among them whose loss is not finite, if any.

        Steps after that one are forgotten.
        """
        diverged_at = self._fetch() if self._pending else None
        self._report()
        return diverged_at

    def _fetch(self) -> int | None:
        figures = torch.stack([torch.stack((loss, norm.to(loss.dtype))) for loss, norm in self._pending]).tolist()
        first = self.step - len(self._pending) + 1
        self._pending = []
        for offset, (loss, norm) in enumerate(figures):
            self._losses.append(loss)
            self._norms.append(norm)
            self.last_loss = loss
            if not math.isfinite(loss):
                self.step = first + offset
                return self.step
        return None

    def _report(self) -> None:
        count = len(self._losses)
        first = self.step - len(self._pending) - count + 1
        for index in range(self._reported, count):
            self._on_step(first + index, self._losses[index], self._norms[index])
        self._reported = count

    def due(self) -> bool:
        """Whether a window with steps in it ends now."""
        return bool(self._losses) and self._window_ends()

    def take(self) -> Progress:
        """The window up to now; the next one begins."""
        now = self.clock()
        self._due_at = now + WINDOW
        self._report()
        self._reported = 0
        if self.step == self._next_boundary:
            self._next_boundary = self._following_boundary()
        losses, norms, rates = self._losses, self._norms, self._rates[: len(self._losses)]
        self._losses, self._norms, self._rates = [], [], self._rates[len(self._losses) :]
        self._measure_speed(now)
        return self._progress(
            now,
            rates=tuple(rates),
            each=tuple(map(number, losses)) if self._each else (),
            steps=len(losses),
            loss=number(sum(losses) / len(losses)) if losses else None,
            loss_low=number(min(losses)) if losses else None,
            loss_high=number(max(losses)) if losses else None,
            grad_norm=number(sum(norms) / len(norms)) if norms else None,
        )

    def sign_of_life(self) -> Progress:
        """Where the run stands, without steps. Another thread may ask."""
        return self._progress(self.clock())

    def enter(self, phase: Phase, reason: str = "") -> None:
        """Note what the run does from now on; the clock of training stands still while it is paused.

        `reason` is what keeps it from continuing.
        """
        now = self.clock()
        clock = self._clock
        if clock.phase in ("evaluating", "saving") and phase == "training":
            self._evaluations_done += 1
        self._clock = _Clock(phase, now, self._spent(clock, now), self._stepping(clock, now), reason)
        self._waits_for = ""

    def waits_for(self, reason: str) -> None:
        """Note what will keep the run from continuing, once the update or evaluation under way is done.

        Another thread may say so; the clock itself is written by the one that trains.
        """
        self._waits_for = reason

    def state_dict(self) -> dict[str, Any]:
        """What was counted and how long it took; to be asked for between two windows, where no step is pending."""
        clock, now = self._clock, self.clock()
        return {
            "epoch": self.epoch,
            "step": self.step,
            "examples": self.examples,
            "lr": self.lr,
            "spent": self._spent(clock, now),
            "stepping": self._stepping(clock, now),
            "looks": self._evaluations_done,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Count on from a saved state; its time continues now."""
        self.epoch, self.step, self.examples, self.lr = (state[key] for key in ("epoch", "step", "examples", "lr"))
        self._evaluations_done = state["looks"]
        self._clock = _Clock("training", self.clock(), state["spent"], state["stepping"])
        self._due_at = self._clock.since + WINDOW
        self._speed = deque([(state["stepping"], self.examples, self.step)])

    @property
    def phase(self) -> Phase:
        """What the run does now."""
        return self._clock.phase

    @property
    def seconds(self) -> float:
        """Seconds since the run began, pauses left out."""
        return round(self._spent(self._clock, self.clock()), 4)

    @property
    def pending(self) -> bool:
        """Whether steps were made that no `Progress` holds."""
        return bool(self._losses or self._pending)

    @property
    def overall_rate(self) -> float:
        """Examples a second over the whole run, counting only the time in which steps were made."""
        stepping = self._stepping(self._clock, self.clock())
        return round(self.examples / stepping, 1) if stepping > 0 else 0.0

    def _window_ends(self) -> bool:
        if self._boundaries is not None:
            return self.step == self._next_boundary
        return self.clock() >= self._due_at

    def _following_boundary(self) -> int | None:
        return None if self._boundaries is None else next(self._boundaries, None)

    @staticmethod
    def _spent(clock: _Clock, now: float) -> float:
        return clock.spent if clock.phase == "paused" else clock.spent + now - clock.since

    @staticmethod
    def _stepping(clock: _Clock, now: float) -> float:
        return clock.stepping + now - clock.since if clock.phase == "training" else clock.stepping

    def _measure_speed(self, now: float) -> None:
        stepping = self._stepping(self._clock, now)
        speed = self._speed
        speed.append((stepping, self.examples, self.step))
        while len(speed) > 2 and stepping - speed[1][0] >= RATE_OVER:
            speed.popleft()
        seconds = stepping - speed[0][0]
        if seconds > 0:
            self._rate = (self.examples - speed[0][1]) / seconds
            self._step_rate = (self.step - speed[0][2]) / seconds

    def _eta(self, now: float) -> float | None:
        if self._step_rate <= 0:
            return None
        eta = max(0, self.steps_total - self.step) / self._step_rate
        if self._evaluations_done:
            evaluating = self._spent(self._clock, now) - self._stepping(self._clock, now)
            eta += self._evaluations_left(self.step) * evaluating / self._evaluations_done
        return round(eta, 2)

    def _progress(
        self, now: float, rates: tuple[float, ...] = (), each: tuple[Number, ...] = (), **figures: Number | None
    ) -> Progress:
        steps = figures.pop("steps", 0)
        clock = self._clock
        return Progress(
            phase=clock.phase,
            epoch=self.epoch,
            step=self.step,
            examples=self.examples,
            seconds=round(self._spent(clock, now), 4),
            steps=int(steps or 0),
            lr=self.lr,
            examples_per_second=round(self._rate, 1),
            eta=self._eta(now),
            reason=self._waits_for or clock.reason,
            rates=rates,
            losses=each,
            **figures,
        )
