"""The confusion matrix over the epochs; for a regression run, what it answers beside what is right."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.geometry import clamp

from rnnlab.plots.confusion import Mode, confusion, window
from rnnlab.plots.lines import Lines, sentence
from rnnlab.runs.state import RunState
from rnnlab.ui.follow import RunFollower
from rnnlab.ui.widgets.panel import Panel
from rnnlab.ui.widgets.samples import answer_table

_SMALL = (38, 7)
"""The cells inside the panel where it shares the lower half of an 80×24 screen."""


@dataclass(frozen=True)
class Shown:
    """One matrix that can be looked at: the split and epoch it is of, and its counts."""

    split: str
    words: str
    counts: tuple[tuple[int, ...], ...]


def matrices(state: RunState) -> list[Shown]:
    """The matrices of the validation split, oldest first, and after them that of the test split."""
    kept = state.matrices.get("validation")
    shown = [Shown("validation", f"epoch {matrix.epoch}", matrix.counts) for matrix in kept.all()] if kept else []
    if state.final_confusion is not None:
        shown.append(Shown("test", "best weights", state.final_confusion))
    # A log from a stranger may hold a matrix of another shape.
    classes = len(state.started.data.classes) if state.started else 0
    return [each for each in shown if len(each.counts) == classes and all(len(row) == classes for row in each.counts)]


class ConfusionPanel(Panel):
    """Follows the latest matrix; an earlier one that is looked at stays until the newest is reached again."""

    def __init__(self, number: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, id=id)
        self.mode: Mode = "rows"
        self.picked: Shown | None = None
        """The matrix that is looked at; None: the latest."""
        self.row = 0
        self.column = 0

    @property
    def lists_answers(self) -> bool:
        """Whether the run has no classes, so that its answers stand here."""
        started = self.follower.state.started if self.follower else None
        return started is not None and started.data.problem == "regression"

    @property
    def fits_small(self) -> bool:
        """Whether the whole matrix fits beside another panel in the lower half of a small screen."""
        if self.lists_answers:
            return False
        shown = self._shown()
        if shown is None or self.follower is None or self.follower.state.started is None:
            return False
        classes = self.follower.state.started.data.classes
        view = window(shown.counts, classes, width=_SMALL[0], height=_SMALL[1])
        return view.rows == view.columns == len(classes)

    @property
    def scrolls(self) -> bool:
        """Whether a part of the matrix is out of sight."""
        return self._room() != (0, 0)

    def depends_on(self, follower: RunFollower) -> Hashable:
        state = follower.state
        kept = state.matrices.get("validation")
        return (kept.seen if kept else 0, state.final_confusion is not None, state.samples_epoch, state.status)

    def advance(self, follower: RunFollower) -> None:
        self.follower = follower
        self._entitle()
        super().advance(follower)

    def next_mode(self) -> None:
        """From counts to percent of each row, and back."""
        self.mode = "counts" if self.mode == "rows" else "rows"
        self._entitle()
        self.redraw()

    def browse(self, by: int) -> None:
        """Look at an earlier or a later matrix."""
        if self.follower is None:
            return
        every = matrices(self.follower.state)
        if not every:
            return
        # By its words, as the list is thinned while the run goes on.
        words = [(shown.split, shown.words) for shown in every]
        picked = (self.picked.split, self.picked.words) if self.picked else words[-1]
        at = clamp((words.index(picked) if picked in words else len(words) - 1) + by, 0, len(words) - 1)
        self.picked = every[at] if at < len(every) - 1 else None
        self._entitle()
        self.redraw()

    def scroll_by(self, across: int, down: int) -> None:
        """Move the part that is shown."""
        rows, columns = self._room()
        self.row = clamp(self.row + down, 0, rows)
        self.column = clamp(self.column + across, 0, columns)
        self.redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scrolled(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scrolled(event, -1)

    def _scrolled(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        self.scroll_by(by if event.shift else 0, 0 if event.shift else by)

    def _shown(self) -> Shown | None:
        if self.picked is not None or self.follower is None:
            return self.picked
        every = matrices(self.follower.state)
        return every[-1] if every else None

    def _room(self) -> tuple[int, int]:
        """How many rows and columns are out of sight."""
        shown = self._shown()
        if shown is None or self.follower is None or self.follower.state.started is None or not self.size.area:
            return 0, 0
        width, height = self.content_size
        classes = self.follower.state.started.data.classes
        view = window(shown.counts, classes, width=width - 1, height=height, mode=self.mode)
        return len(classes) - view.rows, len(classes) - view.columns

    def _entitle(self) -> None:
        if self.lists_answers:
            epoch = self.follower.state.samples_epoch if self.follower else 0
            self.entitle("answers", "validation", f"epoch {epoch}")
            self.subtitle(("enter", "all"))
            return
        shown = self._shown()
        mode = "row %" if self.mode == "rows" else "counts"
        if shown is None:
            self.entitle("confusion", mode)
        elif shown.split == "test":
            self.entitle("confusion", "test", shown.words, mode)
        else:
            many = self.follower is not None and len(matrices(self.follower.state)) > 1
            self.entitle("confusion", "validation", f"◂ {shown.words} ▸" if many else shown.words, mode)
        self.subtitle((", .", "epoch"), ("m", "counts" if self.mode == "rows" else "row %"))

    def draw(self, width: int, height: int) -> Lines:
        if self.follower is None:
            return []
        state = self.follower.state
        if self.lists_answers:
            if not state.samples:
                return sentence("Answers come with the first evaluation.", width, height, self.palette.style("muted"))
            return _inset(answer_table(state.samples, width - 2, height, self.palette))
        shown = self._shown()
        classes = state.started.data.classes if state.started else ()
        if shown is None and state.started is not None and len(classes) > 200:
            words = f"No matrix is kept of {len(classes)} classes: beyond 200 it is too large for the log."
            return sentence(words, width, height, self.palette.style("muted"))
        return _inset(
            confusion(
                shown.counts if shown else (),
                classes,
                width=width - 1,
                height=height,
                palette=self.palette,
                mode=self.mode,
                row=self.row,
                column=self.column,
                empty="No evaluation was made." if state.ended else "Drawn from the first evaluation on.",
            )
        )


def _inset(lines: Lines) -> Lines:
    """The lines one cell to the right."""
    return [[Segment(" "), *line] for line in lines]
