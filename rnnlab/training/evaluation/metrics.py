"""Figures of merit out of counts and errors, equal to scikit-learn's (the tests compare them) without its long import."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


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


class ClassScores:
    """Counts of a classification, of whole sequences or of each step.

    `step_kinds` names the kinds of steps that have an accuracy of their own. With `plain_loss` the mean cross-entropy is counted
    too, without class weights, smoothing or focal factor: that of a net which is trained for another loss.
    """

    def __init__(self, classes: int, step_kinds: tuple[str, ...] = (), *, plain_loss: bool = False) -> None:
        self.classes = classes
        self.step_kinds = step_kinds
        self._with_plain_loss = plain_loss
        self._plain_loss = 0.0
        self.confusion: Counts = np.zeros((classes, classes), np.int64)
        self._asked: Counts = np.zeros(len(step_kinds), np.int64)
        self._right: Counts = np.zeros(len(step_kinds), np.int64)

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
        if step_kinds is not None and self.step_kinds:
            right = asked & (predictions == targets)
            self._asked += np.bincount(step_kinds[asked], minlength=len(self.step_kinds))
            self._right += np.bincount(step_kinds[right], minlength=len(self.step_kinds))

    def state_dict(self) -> dict[str, Any]:
        """The counts so far."""
        state: dict[str, Any] = {"confusion": self.confusion, "asked": self._asked, "right": self._right}
        return state | {"plain_loss": self._plain_loss} if self._with_plain_loss else state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Count on from a saved state."""
        self.confusion, self._asked, self._right = state["confusion"], state["asked"], state["right"]
        self._plain_loss = state.get("plain_loss", math.nan)  # of a run begun by an older version: not known

    def metrics(self) -> dict[str, float]:
        """Metrics by name; without any predictions each is nan."""
        if not self.confusion.any():
            names = ("accuracy", "macro_f1", "balanced_accuracy", *(("plain_loss",) if self._with_plain_loss else ()))
            return dict.fromkeys(names, math.nan)
        figures = {
            "accuracy": accuracy(self.confusion),
            "macro_f1": macro_f1(self.confusion),
            "balanced_accuracy": balanced_accuracy(self.confusion),
        }
        if self._with_plain_loss:
            figures["plain_loss"] = self._plain_loss / int(self.confusion.sum())
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

    def add(self, outputs: NDArray[np.float32], targets: NDArray[np.float32]) -> None:
        """`outputs`: the net's raw numbers (examples, outputs); `targets` likewise, in their own unit."""
        # The outputs of a net that diverges are infinite: they count as what they are.
        with np.errstate(over="ignore", invalid="ignore"):
            errors = outputs.astype(np.float64) * self.scale + self.offset - targets
            self._absolute += np.abs(errors).sum(axis=0)
            self._squared += np.square(errors).sum(axis=0)
        self.examples += len(errors)

    def state_dict(self) -> dict[str, Any]:
        """The sums so far."""
        return {"rows": self.examples, "absolute": self._absolute, "squared": self._squared}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Count on from a saved state."""
        self.examples, self._absolute, self._squared = state["rows"], state["absolute"], state["squared"]

    def metrics(self) -> dict[str, float]:
        """Of several outputs the mean of their figures; `mean_absolute_error`, `root_mean_squared_error`."""
        return {
            "mae": float(np.mean(self._absolute / self.examples)),
            "rmse": float(np.mean(np.sqrt(self._squared / self.examples))),
        }


Scores = ClassScores | NumberScores
