"""The Run screen: one run live, ended or somewhere between, all of it read from its log."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from rnnlab.config import UsageError
from rnnlab.runs.folders import RunFolder
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.in_sight import in_sight
from rnnlab.ui.common.key_bar import Footer, KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.select_whole import select_whole
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.described.copying import Copyable
from rnnlab.ui.described.screen import COPY_HELP, DescribedPanel, DescribedScreen
from rnnlab.ui.opening import opening
from rnnlab.ui.opening.fitted import comes
from rnnlab.ui.run.figure_file import FIGURES, TOPIC, ask_for_file, figure_of_panel, write_figure
from rnnlab.ui.run.following.follow import RunAdvanced, RunFollower
from rnnlab.ui.run.footer import footer_of
from rnnlab.ui.run.load_watch import SECONDS, LoadWatch
from rnnlab.ui.run.panelled import PanelledScreen
from rnnlab.ui.run.panels.confusion_panel import ConfusionPanel
from rnnlab.ui.run.panels.curve_panel import CurvePanel
from rnnlab.ui.run.panels.event_panel import EventPanel
from rnnlab.ui.run.panels.gradient_panel import GradientPanel
from rnnlab.ui.run.panels.panel import Drawn, Panel
from rnnlab.ui.run.panels.settings_panel import SettingsPanel
from rnnlab.ui.run.panels.status_line import StatusLine
from rnnlab.ui.run.panels.status_panel import StatusPanel
from rnnlab.ui.run.samples_screen import SamplesScreen
from rnnlab.ui.setup.draft.data_of import DataOf, data_of_run


class RunScreen(PanelledScreen, DescribedScreen):
    """Panels over the state of a followed run, and the keys that steer its trainer."""

    CSS_PATH = "../styles/run.tcss"
    TITLE = "Run"
    HELP = (
        "One run, live or ended, read from its log. The faint curve is the raw training loss, the line its average; ◆ is "
        "the validation split, ★ its best epoch, ▾ where a setting was changed, dotted the baseline.\n"
        "A click on a curve, or ← and →, places the cursor; ↑ and ↓ place it at the events of the run. The wheel, + and - "
        "zoom the x axis about the cursor (with shift the y axis). esc undoes what was done last: cursor, zoom, panel.\n"
        "Leaving this screen, or the app, stops nothing. b goes back to the best weights so far, with the state of the "
        "optimiser reset. g resumes a run that was stopped, failed or is complete, as if it had never ended. "
        "A run that was queued elsewhere is trained only when you press y. In panel 3 the arrows move the cursor over the "
        "matrix, enter or a second click lists the rows of its cell, o sorts the classes, m changes what the cells hold. "
        "f saves the panel with the focus to a file: "
        f".svg or .png for a picture, .csv for its numbers, .txt or .md for text. {COPY_HELP}"
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (180, "-huge")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "figure", "figure of the panel to a file", show=False),
        Binding("t", "playground", "try inputs on the best weights", show=False),
        Binding("enter", "samples", "all samples", show=False),
        Binding("escape", "back", "back"),
    ]

    footer: Footer = ()
    """The keys that do something now."""

    def __init__(self, run: RunFolder) -> None:
        super().__init__(run)
        self._load = LoadWatch()
        self._figure: tuple[str, ...] = ()
        """What `rnnlab plot` is to draw, once it is known where to."""

    def compose(self) -> ComposeResult:
        run = self.run
        yield TitleBar("run", f"{plain(run.session.name, 60)}/{plain(run.name, 60)}")
        yield StatusLine()
        with Container(id="panels"):
            yield CurvePanel(1, "loss", id="loss")
            yield CurvePanel(2, "metric", id="metric")
            yield EventPanel(6, id="events")
            yield ConfusionPanel(3, id="confusion")
            yield StatusPanel(4, id="now")
            yield GradientPanel(5, id="inside")
            yield SettingsPanel(7, id="settings")
        yield Prompt()
        yield KeyBar()

    async def on_mount(self) -> None:
        follower = self.follower
        # A log that is soon read stands in the first frame, and no panel is drawn twice.
        if await comes(follower.opened.wait()):
            self._show_run(follower)
        follower.watch(self)
        self.set_interval(SECONDS, self._read_load)
        self.query("#loss").focus()  # which is not there where the app ends meanwhile

    async def _read_load(self) -> None:
        if not in_sight(self):
            return
        load = await self._load.read(self.follower)
        for panel in self.query(StatusPanel):
            panel.show_load(load)

    def on_unmount(self) -> None:
        self.follower.unwatch(self)

    def on_screen_suspend(self) -> None:
        select_whole(self)

    async def shown_data(self) -> DataOf:
        """What the run learns from."""
        return await data_of_run(self.run)

    def on_run_advanced(self, event: RunAdvanced) -> None:
        event.stop()
        self._show_run(event.follower)

    def _show_run(self, follower: RunFollower) -> None:
        """Show the run as it is now; what has not changed is not drawn again."""
        matrix = self.query_one(ConfusionPanel)
        matrix.advance(follower)
        self.set_class(matrix.fits_small, "-small-matrix")
        self.query_one(StatusPanel).predictions_elsewhere = matrix.lists_predictions and not self.has_class("-low")
        for widget in self.query(Drawn):
            widget.advance(follower)
        if (footer := footer_of(follower)) != self.footer:
            self.footer = footer
            self.refresh_bindings()
        self.show_refusals()
        self.ask_once()

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        # Textual calls the handlers of the classes below, too.
        if event.topic == TOPIC:
            self._write_figure(event.text)

    def action_figure(self) -> None:
        """Ask for a file to which the panel with the focus is drawn."""
        panel = next((panel for panel in self.query(Panel) if panel.has_focus), None)
        try:
            self._figure = figure_of_panel(panel, self.run, self.follower.state, self.view)
        except UsageError as error:
            self.say(str(error), "information")
            return
        ask_for_file(self.query_one(Prompt), self.run.name, self._figure[1])

    @work(group="figure", exit_on_error=False)
    async def _write_figure(self, file: str) -> None:
        self.say(*await write_figure(self._figure, file))

    def copyable(self, panel: DescribedPanel) -> Copyable:
        """A figure in the formats of `rnnlab plot`."""
        found = super().copyable(panel)
        if not isinstance(panel, FIGURES):
            return found
        try:
            return replace(found, drawn=figure_of_panel(panel, self.run, self.follower.state, self.view))
        except UsageError:
            return found

    def action_playground(self) -> None:
        if "best" in self.follower.state.checkpoints:
            opening(self.app).open_playground(self.run)
        else:
            self.say("No weights yet: they come with the first evaluation.", "information")

    def action_samples(self) -> None:
        if self.follower.state.samples:
            self.app.push_screen(SamplesScreen(self.follower))
        else:
            self.say("No samples yet: they come with the first evaluation.", "information")

    def action_back(self) -> None:
        prompt = self.query_one(Prompt)
        if prompt.asking:
            prompt.close()
            self.refocus()
        elif not self.undo_view():
            self.action_zoom(self.zoomed) if self.zoomed else self.app.pop_screen()
