"""A session's runs as a table that draws only the lines in sight: a cursor down the rows and one across the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size, clamp
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rnnlab.plots.comparison.where import Where
from rnnlab.runs.folders import RunFolder
from rnnlab.text.lines import sentence
from rnnlab.ui.common.palette import palette_of
from rnnlab.ui.session.arrange import Heading, Line, Order, Placed, arranged
from rnnlab.ui.session.columns import Concluded, TableColumn, columns_for, width_of_column
from rnnlab.ui.session.contents import Contents, SessionRow
from rnnlab.ui.session.table_lines import GAP, HEAD, Drawing, cell_widths, head_lines, line_of, name_width, strip_of


class RowsTable(ScrollView, can_focus=True):
    """One row is under the cursor: `row`; one column too: `column`.

    `Moved` is posted when another row is, `Chosen` when enter was pressed on a run, `Reordered` when a heading was clicked.
    """

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "open"),
        Binding("space", "fold", "seeds", show=False),
        Binding("m", "mark", "mark for v, t, *, d, w", show=False),
        Binding("left", "across(-1)", "column to the left", show=False),
        Binding("right", "across(1)", "column to the right", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "move(-1000000)", "first", show=False),
        Binding("end", "move(1000000)", "last", show=False),
    ]
    DEFAULT_CSS = """
    RowsTable { scrollbar-size-vertical: 1; overflow-x: hidden; }
    """

    class Moved(Message):
        """Another row is under the cursor."""

    @dataclass
    class Chosen(Message):
        """Enter, or a second click, on a run: it is to be opened."""

        run: RunFolder

    @dataclass
    class Reordered(Message):
        """The heading of a column was clicked."""

        key: str

    class Marked(Message):
        """Runs were marked, or a mark taken off."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.contents: Contents | None = None
        self.lines: list[Line] = []
        self.shown = 0
        """Rows that meet the filter."""
        self.where = Where()
        self.order = Order()
        self.keys: tuple[str, ...] = ()
        self.columns: list[TableColumn] = []
        self.empty = ""
        """The sentence that is shown where there is no row."""
        self.marked: dict[Path, RunFolder] = {}
        self.concluded: Concluded = {}
        self._unfolded: set[Path] = set()
        self._renamed: Path | None = None
        self._widths: dict[str, int] = {}
        self._at = 0
        self._across = 0
        self._first = 0
        """The first column in sight behind the run's."""

    @property
    def placed(self) -> Placed | None:
        """The row under the cursor, with its comparison."""
        line = self.lines[self._at] if self._at < len(self.lines) else None
        return line if isinstance(line, Placed) else None

    @property
    def row(self) -> SessionRow | None:
        """The row under the cursor."""
        return self.placed.row if self.placed is not None else None

    @property
    def column(self) -> TableColumn | None:
        """The column under the cursor."""
        return self.columns[self._across] if self._across < len(self.columns) else None

    @property
    def chosen(self) -> list[RunFolder]:
        """The marked runs, or those of the row under the cursor."""
        return list(self.marked.values()) or ([each.run for each in self.row.runs] if self.row is not None else [])

    @property
    def runs_shown(self) -> list[RunFolder]:
        """The runs of all rows that meet the filter."""
        rows = [line.row for line in self.lines if isinstance(line, Placed)]
        return list({each.path: each.run for row in rows for each in row.runs}.values())

    def show(self, contents: Contents, widths: Mapping[str, int]) -> None:
        """Replace what is listed; the cursor stays on its row. `widths` are those of columns, by key."""
        self.contents = contents
        self._widths = dict(widths)
        self.columns = columns_for(contents, self.keys)
        there = {each.path for each in contents.listed}
        for path in [path for path in self.marked if path not in there]:
            del self.marked[path]
        self._arrange()

    def choose_columns(self, keys: tuple[str, ...]) -> None:
        """Show these columns; the cursor stays on its column."""
        before = self.column.key if self.column is not None else ""
        self.keys = keys
        if self.contents is not None:
            self.columns = columns_for(self.contents, keys)
            for column in self.columns:
                if column.key not in self._widths:
                    self._widths[column.key] = width_of_column(self.contents, column, self.concluded)
        found = [column.key for column in self.columns]
        self._across = found.index(before) if before in found else clamp(self._across, 0, max(0, len(found) - 1))
        self._first = 0
        self._keep_column_in_sight()
        self._arrange()

    def conclude(self, concluded: Concluded) -> None:
        """Take what was concluded from the seeds."""
        self.concluded = concluded
        for key in ("interval", "verdict"):
            self._widths.pop(key, None)
        self.choose_columns(self.keys)

    def narrow(self, where: Where) -> None:
        """Keep the rows that meet the filter."""
        self.where = where
        self._arrange()

    def sort(self, order: Order) -> None:
        """Order the rows by another column."""
        self.order = order
        self._arrange()

    def select(self, path: Path) -> None:
        """Put the cursor on the row of this run."""
        for index, line in enumerate(self.lines):
            if isinstance(line, Placed) and line.row.path == path:
                self._go(index)
                return

    def rows_of(self, at: int) -> list[SessionRow]:
        """The rows in sight of one comparison, by its index."""
        return [line.row for line in self.lines if isinstance(line, Placed) and line.at == at]

    def follow(self, path: Path) -> None:
        """Keep the cursor on the run under it, which has another path now: the table shows it once it is read."""
        self._renamed = path

    def _arrange(self) -> None:
        if self.contents is None:
            self.refresh()
            return
        before = self._renamed or (self.row.path if self.row is not None else None)
        self._renamed = None
        self.lines, self.shown = arranged(self.contents, self.where, self.order, self.columns, self._unfolded)
        paths = {line.row.path: index for index, line in enumerate(self.lines) if isinstance(line, Placed)}
        at = paths.get(before, self._at) if before is not None else 0
        self._at = self._on_row(clamp(at, 0, max(0, len(self.lines) - 1)), 1)
        # Nothing scrolls sideways: a width would have the screen laid out once more as soon as it is known.
        self.virtual_size = Size(0, len(self.lines) + HEAD)
        self._keep_in_sight()
        self.refresh()
        if self.row is None or self.row.path != before:
            self.post_message(self.Moved())

    # Moving about.

    def _on_row(self, index: int, by: int) -> int:
        """The index, or that of the next row in the direction where a heading stands there."""
        step = 1 if by >= 0 else -1
        for way in (step, -step):
            at = index
            while 0 <= at < len(self.lines):
                if isinstance(self.lines[at], Placed):
                    return at
                at += way
        return index

    def action_move(self, by: int) -> None:
        self._go(self._on_row(clamp(self._at + by, 0, max(0, len(self.lines) - 1)), by))

    def action_page(self, by: int) -> None:
        self.action_move(by * max(1, self.size.height - HEAD - 1))

    def action_across(self, by: int) -> None:
        """The cursor to another column, which is brought into sight."""
        self._across = clamp(self._across + by, 0, max(0, len(self.columns) - 1))
        self._keep_column_in_sight()
        self.refresh()

    def action_choose(self) -> None:
        row = self.row
        if row is None:
            return
        if row.alone:
            self.post_message(self.Chosen(row.runs[0].run))
        else:
            self.action_fold()

    def action_fold(self) -> None:
        """Show the runs that a row stands for, or hide them; from one of them, too."""
        row = self.row
        path = row.within or (None if row.alone else row.path) if row is not None else None
        if path is not None:
            self._unfolded ^= {path}
            self._arrange()
            self.select(path)

    def action_mark(self) -> None:
        """Mark the run, or all that the row stands for; or take the mark off. The cursor moves down."""
        row = self.row
        if row is None:
            return
        runs = [each.run for each in row.runs]
        if all(run.path in self.marked for run in runs):
            for run in runs:
                self.marked.pop(run.path)
        else:
            self.marked |= {run.path: run for run in runs}
        self.refresh()
        self.post_message(self.Marked())
        self.action_move(1)

    def unmark(self) -> None:
        """Take off all marks."""
        self.marked.clear()
        self.refresh()
        self.post_message(self.Marked())

    def _go(self, index: int) -> None:
        if index == self._at:
            return
        before, self._at = self._at, index
        self._keep_in_sight()
        for at in (before, index):
            self.refresh(Region(0, at + HEAD - self.scroll_offset.y, self.size.width, 1))
        self.post_message(self.Moved())

    def _keep_in_sight(self) -> None:
        height = self.size.height - HEAD
        # The heading above the first row comes into sight with it.
        top, at = self.scroll_offset.y, self._at if self._at > 1 else 0
        if height > 0 and not top <= at < top + height:
            self.scroll_to(y=at if at < top else at - height + 1, animate=False)

    def _keep_column_in_sight(self) -> None:
        if self._across <= self._first:
            self._first = max(1, self._across)
            return
        while self._across >= self._first + len(self._drawing().columns) - 1 and self._first < self._across:
            self._first += 1

    def on_resize(self) -> None:
        self._keep_column_in_sight()
        self._keep_in_sight()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < HEAD:
            self._heading_clicked(offset.x)
            return
        index = offset.y - HEAD + self.scroll_offset.y
        if index < len(self.lines) and isinstance(self.lines[index], Placed):
            again = index == self._at
            self._go(index)
            if again or event.chain > 1:
                self.action_choose()

    def _heading_clicked(self, x: int) -> None:
        drawing = self._drawing()
        at = drawing.name + 2
        if x < at:
            self.post_message(self.Reordered("run"))
            return
        for column, cells in zip(drawing.columns[1:], drawing.cells[1:], strict=True):
            at += GAP
            if at <= x < at + cells:
                self.post_message(self.Reordered(column.key))
                return
            at += cells

    # Drawing.

    def _drawing(self) -> Drawing:
        """The columns in sight, and what their lines are drawn with."""
        first = max(1, self._first)
        name = name_width(self.columns, self._widths, self.size.width)
        cells = cell_widths(self.columns[first:], self._widths, self.size.width - name - 2)
        columns = [*self.columns[:1], *self.columns[first : first + len(cells)]]
        return Drawing(
            columns=columns,
            cells=[name, *cells],
            name=name,
            palette=palette_of(self.app),
            column=self.column.key if self.column is not None else "",
            order=self.order,
            marked=self.marked,
            unfolded=self._unfolded,
            concluded=self.concluded,
            more_left=first > 1,
            more_right=first + len(cells) < len(self.columns),
        )

    def render_line(self, y: int) -> Strip:
        width, paper = self.size.width, self.rich_style
        if not self.lines:
            palette = palette_of(self.app)
            lines = sentence(self.empty, width, self.size.height, palette.style("muted"))
            return strip_of(lines[y] if y < len(lines) else [], width, paper)
        drawing = self._drawing()
        if y < HEAD:
            return strip_of(head_lines(drawing, width)[y], width, paper)
        index = y - HEAD + self.scroll_offset.y
        if index >= len(self.lines):
            return Strip.blank(width, paper)
        line = self.lines[index]
        if isinstance(line, Heading):
            return strip_of(drawing.heading(line.text, width), width, paper)
        ground = drawing.ground(self.app, focused=self.has_focus) if index == self._at else None
        return strip_of(line_of(line, drawing, width), width, paper, ground)
