"""The Sessions screen: every run there is, to open, compare at a glance, annotate and throw away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input
from textual.worker import get_current_worker

from rnnlab.config import UsageError
from rnnlab.engines.resume import is_ours, resume
from rnnlab.runs.folders import RunFolder, sessions_root
from rnnlab.runs.state import ENDED
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.in_sight import in_sight
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.select_whole import select_whole
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.opening import opening
from rnnlab.ui.opening.fitted import FittedScreen
from rnnlab.ui.run.figure_file import TOPIC, ask_for_file, figure_of_runs, write_figure
from rnnlab.ui.run.following.followers import followers_of
from rnnlab.ui.sessions.listing import ListedRepeats, ListedRun, ListedSession, Listing, RunsListed, nothing_to_compare
from rnnlab.ui.sessions.notes import edit_notes, one_at_a_time
from rnnlab.ui.sessions.row_detail import RowDetail
from rnnlab.ui.sessions.run_rows import ORDER_WORDS, ORDERS
from rnnlab.ui.sessions.run_table import RunTable, runs_of
from rnnlab.ui.sessions.trash import Notice, Trash, name_of
from rnnlab.ui.setup.draft.data_of import DataOf, data_of_run

REFRESH_SECONDS = 2.0
_SLICE = 0.1
"""Seconds of reading between two updates of the table."""


class SessionsScreen(FittedScreen[None]):
    """Rows are read in a thread and shown as they come; the table is read again every two seconds while it is in sight."""

    CSS_PATH = "../styles/sessions.tcss"
    TITLE = "Sessions"
    HELP = (
        "Every run on disk, the session last worked in first. A run stays readable while it trains, after it ended and "
        "after it failed. Runs that differ in their seed or fold only are one row, with mean ± standard deviation (of a sample, "
        "n - 1) over the seeds that finished; space or enter shows them one by one. Enter on a session, or s on one of its runs, "
        "opens its table: settings and figures as columns, filters, charts. What is deleted goes to the "
        ".trash folder beside the sessions; u brings the last one back. Ordered by best figure, runs stand by task and by the "
        "data that they were evaluated on, as figures of different data do not compare, and ★ marks the best of each. "
        "m marks a run, v compares the marked ones, f draws them to a file. Y copies the rows. g resumes a run that has ended."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "new run"),
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("o", "order", "order"),
        Binding("s", "session", "session"),
        Binding("v", "compare", "compare"),
        Binding("e", "notes", "notes"),
        Binding("d", "delete", "delete"),
        Binding("u", "undo", "undo"),
        Binding("f", "figure", "figure to a file", show=False),
        Binding("g", "resume", "resume an ended run", show=False),
        Binding("c", "copy", "copy path", show=False),
        Binding("Y", "copy_rows", "copy the rows as text, CSV", key_display="Y", show=False),
        Binding("r", "reload", "refresh", show=False),
        Binding("y", "yes", "yes", show=False),
        # From the filter, too, where the table has not the focus.
        Binding("up", "walk(-1)", "up", show=False),
        Binding("down", "walk(1)", "down", show=False),
        Binding("escape", "back", "back", show=False),
    ]

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._clock = clock
        self._listing = Listing()
        self._sessions: tuple[ListedSession, ...] = ()
        self.loaded = False
        self._reading = False
        self._trash = Trash()
        self._figure: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield TitleBar("sessions")
        yield Input(
            placeholder="words to search for: session, run, task, model, status, tag",
            id="filter",
            disabled=True,
            compact=True,
        )
        yield RunTable(clock=self._clock)
        yield RowDetail()
        yield Prompt()
        yield KeyBar()

    def on_mount(self) -> None:
        self._entitle()
        self.query_one(RunTable).focus()
        self.set_interval(REFRESH_SECONDS, self._refresh_in_sight)

    def on_screen_resume(self) -> None:
        self.call_after_refresh(self.action_reload)

    def on_screen_suspend(self) -> None:
        select_whole(self)

    async def shown_data(self) -> DataOf | None:
        """What the run under the cursor learns from, or the first of those that the row stands for."""
        runs = runs_of(self.query_one(RunTable).row)
        return await data_of_run(runs[0]) if runs else None

    def _refresh_in_sight(self) -> None:
        if in_sight(self):
            self.action_reload()

    def action_reload(self) -> None:
        if not self._reading:
            self._reading = True
            self._read()

    @work(thread=True, group="listing", exit_on_error=True)
    def _read(self) -> None:
        """Read the sessions in a thread: a disk may be slow, and thousands of runs take a while."""
        worker = get_current_worker()
        read: list[ListedSession] = []
        reported = time.monotonic()
        try:
            for session in self._listing.sessions():
                if worker.is_cancelled:
                    return
                read.append(self._settled(session))
                if time.monotonic() - reported > _SLICE and not self.loaded:
                    self.post_message(RunsListed(tuple(read), done=False))
                    reported = time.monotonic()
        except OSError as error:
            self.app.call_later(self._say, f"{sessions_root()} cannot be read: {error.strerror}", "error")
        self.post_message(RunsListed(tuple(read), done=True))

    def _settled(self, session: ListedSession) -> ListedSession:
        """The session, after the final event was written for trainers that are gone for good."""
        gone = [r for r in session.runs if r.summary.status == "interrupted"]
        if not gone:
            return session
        from rnnlab.engines.local import settle_session

        return self._listing.read(session.session) if settle_session(session.session) else session

    def on_runs_listed(self, event: RunsListed) -> None:
        event.stop()
        if event.done:
            self._reading, self.loaded = False, True
        table = self.query_one(RunTable)
        table.empty = self._empty_text()
        if event.sessions != self._sessions:
            self._sessions = event.sessions
            table.show(event.sessions)
            self.query_one(RowDetail).show(table.row)
        # Also where nothing changed: times are shown as so long ago.
        table.refresh()
        self._entitle()

    def _empty_text(self) -> str:
        if not self.loaded:
            return "Reading the sessions …"
        wanted = self.query_one("#filter", Input).value.strip()
        if wanted and self._sessions:
            return f"No run holds “{plain(wanted, 40)}”. Escape shows all of them again."
        return (
            f"No runs in {sessions_root()} yet. Press n to make the first one: pick a task and a model, "
            "start it, and watch it learn."
        )

    def _entitle(self) -> None:
        table = self.query_one(RunTable)
        runs = sum(len(session.runs) for session in self._sessions)
        sessions = len(self._sessions)
        training = sum(listed.held for session in self._sessions for listed in session.runs)
        counts = f"{runs} run{'' if runs == 1 else 's'} in {sessions} session{'' if sessions == 1 else 's'}"
        self.query_one(TitleBar).about = counts + (f" · {training} training" if training else "")
        by = f" · by {ORDER_WORDS[table.order]}" + (f", ★ by {table.starred_by}" if table.starred_by else "")
        table.border_title = Content.assemble("runs", (by, "$text-muted"))
        wanted = self.query_one("#filter", Input).value.strip()
        table.border_subtitle = Content(f"holding “{plain(wanted, 30)}”") if wanted else None

    # Opening, filtering, ordering.

    def on_run_table_moved(self) -> None:
        self.query_one(RowDetail).show(self.query_one(RunTable).row)
        if self.query_one(Prompt).topic != TOPIC:
            self._close_prompt()

    async def on_run_table_chosen(self, event: RunTable.Chosen) -> None:
        if isinstance(event.listed, ListedRun):
            opening(self.app).open_run(event.listed.run)
        else:
            await self.action_session()

    async def action_session(self) -> None:
        """Show the session of the row under the cursor."""
        row = self.query_one(RunTable).row
        session = row if isinstance(row, ListedSession) else self._session_of(row)
        if session is not None:
            await opening(self.app).open_session(session.path, self._listing.summaries_of(session.session))

    def action_compare(self) -> None:
        """Draw the marked runs on the same axes; where none is marked, those of the row and those comparable with it."""
        row = (table := self.query_one(RunTable)).row
        runs = list(table.marked.values()) or runs_of(row)
        problem = "" if runs else "There is no run to draw here; mark some with m."
        if isinstance(row, ListedRun | ListedRepeats) and not table.marked:
            alone = len(runs)
            if (session := self._session_of(row)) is not None:
                runs = [listed.run for listed in session.comparable_with(row)]
            problem = nothing_to_compare(row.name) if len(runs) == alone else ""
        if problem:
            self._say(problem, "information")
            return
        from rnnlab.ui.compare.screen import CompareScreen

        self.app.push_screen(CompareScreen(runs))

    def action_figure(self) -> None:
        """Ask for a file to which the marked runs, the row's run or the session's metric are drawn."""
        table = self.query_one(RunTable)
        runs = list(table.marked.values()) or runs_of(table.row)
        if not runs:
            self._say("There is no run to draw here.", "information")
            return
        whole = isinstance(table.row, ListedSession) and not table.marked
        self._figure = (str(runs[0].session.path), "metric") if whole else figure_of_runs(runs, "metric")
        name = runs[0].name if len(runs) == 1 and not whole else runs[0].session.name
        ask_for_file(self.query_one(Prompt), name, "metric")

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        if event.topic == TOPIC:
            self._write_figure(event.text)

    @work(group="figure", exit_on_error=False)
    async def _write_figure(self, file: str) -> None:
        self._say(*await write_figure(self._figure, file))

    async def action_new(self) -> None:
        await self.run_action("app.setup")

    def action_filter(self) -> None:
        field = self.query_one("#filter", Input)
        field.disabled = False
        field.add_class("-open")
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "filter":
            table = self.query_one(RunTable)
            table.empty = self._empty_text()
            table.narrow(event.value)
            self._entitle()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "filter":
            self.query_one(RunTable).focus()

    def action_walk(self, by: int) -> None:
        self.query_one(RunTable).action_move(by)

    def action_order(self) -> None:
        table = self.query_one(RunTable)
        table.sort(ORDERS[(ORDERS.index(table.order) + 1) % len(ORDERS)])
        self._entitle()

    def on_run_table_reordered(self, event: RunTable.Reordered) -> None:
        self.query_one(RunTable).sort(event.order)
        self._entitle()

    async def action_back(self) -> None:
        """Escape: leave the question, then the filter, then go back to where one came from."""
        field = self.query_one("#filter", Input)
        if self.query_one(Prompt).asking:
            self._close_prompt()
        elif field.has_class("-open"):
            field.value = ""
            field.remove_class("-open")
            field.disabled = True
            self.query_one(RunTable).focus()
        else:
            await self.run_action("app.go_back")

    # Notes, paths, the trash.

    def action_notes(self) -> None:
        """Write on the session or the run under the cursor."""
        row = self.query_one(RunTable).row
        if isinstance(row, ListedRepeats):
            self._say(one_at_a_time("given notes"), "information")
        elif isinstance(row, ListedSession) and row.problem:
            self._say(row.problem, "error")
        elif row is not None:
            edit_notes(self.app, row.session if isinstance(row, ListedSession) else row.run, self._noted)
        else:
            self._say("There is no run here.", "information")

    def _noted(self, problem: str) -> None:
        if problem:
            self._say(problem, "error")
        self.action_reload()

    def _session_of(self, row: ListedRun | ListedRepeats | None) -> ListedSession | None:
        if row is None:
            return None
        path = (row.session if isinstance(row, ListedRepeats) else row.run.session).path
        return next((session for session in self._sessions if session.path == path), None)

    def action_copy(self) -> None:
        row = self.query_one(RunTable).row
        if row is not None:
            paths = [listed.path for listed in row.runs] if isinstance(row, ListedRepeats) else [row.path]
            copied = plain(" ".join(map(str, paths)))
            self.app.copy_to_clipboard(copied)
            self._say(f"Copied {copied}", "information")

    def action_copy_rows(self) -> None:
        """The rows that are listed to the clipboard."""
        from rnnlab.ui.described.copying import ask_and_copy
        from rnnlab.ui.sessions.copying import copyable_rows

        rows = self.query_one(RunTable).rows
        if not rows:
            self._say("There is no run to copy.", "information")
            return
        ask_and_copy(self.app, copyable_rows(rows, self._clock()))

    def action_resume(self) -> None:
        """Resume the run under the cursor where it was stopped or failed; one that is complete asks on its own screen."""
        row = self.query_one(RunTable).row
        if not isinstance(row, ListedRun):
            self._say("One run can be resumed at a time: choose it first.", "information")
        elif row.summary.status in ("completed", "early-stopped"):
            self._say("This run is complete: on its own screen g asks for how many epochs more.", "information")
        elif row.summary.status not in ENDED:
            self._say("This run has not ended: there is nothing to resume.", "information")
        else:
            self._resume(row.run)

    @work(thread=True, group="resume", exit_on_error=False)
    def _resume(self, run: RunFolder) -> None:
        try:
            if not is_ours(run):
                raise UsageError(f"{run.name} was trained elsewhere: open it to see its settings, and press g there.")
            if other := resume(run):
                self.app.call_from_thread(self._say, other, "warning")
        except UsageError as error:
            self.app.call_from_thread(self._say, str(error), "warning")
        else:
            self.app.call_from_thread(self.action_reload)

    def action_delete(self) -> None:
        row = self.query_one(RunTable).row
        prompt = self.query_one(Prompt)
        if prompt.topic == "delete":
            self.action_yes()
        elif row is not None:
            prompt.confirm("delete", f"Move {plain(name_of(row), 80)} to the trash?  d or y: yes  any other key: no")

    def action_yes(self) -> None:
        row = self.query_one(RunTable).row
        if self.query_one(Prompt).topic != "delete" or row is None:
            return
        self._close_prompt()
        self._say_all(self._trash.discard(row, followers_of(self.app).leave))

    def action_undo(self) -> None:
        self._say_all(self._trash.undo())

    def _say_all(self, notices: list[Notice]) -> None:
        for notice in notices:
            self._say(*notice)
        self.action_reload()

    def on_key(self, event: events.Key) -> None:
        """Any key but the confirming ones takes the question back."""
        if self.query_one(Prompt).topic == "delete" and event.key not in ("d", "y", "escape"):
            self._close_prompt()

    def _close_prompt(self) -> None:
        prompt = self.query_one(Prompt)
        if prompt.asking:
            prompt.close()
            self.query_one(RunTable).focus()

    def _say(self, text: str, severity: str) -> None:
        self.notify(plain(text), severity=severity, markup=False, timeout=6)  # type: ignore[arg-type]
