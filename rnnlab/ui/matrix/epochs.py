"""Which of a run's confusion matrices is shown: the latest, or an earlier one that was chosen."""

from __future__ import annotations

from textual.geometry import clamp

from rnnlab.plots.confusion.cells import is_square
from rnnlab.plots.confusion.epoch_bar import epoch_bar, matrix_at
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Line
from rnnlab.text.palette import Palette
from rnnlab.ui.matrix.matrices import Shown, matrices


class ChosenMatrix:
    """The matrix that is shown; an earlier one that was chosen stays until the latest is reached again."""

    def __init__(self) -> None:
        self._chosen: Shown | None = None

    def of(self, state: RunState) -> Shown | None:
        """The matrix that is shown of the run; None where it has none yet."""
        classes = state.started.data.classes if state.started is not None else ()
        if self._chosen is not None and is_square(self._chosen.counts, classes):
            return self._chosen
        self._chosen = None  # of a log that another has replaced
        every = matrices(state)
        return every[-1] if every else None

    def move(self, state: RunState, by: int) -> None:
        """Show an earlier (below 0) or a later matrix."""
        if every := matrices(state):
            self._choose(every, self._index(every) + by)

    def click(self, state: RunState, cell: int, width: int) -> None:
        """Show the matrix under this cell of the bar."""
        every = matrices(state)
        epochs, test = _epochs(every)
        at = matrix_at(cell, epochs, test=test, width=width)
        if at is not None:
            self._choose(every, at)

    def bar(self, state: RunState, width: int, palette: Palette) -> Line:
        """The bar of epochs in `width` cells; of a run with two matrices or more."""
        every = matrices(state)
        epochs, test = _epochs(every)
        best = state.best.epoch if state.best is not None else None
        return epoch_bar(epochs, self._index(every), best=best, test=test, width=width, palette=palette)

    def _index(self, every: list[Shown]) -> int:
        # By its label, as the list is thinned while the run advances.
        labels = [(shown.split, shown.label) for shown in every]
        chosen = (self._chosen.split, self._chosen.label) if self._chosen else labels[-1]
        return labels.index(chosen) if chosen in labels else len(labels) - 1

    def _choose(self, every: list[Shown], at: int) -> None:
        at = clamp(at, 0, len(every) - 1)
        self._chosen = every[at] if at < len(every) - 1 else None


def _epochs(every: list[Shown]) -> tuple[list[int], bool]:
    """The epochs of the matrices of validation, and whether that of the test split follows them."""
    return [shown.epoch for shown in every if shown.split != "test"], every[-1].split == "test"
