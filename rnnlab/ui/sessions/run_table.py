"""Sessions and their runs as a table that draws only the lines in sight, so that thousands of rows cost nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size, clamp
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rnnlab.plots.run.figures import title_of
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.notes import tags_text
from rnnlab.text.lines import Line, fit, sentence
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.palette import palette_of
from rnnlab.ui.sessions.listing import ListedRepeats, ListedRun, ListedSession
from rnnlab.ui.sessions.run_cells import cell
from rnnlab.ui.sessions.run_rows import ORDERS, Filter, Order, Row, arranged, best_of_each

_GAP = 2
_COLUMNS: tuple[tuple[str, int, int], ...] = (
    # title, cells, how soon it goes where there is too little room
    ("task", 9, 3),
    ("model", 11, 2),
    ("status", 16, 0),
    ("best", 14, 1),
    ("epochs", 9, 5),
    ("weights", 7, 7),
    ("time", 7, 4),
    ("when", 9, 6),
)
_NAME = 18
"""Cells of a run's name at least."""
_RIGHT = ("epochs", "weights", "time", "when")


def runs_of(row: Row | None) -> list[RunFolder]:
    """The runs that a row stands for."""
    if row is None:
        return []
    return [row.run] if isinstance(row, ListedRun) else [listed.run for listed in row.runs]


class RunTable(ScrollView, can_focus=True):
    """One row is under the cursor: `row`. `Moved` is posted when it is another, `Chosen` when enter was pressed on a run."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "open"),
        Binding("space", "fold", "fold"),
        Binding("m", "mark", "mark for the overlay", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "move(-1000000)", "first", show=False),
        Binding("end", "move(1000000)", "last", show=False),
    ]
    DEFAULT_CSS = """
    RunTable { scrollbar-size-vertical: 1; overflow-x: hidden; }
    """

    class Moved(Message):
        """Another row is under the cursor."""

    @dataclass
    class Chosen(Message):
        """Enter, or a second click, on a run or a session: it is to be opened."""

        listed: ListedRun | ListedSession

    @dataclass
    class Reordered(Message):
        """A heading was clicked."""

        order: Order

    def __init__(self, *, clock: Callable[[], float] = time.time, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows: list[Row] = []
        self.order: Order = "when"
        self.empty = ""
        """The sentence that is shown where there is no row."""
        self._clock = clock
        self._sessions: Sequence[ListedSession] = ()
        self._filter = Filter()
        self._repeats: dict[Path, ListedRepeats] = {}
        self._turned: set[Path] = set()
        self.marked: dict[Path, RunFolder] = {}
        """Runs chosen to be drawn together, in the order they were chosen."""
        self._best: dict[Path, str] = {}
        """In the order of the best figure: the rows that are the best of their data (see `best_of_each`)."""
        self._at = 0

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self._at] if self._at < len(self.rows) else None

    def show(self, sessions: Sequence[ListedSession]) -> None:
        """Replace what is listed; the cursor stays on its row."""
        self._sessions = sessions
        self._repeats = {
            listed.path: group for session in sessions for group in session.repeats for listed in group.runs
        }
        self._arrange()

    def narrow(self, text: str) -> None:
        """Keep the rows that hold each of the words."""
        self._filter = Filter.of(text)
        self._arrange()

    def sort(self, order: Order) -> None:
        """Order the rows by another column."""
        self.order = order
        self._arrange()

    def select(self, path: Path) -> None:
        """Put the cursor on the row of this run or session."""
        for index, row in enumerate(self.rows):
            if row.path == path:
                self._go(index)
                return

    @property
    def starred_by(self) -> str:
        """The titles of the figures that rank, where runs of the same data were selected by different ones."""
        return ", ".join(sorted({title_of(figure) for figure in self._best.values() if figure}))

    def _arrange(self) -> None:
        before = self.row.path if self.row is not None else None
        self.rows = list(arranged(self._sessions, self._filter, self.order, self._turned))
        self._best = best_of_each(self._sessions, self._filter) if self.order == "best" else {}
        positions = {row.path: index for index, row in enumerate(self.rows)}
        at = positions.get(before, min(self._at, max(0, len(self.rows) - 1))) if before else 0
        if before is None and self.rows and isinstance(self.rows[0], ListedSession) and len(self.rows) > 1:
            at = 1  # the first run rather than its session
        self._at = at
        # Nothing scrolls sideways: a width would have the screen laid out once more as soon as it is known.
        self.virtual_size = Size(0, len(self.rows) + 1)
        self._keep_in_sight()
        self.refresh()
        if self.row is None or self.row.path != before:
            self.post_message(self.Moved())

    # Moving about.

    def action_move(self, by: int) -> None:
        self._go(clamp(self._at + by, 0, max(0, len(self.rows) - 1)))

    def action_page(self, by: int) -> None:
        self.action_move(by * max(1, self.size.height - 2))

    def action_choose(self) -> None:
        row = self.row
        if isinstance(row, ListedRun | ListedSession):
            self.post_message(self.Chosen(row))
        elif row is not None:
            self.action_fold()

    def action_fold(self) -> None:
        """Hide or show the runs of the session or of the repeats; from one of the repeats, those."""
        row = self.row
        if isinstance(row, ListedRun):
            row = self._repeats.get(row.path)
        if row is not None:
            self._turned ^= {row.path}
            self._arrange()
            self.select(row.path)

    def action_mark(self) -> None:
        """Mark the run, or all that the row stands for, to be drawn together; or take the mark off. The cursor moves down."""
        runs = runs_of(self.row)
        if all(run.path in self.marked for run in runs):
            for run in runs:
                self.marked.pop(run.path)
        else:
            self.marked |= {run.path: run for run in runs}
        self.refresh()
        self.action_move(1)

    def _go(self, index: int) -> None:
        if index == self._at:
            return
        before, self._at = self._at, index
        self._keep_in_sight()
        for at in (before, index):
            self.refresh(Region(0, at + 1 - self.scroll_offset.y, self.size.width, 1))
        self.post_message(self.Moved())

    def _keep_in_sight(self) -> None:
        height = self.size.height - 1
        top = self.scroll_offset.y
        if height > 0 and not top <= self._at < top + height:
            self.scroll_to(y=self._at if self._at < top else self._at - height + 1, animate=False)

    def on_resize(self) -> None:
        self._keep_in_sight()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            self._heading_clicked(offset.x)
            return
        index = offset.y - 1 + self.scroll_offset.y
        if index < len(self.rows):
            again = index == self._at
            self._go(index)
            if again or event.chain > 1:
                self.action_choose()

    def _heading_clicked(self, x: int) -> None:
        name, columns = self._columns(self.size.width)
        at = name + 1
        for title, cells in columns:
            at += _GAP
            if at <= x < at + cells and title in ORDERS:
                self.post_message(self.Reordered(title))
                return
            at += cells
        if x < name:
            self.post_message(self.Reordered("when"))

    # Drawing.

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        palette = palette_of(self.app)
        paper = self.rich_style
        if not self.rows:
            lines = sentence(self.empty, width, self.size.height, palette.style("muted"))
            return self._strip(lines[y] if y < len(lines) else [], width, paper)
        if y == 0:
            return self._strip(self._heading(width, palette), width, paper)
        index = y - 1 + self.scroll_offset.y
        if index >= len(self.rows):
            return Strip.blank(width, paper)
        row = self.rows[index]
        if isinstance(row, ListedSession):
            line = self._session_line(row, palette)
        elif isinstance(row, ListedRepeats):
            line = self._repeats_line(row, width, palette)
        else:
            line = self._run_line(row, width, palette)
        if index == self._at:
            names = "block-cursor" if self.has_focus else "block-cursor-blurred"
            variables = self.app.theme_variables
            ground = Style.parse(f"on {variables.get(f'{names}-background', '#444444')[:7]}")
            if palette.mono or self.app.current_theme.ansi:
                ground = Style(reverse=True)
            return self._strip(line, width, paper, ground)
        return self._strip(line, width, paper)

    def _strip(self, line: Line, width: int, paper: Style, ground: Style | None = None) -> Strip:
        full = paper if ground is None else paper + ground
        segments = [
            Segment(text, paper + style + ground if style and ground else full + style if style else full)
            for text, style, _ in line
        ]
        return Strip(segments).adjust_cell_length(width, full)

    def _columns(self, width: int) -> tuple[int, list[tuple[str, int]]]:
        """The cells of the name and the columns that fit beside it."""
        kept = list(_COLUMNS)
        while kept and _NAME + 2 + sum(cells + _GAP for _, cells, _ in kept) > width:
            kept.remove(max(kept, key=lambda column: column[2]))
        taken = sum(cells + _GAP for _, cells, _ in kept)
        return max(1, width - 2 - taken), [(title, cells) for title, cells, _ in kept]

    def _heading(self, width: int, palette: Palette) -> Line:
        name, columns = self._columns(width)
        muted = palette.style("muted")
        line: Line = [Segment(" " + fit("run", name), muted)]
        for title, cells in columns:
            style = palette.style("accent") if title == self.order else muted
            line.append(Segment(" " * _GAP + fit(title, cells, "right" if title in _RIGHT else "left"), style))
        return line

    def _session_line(self, row: ListedSession, palette: Palette) -> Line:
        mark = "▸" if row.path in self._turned else "▾"
        number = len(row.runs)
        line: Line = [
            Segment(f" {mark} ", palette.style("muted")),
            Segment(plain(row.session.name, 60), palette.style("text", bold=True)),
            Segment(f"  {number} run{'' if number == 1 else 's'}", palette.style("muted")),
        ]
        if row.tags:
            line.append(Segment(f"  {tags_text(row.tags)}", palette.style("accent")))
        if row.problem:
            line.append(Segment("  ✗ " + plain(row.problem, 300), palette.style("bad")))
        elif row.notes:
            line.append(
                Segment("  " + plain(row.notes.strip().partition("\n")[0], 200), palette.style("muted", italic=True))
            )
        return line

    def _repeats_line(self, row: ListedRepeats, width: int, palette: Palette) -> Line:
        name, columns = self._columns(width)
        mark = "▾" if row.path in self._turned else "▸"
        label = row.name if self.order == "when" else f"{row.session.name}/{row.name}"
        indent = 3 if self.order == "when" else 1
        line: Line = [
            *self._indent(indent, row, palette),
            Segment(f"{mark} ", palette.style("muted")),
            Segment(fit(label, name - 1 - indent), palette.style("text", bold=True)),
        ]
        return line + self._cells(row, columns, palette)

    def _run_line(self, row: ListedRun, width: int, palette: Palette) -> Line:
        name, columns = self._columns(width)
        label = row.run.name if self.order == "when" else f"{row.run.session.name}/{row.run.name}"
        if row.summary.tags:
            label += f"  {tags_text(row.summary.tags)}"
        indent = 3 if self.order == "when" else 1
        if row.path in self._repeats:
            indent += 2
        text = palette.style("text")
        line: Line = [*self._indent(indent, row, palette), Segment(fit(label, name + 1 - indent), text)]
        if row.summary.problem:
            line.append(Segment("  ✗ unreadable: " + plain(row.summary.problem, 300), palette.style("bad")))
            return line
        return line + self._cells(row, columns, palette)

    def _indent(self, cells: int, row: ListedRun | ListedRepeats, palette: Palette) -> Line:
        """The space before a name, with a dot where the row's runs are marked, or a star where it is the best of its data."""
        if not all(run.path in self.marked for run in runs_of(row)):
            if row.path in self._best:
                return [Segment("★" + " " * (cells - 1), palette.style("good", bold=True))]
            return [Segment(" " * cells)]
        return [Segment("●" + " " * (cells - 1), palette.style("accent", bold=True))]

    def _cells(self, row: ListedRun | ListedRepeats, columns: list[tuple[str, int]], palette: Palette) -> Line:
        line: Line = []
        for title, cells in columns:
            text, role = cell(row, title, self._clock())
            line.append(
                Segment(" " * _GAP + fit(text, cells, "right" if title in _RIGHT else "left"), palette.style(role))
            )
        return line
