"""The Compare screen: groups of runs on the same axes, a task at a time, and what differs among them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.css.query import NoMatches

from rnnlab.plots.comparison.groups import Group, band_text, counted_runs, matrix_of_group
from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.figures import LEAKING, title_of, wants_log
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.compare.panels import CurvesPanel, MatricesPanel, Matrix, TablePanel
from rnnlab.ui.compare.reading import Page, intervals_in, read_pages
from rnnlab.ui.described.screen import COPY_HELP, DescribedScreen
from rnnlab.ui.run.figure_file import ask_for_file, axes_of, figure_of_runs, write_figure
from rnnlab.ui.run.following.follow import RunAdvanced
from rnnlab.ui.run.following.followers import followers_of
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.view import AXES, View
from rnnlab.ui.setup.draft.data_of import DataOf, data_of_run

_STRIDES = 80
"""Key presses that take the cursor from one end to the other."""
MOST_RUNS = 96
"""Runs that are followed at once: more than eight groups of ten seeds."""

OTHER_DATA = "⚠ different data"
"""The title's warning where the figures of the runs do not compare."""


class CompareScreen(DescribedScreen):
    """Follows the runs of the task that is shown, so that those in training grow."""

    CSS_PATH = "../styles/compare.tcss"
    TITLE = "Compare"
    HELP = (
        "Groups of runs on the same axes, one task at a time: n goes to the next task. Runs that differ in their seed or fold "
        "only are one group: its line is their mean on the validation part, its band ± one standard deviation (of a sample, "
        "n - 1), up to where the first of them ended. A group is named by what differs, and has a colour and a marker of its "
        "own; at most eight are drawn. Of up to three single runs the averaged training figures are dotted. The table says "
        "what differs and what came of it, with the interval of each mean where repeats of one session are compared. 4 shows "
        "the confusion matrices of two groups, A and B, and B less A; a and b choose the groups, m the matrix where not all "
        "fit. ⚠ different data: the runs were not evaluated on the same sequences, so their figures do not compare. The loss "
        "drawn of a run with class weights, smoothing or a focal factor is its plain cross-entropy. f saves the curves to a "
        f"file, or the two matrices of two runs. {COPY_HELP}"
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide"), (190, "-huge")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (28, "-tall"), (50, "-high")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_task", "next task"),
        Binding("1", "zoom(1)", "zoom", key_display="1–4"),
        Binding("2", "zoom(2)", "zoom the metric", show=False),
        Binding("3", "zoom(3)", "table"),
        Binding("4", "zoom(4)", "matrices"),
        Binding("a", "choose('a')", "group A", show=False),
        Binding("b", "choose('b')", "group B", show=False),
        Binding("m", "part", "matrix", show=False),
        Binding("l", "log", "log"),
        Binding("x", "axis", "x axis"),
        Binding("f", "figure", "figure"),
        Binding("left", "move(-1, 0)", "read values", key_display="←→"),
        Binding("right", "move(1, 0)", "cursor right", show=False),
        Binding("shift+left", "move(-10, 0)", "cursor left by ten", show=False),
        Binding("shift+right", "move(10, 0)", "cursor right by ten", show=False),
        Binding("up", "move(0, -1)", "up", show=False),
        Binding("down", "move(0, 1)", "down", show=False),
        Binding("escape", "back", "back"),
    ]

    def __init__(self, runs: Sequence[RunFolder]) -> None:
        super().__init__()
        self.asked = list(runs)
        self.runs: list[RunFolder] = []
        """The runs that are drawn and followed."""
        self.pages: list[Page] = []
        self.page = 0
        self.loaded = False
        self.unread: list[str] = []
        self.chosen: dict[str, int] = {"a": 0, "b": 1}
        """The groups whose matrices are compared."""
        self.zoomed = 0
        self.x_axis: XAxis = "epochs"
        self.log_y: bool | None = None
        self.cursor: float | None = None
        self._due = False
        self._statuses: tuple[object, ...] = ()
        self._figure: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield TitleBar("compare")
        with Container(id="panels"):
            with Container(id="curves", classes="side"):
                yield CurvesPanel(1, id="loss")
                yield CurvesPanel(2, id="metric")
            with Container(id="results", classes="side"):
                yield TablePanel(3, id="table")
                yield MatricesPanel(4, id="matrices")
        yield Prompt()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query("#loss").focus()  # which is not there where the app ends meanwhile
        for panel in self.query(CurvesPanel):
            panel.waiting = "Reading the runs …"
        self._entitle()
        self._read()

    def on_unmount(self) -> None:
        for run in self.runs:
            followers_of(self.app).follow(run).unwatch(self)

    async def shown_data(self) -> DataOf | None:
        """What the first of the runs learns from."""
        return await data_of_run(self.asked[0]) if self.asked else None

    # What is read.

    @work(group="compare", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        """Which runs are repeats of one another, then the intervals of their means."""
        pages, self.unread = await asyncio.to_thread(read_pages, self.asked)
        page = min(self.page, max(0, len(pages) - 1))
        self.pages, self.page, self.loaded = pages, page, True
        self._follow_page()
        self._show()
        sessions = {run.session.path for run in self.asked}
        if len(sessions) == 1 and any(group.row.counted > 1 for each in pages for group in each.groups):
            from rnnlab.ui.queries.subprocess_query import run_query

            result = await run_query("compare", str(sessions.pop()), "--json")
            intervals, sentences = intervals_in(result.document)
            table = self.query_one(TablePanel)
            table.intervals = intervals
            whole = {group.row.runs for each in pages for group in each.groups} == set(intervals)
            table.concluded = sentences if whole and len(pages) == 1 else ()
            table.redraw()

    def _follow_page(self) -> None:
        """Follow the runs of the groups that are drawn."""
        page = self.current
        names = [name for group in page.groups[: len(STYLES)] for name in group.row.runs] if page else []
        self._follow([page.folders[name] for name in names][:MOST_RUNS] if page else [])

    def _follow(self, runs: list[RunFolder]) -> None:
        followers = followers_of(self.app)
        before, paths = self.runs, {run.path for run in runs}
        self.runs = runs
        for run in runs:
            followers.follow(run).watch(self)
        for run in before:
            if run.path not in paths:
                followers.follow(run).unwatch(self)

    def on_run_advanced(self, event: RunAdvanced) -> None:
        event.stop()
        if not self._due:  # many runs advance at once
            self._due = True
            self.call_later(self._advance)

    def _advance(self) -> None:
        self._due = False
        if not self.is_attached:
            return
        self._show()
        followers = followers_of(self.app)
        statuses = tuple(followers.follow(run).state.status for run in self.runs)
        if self._statuses and len(statuses) == len(self._statuses) and statuses != self._statuses:
            self._read()  # a run has begun or ended: its figures count now
        self._statuses = statuses

    @property
    def current(self) -> Page | None:
        """The page that is shown."""
        return self.pages[self.page] if self.pages else None

    @property
    def groups(self) -> dict[str, list[RunState]]:
        """The states of the counted runs of each group that is drawn."""
        page = self.current
        shown = page.groups[: len(STYLES)] if page is not None else ()
        return {group.name: self._states(group) for group in shown}

    def _states(self, group: Group) -> list[RunState]:
        page, followers = self.current, followers_of(self.app)
        assert page is not None
        return [followers.follow(page.folders[name]).state for name in counted_runs(group.row)]

    @property
    def is_log(self) -> bool:
        """Whether the loss axis is logarithmic: as was chosen, else as the data need it."""
        states = [state for held in self.groups.values() for state in held]
        return any(map(wants_log, states)) if self.log_y is None else self.log_y

    # What is shown.

    def _entitle(self) -> None:
        page = self.current
        parts = [f"{len(self.asked)} run{'' if len(self.asked) == 1 else 's'}"]
        if page is not None:
            parts = [page.task, f"{len(page.groups)} group{'' if len(page.groups) == 1 else 's'}"]
            parts += [f"{len(page.groups) - len(STYLES)} not drawn"] if len(page.groups) > len(STYLES) else []
            parts += [f"task {self.page + 1} of {len(self.pages)}"] if len(self.pages) > 1 else []
        if self.unread:
            parts.append(f"{len(self.unread)} without data left out")
        self.query_one(TitleBar).about = plain(" · ".join(parts), 80)

    def _show(self) -> None:
        try:
            self._entitle()
        except NoMatches:
            return  # the app ends meanwhile
        groups, page = self.groups, self.current
        states = [state for held in groups.values() for state in held]
        marks = [OTHER_DATA] if page is not None and len(page.comparisons) > 1 else []
        marks += [LEAKING] if any(state.leaks for state in states) else []
        band = band_text(groups)
        metric = next((state.metric for state in states if state.metric), "accuracy")
        for panel in self.query(CurvesPanel):
            panel.groups, panel.x_axis, panel.cursor = groups, self.x_axis, self.cursor
            panel.waiting = "" if page is not None else "None of these runs can be compared: none has begun yet."
            panel.figure = "loss" if panel.id == "loss" else metric
            panel.log_y = panel.id == "loss" and self.is_log
            more = [*(["log"] if panel.log_y else []), *([band] if band else []), *marks]
            panel.entitle(title_of(panel.figure), *more)
            panel.redraw()
        self.query_one("#loss", CurvesPanel).subtitle(("l", "log"), ("x", self.x_axis))
        self._show_matrices()
        table = self.query_one(TablePanel)
        table.groups = page.groups if page is not None else ()
        table.letters = self._letters() if self.query_one(MatricesPanel).display else {}
        table.entitle("what differs", *marks)
        table.redraw()
        self.refresh_bindings()

    def _letters(self) -> dict[str, str]:
        page = self.current
        if page is None or len(page.groups) < 2:
            return {}
        return {page.groups[at % len(page.groups)].name: letter.upper() for letter, at in self.chosen.items()}

    def _show_matrices(self) -> None:
        panel, page = self.query_one(MatricesPanel), self.current
        found: list[Matrix | None] = [None, None]
        if page is not None and len(page.groups) > 1:
            shown = page.groups[: len(STYLES)]
            for at, letter in enumerate("ab"):
                group = shown[self.chosen[letter] % len(shown)]
                found[at] = matrix_of_group(group.name, self._states(group))
        panel.first, panel.second = found
        names = [each[0].name if each else "–" for each in found]
        panel.entitle("confusion", f"A {names[0]}", f"B {names[1]}")
        panel.subtitle(
            ("a", "group A"), ("b", "group B"), *([("m", "matrix")] if panel.display and panel.parted else [])
        )
        self.set_class(panel.pair is not None, "-matrices")
        panel.redraw()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would change nothing are not offered."""
        matrices = self.query(MatricesPanel)
        if action == "next_task":
            return len(self.pages) > 1
        if action == "choose":
            return self.loaded and bool(matrices) and matrices.first().display
        if action == "part":
            return self.loaded and bool(matrices) and matrices.first().display and matrices.first().parted
        return True

    def action_next_task(self) -> None:
        self.page = (self.page + 1) % len(self.pages)
        self.chosen, self.cursor, self._statuses = {"a": 0, "b": 1}, None, ()
        self._follow_page()
        self._show()

    def action_choose(self, letter: str) -> None:
        """The next group as A, or as B; never the same for both."""
        page = self.current
        if page is None or (count := min(len(page.groups), len(STYLES))) < 2:
            return
        other = self.chosen["b" if letter == "a" else "a"]
        following = (self.chosen[letter] + 1) % count
        self.chosen[letter] = (following + 1) % count if following == other and count > 2 else following
        if self.chosen["a"] == self.chosen["b"]:
            self.chosen["b" if letter == "a" else "a"] = (following + 1) % count
        self._show()

    def action_part(self) -> None:
        self.query_one(MatricesPanel).next_part()

    def action_zoom(self, number: int) -> None:
        """Fill the screen with a panel, or with all of them again."""
        self.zoomed = 0 if self.zoomed == number else number
        self.set_class(bool(self.zoomed), "-zoomed")
        for panel in self.query(Panel):
            panel.set_class(panel.number == self.zoomed, "-zoom")
        for side in self.query(".side"):
            side.set_class(bool(side.query(".-zoom")), "-zoom")
        panels = list(self.query(Panel))
        panels[(self.zoomed or number) - 1].focus()
        if not self.zoomed and number > 2 and not panels[number - 1].display:
            panels[0].focus()
        self.call_after_refresh(self._show)

    def on_panel_doubled(self, event: Panel.Doubled) -> None:
        self.action_zoom(event.number)

    def action_log(self) -> None:
        self.log_y = not self.is_log
        self._show()

    def action_axis(self) -> None:
        self.x_axis, self.cursor = AXES[(AXES.index(self.x_axis) + 1) % len(AXES)], None
        self._show()

    def action_figure(self) -> None:
        """Ask for a file to which the panel with the focus is drawn."""
        page = self.current
        if page is None:
            return
        what = "metric" if self.query_one("#metric").has_focus else "loss"
        log_y = self.is_log and what == "loss"
        runs = self.runs
        if self.query_one(MatricesPanel).has_focus:
            shown = page.groups[: len(STYLES)]
            pair = [shown[self.chosen[letter] % len(shown)].row for letter in "ab"]
            what, runs = "confusion", [page.folders[counted_runs(row)[0]] for row in pair]
            self._figure = figure_of_runs(runs, what)
        else:
            self._figure = (*figure_of_runs(runs, what), *axes_of(View(self.x_axis), log_y))
        ask_for_file(self.query_one(Prompt), runs[0].session.name, "compare", what)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        self._write_figure(event.text)

    @work(group="figure", exit_on_error=False)
    async def _write_figure(self, file: str) -> None:
        text, severity = await write_figure(self._figure, file)
        self.notify(plain(text), severity=severity, markup=False, timeout=6)

    def action_move(self, across: int, down: int) -> None:
        """The arrow keys: over the matrices or the table where these have the focus, else along the curves."""
        matrices, table = self.query_one(MatricesPanel), self.query_one(TablePanel)
        if matrices.has_focus:
            matrices.scroll_by(across, down)
        elif table.has_focus and down:
            table.scroll_lines(down)
        elif across:
            self._move_cursor(across)

    def _move_cursor(self, by: int) -> None:
        """The cursor along the axis; the first move puts it at the newest point."""
        extents = [found for panel in self.query(CurvesPanel) if (found := panel.extent()) is not None]
        if extents:
            high = max(end for _, end in extents)
            self._put_cursor(high if self.cursor is None else min(high, max(0.0, self.cursor + by * high / _STRIDES)))

    def _put_cursor(self, x: float | None) -> None:
        self.cursor = x
        for panel in self.query(CurvesPanel):
            panel.cursor = x
            panel.redraw()

    def on_curves_panel_cursor_placed(self, event: CurvesPanel.CursorPlaced) -> None:
        self._put_cursor(event.x)

    def action_back(self) -> None:
        prompt = self.query_one(Prompt)
        if prompt.asking:
            prompt.close()
        elif self.cursor is not None:
            self._put_cursor(None)
        elif self.zoomed:
            self.action_zoom(self.zoomed)
        else:
            self.app.pop_screen()
