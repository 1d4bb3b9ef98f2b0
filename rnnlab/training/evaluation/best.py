"""The best evaluation of a run: the one whose weights are kept."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from rnnlab.catalog.task_card import TaskCard
from rnnlab.config import ConfigError
from rnnlab.config.objectives import selected_figure, selections_of
from rnnlab.runs.event_numbers import Number
from rnnlab.training.evaluation.evaluate import EvaluationResult


def chosen_by(select: str, card: TaskCard) -> tuple[str, float]:
    """The figure that `train.select` names for the task, and its sign: 1 where more is better, -1 where less is.

    Raises `ConfigError` where what is learned has no such figure.
    """
    allowed = selections_of(card.classifies)
    if select not in allowed:
        raise ConfigError("train.select", select, f"one of {', '.join(allowed)}, as this is {card.problem}")
    name = selected_figure(select, card.metric)
    if name == "loss":
        return name, -1.0
    return name, 1.0 if name != card.metric or card.higher_is_better else -1.0


def figure_of(result: EvaluationResult, name: str) -> float:
    """The loss of the evaluation, or one of its metrics."""
    return result.loss if name == "loss" else result.metrics[name]


class Selection:
    """The best evaluation of the validation part, by the figure that `select` names.

    Of two with the same figure the one with the lower loss is better: a small validation part has few different accuracies,
    and a net reaches the highest long before it is trained. With `ties` earliest, the first of them is kept.
    Patience is another matter: it begins anew where the figure is better by more than `min_delta` than the one that it began
    with.
    """

    def __init__(self, card: TaskCard, min_delta: float = 0.0, select: str = "metric", ties: str = "loss") -> None:
        self.min_delta = min_delta
        self.ties = ties
        self.metric, self._sign = chosen_by(select, card)
        self.result: EvaluationResult | None = None
        """The best result, without its samples."""
        self.epoch = 0
        self.step = 0
        self.without_better = 0
        """Evaluations in a row that brought nothing better, by `min_delta`."""
        self._mark: float | None = None
        """The figure of the evaluation that patience began with."""

    def consider(self, result: EvaluationResult, epoch: int, step: int) -> bool:
        """Whether `result`, after update `step`, is the best so far. One without a finite loss never is."""
        better = result.finite and (self.result is None or self._rank(result) > self._rank(self.result))
        if better:
            self.result, self.epoch, self.step = replace(result, samples=()), epoch, step
        value = self._value(result)
        if better and (self._mark is None or self._sign * (value - self._mark) > self.min_delta):
            self._mark, self.without_better = value, 0
        else:
            self.without_better += 1
        return better

    def _value(self, result: EvaluationResult) -> float:
        return figure_of(result, self.metric)

    def _rank(self, result: EvaluationResult) -> tuple[float, float]:
        """What makes one evaluation better than another: the greater pair is the better one."""
        loss = result.loss if self.ties == "loss" and math.isfinite(result.loss) else 0.0
        return self._sign * self._value(result), -loss

    def state_dict(self) -> dict[str, Any]:
        """The best result so far, where it was, and how patience stands."""
        result = self.result
        found = None
        if result is not None:
            confusion = None if result.confusion is None else np.array(result.confusion)
            found = {"loss": result.loss, "metrics": result.metrics, "confusion": confusion}
        return {
            "look": found,
            "epoch": self.epoch,
            "step": self.step,
            "without_better": self.without_better,
            "mark": self._mark,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a saved state, also one of an older version."""
        found = state["look"]
        if found is not None:
            counts = found["confusion"]
            confusion = None if counts is None else tuple(map(tuple, counts.tolist()))
            self.result = EvaluationResult(found["loss"], found["metrics"], confusion)
        self.epoch, self.step, self.without_better = state["epoch"], state["step"], state["without_better"]
        self._mark = state.get("mark", self._value(self.result) if self.result else None)

    @property
    def figures(self) -> dict[str, Number]:
        """The best result's metrics and loss; empty before the first evaluation."""
        return self.result.figures if self.result else {}
