"""The examples behind a cell of a group's confusion matrix: those of the run that has most of them."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.errors import UsageError
from rnnlab.runs.events import SubsetName
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
    summed = _summed(runs)
    found: list[tuple[int, RunFolder, RunState, Shown]] = []
    missing = "There is no confusion matrix yet."
    for run, state, shown in summed:
        if why := why_none_of(state, shown.split):
            missing = why if missing.startswith("There") else missing
            continue
        i, j = _indices(state, true, predicted)
        found.append((shown.counts[i][j], run, state, shown))
    if not found:
        raise UsageError(missing)
    most, run, state, shown = max(found, key=lambda each: each[0])
    total = sum(shown.counts[i][j] for _, state, shown in summed for i, j in [_indices(state, true, predicted)])
    of = f"The matrix is the sum of {len(summed)} runs; {run.name} has {most} of the {total} here, no run more."
    notes = [of] * (len(summed) > 1) + [epoch_note(state, shown)]
    return ExamplesAsked(run, shown.split, true, predicted), "  ".join(filter(None, notes))


def _summed(runs: Sequence[tuple[RunFolder, RunState]]) -> list[tuple[RunFolder, RunState, Shown]]:
    """The runs whose latest matrices are added up: those of the test part alone, where some have one."""
    latest = [(run, state, found[-1]) for run, state in runs if (found := matrices(state))]
    part: SubsetName = "test" if any(shown.split == "test" for _, _, shown in latest) else "validation"
    return [each for each in latest if each[2].split == part]


def _indices(state: RunState, true: str, predicted: str) -> tuple[int, int]:
    classes = list(state.started.data.classes) if state.started is not None else []
    return classes.index(true), classes.index(predicted)
