"""The figure of the validation part that chooses the best epoch, and which of them suits what is learned."""

from __future__ import annotations

CLASS_FIGURES = ("macro_f1", "balanced_accuracy")
SELECTIONS = ("metric", "loss", *CLASS_FIGURES)


def selections_of(classifies: bool) -> tuple[str, ...]:
    """What `train.select` may be where classes, or numbers, are learned."""
    return SELECTIONS if classifies else tuple(name for name in SELECTIONS if name not in CLASS_FIGURES)


def selected_figure(select: object, metric: str) -> str:
    """The name, as logs have it, of the figure that `train.select` means; `metric` is the task's. Of what is no selection,
    as an older or a damaged document may hold, the task's metric.
    """
    return str(select) if select in SELECTIONS and select != "metric" else metric
