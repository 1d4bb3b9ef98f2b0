"""Figures of merit out of counts and errors, equal to scikit-learn's (the tests compare them) without its long import."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
TOP_K = (2, 5)
"""Of each k the top-k accuracy is counted, where there are more classes."""


def count_confusion(targets: NDArray[np.int64], predictions: NDArray[np.int64], classes: int) -> Counts:
    """(classes, classes): how many examples of class i were predicted as class j; `sklearn.metrics.confusion_matrix`."""
    flat = np.bincount(targets * classes + predictions, minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int64)


def accuracy(confusion: Counts) -> float:
    """The share of correct predictions; `accuracy_score`."""
    return float(np.trace(confusion) / confusion.sum())


def macro_f1(confusion: Counts) -> float:
    """The mean of the classes' F1 = 2·TP / (2·TP + FP + FN), each class alike; `f1_score(average="macro")`.

    As there, a class that is neither a target nor a prediction is left out.
    """
    counts = confusion.sum(axis=1) + confusion.sum(axis=0)
    seen = counts > 0
    return float(np.mean(2.0 * np.diag(confusion)[seen] / counts[seen]))


def balanced_accuracy(confusion: Counts) -> float:
    """The mean over the classes that have examples of the share of them predicted correctly; `balanced_accuracy_score`."""
    counts = confusion.sum(axis=1)
    seen = counts > 0
    return float(np.mean(np.diag(confusion)[seen] / counts[seen]))


def cross_entropy_sum(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """Σ -log softmax(logits)[target], in double precision; `logits` (examples, classes), `targets` (examples,)."""
    # The logits of a net that diverges are infinite: they count as what they are.
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = logits.astype(np.float64)
        shifted -= shifted.max(axis=1, keepdims=True)
        wanted = shifted[np.arange(len(targets)), targets]
        return float((np.log(np.exp(shifted).sum(axis=1)) - wanted).sum())


def target_ranks(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many classes are ranked before the target (examples,), of equal logits the first class first, as `argmax` does.

    `logits` (examples, classes), `targets` (examples,). A logit that is no number ranks before all.
    """
    # A row a class: NumPy compares few long rows twice as fast as many short ones.
    by_class = np.ascontiguousarray(logits.T)
    wanted = by_class[targets, np.arange(len(targets))]
    before = by_class == wanted
    before &= np.arange(len(by_class))[:, None] < targets
    before |= ~(by_class <= wanted)
    ranks: NDArray[np.int64] = before.sum(axis=0)
    return ranks


class ClassScores:
    """Counts of a classification, of whole sequences or of each step.

    `step_kinds` names the kinds of steps that have an accuracy of their own. With `plain_loss` the mean cross-entropy is counted
    too, without class weights, smoothing or focal factor: that of a net which is trained for another loss.
    The top-k accuracies are the shares of predictions with the target among the k likeliest classes; `top_k_accuracy_score`.
    """

    def __init__(self, classes: int, step_kinds: tuple[str, ...] = (), *, plain_loss: bool = False) -> None:
        self.classes = classes
        self.step_kinds = step_kinds
        self._with_plain_loss = plain_loss
        self._plain_loss = 0.0
        self.confusion: Counts = np.zeros((classes, classes), np.int64)
        self._asked: Counts = np.zeros(len(step_kinds), np.int64)
        self._right: Counts = np.zeros(len(step_kinds), np.int64)
        self._top = tuple(k for k in TOP_K if k < classes)
        self._missed: Counts | None = np.zeros(len(self._top), np.int64)
        """Predictions without the target among the k likeliest classes; None: not known, of a run begun by an older version."""

    def add(
        self, outputs: NDArray[np.float32], targets: NDArray[np.int64], step_kinds: NDArray[np.int8] | None = None
    ) -> None:
        """Count predictions.

        `outputs`: logits (predictions, classes); `targets`: classes (predictions,), -1 where there is none; `step_kinds`
        likewise the kind of each.
        """
        predictions, asked = outputs.argmax(axis=1), targets >= 0
        self.confusion += count_confusion(targets[asked], predictions[asked], self.classes)
        if self._with_plain_loss:
            self._plain_loss += cross_entropy_sum(outputs[asked], targets[asked])
        if self._top and self._missed is not None:
            wrong = np.flatnonzero(asked & (predictions != targets))  # the others are among any k
            ranks = target_ranks(outputs[wrong], targets[wrong])
            self._missed += [np.count_nonzero(ranks >= k) for k in self._top]
        if step_kinds is not None and self.step_kinds:
            right = asked & (predictions == targets)
            self._asked += np.bincount(step_kinds[asked], minlength=len(self.step_kinds))
            self._right += np.bincount(step_kinds[right], minlength=len(self.step_kinds))

    def state_dict(self) -> dict[str, Any]:
        """The counts so far."""
        state: dict[str, Any] = {
            "confusion": self.confusion,
            "asked": self._asked,
            "right": self._right,
            "missed": self._missed,
        }
        return state | {"plain_loss": self._plain_loss} if self._with_plain_loss else state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Count on from a saved state."""
        self.confusion, self._asked, self._right = state["confusion"], state["asked"], state["right"]
        self._plain_loss = state.get("plain_loss", math.nan)  # of a run begun by an older version: not known
        self._missed = state.get("missed")

    def metrics(self) -> dict[str, float]:
        """Metrics by name; without any predictions each is nan."""
        count = int(self.confusion.sum())
        top = [f"top{k}_accuracy" for k in self._top] if self._missed is not None else []
        if not count:
            names = ["accuracy", "macro_f1", "balanced_accuracy", *top]
            return dict.fromkeys([*names, "plain_loss"] if self._with_plain_loss else names, math.nan)
        figures = {
            "accuracy": accuracy(self.confusion),
            "macro_f1": macro_f1(self.confusion),
            "balanced_accuracy": balanced_accuracy(self.confusion),
        }
        if self._missed is not None:
            figures |= {name: (count - int(missed)) / count for name, missed in zip(top, self._missed, strict=True)}
        if self._with_plain_loss:
            figures["plain_loss"] = self._plain_loss / count
        return figures | {
            f"accuracy_{name}": int(right) / int(asked)
            for name, asked, right in zip(self.step_kinds, self._asked, self._right, strict=True)
            if asked
        }


class NumberScores:
    """Sums of a regression's errors, in the target's own unit."""

    def __init__(self, outputs: int, scale: float, offset: float) -> None:
        self.scale = scale
        self.offset = offset
        self.examples = 0
        self._absolute = np.zeros(outputs)
        self._squared = np.zeros(outputs)
        self._known = True
        """Whether the sums below are known, which they are not of a run begun by an older version."""
        self._first: NDArray[np.float64] | None = None
        """The first target, which is subtracted from all: squares of large numbers would cancel."""
        self._targets = np.zeros(outputs)
        self._target_squares = np.zeros(outputs)
        self._relative = np.zeros(outputs)
        """Σ |y - p| / (|y| + |p|)."""

    def add(self, outputs: NDArray[np.float32], targets: NDArray[np.float32]) -> None:
        """`outputs`: the net's raw numbers (examples, outputs); `targets` likewise, in their own unit."""
        # The outputs of a net that diverges are infinite: they count as what they are.
        with np.errstate(over="ignore", invalid="ignore"):
            predictions = outputs.astype(np.float64) * self.scale + self.offset
            absolute = np.abs(predictions - targets)
            self._absolute += absolute.sum(axis=0)
            self._squared += np.square(absolute).sum(axis=0)
            if self._known and len(targets):
                self._add_relative(predictions, targets.astype(np.float64), absolute)
        self.examples += len(targets)

    def _add_relative(
        self, predictions: NDArray[np.float64], targets: NDArray[np.float64], absolute: NDArray[np.float64]
    ) -> None:
        """Add what R² and sMAPE need beside the errors; the arrays given are used up."""
        size = np.abs(targets)
        size += np.abs(predictions, out=predictions)
        size[size == 0] = 1.0  # 0 predicted as 0: no error
        absolute /= size
        self._relative += absolute.sum(axis=0)
        if self._first is None:
            self._first = targets[0].copy()
        targets -= self._first
        self._targets += targets.sum(axis=0)
        self._target_squares += np.square(targets, out=targets).sum(axis=0)

    def state_dict(self) -> dict[str, Any]:
        """The sums so far."""
        return {
            "rows": self.examples,
            "absolute": self._absolute,
            "squared": self._squared,
            "relative": (self._first, self._targets, self._target_squares, self._relative) if self._known else None,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Count on from a saved state."""
        self.examples, self._absolute, self._squared = state["rows"], state["absolute"], state["squared"]
        relative = state.get("relative")
        self._known = relative is not None
        if relative is not None:
            self._first, self._targets, self._target_squares, self._relative = relative

    def metrics(self) -> dict[str, float]:
        """Of several outputs the mean of their figures; `mean_absolute_error`, `root_mean_squared_error`, `r2_score`.

        `smape` is the mean of 2·|y - p| / (|y| + |p|), from 0 to 2, and 0 where both are 0 (Makridakis 1993).
        """
        figures = {
            "mae": float(np.mean(self._absolute / self.examples)),
            "rmse": float(np.mean(np.sqrt(self._squared / self.examples))),
        }
        if not self._known:
            return figures
        spread = self._target_squares - np.square(self._targets) / self.examples
        return figures | {
            "r2": r2(self._squared.tolist(), spread.tolist(), self.examples),
            "smape": float(np.mean(self._relative / self.examples)) * 2,
        }


def r2(squared: Sequence[float], spread: Sequence[float], examples: int) -> float:
    """R² = 1 - Σ(y - p)² / Σ(y - ȳ)², the mean over the outputs; `r2_score`.

    As there, it is nan of fewer than two examples, and of targets that are all equal 1 where the predictions are right, else 0.
    """
    if examples < 2:
        return math.nan
    each = [1 - error / total if total > 0 else float(error == 0) for error, total in zip(squared, spread, strict=True)]
    return sum(each) / len(each)


Scores = ClassScores | NumberScores
