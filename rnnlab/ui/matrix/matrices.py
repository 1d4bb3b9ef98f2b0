"""Confusion matrices that a run's log holds, oldest first."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.plots.confusion.cells import is_square
from rnnlab.runs.events import SubsetName
from rnnlab.runs.state import RunState


@dataclass(frozen=True)
class Shown:
    """One confusion matrix: its split, its epoch as a label, and its counts, (classes, classes)."""

    split: SubsetName
    label: str
    counts: tuple[tuple[int, ...], ...]
    epoch: int = 0


def matrices(state: RunState) -> list[Shown]:
    """The matrices of the validation split, oldest first, and after them that of the test split."""
    kept = state.matrices.get("validation")
    shown = (
        [Shown("validation", f"epoch {matrix.epoch}", matrix.counts, matrix.epoch) for matrix in kept.all()]
        if kept
        else []
    )
    if state.final_confusion is not None:
        shown.append(Shown("test", "best weights", state.final_confusion))
    classes = state.started.data.classes if state.started else ()
    return [each for each in shown if is_square(each.counts, classes)]
