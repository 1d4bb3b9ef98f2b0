"""Loss functions, and metrics that may select the best epoch: which of them fit classes or numbers."""

from __future__ import annotations

from collections.abc import Callable

CLASS_LOSSES = ("cross-entropy", "focal")
NUMBER_LOSSES = ("mse", "mae", "huber")
LOSSES = ("auto", *CLASS_LOSSES, *NUMBER_LOSSES)
CLASS_FIGURES = ("macro_f1", "balanced_accuracy")
SELECTIONS = ("metric", "loss", *CLASS_FIGURES)


def losses_of(classifies: bool) -> tuple[str, ...]:
    """Allowed values of `train.loss` for classes, or for numbers. `auto` stands for the one after it."""
    return ("auto", *(CLASS_LOSSES if classifies else NUMBER_LOSSES))


def meant_loss(name: str, classifies: bool) -> str:
    """The loss that `auto` stands for; any other name is itself."""
    return losses_of(classifies)[1] if name == "auto" else name


def loss_title(value_of: Callable[[str], object]) -> str:
    """Title of the loss of a classification: `loss`, or `weighted loss`, `smoothed loss`, `weighted focal loss`.

    The last three do not compare with those of other runs. `value_of` gives a setting by its key, None where it is unknown.
    """
    balance, kind = value_of("data.balance"), value_of("train.loss")
    terms = []
    if balance == "weights" or (balance in (None, "none") and value_of("data.class_weights")):
        terms.append("weighted")
    if kind == "focal":
        terms.append("focal")
    elif value_of("train.label_smoothing"):
        terms.append("smoothed")
    return " ".join([*terms, "loss"])


def selections_of(classifies: bool) -> tuple[str, ...]:
    """Allowed values of `train.select` for classes, or for numbers."""
    return SELECTIONS if classifies else tuple(name for name in SELECTIONS if name not in CLASS_FIGURES)


def selected_figure(select: object, metric: str) -> str:
    """Logged name of the metric that `train.select` stands for; `metric` is the task's.

    Of an unknown value, as a damaged document may hold, the task's metric.
    """
    return str(select) if select in SELECTIONS and select != "metric" else metric
