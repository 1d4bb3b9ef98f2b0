"""The examples behind a cell of a group's confusion matrix: those of the run that has most of them."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.errors import UsageError
from rnnlab.plots.comparison.groups import summed_matrices
from rnnlab.plots.confusion.cells import Counts
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.kept_predictions import why_none_of
from rnnlab.runs.state import RunState
from rnnlab.ui.examples.asked import epoch_note
from rnnlab.ui.examples.query import ExamplesAsked
from rnnlab.ui.matrix.matrices import Shown, matrices


def examples_of_group(
    runs: Sequence[tuple[RunFolder, RunState]], true: str, predicted: str
) -> tuple[ExamplesAsked, str]:
    """The examples of the cell, and what is to be known beside: of which run they are, and of which epoch the matrix.

    The matrix of a group is a sum over its runs, of which each has kept its own predictions. Raises `UsageError` where none has.
    """
    summed = summed_matrices(state for _, state in runs)
    found: list[tuple[int, RunFolder, RunState, Shown]] = []
    missing = "There is no confusion matrix yet."
    for at in summed:
        run, state = runs[at]
        shown = matrices(state)[-1]
        if why := why_none_of(state, shown.split):
            missing = why if missing.startswith("There") else missing
            continue
        found.append((_count(summed[at], true, predicted), run, state, shown))
    if not found:
        raise UsageError(missing)
    most, run, state, shown = max(found, key=lambda each: each[0])
    total = sum(_count(each, true, predicted) for each in summed.values())
    of = f"The matrix is the sum of {len(summed)} runs; {run.name} has {most} of the {total} here, no run more."
    notes = [of] * (len(summed) > 1) + [epoch_note(state, shown)]
    return ExamplesAsked(run, shown.split, true, predicted), "  ".join(filter(None, notes))


def _count(matrix: tuple[Counts, tuple[str, ...], str], true: str, predicted: str) -> int:
    counts, classes, _ = matrix
    return counts[classes.index(true)][classes.index(predicted)]
