"""Macro F1 and balanced accuracy out of the confusion counts that a log holds, for logs that did not record them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rnnlab.runs.event_numbers import Number
from rnnlab.runs.events import Evaluated
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.summary import RunSummary, final_evaluations


def macro_f1(confusion: Sequence[Sequence[int]]) -> float:
    """Macro F1: the mean over the classes of 2·TP / (2·TP + FP + FN).

    A class that is neither a target nor predicted is left out, as in scikit-learn.
    """
    counts = [sum(row) + sum(column) for row, column in zip(confusion, zip(*confusion, strict=True), strict=True)]
    scores: list[float] = [2 * confusion[at][at] / count for at, count in enumerate(counts) if count]
    return sum(scores) / len(scores)


def balanced_accuracy(confusion: Sequence[Sequence[int]]) -> float:
    """The mean over the classes that have sequences of the share of them predicted rightly."""
    shares: list[float] = [row[at] / sum(row) for at, row in enumerate(confusion) if any(row)]
    return sum(shares) / len(shares)


FIGURES = {"macro_f1": macro_f1, "balanced_accuracy": balanced_accuracy}


def with_figures(run: RunSummary, names: Sequence[str]) -> RunSummary:
    """The run, with those of the named figures that its result lacks computed from its log.

    A run without a result, or of numbers, is returned as it was.
    """
    wanted = [name for name in names if name in FIGURES and any(name not in part for part in run.final.values())]
    if not wanted or run.metric != "accuracy":
        return run
    final = {part: dict(figures) for part, figures in run.final.items()}
    for event in final_evaluations(RunFolder(Path(run.path))):
        if event.split in final and _square(event):
            assert event.confusion is not None
            added: dict[str, Number] = {name: FIGURES[name](event.confusion) for name in wanted}
            final[event.split] = added | final[event.split]
    return msgspec.structs.replace(run, final=final)


def _square(event: Evaluated) -> bool:
    """Whether there are counts to work with: a stranger's log may hold anything."""
    confusion = event.confusion
    return (
        confusion is not None
        and bool(confusion)
        and all(len(row) == len(confusion) for row in confusion)
        and any(map(any, confusion))
    )
