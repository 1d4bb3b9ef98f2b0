"""Validation metrics that may select the best epoch, for classes or for numbers."""

from __future__ import annotations

CLASS_FIGURES = ("macro_f1", "balanced_accuracy")
SELECTIONS = ("metric", "loss", *CLASS_FIGURES)


def selections_of(classifies: bool) -> tuple[str, ...]:
    """Allowed values of `train.select` for classes, or for numbers."""
    return SELECTIONS if classifies else tuple(name for name in SELECTIONS if name not in CLASS_FIGURES)


def selected_figure(select: object, metric: str) -> str:
    """Logged name of the metric that `train.select` stands for; `metric` is the task's.

    Of an unknown value, as a damaged document may hold, the task's metric.
    """
    return str(select) if select in SELECTIONS and select != "metric" else metric
