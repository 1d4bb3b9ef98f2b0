"""Warnings while a run trains: each is given once, in a sentence, with a remedy.

A false alarm is worse than silence. Each sign is one that the tests make happen in a real run and that stays away in the
runs of all tasks as they come; the thresholds stand here by name, with what was measured.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rnnlab.config import RunConfig, advice
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Diagnosed, GradientFlow, Inspected
from rnnlab.runs.verdict import best_baseline
from rnnlab.text import numbers
from rnnlab.training.evaluation.evaluate import EvaluationResult
from rnnlab.training.observe.diagnosis import only_class
from rnnlab.training.observe.overfitting import Figures, overfitting

ENOUGH_UPDATES = 200
"""Updates before a warning about a net that does not learn."""
ENOUGH_LOOKS = 3
"""Evaluations in a row that must show it."""

STUCK_UPDATES = 2000
"""Updates, and `STUCK_LOOKS` evaluations, in which the training loss must not have fallen by `FALL` for a plateau."""
STUCK_LOOKS = 8
FALL = 0.01
NEAR_CHANCE = 0.85
"""A net is stuck only where the training loss is still above this share of that of the first evaluation."""

WILD = 1.5
"""A training loss so many times that of a net that knows nothing is worse than not to learn: over `ENOUGH_LOOKS` evaluations, or
after one that was"""
JUMP = 3.0
"""so many times lower."""
FAR = 0.3
"""‖Δw‖ / ‖w‖ of an update beyond which nothing that was learned can stay. Adam at the usual rates: .002 to .03."""

EXPLODED = 100.0
"""A gradient has exploded when its norm is so many times the typical one (the geometric mean of the updates before, of which
there must be `CALM`). Up to 30 times is ordinary without clipping, and 126 was seen once that did no harm."""
CALM = 20
HARM = 1.5
"""The training loss after it, over its lowest: a gradient that is clipped does none."""

STANDSTILL = 1e-4
"""‖Δw‖ / ‖w‖ of an update below which 10,000 updates are needed to change the weights altogether."""
BARELY = 0.05
"""The share of the first loss that must have gone for a net to count as moving."""

FADED = 1e-6
"""∂L/∂h of the first step as a share of the greatest, below which the beginning of a sequence cannot be learned from. It must
have been so at half of the inspections: an Elman net that finds nothing wanders, with .0, .44, .0 and .8 in a row."""
LONG, LONG_FOR_GATES = 20, 100
"""Steps of a sequence from which on that is taken for the reason that nothing is learned. An LSTM before it has learned to keep
anything halves the gradient at each step too."""


class Monitor:
    """Follows the figures of a run, and warns.

    `evaluated` gives the warnings due after an evaluation, `diverged` those at a loss that is not finite. `add` is called at
    each update and does next to nothing.

    `softmax`: whether the net ends in one although the loss is a cross-entropy. `settings` gives the settings in force, those
    changed while it trains among them: nothing is advised that is set already.
    """

    def __init__(
        self, data: DataSummary, *, softmax: bool = False, settings: Callable[[], RunConfig] = RunConfig
    ) -> None:
        self._data = data
        self._softmax = softmax
        self._settings = settings
        self._higher = data.higher_is_better
        self._said: list[str] = []
        self._chance = math.log(max(2, data.outputs)) if data.problem.endswith("classification") else 1.0
        """About the loss of a net that knows nothing: no less than log(classes), or the variance of scaled numbers; and no less
        than that of the first update."""
        self._first_look = math.inf
        """The training loss of the first evaluation."""
        self._updates = 0
        self._log_norms = 0.0
        self._counted = 0
        self._highest = 0.0
        """The greatest norm since the last evaluation; after which update, and what was typical then."""
        self._highest_at = 0
        self._typical_then = 0.0
        self._lowest: float | None = None
        """The lowest training loss of an evaluation, where that was, and where it last fell by more than `FALL`."""
        self._lowest_epoch = 0
        self._fell_at = 0
        self._looks_since = 0
        self._fell_to = math.inf
        self._looks = 0
        self._best: list[float] = []
        """Validation and training figure, means of `ENOUGH_LOOKS` evaluations, where validation was best, and the epoch in the
        middle of them."""
        self._since_best = 0
        """Evaluations after the last of those."""
        self._lately: list[list[float]] = []
        """Validation and training figure of the last `ENOUGH_LOOKS` evaluations, and their epochs."""
        self._one_class = 0
        self._wild = 0
        self._moved: dict[str, float] = {}
        self._left: dict[str, list[float]] = {}
        """Of each layer, at each inspection, the gradient by the first step as a share of the greatest; and its steps."""
        self._steps: dict[str, int] = {}

    @property
    def reported(self) -> Sequence[str]:
        """The kinds of warnings given so far."""
        return self._said

    def add(self, step: int, loss: float, norm: float) -> None:
        """Note an update: its loss and the norm of its gradient."""
        if not self._updates and self._chance < loss < math.inf:
            self._chance = loss
        self._updates += 1
        if 0.0 < norm < math.inf:
            if norm > self._highest:
                self._highest, self._highest_at = norm, step
                self._typical_then = self._typical
            self._log_norms += math.log(norm)
            self._counted += 1

    def inspected(self, event: Inspected | GradientFlow) -> None:
        """Note the result of an inspection of the gradients."""
        if isinstance(event, Inspected):
            self._moved = {layer.name: real(layer.moved) for layer in event.layers if layer.moved is not None}
        else:
            norms = [real(norm) for norm in event.norms]
            greatest = max(norms, default=0.0)
            self._steps[event.layer] = len(norms)
            self._left.setdefault(event.layer, []).append(norms[0] / greatest if greatest > 0 else math.inf)

    def evaluated(
        self, train: EvaluationResult | None, validation: EvaluationResult, *, epoch: int, step: int
    ) -> Iterator[Diagnosed]:
        """The warnings due now. `train` holds the figures gathered while the weights moved."""
        if train is None or not validation.finite:
            return
        self._looks += 1
        if self._looks == 1:
            self._first_look = train.loss
        self._follow(train, validation, epoch, step)
        for kind, warning in (
            ("softmax", self._softmax_twice()),
            ("exploding", self._exploding(train)),
            ("rate-too-large", self._too_large(train)),
            ("rate-too-small", self._too_small(train)),
            ("one-class", self._one_class_only(validation)),
            ("vanishing", self._vanishing(train, validation, step)),
            ("plateau", self._plateau(train, validation, step)),
            ("overfitting", self._overfitting()),
        ):
            if warning is not None and kind not in self._said and not _explained(kind, self._said):
                self._said.append(kind)
                yield Diagnosed(kind=kind, message=warning[0], remedy=warning[1], epoch=epoch, step=step)
        self._highest = 0.0

    def launched(self, warning: str, *, epoch: int, step: int) -> Iterator[Diagnosed]:
        """The warning about how updates are launched on a device, if any."""
        if warning and "graphs" not in self._said:
            self._said.append("graphs")
            yield Diagnosed(kind="graphs", message=warning, remedy=_OFF, epoch=epoch, step=step)

    def diverged(self, *, epoch: int, step: int) -> Iterator[Diagnosed]:
        """The likely reason why the loss is not finite."""
        if "exploding" in self._said or "rate-too-large" in self._said:
            return
        if self._typical_then and self._highest > EXPLODED * self._typical_then and not self._clipped:
            message = (
                f"exploding gradients: the gradient's norm rose to {numbers.figure(self._highest)} at update "
                f"{self._highest_at:,}, and the loss then became no number"
            )
            yield Diagnosed(
                kind="exploding",
                epoch=epoch,
                step=step,
                message=message,
                remedy=advice.against_explosions(self._settings()),
            )
        else:
            message = "the learning rate is too large: the loss became no number, and no single gradient was out of the ordinary"
            yield Diagnosed(
                kind="rate-too-large",
                epoch=epoch,
                step=step,
                message=message,
                remedy=advice.smaller_rate(self._settings()),
            )

    def state_dict(self) -> dict[str, Any]:
        """All that was followed so far."""
        return {name: value for name, value in vars(self).items() if name not in _GIVEN}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Follow on from a saved state."""
        vars(self).update(state)

    # What is followed.

    @property
    def _typical(self) -> float:
        """The geometric mean of the norms so far; 0 where there were too few to tell."""
        return math.exp(self._log_norms / self._counted) if self._counted >= CALM else 0.0

    def _follow(self, train: EvaluationResult, validation: EvaluationResult, epoch: int, step: int) -> None:
        if train.loss < (1 - FALL) * self._fell_to:
            self._fell_to, self._fell_at, self._looks_since = train.loss, step, 0
        else:
            self._looks_since += 1
        if self._lowest is None or train.loss < self._lowest:
            self._lowest, self._lowest_epoch = train.loss, epoch
        metric = self._data.metric
        pair = [validation.metrics.get(metric, math.nan), train.metrics.get(metric, math.nan), float(epoch)]
        self._lately = [*self._lately, pair][-ENOUGH_LOOKS:]
        self._since_best += 1
        if len(self._lately) == ENOUGH_LOOKS:
            now = self._means()
            if not self._best or (now[0] > self._best[0] if self._higher else now[0] < self._best[0]):
                self._best, self._since_best = [*now, self._lately[ENOUGH_LOOKS // 2][2]], 0
        self._one_class = self._one_class + 1 if only_class(self._data, validation) else 0
        self._wild = self._wild + 1 if train.loss > WILD * self._chance else 0

    # The warnings.

    def _softmax_twice(self) -> tuple[str, str] | None:
        if not self._softmax:
            return None
        return (
            "softmax before cross-entropy: the net's answers are probabilities already, and the loss makes probabilities of them "
            "once more, so even a sure answer costs and the gradient stays small",
            "model.head_activation = none: cross-entropy wants the raw answers",
        )

    def _exploding(self, train: EvaluationResult) -> tuple[str, str] | None:
        typical = self._typical_then
        if not typical or self._highest < EXPLODED * typical or self._clipped:
            return None
        if self._lowest is None or train.loss < HARM * self._lowest:
            return None  # it did no harm
        return (
            f"exploding gradients: the gradient's norm was {numbers.figure(self._highest)} at update {self._highest_at:,}, where "
            f"{numbers.figure(typical)} is usual, and the training loss rose from {numbers.figure(self._lowest)} to "
            f"{numbers.figure(train.loss)}",
            advice.against_explosions(self._settings()),
        )

    def _too_large(self, train: EvaluationResult) -> tuple[str, str] | None:
        assert self._lowest is not None
        far = max(self._moved.values(), default=0.0)
        if self._wild and train.loss > JUMP * self._lowest:
            return (
                f"the learning rate is too large: the training loss jumped from {numbers.figure(self._lowest)} in epoch "
                f"{self._lowest_epoch} to {numbers.figure(train.loss)}",
                advice.smaller_rate(self._settings()),
            )
        if self._wild >= ENOUGH_LOOKS:
            return (
                f"the learning rate is too large: the training loss is {numbers.figure(train.loss)}, where a "
                f"net that knows nothing has {numbers.figure(self._chance)}",
                advice.smaller_rate(self._settings()),
            )
        if far > FAR and self._updates >= 100 and train.loss > NEAR_CHANCE * self._chance:
            return (
                f"the learning rate is too large: one update moves the weights by {_percent(far)} of their size, and what was "
                "learned before is lost",
                advice.smaller_rate(self._settings()),
            )
        return None

    def _too_small(self, train: EvaluationResult) -> tuple[str, str] | None:
        far = max(self._moved.values(), default=math.inf)
        first = self._first_look
        if self._updates < ENOUGH_UPDATES or self._looks < ENOUGH_LOOKS or far > STANDSTILL:
            return None
        if train.loss < (1 - BARELY) * first:
            return None
        return (
            f"the learning rate is too small: after {self._updates:,} updates the training loss is still "
            f"{numbers.figure(train.loss)}, from {numbers.figure(first)} in the first epoch, and an update moves the weights by "
            f"{numbers.figure(far)} of their size",
            "a larger optim.lr: ten times as large, and again as long as it helps",
        )

    def _one_class_only(self, validation: EvaluationResult) -> tuple[str, str] | None:
        if self._updates < STUCK_UPDATES or self._one_class < STUCK_LOOKS:
            return None
        return (
            f"the net has answered {only_class(self._data, validation)} for everything for {self._one_class} evaluations",
            advice.joined("another optim.lr, ten times as large or as small", advice.balance(self._settings())),
        )

    def _vanishing(self, train: EvaluationResult, validation: EvaluationResult, step: int) -> tuple[str, str] | None:
        if not self._stuck(train, validation, step):
            return None
        for layer, left in self._left.items():
            steps, keeps = self._steps[layer], layer.startswith(_KEEPING)
            if steps >= (LONG_FOR_GATES if keeps else LONG) and statistics.median_low(left) < FADED:
                return (
                    f"vanishing gradient: in {layer} the gradient by the first of {steps} steps is mostly less than a millionth "
                    "of the greatest, so little can be learned from how a sequence begins, and the training loss has not fallen "
                    f"for {self._looks_since} evaluations",
                    advice.longer_memory(self._settings(), gated=keeps),
                )
        return None

    def _plateau(self, train: EvaluationResult, validation: EvaluationResult, step: int) -> tuple[str, str] | None:
        if not self._stuck(train, validation, step):
            return None
        return (
            f"plateau: the training loss has not fallen for {step - self._fell_at:,} updates; it is {numbers.figure(train.loss)} "
            f"and was {numbers.figure(self._first_look)} at first",
            f"another optim.lr, three times as large or as small; {advice.other_net(self._settings())}; where that changes "
            "nothing, the inputs may not tell the answer",
        )

    def _stuck(self, train: EvaluationResult, validation: EvaluationResult, step: int) -> bool:
        """Whether nothing is learned, has not been for long, and little had been before."""
        if self._looks_since < STUCK_LOOKS or step - self._fell_at < STUCK_UPDATES:
            return False
        if train.loss < NEAR_CHANCE * self._first_look:
            return False
        baseline = best_baseline(self._data, "validation")
        score = validation.metrics.get(self._data.metric)
        if baseline is None or score is None:
            return True
        return score <= baseline[1] + 0.02 if self._higher else score >= 0.98 * baseline[1]

    def _overfitting(self) -> tuple[str, str] | None:
        if not self._best or self._since_best < ENOUGH_LOOKS:
            return None
        best, best_train, epoch = self._best
        now, now_train = self._means()
        found = overfitting(self._data, Figures(best, best_train), Figures(now, now_train), epoch)
        if found is None:
            return None
        settings = self._settings()
        return found, advice.joined(
            "the best weights are kept", f"{advice.less_capacity(settings)} help", advice.stop_in_time(settings)
        )

    def _means(self) -> list[float]:
        """Validation and training figure, means of the last evaluations."""
        return [sum(pair[index] for pair in self._lately) / len(self._lately) for index in (0, 1)]

    @property
    def _clipped(self) -> bool:
        """Whether gradients are cut, so that they cannot explode."""
        config = self._settings()
        cut = ("optim.clip_norm", "optim.clip_value")
        return any(config.applies(key) and config.get(key) is not None for key in cut)


_KEEPING = ("lstm", "gru")
_GIVEN = ("_data", "_softmax", "_settings", "_higher")
"""What a monitor is made with; the rest is what it has seen."""
_OFF = "the numbers are the same; runtime.graphs = off does not try"


def _explained(kind: str, reported: Sequence[str]) -> bool:
    """Whether a warning given before says why, so that this one would only repeat it."""
    because = {
        "plateau": ("softmax", "vanishing", "rate-too-small", "rate-too-large", "one-class"),
        "one-class": ("softmax", "vanishing", "plateau", "rate-too-small", "rate-too-large"),
        "vanishing": ("softmax", "plateau", "rate-too-small", "rate-too-large"),
        "rate-too-large": ("exploding",),
        "exploding": ("rate-too-large",),
    }
    return any(other in reported for other in because.get(kind, ()))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
