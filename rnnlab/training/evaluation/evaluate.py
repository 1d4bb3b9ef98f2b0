"""A look at a part of the split: loss, metrics, confusion, and a few rows with what the net says of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnnlab.runs.events import Evaluated, Forecast, Number, Sample, SubsetName, number
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset
from rnnlab.training.data.batches import Batch, Batches, SharedBatch
from rnnlab.training.evaluation.metrics import ClassScores, NumberScores, Scores
from rnnlab.training.step.loss import NOT_ASKED, Objective

BATCH = 256
"""Rows looked at together: enough to be quick, few enough that a command is heard within half a second."""
CONFUSION_UP_TO = 200
"""Classes; beyond, the matrix is more than a screen or a log should hold."""
SAMPLES = 8
NEAR = 0.01
"""A number is counted as right in a sample when it is off by at most this share of the range of the training targets."""
_FOLD = 4096
"""Rows whose answers are kept as tensors until they are counted together."""
_FOLD_NUMBERS = 2**22
"""Numbers kept so, at most: an answer at each of many steps is large."""


@dataclass(frozen=True)
class EvaluationResult:
    """What one look at some rows found."""

    loss: float
    metrics: dict[str, float]
    confusion: tuple[tuple[int, ...], ...] | None = None
    samples: tuple[Sample, ...] = ()

    @property
    def finite(self) -> bool:
        return math.isfinite(self.loss)

    @property
    def figures(self) -> dict[str, Number]:
        """The metrics and the loss, as they stand in events."""
        return {"loss": number(self.loss), **self.numbers}

    @property
    def numbers(self) -> dict[str, Number]:
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
    """An empty tally of the task's metrics."""
    if objective.classification:
        return ClassScores(objective.outputs, objective.marks, plain_loss=not objective.cross_entropy)
    return NumberScores(objective.outputs, objective.scale, objective.offset)


def _result(loss: float, scores: Scores, samples: tuple[Sample, ...] = ()) -> EvaluationResult:
    confusion = None
    if isinstance(scores, ClassScores) and scores.classes <= CONFUSION_UP_TO:
        confusion = tuple(tuple(row) for row in scores.confusion.tolist())
    return EvaluationResult(loss, scores.metrics(), confusion, samples)


_Answered = tuple[Tensor, Tensor, Tensor | None]
"""Raw answers, what was asked, and the kinds of the steps."""
_ANSWERED = ("outputs", "targets", "marks")


def _joined(objective: Objective, answered: Sequence[_Answered]) -> _Answered:
    """All of it as one, on the host; answers at each step as one row of all steps."""
    outputs, targets, marks = zip(*answered, strict=True)
    if not objective.per_step:
        return torch.cat(outputs).cpu(), torch.cat(targets).cpu(), None
    steps = torch.cat([each.flatten(0, 1) for each in outputs]).cpu()
    kinds = [each.flatten() for each in marks if each is not None]
    return (
        steps[None],
        torch.cat([each.flatten() for each in targets]).cpu()[None],
        torch.cat(kinds).cpu()[None] if kinds else None,
    )


def _count(scores: Scores, objective: Objective, answered: Sequence[_Answered]) -> None:
    """Put raw answers into the tally."""
    outputs, targets, marks = _joined(objective, answered)
    if isinstance(scores, NumberScores) or not objective.per_step:
        scores.add(outputs.numpy(), targets.numpy())
    else:
        scores.add(outputs[0].numpy(), targets[0].numpy(), None if marks is None else marks[0].numpy())


class RunningScores:
    """The training figures, gathered from the answers that the steps give anyway, while the weights move.

    A step costs two appends here; the counting is done for thousands of rows at once.
    """

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._taken: tuple[Scores, float, int] | None = None
        self._most = _FOLD_NUMBERS if objective.per_step else min(_FOLD_NUMBERS, _FOLD * objective.outputs)
        self._restart()

    def add(self, outputs: Tensor, batch: Batch, loss: float | Tensor) -> None:
        """Note one step: its raw answers, detached, and its mean loss."""
        self._answered.append((outputs, batch.targets, batch.marks))
        self._losses.append((loss, len(batch.rows)))
        self._held += outputs.numel()
        if self._held >= self._most:
            self._fold()

    def take(self) -> EvaluationResult | None:
        """The figures since the last call, None where there was no step; the loss is the rows' mean of the steps' losses."""
        if self._answered:
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
        self._answered: list[_Answered] = []
        self._losses: list[tuple[float | Tensor, int]] = []
        """The mean loss of each step, and its rows."""
        self._held = 0
        """Numbers in the answers that wait."""

    def state_dict(self) -> dict[str, Any]:
        """The figures gathered so far, and the answers that wait: together they are counted as they would have been."""
        losses = [loss for loss, _ in self._losses]
        on_device = bool(losses) and isinstance(losses[0], Tensor)
        joined = _joined(self._objective, self._answered) if self._answered else None
        return {
            "scores": self._scores.state_dict(),
            "total": self._total,
            "counted": self._counted,
            "losses": torch.stack(losses) if on_device else np.array(losses, np.float64),  # type: ignore[arg-type]
            "rows": np.array([rows for _, rows in self._losses], np.int64),
            "held": self._held,
            "answered": joined and dict(zip(_ANSWERED, joined, strict=True)),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._scores.load_state_dict(state["scores"])
        self._total, self._counted, self._held = state["total"], state["counted"], state["held"]
        losses = state["losses"]
        losses = list(losses.unbind()) if isinstance(losses, Tensor) else losses.tolist()
        self._losses = list(zip(losses, state["rows"].tolist(), strict=True))
        answered = state["answered"]
        self._answered = [tuple(answered[name] for name in _ANSWERED)] if answered else []

    def _fold(self) -> None:
        _count(self._scores, self._objective, self._answered)
        each: tuple[Any, ...]
        each, rows = zip(*self._losses, strict=True)
        losses = torch.stack(each).tolist() if isinstance(each[0], Tensor) else each
        for loss, count in zip(losses, rows, strict=True):
            self._total += float(loss) * count
        self._counted += sum(rows)
        self._empty()


class Tally:
    """Gathers one look at a part, batch by batch.

    `shown` are the rows to be shown with what the net says of them, by `show(row, its raw answer on the host)`.
    """

    def __init__(
        self,
        objective: Objective,
        shown: Sequence[int] = (),
        show: Callable[[int, Tensor], Sample] | None = None,
    ) -> None:
        self._objective = objective
        self._scores = empty_scores(objective)
        self._total = 0.0
        self._weight = 0.0
        self._shown = shown
        self._show = show
        self._answers: dict[int, Tensor] = {}

    @torch.inference_mode()
    def add(self, net: nn.Module, batch: Batch | SharedBatch) -> None:
        """Ask the net about a batch."""
        outputs = batch.put_to(net)
        total, weight = self._objective.total(outputs, batch.targets)
        self._total += total
        self._weight += weight
        _count(self._scores, self._objective, [(outputs, batch.targets, batch.marks)])
        if self._shown:
            for place in np.flatnonzero(np.isin(batch.rows, self._shown)):
                self._answers[int(batch.rows[place])] = outputs[place]

    def result(self) -> EvaluationResult:
        """What was found."""
        samples = tuple(self._show(row, self._answers[row].cpu()) for row in self._shown) if self._show else ()
        return _result(self._total / self._weight if self._weight else math.nan, self._scores, samples)


class Evaluation:
    """The parts of a split, resident on the device, ready to be looked at."""

    def __init__(self, split: Split, objective: Objective, device: torch.device, seed: int) -> None:
        self._split = split
        self._objective = objective
        self._seed = seed
        self._parts: dict[str, Subset] = {name: split.subset(name) for name in SUBSET_NAMES} | split.extra
        self._batches = {name: Batches(part, BATCH, device=device) for name, part in self._parts.items()}
        self._shared: dict[str, list[SharedBatch]] = {}
        self._near = 0.0 if objective.classification else NEAR * float(np.ptp(split.train.targets))

    def tally(self, name: str | None = None, step: int = 0) -> Tally:
        """An empty one. With the `name` of a part it shows a handful of its rows, others after every step but always the same
        after the same one.
        """
        if name is None:
            return Tally(self._objective)
        part = self._parts[name]
        chooser = np.random.default_rng((self._seed, step))
        rows = chooser.choice(len(part), size=min(SAMPLES, len(part)), replace=False).tolist()
        objective = self._objective
        sample = self._spelled if objective.per_step else self._named if objective.classification else self._measured
        return Tally(objective, rows, partial(sample, part))

    def batches(self, name: str, *, shared: bool = False) -> Iterator[Batch | SharedBatch]:
        """The rows of a part of the split, or of a further part by its name. `shared`: as trees, where they share enough."""
        if shared:
            if name not in self._shared:
                self._shared[name] = self._batches[name].shared()
            if self._shared[name]:
                return iter(self._shared[name])
        return self._batches[name].ordered(BATCH)

    def _named(self, part: Subset, row: int, output: Tensor) -> Sample:
        classes = self._split.classes
        target, answer = int(part.targets[row]), int(output.argmax())
        probability = float(output.double().softmax(0)[answer])
        return Sample(
            input=self._split.show_input(part, row),
            target=classes[target],
            prediction=classes[answer],
            correct=answer == target,
            probability=round(probability, 6) if math.isfinite(probability) else None,
        )

    def _spelled(self, part: Subset, row: int, output: Tensor) -> Sample:
        """A row with an answer at each step: right where every step asked is."""
        targets = part.targets[row, : part.lengths[row]].astype(np.int64)
        asked = targets != NOT_ASKED
        answers = np.where(asked, output[: len(targets)].argmax(dim=1).numpy(), NOT_ASKED)
        return Sample(
            input=self._split.show_input(part, row),
            target=spell(self._split.classes, targets.tolist()),
            prediction=spell(self._split.classes, answers.tolist()),
            correct=bool((answers == targets).all()),
        )

    def _measured(self, part: Subset, row: int, output: Tensor) -> Sample:
        target = np.asarray(part.targets[row], dtype=np.float32)
        answer = (output.double().numpy() * self._objective.scale + self._objective.offset).astype(np.float32)
        return Sample(
            input=self._split.show_input(part, row),
            target=self._split.show_number(target),
            prediction=self._split.show_number(answer),
            correct=bool(np.all(np.abs(answer - target) <= self._near)),
        )


def spell(classes: Sequence[str], answers: Sequence[int]) -> str:
    """The classes at each step as one text: letters side by side, longer names with spaces; `·` where nothing was asked."""
    between = "" if all(len(name) == 1 for name in classes) else " "
    return between.join("·" if answer == NOT_ASKED else classes[answer] for answer in answers)
