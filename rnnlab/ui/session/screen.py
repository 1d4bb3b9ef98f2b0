"""The Session screen: the runs of one session as a live table, to order, filter, annotate, compare and begin anew from."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from rnnlab.plots.comparison.column_names import ColumnNames
from rnnlab.plots.comparison.where import where_so_far
from rnnlab.plots.run.figures import title_of
from rnnlab.runs.folders import Session
from rnnlab.runs.notes import tags_text
from rnnlab.runs.summaries import Summaries
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.in_sight import in_sight
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.select_whole import select_whole
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.session.acting import ActingScreen
from rnnlab.ui.session.arrange import Order
from rnnlab.ui.session.chart_panel import ChartPanel
from rnnlab.ui.session.columns import columns_for, default_keys, width_of_column
from rnnlab.ui.session.conclusions import asks_for, conclude
from rnnlab.ui.session.contents import Contents, SessionReader
from rnnlab.ui.session.table import RowsTable
from rnnlab.ui.sessions.row_detail import RowDetail
from rnnlab.ui.setup.draft.data_of import DataOf, data_of_run

REFRESH_SECONDS = 2.0
_SHARE = 6.0
"""Times that a reading has taken before the next begins, at least: of thousands of runs that train it takes a while."""
_PAUSE = 0.3
"""Seconds without a key after which the charts follow what was typed."""
_ASK_AGAIN = 15.0
"""Seconds between two questions to `rnnlab compare`, while runs end one after another."""


@dataclass
class ContentsRead(Message):
    """The session as it is now, and the widths of its columns, by key; with `done` all of its runs have been read."""

    contents: Contents | None
    widths: dict[str, int]
    keys: tuple[str, ...]
    done: bool
    took: float = 0.0


class SessionScreen(ActingScreen):
    """Runs are read in a thread and shown as they come; what changed is read again every two seconds while in sight.

    `summaries` is what is known of the session's runs already; `clock` is for the row's details.
    """

    CSS_PATH = "../styles/session.tcss"
    TITLE = "Session"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (170, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]
    HELP = (
        "The runs of one session, by rank on the validation part. ★: the best, as rnnlab compare marks it; ☆: starred by you; "
        "a figure with … is the best so far of a run that goes on. Runs that differ in their seed or fold only are one row, "
        "mean ± standard deviation (of a sample, n - 1) with the 95 % interval of the mean; space or enter shows them, s "
        "shows all runs one by one. ←→ go to a column, o orders by it, again the other way round, a third time by rank; c "
        "chooses columns. / filters by settings, figures and texts: hidden=256 acc>.8 lr<=1e-3 status~done tag=good; a figure "
        "without a part is that of the validation part, and a row of repeats goes by its mean. m marks runs: v, t, *, d and w "
        "then act on those; without a mark w reports on what the filter shows. n sets up a new run with the settings of the one "
        "under the cursor. Deleted runs go to the .trash folder; u brings the last ones back. On the command line: rnnlab "
        "compare SESSION --where '…'."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("o", "order", "order"),
        Binding("c", "columns", "columns"),
        Binding("p", "charts", "charts"),
        Binding("v", "compare", "compare"),
        Binding("n", "new_from", "new from this"),
        Binding("d", "delete", "delete"),
        Binding("u", "undo", "undo"),
        Binding("s", "seeds", "seeds apart or together", show=False),
        Binding("asterisk", "star", "star", key_display="*", show=False),
        Binding("t", "tag", "tag", show=False),
        Binding("e", "note", "note", show=False),
        Binding("r", "rename", "rename", show=False),
        Binding("w", "report", "report to a file", show=False),
        Binding("f", "figure", "figure to a file", show=False),
        Binding("Y", "copy", "copy the table as text, CSV", key_display="Y", show=False),
        Binding("f5", "reload", "refresh", show=False),
        Binding("left_square_bracket", "turn_chart(-1)", "chart before", key_display="[", show=False),
        Binding("right_square_bracket", "turn_chart(1)", "next chart", key_display="]", show=False),
        Binding("y", "yes", "yes", show=False),
        Binding("up", "walk(-1)", "up", show=False),
        Binding("down", "walk(1)", "down", show=False),
        Binding("escape", "back", "back", show=False),
    ]

    def __init__(
        self, session: Session, summaries: Summaries | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(session)
        self.loaded = False
        self._clock = clock
        self._reader = SessionReader(session, summaries)
        self._reading = False
        self._next = 0.0
        self._together = True
        self._keys: tuple[str, ...] = ()
        """Columns that the person chose; empty: the usual ones."""
        self._concluded_of: Hashable = None
        self._asked_at = -_ASK_AGAIN
        self._problem = ""
        self._names: ColumnNames | None = None
        self._typing: Timer | None = None

    def compose(self) -> ComposeResult:
        yield TitleBar("sessions")
        yield Input(
            placeholder="hidden=256 acc>.8 lr<=1e-3 status~done tag=good, or any text",
            id="where",
            disabled=True,
            compact=True,
        )
        yield Static(id="where-problem", markup=False)
        with Container(id="body"):
            yield RowsTable()
            yield ChartPanel()
        yield RowDetail()
        yield Prompt()
        yield KeyBar()

    def on_mount(self) -> None:
        self.table.empty = "Reading the runs …"
        # What is known already stands in the first frame, and is drawn once.
        if (known := self._reader.known()) is not None:
            self._take(self._message(known, (), done=False))
        self._entitle()
        self.table.focus()
        self.set_interval(REFRESH_SECONDS, self._refresh_in_sight)

    def on_screen_resume(self) -> None:
        if in_sight(self):
            self.call_after_refresh(self.action_reload)

    def on_screen_suspend(self) -> None:
        select_whole(self)

    @property
    def contents(self) -> Contents | None:
        """The session as it was read last."""
        return self.table.contents

    async def shown_data(self) -> DataOf | None:
        """What the run under the cursor learns from."""
        row = self.table.row
        return await data_of_run(row.runs[0].run) if row is not None else None

    # Reading.

    def _refresh_in_sight(self) -> None:
        if (in_sight(self) or self.app.screen is self.charts) and time.monotonic() >= self._next:
            self.action_reload()

    def action_reload(self) -> None:
        if not self._reading:
            self._reading = True
            self._read(self._together, self._keys)

    @work(thread=True, group="reading", exit_on_error=True)
    def _read(self, together: bool, keys: tuple[str, ...]) -> None:
        worker = get_current_worker()
        began = time.monotonic()
        try:
            for contents in self._reader.read(together=together):
                if worker.is_cancelled:
                    return
                self.post_message(self._message(contents, keys, done=False))
            if self._reader.settle():
                for contents in self._reader.read(together=together):
                    self.post_message(self._message(contents, keys, done=False))
        except OSError as error:
            self.app.call_later(self.say, f"{self.session.path} cannot be read: {error.strerror}", "error")
        self.post_message(ContentsRead(None, {}, (), done=True, took=time.monotonic() - began))

    def _message(self, contents: Contents, keys: tuple[str, ...], *, done: bool) -> ContentsRead:
        shown = keys or tuple(default_keys(contents, intervals=bool(self.found.rows)))
        widths = {
            column.key: width_of_column(contents, column, self.found.rows) for column in columns_for(contents, shown)
        }
        return ContentsRead(contents, widths, shown, done=done)

    def on_contents_read(self, event: ContentsRead) -> None:
        event.stop()
        self._take(event)

    def _take(self, event: ContentsRead) -> None:
        """Show the session as it was read."""
        table = self.table
        if event.done:
            self._reading, self.loaded = False, True
            self._next = time.monotonic() + _SHARE * event.took
        if event.contents is not None:
            table.keys = self._keys or event.keys
            table.show(event.contents, event.widths)
            self._take_filter()
            self.query_one(RowDetail).show(table.row.listed if table.row is not None else None)
        table.empty = self._empty_text()
        if event.done:
            table.refresh()
            self._conclude()
        if event.contents is not None:
            self.show_charts()
        self._entitle()

    def _conclude(self) -> None:
        """Ask for intervals where the runs that have ended are others than when they were asked for last."""
        contents = self.contents
        now = time.monotonic()
        wanted = asks_for(contents) if contents is not None else None
        if contents is None or wanted is None or wanted == self._concluded_of or now - self._asked_at < _ASK_AGAIN:
            return
        self._asked_at, self._concluded_of = now, wanted
        self._ask(contents)

    @work(group="concluding", exclusive=True, exit_on_error=False, description="conclude from the seeds")
    async def _ask(self, contents: Contents) -> None:
        self.found = await conclude(contents)
        if self.found.rows and self.is_attached:
            table = self.table
            table.conclude(self.found.rows)
            if not self._keys and self.contents is not None:
                table.choose_columns(tuple(default_keys(self.contents, intervals=True)))
            self.show_charts()
        self._entitle()

    def _empty_text(self) -> str:
        if not self.loaded:
            return "Reading the runs …"
        contents = self.contents
        if contents is not None and contents.listed:
            return f"No run meets “{plain(self.query_one('#where', Input).value, 60)}”. Escape shows all of them again."
        if not self.session.path.is_dir():
            return f"The folder of {self.session.name} was deleted, or moved away. esc leads back."
        return f"{self.session.name} holds no run yet. Press n to set one up."

    def on_rows_table_marked(self) -> None:
        self._entitle()

    def _entitle(self) -> None:
        table, contents = self.table, self.contents
        title = contents.info.name if contents is not None else self.session.name
        about: list[str] = []
        if contents is not None:
            number = len(contents.listed)
            about = [f"{number:,} run{'' if number == 1 else 's'}" + ("" if self.loaded else " so far")]
            about += [f"{contents.training} training"] * bool(contents.training)
        self.query_one(TitleBar).about = " · ".join([plain(title, 80), *about])
        parts: list[Any] = [plain(title, 60)]
        if contents is not None:
            parts += [(f" · {plain(text)}", "$text-muted") for text in self._about(contents)]
        table.border_title = Content.assemble(*parts)
        where = table.where
        total = sum(len(rows) for rows in contents.rows) + len(contents.unreadable) if contents is not None else 0
        table.border_subtitle = (
            Content(f"{plain(where.text, 100)}: {table.shown:,} of {total:,} rows") if where.terms else None
        )
        self.refresh_bindings()

    def _about(self, contents: Contents) -> list[str]:
        """What the rows are ordered by, and what is wrong with the session, or its tags."""
        table = self.table
        ranked = sorted({title_of(each.ranked_by) for each in contents.comparisons if each.ranked_by})
        by = next((column.title for column in table.columns if column.key == table.order.key), "")
        order = f"by {by}" if by else f"by validation {', '.join(ranked)}" if ranked else ""
        marked = f"{len(table.marked)} marked" if table.marked else ""
        return [
            text for text in (order, marked, contents.pilots, tags_text(contents.info.tags), contents.problem) if text
        ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what does something here and now is offered."""
        contents = self.contents
        if action == "undo":
            return len(self._trash) > 0
        if action == "yes":
            return self.query_one(Prompt).topic == "delete"
        if action == "turn_chart":
            return self.query_one(ChartPanel).display
        if action in ("filter", "order", "columns", "charts", "compare", "delete"):
            return contents is not None and bool(contents.listed)
        return True

    # Filter, order, columns.

    def action_filter(self) -> None:
        field = self.query_one("#where", Input)
        field.disabled = False
        field.add_class("-open")
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "where":
            self._take_filter()
            self.table.empty = self._empty_text()
            self._entitle()

    def _take_filter(self) -> None:
        """Filter by what is typed; what cannot be meant is said, and the other terms hold."""
        contents, text = self.contents, self.query_one("#where", Input).value
        problem = ""
        if contents is not None:
            if self._names is None or self._names.comparisons is not contents.comparisons:
                self._names = ColumnNames(contents.comparisons)
            where, problem = where_so_far(text, self._names)
            if where != self.table.where:
                self.table.narrow(where)
                self._redraw_soon()
        if problem != self._problem:
            self._problem = problem
            said = self.query_one("#where-problem", Static)
            said.update(Content(plain(problem, 600)))
            said.set_class(bool(problem), "-said")

    def _redraw_soon(self) -> None:
        """Draw the charts anew once nobody has typed for a moment."""
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_PAUSE, self.show_charts)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "where" and not self._problem:
            self.table.focus()

    def action_walk(self, by: int) -> None:
        self.table.action_move(by)

    def action_order(self) -> None:
        """Order by the column under the cursor; again: the other way round; a third time: by rank."""
        column = self.table.column
        self._order_by(column.key if column is not None else "")

    def on_rows_table_reordered(self, event: RowsTable.Reordered) -> None:
        self._order_by(event.key)

    def _order_by(self, key: str) -> None:
        order = self.table.order
        if order.key != key:
            order = Order(key)
        else:
            order = Order() if order.turned else replace(order, turned=True)
        self.table.sort(order)
        self._entitle()

    def action_columns(self) -> None:
        contents = self.contents
        if contents is None:
            return
        from rnnlab.ui.session.columns_screen import ColumnsScreen

        usual = tuple(default_keys(contents, intervals=bool(self.found.rows)))

        def take(keys: tuple[str, ...] | None) -> None:
            if keys:
                self._keys = () if keys == usual else keys
                self.table.choose_columns(keys)

        self.app.push_screen(ColumnsScreen(contents, self.table.keys, usual), take)

    def action_seeds(self) -> None:
        """Show runs that differ in their seed only one by one, or as one row again."""
        self._together = not self._together
        self.action_reload()

    async def action_back(self) -> None:
        """Escape: leave the question, then the filter, then the marks, then the session."""
        field = self.query_one("#where", Input)
        if self.query_one(Prompt).asking:
            self.close_prompt()
        elif field.has_class("-open"):
            field.value = ""
            field.remove_class("-open")
            field.disabled = True
            self.table.focus()
        elif self.table.marked:
            self.table.unmark()
            self._entitle()
        else:
            self.dismiss()
