"""By which figure runs of the same data are ranked, and which of them may be called the best."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from rnnlab.config.tree import FIELDS
from rnnlab.runs.event_numbers import Number, real
from rnnlab.runs.repeats import Repeats
from rnnlab.runs.summary import WHOLE, RunSummary

_OF_THE_LOSS = (
    "train.loss",
    "train.label_smoothing",
    "train.focal_gamma",
    "train.huber_delta",
    "data.balance",
    "data.class_weights",
)
"""Settings that make another figure of the loss."""
_OF_THE_CLASSES = ("data.balance", "data.class_weights")
"""Settings that make rare classes count for more, which costs accuracy."""


def ranking_figure(runs: Iterable[RunSummary], metric: str, wanted: str = "") -> str:
    """The figure by which the runs are ranked.

    The one that is `wanted`, where all of them have it; else the one by which all chose their best epoch; the metric where
    they did not agree. A loss that does not mean the same in all ranks nothing.
    """
    runs = [run for run in runs if run.metric]
    same_loss = len({_loss(run) for run in runs}) < 2
    wanted = metric if wanted == "metric" else wanted
    held = [figures for run in runs if run.status in WHOLE and (figures := run.final.get("validation"))]
    if wanted and held and all(wanted in figures for figures in held) and (wanted != "loss" or same_loss):
        return wanted
    chosen = {run.selected for run in runs}
    if len(chosen) != 1:
        return metric
    (figure,) = chosen
    return metric if figure == "loss" and not same_loss else figure


def differently_chosen(runs: Iterable[RunSummary]) -> bool:
    """Whether the runs were after different things: another figure chose the best epoch, or rare classes counted for more."""
    runs = [run for run in runs if run.metric]
    return len({(run.selected, *(_value(run, key) for key in _OF_THE_CLASSES)) for run in runs}) > 1


def rank(figure: Number | None, loss: float, higher: bool) -> tuple[bool, float, float]:
    """What puts a better row before a worse one: its figure, and of equal figures the lower loss (see `tie_loss`)."""
    value = math.nan if figure is None else real(figure)
    if math.isnan(value):
        return True, 0.0, 0.0
    return False, -value if higher else value, loss


def tie_loss(runs: Iterable[RunSummary]) -> Callable[[Mapping[str, Number]], float]:
    """The loss, among a run's figures, that decides where another figure is equal.

    Where the losses do not mean the same in all runs it is the plain cross-entropy of classes, and of numbers the same for
    all.
    """
    runs = [run for run in runs if run.metric]
    same = len({_loss(run) for run in runs}) < 2
    classes = all(run.metric == "accuracy" for run in runs)

    def loss(figures: Mapping[str, Number]) -> float:
        if not same and not classes:
            return 0.0
        own = figures.get("loss", math.inf)
        value = real(own if same else figures.get("plain_loss", own))
        return math.inf if math.isnan(value) else value

    return loss


def may_be_best(row: Repeats) -> bool:
    """Whether the runs, or one run alone, may be called the best.

    They got to their end, did not diverge, and their training has not seen rows of the other parts.
    """
    return bool(row.counted) and not any(run.leaks or run.verdict.label == "diverged" for run in row.runs)


def _loss(run: RunSummary) -> tuple[object, ...]:
    if run.settings.keys().isdisjoint(_OF_THE_LOSS):  # as in nearly all of thousands of runs
        return _USUAL_LOSS
    return tuple(_value(run, key) for key in _OF_THE_LOSS)


_USUAL_LOSS = tuple(FIELDS[key].default for key in _OF_THE_LOSS)


def _value(run: RunSummary, key: str) -> object:
    return run.settings.get(key, FIELDS[key].default)
