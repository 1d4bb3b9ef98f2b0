"""The examples that a cell of the confusion matrix, or a class, stands for."""

from __future__ import annotations

from rnnlab.plots.confusion.cells import Counts
from rnnlab.runs.events import SubsetName
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState
from rnnlab.ui.examples.query import ExamplesAsked
from rnnlab.ui.matrix.matrices import Shown
from rnnlab.ui.matrix.view import MatrixView


def shown_subset(state: RunState, shown: Shown | None) -> SubsetName:
    """The subset of the matrix that is shown; where there is none, the last one whose predictions are kept."""
    if shown is not None:
        return shown.split
    return "test" if state.predictions is not None and "test" in state.predictions.rows else "validation"


def asked_examples(run: RunFolder, state: RunState, shown: Shown | None, view: MatrixView) -> tuple[ExamplesAsked, str]:
    """The examples under the cursor, of numbers all; and what is to be known of a matrix of another epoch."""
    subset = shown_subset(state, shown)
    if shown is None or state.started is None:
        return ExamplesAsked(run, subset), ""
    counts: Counts = shown.counts
    true, predicted = (state.started.data.classes[at] for at in view.cell(counts))
    if view.mode == "classes":
        asked = ExamplesAsked(run, subset, true)
    elif view.is_matrix:
        asked = ExamplesAsked(run, subset, true, predicted)
    else:
        asked = ExamplesAsked(run, subset)
    return asked, epoch_note(state, shown)


def epoch_note(state: RunState, shown: Shown) -> str:
    """What is to be known of a matrix of another epoch than that of the best weights; empty of theirs."""
    best = state.best.epoch if state.best is not None else None
    if shown.split == "test" or shown.epoch == best:
        return ""
    return f"The matrix is of epoch {shown.epoch}; predictions are kept of the best weights alone (epoch {best})."
