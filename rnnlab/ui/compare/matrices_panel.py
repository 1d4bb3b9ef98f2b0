"""Two confusion matrices and the second less the first, with a cursor on one cell of all three."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import clamp
from textual.message import Message

from rnnlab.errors import UsageError
from rnnlab.plots.comparison.matrices import (
    PARTS,
    Block,
    Cursor,
    Differences,
    Named,
    Part,
    blocks_of,
    both_and_difference,
    cell_at,
    cell_text_of_both,
    differences_of,
    fits_together,
    most_different,
    window_of,
)
from rnnlab.plots.confusion.cells import Counts
from rnnlab.text.lines import Lines, sentence
from rnnlab.ui.described.figures import Described
from rnnlab.ui.run.panels.cursor_panel import CursorPanel

Matrix = tuple[Named, tuple[str, ...], str]
"""A group's matrix, its classes, and the part of the data."""


class MatricesPanel(CursorPanel):
    """The confusion matrices of two groups, A and B, and B less A; the cursor stands on the same cell of each."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "examples", "examples")]

    @dataclass
    class ExamplesWanted(Message):
        """The examples of a cell are wanted: of group `a` or `b`, by the names of the true and the predicted class."""

        letter: str
        true: str
        predicted: str

    def __init__(self, number: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, id=id)
        self.first: Matrix | None = None
        self.second: Matrix | None = None
        self.alone: Part = "difference"
        """The part with the cursor, which is drawn alone where not all three fit."""
        self.cursor: Cursor | None = None
        """None: where both differ most, as it was not moved yet."""
        self._shown = False
        """Whether any matrices were shown yet, or that there are none."""
        self._top, self._left = 0, 0
        """What was clicked last: a second click opens it."""
        self._differences: tuple[Counts, Counts, Differences] | None = None

    @property
    def pair(self) -> tuple[Named, Named, tuple[str, ...]] | None:
        """Both matrices and their classes; None where they do not compare."""
        if self.first is None or self.second is None or self.first[1:] != self.second[1:]:
            return None
        return self.first[0], self.second[0], self.first[1]

    @property
    def parted(self) -> bool:
        """Whether one of the three is drawn alone, as they do not fit together."""
        pair = self.pair
        return pair is not None and not fits_together(pair[2], *self.content_size)

    @property
    def letter(self) -> str:
        """The group whose examples a key lists: of the difference the one in which the cell is the more frequent."""
        if self.alone != "difference" or self.pair is None:
            return "a" if self.alone == "first" else "b"
        cell = self.cell
        return "a" if self._difference()[cell.true][cell.predicted] < 0 else "b"

    @property
    def cell(self) -> Cursor:
        """The cell under the cursor."""
        if self.cursor is None or max(self.cursor) >= len(self._difference()):
            return most_different(self._difference())
        return self.cursor

    def _difference(self) -> Differences:
        """B less A; of many classes that takes longer than a key may, so it is kept for two matrices."""
        assert self.first is not None
        assert self.second is not None
        first, second = self.first[0].counts, self.second[0].counts
        kept = self._differences
        if kept is None or kept[0] is not first or kept[1] is not second:
            kept = self._differences = first, second, differences_of(first, second)
        return kept[2]

    def show(self, first: Matrix | None, second: Matrix | None) -> None:
        """Take the matrices of A and B; the cursor stays on its classes, and goes where these are others."""
        if self._shown and (first, second) == (self.first, self.second):
            self._say_below()
            return
        self._shown = True
        before = self.pair
        self.first, self.second = first, second
        pair = self.pair
        if pair is not None and before is not None and pair[2] != before[2]:
            self.cursor, self._top, self._left = None, 0, 0
        self.entitle("confusion", *(f"{letter} {each[0].name if each else '–'}" for letter, each in self._lettered()))
        self.changed()

    def _lettered(self) -> tuple[tuple[str, Matrix | None], ...]:
        return ("A", self.first), ("B", self.second)

    def changed(self) -> None:
        """Draw after something was done here."""
        self._say_below()
        self.redraw()

    def _say_below(self) -> None:
        """The cell in words below the matrices, or the keys."""
        pair = self.pair
        if pair is not None and self.has_focus:
            first, second, classes = pair
            self.subtitle(("⏎", cell_text_of_both(first.counts, second.counts, classes, self.cell)))
        else:
            parted = [("m", "matrix")] if self.display and self.parted else []
            self.subtitle(("a", "group A"), ("b", "group B"), *parted)

    def draw(self, width: int, height: int) -> Lines:
        """Both and their difference, or why there is none."""
        pair = self.pair
        if pair is None:
            return sentence(self.problem(), width, height, self.palette.style("muted"))
        first, second, classes = pair
        self._bring_into_sight(blocks_of(classes, width, height, self.alone))
        return both_and_difference(
            first,
            second,
            classes,
            width=width,
            height=height,
            palette=self.palette,
            alone=self.alone,
            row=self._top,
            column=self._left,
            cursor=self.cell if self.has_focus else None,
        )

    def _bring_into_sight(self, blocks: list[Block]) -> None:
        """Move the part that is drawn of one alone, so that the cursor is in it."""
        pair = self.pair
        if pair is None or len(blocks) > 1:
            self._top = self._left = 0
            return
        view = window_of(blocks[0], self._counts(blocks[0].part), pair[2])
        cell, last = self.cell, len(pair[2])
        self._top = min(max(0, last - view.rows), max(cell.true - view.rows + 1, min(self._top, cell.true)))
        self._left = min(
            max(0, last - view.columns), max(cell.predicted - view.columns + 1, min(self._left, cell.predicted))
        )

    def _counts(self, part: Part) -> Counts:
        pair = self.pair
        assert pair is not None
        return pair[0].counts if part == "first" else pair[1].counts

    def problem(self) -> str:
        """Why there are not two matrices to compare."""
        if self.first is None or self.second is None:
            return "There are not two confusion matrices here: two groups of a classification are needed, each evaluated once."
        if self.first[1] != self.second[1]:
            return "The two groups have different classes, so their matrices do not compare; a and b choose others."
        return "One matrix is of the validation part, the other of the test part, so they do not compare yet."

    # Keys and the mouse.

    def next_part(self) -> None:
        """The cursor to another of the three."""
        self.alone = PARTS[(PARTS.index(self.alone) + 1) % len(PARTS)]
        self._clicked = None
        self.changed()
        self.screen.refresh_bindings()

    def scroll_by(self, across: int, down: int) -> None:
        """Move the cursor by so many cells."""
        pair = self.pair
        if pair is None:
            return
        cell, last = self.cell, len(pair[2]) - 1
        self._clicked = None
        self._put(Cursor(clamp(cell.true + down, 0, last), clamp(cell.predicted + across, 0, last)))

    def _put(self, cell: Cursor) -> None:
        letter = self.letter
        self.cursor = cell
        self.changed()
        if self.letter != letter:
            self.screen.refresh_bindings()

    def action_examples(self) -> None:
        """Ask for the examples of the cell under the cursor."""
        pair = self.pair
        if pair is not None:
            true, predicted = (pair[2][at] for at in self.cell)
            self.post_message(self.ExamplesWanted(self.letter, true, predicted))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Examples are those of a matrix."""
        return self.pair is not None if action == "examples" else True

    def on_click(self, event: events.Click) -> None:
        """The cursor to the cell; a second click lists its examples. Elsewhere two clicks fill the screen."""
        # Textual calls the handler of `Panel`, too, unless the default is prevented.
        pair, offset = self.pair, event.get_content_offset(self)
        if pair is None or offset is None:
            return
        for block in blocks_of(pair[2], *self.content_size, self.alone):
            cell = cell_at(block, self._counts(block.part), pair[2], offset.x, offset.y, self._top, self._left)
            if cell is None:
                continue
            event.prevent_default()
            clicked = block.part, cell
            again = clicked == self._clicked
            self.alone = block.part
            self._put(cell)
            self._clicked = clicked
            self.screen.refresh_bindings()
            if again:
                self.action_examples()
            return

    def sentences(self) -> Described:
        """Which classes are found more and less often in the second."""
        from rnnlab.plots.describe.confusion import describe_difference

        pair = self.pair
        if pair is None:
            raise UsageError(self.problem())
        first, second, classes = pair
        return Described("confusion, B − A", describe_difference(first, second, self._difference(), classes))
