"""Whether a net learns the training part by heart: the gap between training and validation figures, and what chance explains."""

from __future__ import annotations

import math
from typing import NamedTuple

from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.verdict import best_baseline
from rnnlab.text import numbers

GAP = 0.1
"""By how much the training figure must have drawn away from the validation figure since validation was best: of a share in
itself, of a number in errors of the best baseline. Then and now are means of `ENOUGH_LOOKS` evaluations each, with none in both:
the best single one of a hundred is a lucky one; and"""
WORSE = 0.03
"""how much worse, likewise, validation must have become, which is also more than `DOUBT` standard errors of the difference of two
shares of so many rows (see `doubt`): sinusoids, with 30 rows, was called overfitting in 13 of 64 runs (16 seeds, four
kernels) where the best single evaluation and its error alone were asked, and in none so; of a number, of doubt unknown,"""
WORSE_NUMBER = 0.1
"""so much: sales (seed 1) wavered from .67 to .75 of the baseline's error for six evaluations, and then went on to .62; and"""
BETTER = 0.05
"""how much better training."""
DOUBT = 2.5
"""Standard errors: the best of many evaluations is compared with the last ones, and again after each of them."""


class Figures(NamedTuple):
    """The task's metric, a mean over several evaluations."""

    validation: float
    train: float


def overfitting(data: DataSummary, best: Figures, now: Figures, epoch: float) -> str | None:
    """What there is to say of overfitting since `epoch`, where validation was `best`; None where there is nothing."""
    higher = data.higher_is_better
    sign = 1.0 if higher else -1.0
    baseline = best_baseline(data, "validation")
    size = 1.0 if higher else baseline[1] if baseline else 2.0 * abs(best.validation)
    gap_before = max(0.0, sign * (best.train - best.validation))
    gap = sign * (now.train - now.validation)
    worse, better = sign * (best.validation - now.validation), sign * (now.train - best.train)
    if (
        gap - gap_before < GAP * size
        or worse < (WORSE if higher else WORSE_NUMBER) * size
        or better < BETTER * size
        or worse < doubt(data, best.validation, now.validation)
    ):
        return None
    text, metric = numbers.figure, data.metric.replace("_", " ")
    return (
        f"overfitting: the gap between training and validation {metric} grew from {text(gap_before)} to {text(gap)} "
        f"since epoch {epoch:.0f}, and validation went from {text(best.validation)} to {text(now.validation)}"
    )


def doubt(data: DataSummary, best: float, now: float) -> float:
    """How far two shares may differ by the chance that picks the validation part.

    It is `DOUBT` standard errors of their difference, as if each had examples of its own. A share p of n examples has
    √(p (1 - p) / n), with two right and two wrong ones added to those there are (Agresti and Coull 1998), as 22 of 22 is not
    certain. A share that is a mean over classes has as many examples as its variance says, which the
    smallest class decides. Of numbers it is 0: how their errors spread is in no log, and the same examples err alike twice.
    """
    examples = _examples(data)
    if not examples or not data.higher_is_better:
        return 0.0
    share = ((best + now) / 2 * examples + 2) / (examples + 4)
    return DOUBT * math.sqrt(2 * max(0.0, share * (1 - share)) / (examples + 4))


def _examples(data: DataSummary) -> float:
    """Validation examples that the metric is a mean of; 0 where that is not known."""
    counts = [count for count in data.class_counts.get("validation", ()) if count]
    if data.metric in ("balanced_accuracy", "macro_f1") and counts:
        return len(counts) ** 2 / sum(1 / count for count in counts)
    return data.rows.get("validation", 0)
