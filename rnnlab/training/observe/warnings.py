"""What a practised eye would notice while a run trains: told once each, in plain words, with a remedy.

A false alarm is worse than silence. Each sign is one that the tests make happen in a real run and that stays away in the
runs of all tasks as they come; the thresholds stand here by name, with what was measured.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rnnlab.config import RunConfig, advice
from rnnlab.runs.events import DataSummary, Diagnosed, GradientFlow, Inspected, real
from rnnlab.runs.verdict import best_baseline
from rnnlab.text import numbers
from rnnlab.training.evaluation.evaluate import EvaluationResult
from rnnlab.training.observe.diagnosis import one_answer

ENOUGH_UPDATES = 200
"""Updates before anything is said of a net that does not learn."""
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
have been so at half of the looks: an Elman net that finds nothing wanders, with .0, .44, .0 and .8 in a row."""
LONG, LONG_FOR_GATES = 20, 100
"""Steps of a sequence from which on that is taken for the reason that nothing is learned. An LSTM before it has learned to keep
anything halves the gradient at each step too."""

GAP = 0.1
"""By how much the training figure must have drawn away from the validation figure since validation was best: of a share in
itself, of a number in errors of the best baseline. Then and now are means of `ENOUGH_LOOKS` evaluations each, with none in both:
the best single one of a hundred is a lucky one; and"""
WORSE = 0.03
"""how much worse, likewise, validation must have become, which is also more than `DOUBT` standard errors of the difference of two
shares of so many rows (see `Monitor._doubt`): sinusoids, with 30 rows, was called overfitting in 13 of 64 runs (16 seeds, four
kernels) where the best single evaluation and its error alone were asked, and in none so; of a number, of doubt unknown,"""
WORSE_NUMBER = 0.1
"""so much: sales (seed 1) wavered from .67 to .75 of the baseline's error for six looks, and then went on to .62; and"""
BETTER = 0.05
"""how much better training."""
DOUBT = 2.5
"""Standard errors: the best of many evaluations is compared with the last ones, and again after each of them."""


class Monitor:
    """Follows the figures of a run; `evaluated` says what there is to say after an evaluation, `diverged` at a loss that is
    no number. `add` is called at each update and does next to nothing.

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
        """Of each layer, at each look, the gradient by the first step as a share of the greatest; and how many steps it has."""
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
        """Note what a look into the net has shown."""
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
        """What there is to say now. `train` holds the figures gathered while the weights moved."""
        if train is None or not validation.finite:
            return
        self._looks += 1
        if self._looks == 1:
            self._first_look = train.loss
        self._follow(train, validation, epoch, step)
        for kind, told in (
            ("softmax", self._softmax_twice()),
            ("exploding", self._exploding(train)),
            ("rate-too-large", self._too_large(train)),
            ("rate-too-small", self._too_small(train)),
            ("one-class", self._one_answer(validation)),
            ("vanishing", self._vanishing(train, validation, step)),
            ("plateau", self._plateau(train, validation, step)),
            ("overfitting", self._overfitting()),
        ):
            if told is not None and kind not in self._said and not _explained(kind, self._said):
                self._said.append(kind)
                yield Diagnosed(kind=kind, message=told[0], remedy=told[1], epoch=epoch, step=step)
        self._highest = 0.0

    def launched(self, warning: str, *, epoch: int, step: int) -> Iterator[Diagnosed]:
        """What there is to say of how updates are launched on a device."""
        if warning and "graphs" not in self._said:
            self._said.append("graphs")
            yield Diagnosed(kind="graphs", message=warning, remedy=_OFF, epoch=epoch, step=step)

    def diverged(self, *, epoch: int, step: int) -> Iterator[Diagnosed]:
        """Why the loss became no number, as far as one can tell."""
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
        return {name: value for name, value in vars(self).items() if name not in _GIVEN}

    def load_state_dict(self, state: dict[str, Any]) -> None:
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
        self._one_class = self._one_class + 1 if one_answer(self._data, validation) else 0
        self._wild = self._wild + 1 if train.loss > WILD * self._chance else 0

    # What is said.

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

    def _one_answer(self, validation: EvaluationResult) -> tuple[str, str] | None:
        if self._updates < STUCK_UPDATES or self._one_class < STUCK_LOOKS:
            return None
        return (
            f"the net has answered {one_answer(self._data, validation)} for everything for {self._one_class} evaluations",
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
        sign = 1.0 if self._higher else -1.0
        baseline = best_baseline(self._data, "validation")
        size = 1.0 if self._higher else baseline[1] if baseline else 2.0 * abs(best)
        before, gap = max(0.0, sign * (best_train - best)), sign * (now_train - now)
        worse, better = sign * (best - now), sign * (now_train - best_train)
        enough_worse = (WORSE if self._higher else WORSE_NUMBER) * size
        if (
            gap - before < GAP * size
            or worse < enough_worse
            or better < BETTER * size
            or worse < self._doubt(best, now)
        ):
            return None
        shown, metric = numbers.figure, self._data.metric.replace("_", " ")
        return (
            f"overfitting: the gap between training and validation {metric} grew from {shown(before)} to {shown(gap)} "
            f"since epoch {epoch:.0f}, and validation went from {shown(best)} to {shown(now)}",
            advice.joined(
                "the best weights are kept",
                f"{advice.less_capacity(self._settings())} help",
                advice.stop_in_time(self._settings()),
            ),
        )

    def _means(self) -> list[float]:
        """Validation and training figure, means of the last evaluations."""
        return [sum(pair[place] for pair in self._lately) / len(self._lately) for place in (0, 1)]

    def _doubt(self, best: float, now: float) -> float:
        """How far two shares may be apart by the chance that picks the validation rows: `DOUBT` standard errors of their
        difference, as if each had rows of its own.

        A share p of n rows has √(p (1 - p) / n), with two right and two wrong rows added to those there are (Agresti and Coull
        1998), as 22 of 22 is not certain. A share that is a mean over classes has as many rows as its variance says, which the
        smallest class decides. Of numbers it is 0: how their errors spread is in no log, and the same rows err alike twice.
        """
        rows = self._rows()
        if not rows or not self._higher:
            return 0.0
        share = ((best + now) / 2 * rows + 2) / (rows + 4)
        return DOUBT * math.sqrt(2 * max(0.0, share * (1 - share)) / (rows + 4))

    def _rows(self) -> float:
        """Validation rows that the metric is a mean of; 0 where that is not known."""
        rows = self._data.rows.get("validation", 0)
        counts = [count for count in self._data.class_counts.get("validation", ()) if count]
        if self._data.metric in ("balanced_accuracy", "macro_f1") and counts:
            return len(counts) ** 2 / sum(1 / count for count in counts)
        return rows

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


def _explained(kind: str, said: Sequence[str]) -> bool:
    """Whether what was said already tells why, so that this would only repeat it."""
    because = {
        "plateau": ("softmax", "vanishing", "rate-too-small", "rate-too-large", "one-class"),
        "one-class": ("softmax", "vanishing", "plateau", "rate-too-small", "rate-too-large"),
        "vanishing": ("softmax", "plateau", "rate-too-small", "rate-too-large"),
        "rate-too-large": ("exploding",),
        "exploding": ("rate-too-large",),
    }
    return any(other in said for other in because.get(kind, ()))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
