"""Evaluation of a part of the split: loss, metrics, confusion, and a few samples with their predictions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnnlab.runs.event_numbers import Number, number
from rnnlab.runs.events import Evaluated, Forecast, Sample, SubsetName
from rnnlab.tasks.encoding.spell import spell
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset
from rnnlab.training.data.batches import Batch, Batches, SharedBatch
from rnnlab.training.evaluation.collect import PredictionCollector
from rnnlab.training.evaluation.metrics import ClassScores, NumberScores, Scores
from rnnlab.training.step.loss import NOT_ASKED, Objective

BATCH = 256
"""Sequences evaluated together: enough to be quick, few enough that a command is executed within half a second."""
CONFUSION_UP_TO = 200
"""Classes; beyond, the matrix is more than a screen or a log should hold."""
SAMPLES = 8
NEAR = 0.01
"""A number is counted as right in a sample when it is off by at most this share of the range of the training targets."""
_FOLD = 4096
"""Sequences whose outputs are kept as tensors until they are counted together."""
_FOLD_NUMBERS = 2**22
"""Numbers kept so, at most: outputs at each of many steps are large."""


@dataclass(frozen=True)
class EvaluationResult:
    """Result of an evaluation: mean loss, metrics by name, and of classes counts[target][prediction]."""

    loss: float
    metrics: dict[str, float]
    confusion: tuple[tuple[int, ...], ...] | None = None
    samples: tuple[Sample, ...] = ()

    @property
    def finite(self) -> bool:
        """Whether the loss is neither infinite nor nan."""
        return math.isfinite(self.loss)

    @property
    def figures(self) -> dict[str, Number]:
        """The metrics and the loss, as they stand in events."""
        return {"loss": number(self.loss), **self.numbers}

    @property
    def numbers(self) -> dict[str, Number]:
        """The metrics as they stand in events."""
        return {name: number(value) for name, value in self.metrics.items()}

    def event(
        self,
        split: SubsetName,
        *,
        epoch: int,
        step: int,
        seconds: float,
        forecast: Forecast | None = None,
        part: str = "",
        running: bool = False,
        final: bool = False,
        best: bool = False,
    ) -> Evaluated:
        """As it is recorded; the last arguments as `Evaluated` has them."""
        return Evaluated(
            split=split,
            epoch=epoch,
            step=step,
            seconds=seconds,
            loss=number(self.loss),
            metrics=self.numbers,
            confusion=self.confusion,
            samples=self.samples,
            forecast=forecast,
            extra_test=part,
            running=running,
            final=final,
            best=best,
        )


def empty_scores(objective: Objective) -> Scores:
    """The metrics of the task, of nothing yet."""
    if objective.classification:
        return ClassScores(objective.outputs, objective.step_kinds, plain_loss=not objective.cross_entropy)
    return NumberScores(objective.outputs, objective.scale, objective.offset)


def _result(loss: float, scores: Scores, samples: tuple[Sample, ...] = ()) -> EvaluationResult:
    confusion = None
    if isinstance(scores, ClassScores) and scores.classes <= CONFUSION_UP_TO:
        confusion = tuple(tuple(row) for row in scores.confusion.tolist())
    return EvaluationResult(loss, scores.metrics(), confusion, samples)


_Outputs = tuple[Tensor, Tensor, Tensor | None]
"""Raw outputs, targets, and the kinds of the steps."""
_OUTPUTS = ("outputs", "targets", "marks")


def _joined(objective: Objective, batches: Sequence[_Outputs]) -> _Outputs:
    """All of it as one, on the host; outputs at each step as one sequence of all steps."""
    outputs, targets, step_kinds = zip(*batches, strict=True)
    if not objective.per_step:
        return torch.cat(outputs).cpu(), torch.cat(targets).cpu(), None
    steps = torch.cat([each.flatten(0, 1) for each in outputs]).cpu()
    kinds = [each.flatten() for each in step_kinds if each is not None]
    return (
        steps[None],
        torch.cat([each.flatten() for each in targets]).cpu()[None],
        torch.cat(kinds).cpu()[None] if kinds else None,
    )


def _count(scores: Scores, objective: Objective, batches: Sequence[_Outputs]) -> None:
    """Add raw outputs to the metrics."""
    outputs, targets, step_kinds = _joined(objective, batches)
    if isinstance(scores, NumberScores) or not objective.per_step:
        scores.add(outputs.numpy(), targets.numpy())
    else:
        scores.add(outputs[0].numpy(), targets[0].numpy(), None if step_kinds is None else step_kinds[0].numpy())


class RunningScores:
    """Training figures from the outputs of the updates, while the weights move.

    A step costs two appends here; the counting is done for thousands of sequences at once.
    """

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._taken: tuple[Scores, float, int] | None = None
        self._most = _FOLD_NUMBERS if objective.per_step else min(_FOLD_NUMBERS, _FOLD * objective.outputs)
        self._restart()

    def add(self, outputs: Tensor, batch: Batch, loss: float | Tensor) -> None:
        """Note one step: its raw outputs, detached, and its mean loss."""
        self._uncounted.append((outputs, batch.targets, batch.step_kinds))
        self._losses.append((loss, len(batch)))
        self._held += outputs.numel()
        if self._held >= self._most:
            self._fold()

    def take(self) -> EvaluationResult | None:
        """The figures since the last call; None where there was no update.

        The loss is the mean of the updates' losses, each weighted by its sequences.
        """
        if self._uncounted:
            self._fold()
        if not self._counted:
            return None
        result = _result(self._total / self._counted, self._scores)
        self._taken = self._scores, self._total, self._counted
        self._restart()
        return result

    def put_back(self) -> None:
        """Undo the last `take`, since which there was no step."""
        if self._taken is not None:
            self._scores, self._total, self._counted = self._taken
            self._taken = None

    def _restart(self) -> None:
        self._scores = empty_scores(self._objective)
        self._total = 0.0
        self._counted = 0
        self._empty()

    def _empty(self) -> None:
        self._uncounted: list[_Outputs] = []
        self._losses: list[tuple[float | Tensor, int]] = []
        """The mean loss of each update, and its sequences."""
        self._held = 0
        """Numbers in the outputs not counted yet."""

    def state_dict(self) -> dict[str, Any]:
        """The figures gathered so far, and the outputs not counted yet: together they are counted as they would have been."""
        losses = [loss for loss, _ in self._losses]
        on_device = bool(losses) and isinstance(losses[0], Tensor)
        joined = _joined(self._objective, self._uncounted) if self._uncounted else None
        return {
            "scores": self._scores.state_dict(),
            "total": self._total,
            "counted": self._counted,
            "losses": torch.stack(losses) if on_device else np.array(losses, np.float64),  # type: ignore[arg-type]
            "rows": np.array([sequences for _, sequences in self._losses], np.int64),
            "held": self._held,
            "answered": joined and dict(zip(_OUTPUTS, joined, strict=True)),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Count on from a saved state; its tensors must lie on the run's device."""
        self._scores.load_state_dict(state["scores"])
        self._total, self._counted, self._held = state["total"], state["counted"], state["held"]
        losses = state["losses"]
        losses = list(losses.unbind()) if isinstance(losses, Tensor) else losses.tolist()
        self._losses = list(zip(losses, state["rows"].tolist(), strict=True))
        uncounted = state["answered"]
        self._uncounted = [tuple(uncounted[name] for name in _OUTPUTS)] if uncounted else []

    def _fold(self) -> None:
        _count(self._scores, self._objective, self._uncounted)
        each: tuple[Any, ...]
        each, sequences = zip(*self._losses, strict=True)
        losses = torch.stack(each).tolist() if isinstance(each[0], Tensor) else each
        for loss, count in zip(losses, sequences, strict=True):
            self._total += float(loss) * count
        self._counted += sum(sequences)
        self._empty()


class MetricAccumulator:
    """Metrics of one evaluation, accumulated batch by batch.

    `sampled` are the sequences that become samples, by `sample(index, its raw outputs on the host)`; `collector` is where the
    predictions of each row go, too.
    """

    def __init__(
        self,
        objective: Objective,
        sampled: Sequence[int] = (),
        sample: Callable[[int, Tensor], Sample] | None = None,
        collector: PredictionCollector | None = None,
    ) -> None:
        self._objective = objective
        self._scores = empty_scores(objective)
        self._total = 0.0
        self._weight = 0.0
        self._sampled = sampled
        self._sample = sample
        self._outputs: dict[int, Tensor] = {}
        self._collector = collector

    @torch.inference_mode()
    def add(self, net: nn.Module, batch: Batch | SharedBatch) -> None:
        """Evaluate a batch."""
        outputs = batch.put_to(net)
        total, weight = self._objective.total(outputs, batch.targets)
        self._total += total
        self._weight += weight
        _count(self._scores, self._objective, [(outputs, batch.targets, batch.step_kinds)])
        if self._collector is not None:
            self._collector.add(outputs, batch.indices)
        if self._sampled:
            for index in np.flatnonzero(np.isin(batch.indices, self._sampled)):
                self._outputs[int(batch.indices[index])] = outputs[index]

    def result(self) -> EvaluationResult:
        """What was found."""
        samples = (
            tuple(self._sample(index, self._outputs[index].cpu()) for index in self._sampled) if self._sample else ()
        )
        return _result(self._total / self._weight if self._weight else math.nan, self._scores, samples)


class Evaluation:
    """The parts of a split, resident on the device, ready to be evaluated; without `tested` those to test are left out."""

    def __init__(
        self, split: Split, objective: Objective, device: torch.device, seed: int, *, tested: bool = True
    ) -> None:
        self._split = split
        self._objective = objective
        self._seed = seed
        names = SUBSET_NAMES if tested else SUBSET_NAMES[:-1]
        self._parts: dict[str, Subset] = {name: split.subset(name) for name in names} | (split.extra if tested else {})
        self._batches = {name: Batches(part, BATCH, device=device) for name, part in self._parts.items()}
        self._shared: dict[str, list[SharedBatch]] = {}
        self._near = 0.0 if objective.classification else NEAR * float(np.ptp(split.train.targets))

    def accumulator(
        self, name: str = "", step: int | None = None, collector: PredictionCollector | None = None
    ) -> MetricAccumulator:
        """An accumulator without a batch; `collector` is where the predictions of each row go, too.

        With the `name` of a part and an update `step` it takes a handful of samples: others after every update, but always the
        same after the same one.
        """
        if step is None:
            return MetricAccumulator(self._objective, collector=collector)
        part = self._parts[name]
        chooser = np.random.default_rng((self._seed, step))
        chosen = chooser.choice(len(part), size=min(SAMPLES, len(part)), replace=False).tolist()
        objective = self._objective
        sample = self._spelled if objective.per_step else self._named if objective.classification else self._measured
        return MetricAccumulator(objective, chosen, partial(sample, part), collector)

    def collector(self, name: SubsetName) -> PredictionCollector:
        """A collector of the predictions of a part, without any yet."""
        return PredictionCollector(self._parts[name], self._objective)

    def batches(self, name: str, *, shared: bool = False) -> Iterator[Batch | SharedBatch]:
        """Batches of a part of the split, or of a further part by its name; `shared`: as prefix trees, where that is worth it."""
        if shared:
            if name not in self._shared:
                self._shared[name] = self._batches[name].shared()
            if self._shared[name]:
                return iter(self._shared[name])
        return self._batches[name].ordered(BATCH)

    def _named(self, part: Subset, index: int, output: Tensor) -> Sample:
        classes = self._split.classes
        target, predicted = int(part.targets[index]), int(output.argmax())
        probability = float(output.double().softmax(0)[predicted])
        return Sample(
            input=self._split.show_input(part, index),
            target=classes[target],
            prediction=classes[predicted],
            correct=predicted == target,
            probability=round(probability, 6) if math.isfinite(probability) else None,
        )

    def _spelled(self, part: Subset, index: int, output: Tensor) -> Sample:
        """A sequence with a prediction at each step: correct where every step asked is."""
        targets = part.targets[index, : part.lengths[index]].astype(np.int64)
        asked = targets != NOT_ASKED
        predicted = np.where(asked, output[: len(targets)].argmax(dim=1).numpy(), NOT_ASKED)
        return Sample(
            input=self._split.show_input(part, index),
            target=spell(self._split.classes, targets.tolist()),
            prediction=spell(self._split.classes, predicted.tolist()),
            correct=bool((predicted == targets).all()),
        )

    def _measured(self, part: Subset, index: int, output: Tensor) -> Sample:
        target = np.asarray(part.targets[index])
        predicted = (output.double().numpy() * self._objective.scale + self._objective.offset).astype(target.dtype)
        return Sample(
            input=self._split.show_input(part, index),
            target=self._split.show_number(target),
            prediction=self._split.show_number(predicted),
            correct=bool(np.all(np.abs(predicted - target) <= self._near)),
        )
