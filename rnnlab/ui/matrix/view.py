"""View of a confusion matrix: what its cells hold, the order of its classes, the cursor, and the part that is in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rnnlab.plots.confusion.cells import Counts, is_square
from rnnlab.plots.confusion.cells import Mode as CellMode
from rnnlab.plots.confusion.order import ORDERS, Order, class_order, most_confused
from rnnlab.plots.run.confusion import Window, confusion, window
from rnnlab.plots.run.per_class import classes_in, per_class
from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette

Mode = Literal["rows", "columns", "counts", "classes", "letters", "positions"]
MODES: dict[Mode, str] = {
    "rows": "row %",
    "columns": "column %",
    "counts": "counts",
    "classes": "per class",
    "letters": "wrong steps",
    "positions": "by position",
}
"""Shares of each true class, of each predicted class, counts; precision, recall and F1 of each class; and where each step has
a class, samples with marks at the wrong steps, and the accuracy by position."""
_MATRIX: tuple[Mode, ...] = ("rows", "columns", "counts")
_PER_STEP: tuple[Mode, ...] = ("letters", "positions")


@dataclass(frozen=True)
class Frame:
    """A matrix and the cells of the screen that it is drawn in."""

    counts: Counts
    classes: Sequence[str]
    width: int
    height: int


class MatrixView:
    """View of a matrix. The cursor is on a pair of classes, so it stays on them in another order or mode."""

    def __init__(self) -> None:
        self.mode: Mode = "rows"
        self.order: Order = "classes"
        self.cursor: tuple[int, int] | None = None
        """Indices of the true and the predicted class; None: on the most frequent error, as it was not moved yet."""
        self._row = 0
        self._column = 0
        self._ordered: tuple[Counts, Order, list[int]] | None = None

    def _indices(self, counts: Counts) -> list[int]:
        """The classes in order; of many classes that takes longer than a key may, so it is kept for a matrix."""
        kept = self._ordered
        if kept is None or kept[0] is not counts or kept[1] != self.order:
            kept = self._ordered = counts, self.order, class_order(counts, self.order)
        return kept[2]

    @property
    def is_matrix(self) -> bool:
        """Whether the cells of the matrix are shown."""
        return self.mode in _MATRIX

    @property
    def has_cursor(self) -> bool:
        """Whether there is a cursor: on a cell, or on a class."""
        return self.mode not in _PER_STEP

    def next_mode(self, *, per_step: bool = False) -> Mode:
        """The mode that the key leads to; `per_step`: each step has a class."""
        modes = [mode for mode in MODES if per_step or mode not in _PER_STEP]
        return modes[(modes.index(self.mode) + 1) % len(modes)]

    def next_order(self) -> Order:
        """The order that the key leads to."""
        orders = list(ORDERS)
        return orders[(orders.index(self.order) + 1) % len(orders)]

    def cell(self, counts: Counts) -> tuple[int, int]:
        """Indices of the true and the predicted class under the cursor; of a log that was replaced there may be fewer."""
        if self.cursor is None or max(self.cursor) >= len(counts):
            return most_confused(counts)
        return self.cursor

    def move(self, frame: Frame, across: int, down: int) -> bool:
        """Move the cursor by so many cells; whether it moved."""
        order = self._indices(frame.counts)
        true, predicted = self.cell(frame.counts)
        last = len(order) - 1
        row = min(last, max(0, order.index(true) + down))
        column = min(last, max(0, order.index(predicted) + across))
        before, self.cursor = (true, predicted), (order[row], order[column])
        return self.cursor != before

    def put(self, frame: Frame, x: int, y: int) -> tuple[int, int] | None:
        """The cell at column `x` and line `y` of what is drawn, on which the cursor is put; None where there is none."""
        order = self._indices(frame.counts)
        row, column, view = self._in_sight(frame, order)
        if self.mode == "classes":
            at = row + y - 1
            if not 0 < y <= classes_in(frame.height, len(order)) or at >= len(order):
                return None
            self.cursor = (order[at], self.cell(frame.counts)[1])
            return self.cursor
        across = (x - view.names - 1) // view.cell
        down = y - view.header
        if not (0 <= across < view.columns and 0 <= down < view.rows):
            return None
        self.cursor = (order[row + down], order[column + across])
        return self.cursor

    def draw(self, frame: Frame, palette: Palette, *, focused: bool, empty: str) -> Lines:
        """The matrix, or the figures of the classes, with the cursor where the panel has the focus."""
        if not is_square(frame.counts, frame.classes):
            return confusion((), (), width=frame.width, height=frame.height, palette=palette, empty=empty)
        order = self._indices(frame.counts)
        row, column, _ = self._in_sight(frame, order, follow=focused)
        true, predicted = (order.index(at) for at in self.cell(frame.counts))
        if self.mode == "classes":
            return per_class(
                frame.counts,
                frame.classes,
                width=frame.width,
                height=frame.height,
                palette=palette,
                row=row,
                order=order,
                cursor=true if focused else None,
                empty=empty,
            )
        return confusion(
            frame.counts,
            frame.classes,
            width=frame.width,
            height=frame.height,
            palette=palette,
            mode=self.mode if self.mode == "columns" or self.mode == "counts" else "rows",
            row=row,
            column=column,
            order=order,
            cursor=(true, predicted) if focused else None,
            empty=empty,
        )

    def _window(self, frame: Frame) -> Window:
        mode: CellMode = self.mode if self.mode == "columns" or self.mode == "counts" else "rows"
        return window(frame.counts, frame.classes, width=frame.width, height=frame.height, mode=mode)

    def _in_sight(self, frame: Frame, order: Sequence[int], *, follow: bool = True) -> tuple[int, int, Window]:
        """The first row and column in sight, and the window; where they `follow` the cursor, moved so far that it is seen."""
        view = self._window(frame)
        if not follow:
            return self._row, self._column, view
        rows = classes_in(frame.height, len(order)) if self.mode == "classes" else view.rows
        true, predicted = (order.index(at) for at in self.cell(frame.counts))
        self._row = _seen(self._row, true, rows, len(order))
        self._column = _seen(self._column, predicted, view.columns, len(order))
        return self._row, self._column, view


def _seen(first: int, at: int, shown: int, total: int) -> int:
    """The first of `shown` among `total`, so that `at` is among them."""
    return min(max(0, total - shown), max(at - shown + 1, min(first, at)))
