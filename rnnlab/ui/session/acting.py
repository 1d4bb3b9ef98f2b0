"""What is done with the runs of the Session screen: opened, compared, annotated, deleted, drawn, reported, begun anew from."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import TYPE_CHECKING

from textual import events, work
from textual.worker import get_current_worker

from rnnlab.config import UsageError
from rnnlab.paths import user_path
from rnnlab.plots.comparison.where import Where
from rnnlab.runs.folders import RunFolder, Session, check_name
from rnnlab.runs.rename import rename_run
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.opening import opening
from rnnlab.ui.opening.fitted import FittedScreen
from rnnlab.ui.run.figure_file import TOPIC, ask_for_file, figure_of_runs, write_figure
from rnnlab.ui.run.following.followers import followers_of
from rnnlab.ui.session import annotating
from rnnlab.ui.session.chart_panel import ChartPanel
from rnnlab.ui.session.charts import charts_beside
from rnnlab.ui.session.conclusions import Found
from rnnlab.ui.session.contents import Contents
from rnnlab.ui.session.table import RowsTable
from rnnlab.ui.sessions.listing import nothing_to_compare
from rnnlab.ui.sessions.notes import edit_notes, one_at_a_time
from rnnlab.ui.sessions.row_detail import RowDetail
from rnnlab.ui.sessions.trash import Notice, Trash

if TYPE_CHECKING:
    from rnnlab.ui.session.charts_screen import ChartsScreen

_MANY = 1000
"""Runs up to which the charts are chosen at once."""
_WIDTH = 40
"""Cells of a name or of tags to be typed."""
_NAMED = 80
"""Characters of the names of runs in a question."""
_COPIED = 160
"""Columns of a table in the clipboard."""


class ActingScreen(FittedScreen[None]):
    """A screen with a `RowsTable`, a `Prompt` and a `RowDetail`; its actions are on the marked runs, or the row's."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.found = Found()
        """What was concluded from the seeds."""
        self.charts: ChartsScreen | None = None
        """The charts over the whole screen, opened last."""
        self._charted: tuple[object, object, object] | None = None
        """What the charts were chosen from: the same need not be drawn again."""
        self._trash = Trash()
        self._figure: tuple[str, ...] = ()
        self._asked: list[RunFolder] = []
        """The runs that an open question is about."""

    @property
    def table(self) -> RowsTable:
        """The table of runs."""
        return self.query_one(RowsTable)

    def action_reload(self) -> None:
        """Read the session again."""
        raise NotImplementedError

    def _chosen(self) -> list[RunFolder]:
        runs = self.table.chosen
        if not runs:
            self.say("There is no run here.", "information")
        return runs

    def _one(self, purpose: str) -> RunFolder | None:
        """The run under the cursor, where the row is one run's; else it is said that one is to be chosen."""
        row = self.table.row
        if row is not None and row.alone:
            return row.runs[0].run
        self.say(one_at_a_time(purpose) if row is not None else "There is no run here.", "information")
        return None

    def _counted(self, runs: Sequence[RunFolder]) -> str:
        """`the 2 marked runs`, `the 2 runs`, `the run`: what a question is about."""
        if len(runs) == 1:
            return "the marked run" if self.table.marked else "the run"
        return f"the {len(runs)} marked runs" if self.table.marked else f"the {len(runs)} runs"

    # Opening.

    def on_rows_table_moved(self) -> None:
        row = self.table.row
        self.query_one(RowDetail).show(row.listed if row is not None else None)
        if self.query_one(Prompt).topic == "delete":
            self.close_prompt()

    def on_rows_table_chosen(self, event: RowsTable.Chosen) -> None:
        opening(self.app).open_run(event.run)

    def action_compare(self) -> None:
        """Draw the marked runs on the same axes; where none is marked, those of the row and of all that compare with it."""
        runs = list(self.table.marked.values()) or self._comparable()
        if not runs:
            return
        from rnnlab.ui.compare.screen import CompareScreen

        self.app.push_screen(CompareScreen(runs))

    def _comparable(self) -> list[RunFolder]:
        """The runs of the row, then those of the other rows evaluated on the same data, in the table's order.

        None where there is no other row, as a notice says then.
        """
        row, placed = self.table.row, self.table.placed
        if row is None or placed is None:
            self.say("There is no run to compare; mark some with m.", "information")
            return []
        if row.compared is None:
            self.say(f"{row.name} cannot be read, so there is nothing to compare it by.", "information")
            return []
        runs = [each.run for each in row.runs]
        others = [each.run for other in self.table.rows_of(placed.at) for each in other.runs]
        found = list({run.path: run for run in [*runs, *others]}.values())
        if len(found) == len(runs):
            self.say(nothing_to_compare(row.name, filtered=bool(self.table.where.terms)), "information")
            return []
        return found

    def action_charts(self) -> None:
        """The charts over the whole screen, the one first that stands beside the table."""
        contents, panel = self.table.contents, self.query_one(ChartPanel)
        if contents is None or not contents.comparisons:
            self.say("There is nothing to draw yet.", "information")
            return
        from rnnlab.ui.session.charts_screen import ChartsScreen

        title = panel.chart.title if panel.display and panel.chart is not None else ""
        self.charts = ChartsScreen(contents, self.found, self.table.where, title)
        self.app.push_screen(self.charts)

    def on_chart_panel_opened(self) -> None:
        self.action_charts()

    def action_turn_chart(self, by: int) -> None:
        self.query_one(ChartPanel).turn(by)

    def show_charts(self) -> None:
        """Bring the charts up to date, those beside the table and those over it."""
        contents, panel = self.table.contents, self.query_one(ChartPanel)
        if contents is None:
            return
        if self.charts is not None and self.app.screen is self.charts:
            self.charts.take(contents, self.found)
        charted = (contents, self.found, self.table.where)
        if not panel.display or (self._charted is not None and all(map(is_, charted, self._charted))):
            return
        self._charted = charted
        if len(contents.listed) > _MANY:
            self._choose_charts(contents, self.found, self.table.where)
        else:
            panel.show(charts_beside(contents, self.found, self.table.where))

    @work(thread=True, group="charts", exclusive=True, exit_on_error=False, description="choose the charts")
    def _choose_charts(self, contents: Contents, found: Found, where: Where) -> None:
        """Of thousands of rows it takes longer than a key may."""
        charts = charts_beside(contents, found, where)
        if not get_current_worker().is_cancelled:
            self.call_later(self.query_one(ChartPanel).show, charts)

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_charts)

    async def action_new_from(self) -> None:
        """Set up a new run with the settings of the one under the cursor; of repeats with those of the first."""
        row = self.table.row
        app = opening(self.app)
        if row is None:
            await app.action_setup()
            return
        try:
            await app.set_up_from(row.runs[0].run)
        except UsageError as error:
            self.say(str(error), "warning")

    # Names, tags, notes.

    def action_star(self) -> None:
        if runs := self._chosen():
            self.say_all(annotating.star(runs))

    def action_tag(self) -> None:
        if runs := self._chosen():
            self._asked = runs
            of = plain(runs[0].name, 30) if len(runs) == 1 else self._counted(runs)
            self.query_one(Prompt).ask("tag", f"tags of {of}, -tag takes one off", "", annotating.check_tags, _WIDTH)

    def action_note(self) -> None:
        if (run := self._one("given notes")) is not None:
            edit_notes(self.app, run, lambda problem: self.say_all([Notice(problem, "warning")] if problem else []))

    def action_rename(self) -> None:
        if (run := self._one("renamed")) is not None:
            self._asked = [run]
            _, _, name = run.name.partition("-")
            self.query_one(Prompt).ask(
                "name", "new name", name or run.name, lambda text: check_name(text, "run"), _WIDTH
            )

    # The trash.

    def action_delete(self) -> None:
        prompt, runs = self.query_one(Prompt), self._chosen()
        if prompt.topic == "delete":
            self.action_yes()
        elif runs:
            self._asked = runs
            names = ", ".join(run.name for run in runs)
            what = f"{self._counted(runs)} {plain(names, _NAMED)}"
            prompt.confirm("delete", f"Move {what} to the trash?  d or y: yes  any other key: no")

    def action_yes(self) -> None:
        contents = self.table.contents
        if self.query_one(Prompt).topic != "delete" or contents is None:
            return
        self.close_prompt()
        wanted = {run.path for run in self._asked}
        runs = [each for each in contents.listed if each.path in wanted]
        self.say_all(self._trash.discard_runs(runs, followers_of(self.app).leave))

    def action_undo(self) -> None:
        self.say_all(self._trash.undo())

    def on_key(self, event: events.Key) -> None:
        """Any key but the confirming ones takes the question back."""
        if self.query_one(Prompt).topic == "delete" and event.key not in ("d", "y", "escape"):
            self.close_prompt()

    # Files.

    def action_figure(self) -> None:
        """Ask for a file to which the runs are drawn on the same axes, repeats as their mean."""
        if runs := self._chosen():
            contents, paths = self.table.contents, {run.path for run in runs}
            listed = contents.listed if contents is not None else ()
            one_task = len({each.summary.task for each in listed if each.path in paths}) == 1
            self._figure = figure_of_runs(runs, "groups:metric" if one_task and len(runs) > 1 else "metric")
            name = runs[0].name if len(runs) == 1 else self.session.name
            ask_for_file(self.query_one(Prompt), name, "metric")

    def action_report(self) -> None:
        """Ask for a file to which a report is written: on the marked runs, those the filter shows, or the whole session."""
        table = self.table
        self._asked = list(table.marked.values()) or (table.runs_shown if table.where.terms else [])
        if table.where.terms and not self._asked:
            self.say("No run meets the filter, so there is nothing to report on.", "information")
            return
        contents = table.contents
        if contents is not None and {run.path for run in self._asked} == {each.path for each in contents.listed}:
            self._asked = []  # the whole session, with its notes
        of = f" on {self._counted(self._asked)}" if self._asked else ""
        name = f"{self.session.name}-report.html"
        self.query_one(Prompt).ask("report", f"report{of} to", name, _check_report, 34)

    def action_copy(self) -> None:
        """The table of the rows that are shown, as `rnnlab compare` prints it, to the clipboard."""
        contents = self.table.contents
        if contents is None or not contents.comparisons:
            self.say("There is no table to copy yet.", "information")
            return
        from rnnlab.ui.described.copying import Copyable, ask_and_copy, written_tables
        from rnnlab.ui.session.charts import charts_of, leaderboards

        found, where = self.found, self.table.where

        def text() -> str:
            tables = [chart for chart in charts_of(contents, found, where) if chart.name == "leaderboard"]
            return "\n\n".join(to_text(chart.draw(_COPIED, 0, MONO)) for chart in tables)

        tables = written_tables(lambda: leaderboards(contents, found, where))
        ask_and_copy(self.app, Copyable(f"runs of {contents.info.name}", {"txt": text, **tables}))

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        match event.topic:
            case "tag":
                self.say_all(annotating.tag(self._asked, annotating.check_tags(event.text)))
            case "name":
                self._rename(self._asked[0], event.text)
            case "report":
                self._write_report([str(run.path) for run in self._asked] or [str(self.session.path)], event.text)
            case topic if topic == TOPIC:
                self._write_figure(event.text)

    def _rename(self, run: RunFolder, name: str) -> None:
        try:
            followers_of(self.app).leave(run)
            renamed = rename_run(run, name)
        except UsageError as error:
            self.say(str(error), "warning")
            return
        self.say(f"{run.name} is {renamed.name} now", "information")
        self.table.follow(renamed.path)
        self.action_reload()

    @work(group="figure", exit_on_error=False)
    async def _write_figure(self, file: str) -> None:
        self.say(*await write_figure(self._figure, file))

    @work(group="report", exit_on_error=False)
    async def _write_report(self, what: Sequence[str], file: str) -> None:
        from rnnlab.ui.queries.subprocess_query import run_query

        path = user_path(file.strip()).absolute()
        self.say(f"the report is being written to {path}", "information")
        result = await run_query("report", *what, "-o", str(path))
        if result.problem:  # the command prints nothing where it succeeds
            self.say(result.problem, "error")
        else:
            self.say(f"report written to {path}", "information")

    # Saying.

    def close_prompt(self) -> None:
        """Ask nothing any more."""
        prompt = self.query_one(Prompt)
        if prompt.asking:
            prompt.close()
            self.table.focus()

    def say_all(self, notices: Sequence[Notice]) -> None:
        """Show what came of something, and read the session again."""
        for notice in notices:
            self.say(*notice)
        self.action_reload()

    def say(self, text: str, severity: str) -> None:
        """Show a sentence in passing."""
        self.notify(plain(text), severity=severity, markup=False, timeout=6)  # type: ignore[arg-type]


def _check_report(text: str) -> None:
    """Raises `UsageError` for an ending that is no report's, or no folder."""
    path = user_path(text.strip()).absolute()
    if path.suffix.lower() not in (".html", ".md"):
        raise UsageError("end the name in .html or .md")
    if not path.parent.is_dir():
        raise UsageError("there is no such folder")
    if path.is_dir():
        raise UsageError("that is a folder")
