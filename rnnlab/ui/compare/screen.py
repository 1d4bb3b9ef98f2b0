"""The Compare screen: groups of runs on the same axes, a task at a time, and what differs among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.css.query import NoMatches

from rnnlab.errors import UsageError
from rnnlab.plots.comparison.differences import Intervals
from rnnlab.plots.comparison.groups import band_text, matrix_of_group
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.figures import LEAKING, title_of, wants_log
from rnnlab.runs.folders import RunFolder
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import Footer, KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.compare.examples import examples_of_group
from rnnlab.ui.compare.following import FollowingScreen
from rnnlab.ui.compare.footer import footer_of
from rnnlab.ui.compare.matrices_panel import MatricesPanel
from rnnlab.ui.compare.panels import CurvesPanel, TablePanel
from rnnlab.ui.described.copying import Copyable
from rnnlab.ui.described.screen import COPY_HELP, DescribedPanel
from rnnlab.ui.opening.fitted import comes
from rnnlab.ui.run.figure_file import ask_for_file, axes_of, figure_of_runs, part_of, write_figure
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.view import Extent, View
from rnnlab.ui.run.zoomable_screen import ZoomableScreen

READING = "Reading the runs …"
OTHER_DATA = "⚠ different data"
"""The title's warning where the figures of the runs do not compare."""


class CompareScreen(ZoomableScreen, FollowingScreen):
    """Follows the runs of the task that is shown, so that those in training grow."""

    CSS_PATH = "../styles/compare.tcss"
    TITLE = "Compare"
    HELP = (
        "Groups of runs on the same axes, one task at a time: n goes to the next task. Runs that differ in their seed or fold "
        "only are one group: its line is their mean on the validation part, its band ± one standard deviation (of a sample, "
        "n - 1), up to where the first of them ended. A group is named by what differs, and has a colour and a marker of its "
        "own; at most eight are drawn. Of up to three single runs the averaged training figures are dotted. The table says "
        "what differs and what came of it, with the interval of each mean where repeats of one session are compared. 4 shows "
        "the confusion matrices of two groups, A and B, and B less A; a and b choose the groups, the arrows a cell, m the "
        "matrix whose examples enter lists. A click on a curve, or ← and →, places the cursor; the wheel, + and - zoom the x "
        "axis about it (with shift the y axis), 0 shows all of both again. ⚠ different data: the runs were not evaluated on "
        "the same sequences, so their figures do not compare. The loss drawn of a run with class weights, smoothing or a focal "
        "factor is its plain cross-entropy. f saves the curves or the matrices to a file, as they are seen. "
        f"{COPY_HELP}"
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide"), (190, "-huge")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (28, "-tall"), (50, "-high")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_task", "next task"),
        Binding("1", "zoom(1)", "zoom the loss"),
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
        super().__init__(runs)
        self._chosen: dict[str, str] = {}
        """A run of each of the groups A and B, whose matrices are compared; empty: the first two."""
        self.zoomed = 0
        self._figure: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield TitleBar("compare")
        with Container(id="panels"):
            with Container(id="curves", classes="side"):
                yield CurvesPanel(1, "loss", id="loss")
                yield CurvesPanel(2, "metric", id="metric")
            with Container(id="results", classes="side"):
                yield TablePanel(3, id="table")
                yield MatricesPanel(4, id="matrices")
        yield Prompt()
        yield KeyBar()

    async def on_mount(self) -> None:
        self.query("#loss").focus()  # which is not there where the app ends meanwhile
        for panel in self.query(CurvesPanel):
            panel.waiting = READING
        self._entitle()
        self.read()
        # What is soon read stands in the first frame, and no panel is drawn twice.
        await comes(self.shown.wait())

    def show_intervals(self, intervals: Intervals, concluded: Sequence[str]) -> None:
        """Show them in the table."""
        for table in self.query(TablePanel):  # which is not there where the screen was left meanwhile
            table.conclude(intervals, concluded)

    @property
    def is_log(self) -> bool:
        states = [state for held in self.groups.values() for state in held]
        return any(map(wants_log, states)) if self.view.log_y is None else self.view.log_y

    @property
    def x_extent(self) -> Extent:
        extents = [found for panel in self.query(CurvesPanel) if (found := panel.extent()) is not None]
        return (min(low for low, _ in extents), max(high for _, high in extents)) if extents else None

    # What is shown.

    def _entitle(self) -> None:
        page = self.current
        parts = [f"{len(self.asked)} run{'' if len(self.asked) == 1 else 's'}"]
        if page is not None:
            parts = [page.task, f"{len(page.groups)} group{'' if len(page.groups) == 1 else 's'}"]
            parts += [f"{len(page.groups) - len(STYLES)} not drawn"] if len(page.groups) > len(STYLES) else []
            parts += [f"task {self.page + 1} of {len(self.pages)}"] if len(self.pages) > 1 else []
            parts += [f"{self.left_out} runs not drawn"] if self.left_out else []
        if self.deleted:
            parts.append(f"{self.deleted} deleted")
        if self.unread:
            parts.append(f"{len(self.unread)} without data left out")
        self.query_one(TitleBar).about = plain(" · ".join(parts), 80)

    def _empty_text(self) -> str:
        if not self.loaded:
            return READING
        if self.deleted == len(self.asked):
            return "These runs were deleted, or moved away. esc leads back."
        return "None of these runs can be compared: none has begun yet."

    def show_all(self) -> None:
        """Bring all panels up to date."""
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
            figure = "loss" if panel.id == "loss" else metric
            log_y = panel.id == "loss" and self.is_log
            panel.waiting = "" if page is not None else self._empty_text()
            part = ["zoomed"] if self.view.zoomed else []
            panel.entitle(title_of(figure), *(["log"] if log_y else []), *part, *([band] if band else []), *marks)
            panel.take(groups, figure, self.view, log_y=log_y)
        extent = self.x_extent
        for panel in self.query(CurvesPanel):
            panel.see(self.view, extent)
        # Of a zoomed view the key that leads out of it is the one to know.
        keys = [("0", "all")] if self.view.zoomed else [("l", "log")]
        self.query_one("#loss", CurvesPanel).subtitle(*keys, ("x", self.view.x_axis), ("+-", "zoom"))
        self._show_matrices()
        table = self.query_one(TablePanel)
        table.entitle("what differs", *marks)
        table.show(
            page.groups if page is not None else (), self._letters() if self.query_one(MatricesPanel).display else {}
        )
        self.refresh_bindings()

    @property
    def chosen(self) -> tuple[int, int] | None:
        """The places of the groups A and B among those that are drawn; None where there are not two."""
        shown = self.shown_groups
        if len(shown) < 2:
            return None
        held = {run: at for at, group in enumerate(shown) for run in group.row.runs}
        a, b = (held.get(self._chosen.get(letter, "")) for letter in "ab")
        a = a if a is not None else next(at for at in range(len(shown)) if at != b)
        return a, b if b is not None and b != a else next(at for at in range(len(shown)) if at != a)

    def _choose(self, a: int, b: int) -> None:
        # By a run of each: groups that are read again may have another rank.
        self._chosen = {letter: self.shown_groups[at].row.runs[0] for letter, at in (("a", a), ("b", b))}

    def _letters(self) -> dict[str, str]:
        chosen = self.chosen
        return {} if chosen is None else {self.shown_groups[at].name: "AB"[i] for i, at in enumerate(chosen)}

    def _show_matrices(self) -> None:
        panel = self.query_one(MatricesPanel)
        groups = [self.shown_groups[at] for at in self.chosen or ()]
        first, second = [matrix_of_group(each.name, self.states_of(each)) for each in groups] or (None, None)
        panel.show(first, second)
        # Not a class of the screen, which would have all of it styled anew.
        self.query_one("#results").set_class(panel.pair is not None, "-matrices")

    # Keys.

    @property
    def footer(self) -> Footer:
        """The keys that do something now."""
        return footer_of(self, self.zoomed)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would change nothing are not offered."""
        matrices = self.query(MatricesPanel)
        if action == "next_task":
            return len(self.pages) > 1
        if action == "choose":
            return self.loaded and bool(matrices) and matrices.first().display
        if action == "part":
            return self.loaded and bool(matrices) and matrices.first().display and matrices.first().pair is not None
        return True

    def action_next_task(self) -> None:
        self.page = (self.page + 1) % len(self.pages)
        self._chosen, self.view = {}, replace(self.view.whole(), cursor=None, pinned=False)
        self.follow_page()
        self.show_all()

    def action_choose(self, letter: str) -> None:
        """The next group as A, or as B; never the same for both."""
        chosen, count = self.chosen, len(self.shown_groups)
        if chosen is None:
            return
        at, other = chosen if letter == "a" else chosen[::-1]
        at = (at + 1) % count
        if at == other:
            # Of two groups the letters change places.
            at, other = ((at + 1) % count, other) if count > 2 else (at, (other + 1) % count)
        self._choose(*((at, other) if letter == "a" else (other, at)))
        self.show_all()

    def action_part(self) -> None:
        self.query_one(MatricesPanel).next_part()

    def action_zoom(self, number: int) -> None:
        """Fill the screen with a panel, or with all of them again."""
        self.zoomed = 0 if self.zoomed == number else number
        panels = list(self.query(Panel))
        for panel in panels:
            panel.set_class(panel.number == self.zoomed, "-zoom", update=False)
        for side in self.query(".side"):
            side.set_class(bool(side.query(".-zoom")), "-zoom", update=False)
        # The panels alone, and all of them at once: a class of the screen would have everything on it styled anew.
        held = self.query_one("#panels")
        held.set_class(bool(self.zoomed), "-zoomed", update=False)
        held.update_node_styles()
        panels[(self.zoomed or number) - 1].focus()
        if not self.zoomed and number > 2 and not panels[number - 1].display:
            panels[0].focus()
        self.call_after_refresh(self.show_all)

    def on_panel_doubled(self, event: Panel.Doubled) -> None:
        self.action_zoom(event.number)

    def set_view(self, view: View) -> None:
        drawn_anew = (view.x_axis, view.log_y, view.zoomed) != (self.view.x_axis, self.view.log_y, self.view.zoomed)
        self.view = view
        if drawn_anew:
            self.show_all()
            return
        for panel in self.query(CurvesPanel):
            panel.see(view, panel.x_whole)

    def action_figure(self) -> None:
        """Ask for a file to which the panel with the focus is drawn."""
        if not self.runs:
            self.notify("There is nothing to draw yet.", markup=False)
            return
        panel = next((each for each in self.query(Panel) if each.has_focus), None)
        what, self._figure = self._figure_of(panel)
        ask_for_file(self.query_one(Prompt), self.runs[0].session.name, "compare", what)

    def _figure_of(self, panel: Panel | None) -> tuple[str, tuple[str, ...]]:
        """What the panel shows, and the arguments of `rnnlab plot` that draw it: of the table, the loss."""
        if isinstance(panel, MatricesPanel) and self.chosen is not None:
            runs = [run for at in self.chosen for run, _ in self.followed_of(self.shown_groups[at])]
            return "confusion", figure_of_runs(runs, "groups:confusion")
        curves = panel if isinstance(panel, CurvesPanel) else self.query_one("#loss", CurvesPanel)
        axes = *axes_of(self.view, curves.log_y), *part_of(curves)
        what = curves.figure if len(self.runs) == 1 else f"groups:{curves.figure}"
        return curves.figure, (*figure_of_runs(self.runs, what), *axes)

    def copyable(self, panel: DescribedPanel) -> Copyable:
        """A figure in the formats of `rnnlab plot`, the table in those of `rnnlab compare`."""
        found = super().copyable(panel)
        if isinstance(panel, CurvesPanel | MatricesPanel) and self.runs:
            return replace(found, drawn=self._figure_of(panel)[1])
        return found

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
            self.set_view(self.view.moved(self.x_extent, across))

    def on_matrices_panel_examples_wanted(self, event: MatricesPanel.ExamplesWanted) -> None:
        event.stop()
        if self.chosen is None:
            return
        from rnnlab.ui.examples.screen import ExamplesScreen

        group = self.shown_groups[self.chosen["ab".index(event.letter)]]
        try:
            asked, about = examples_of_group(list(self.followed_of(group)), event.true, event.predicted)
        except UsageError as error:
            self.notify(plain(str(error)), markup=False, timeout=8)
            return
        self.app.push_screen(ExamplesScreen(asked, about))

    def action_back(self) -> None:
        prompt = self.query_one(Prompt)
        if prompt.asking:
            prompt.close()
        elif not self.undo_view():
            self.action_zoom(self.zoomed) if self.zoomed else self.app.pop_screen()
