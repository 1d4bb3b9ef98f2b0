"""The Run screen: one run live, ended or somewhere between, all of it read from its log."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen

from rnnlab.config import UsageError, field_of
from rnnlab.engines.resume import GIVEN_MORE, is_ours, resume, start
from rnnlab.runs.commands import Verb
from rnnlab.runs.folders import RunFolder
from rnnlab.text.numbers import rate
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import Footer, KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.select_whole import select_whole
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.run.confusion_panel import ConfusionPanel
from rnnlab.ui.run.curve_panel import CurvePanel, View
from rnnlab.ui.run.figure_file import TOPIC, ask_for_file, figure_of_panel, write_figure
from rnnlab.ui.run.follow import RunAdvanced, RunFollower
from rnnlab.ui.run.followers import followers_of
from rnnlab.ui.run.footer import footer_of
from rnnlab.ui.run.gradient_panel import GradientPanel
from rnnlab.ui.run.panel import Drawn, Panel
from rnnlab.ui.run.samples_screen import SamplesScreen
from rnnlab.ui.run.status_line import StatusLine
from rnnlab.ui.run.status_panel import StatusPanel, planned
from rnnlab.ui.run.steering import RATE, TYPED, learning_rate, live_setting, obstacle_to
from rnnlab.ui.setup.data_of import DataOf, data_of_run


class RunScreen(Screen[None]):
    """Panels over the state of a followed run, and the keys that steer its trainer."""

    CSS_PATH = "../styles/run.tcss"
    TITLE = "Run"
    HELP = (
        "One run, live or ended, read from its log. The faint curve is the raw training loss, the line its average; ◆ is "
        "the validation split, ★ its best epoch, ▾ where a setting was changed, dotted the baseline. "
        "Leaving this screen, or the app, stops nothing. b goes back to the best weights so far, with the state of the "
        "optimiser reset. g resumes a run that was stopped, failed or is complete, as if it had never ended. "
        "A run that was queued elsewhere is trained only when you press y. f saves the panel with the focus to a file: "
        ".svg or .png for a picture, .csv for its numbers, .txt or .md for text."
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "resume", "resume"),
        Binding("p", "pause", "pause"),
        Binding("s", "stop", "stop"),
        Binding("left_square_bracket", "rate(0.5)", "rate ÷2", key_display="["),
        Binding("right_square_bracket", "rate(2)", "rate ×2", key_display="]"),
        Binding("r", "type('rate')", "rate…"),
        Binding("b", "send('rollback')", "to best"),
        Binding("c", "type('clip')", "clip the gradient's norm at …", show=False),
        Binding("d", "type('dropout')", "dropout …", show=False),
        Binding("v", "send('evaluate')", "evaluate now", show=False),
        Binding("w", "send('save')", "save weights and state now", show=False),
        Binding("l", "log", "logarithmic loss axis", show=False),
        Binding("e", "smooth", "smoothing of the training loss", show=False),
        Binding("x", "axis", "x axis: epochs, steps or time", show=False),
        Binding("m", "matrix", "matrix as counts or row %", show=False),
        Binding("comma", "browse(-1)", "earlier matrix", key_display=",", show=False),
        Binding("full_stop", "browse(1)", "later matrix", key_display=".", show=False),
        Binding("f", "figure", "figure of the panel to a file", show=False),
        Binding("enter", "samples", "all samples", show=False),
        Binding("left", "move(-1, 0)", "cursor left", show=False),
        Binding("right", "move(1, 0)", "cursor right", show=False),
        Binding("shift+left", "move(-10, 0)", "cursor left by ten", show=False),
        Binding("shift+right", "move(10, 0)", "cursor right by ten", show=False),
        Binding("up", "move(0, -1)", "scroll the matrix up", show=False),
        Binding("down", "move(0, 1)", "scroll the matrix down", show=False),
        Binding("tab", "zoom_next(1)", "zoom the next panel", show=False),
        Binding("shift+tab", "zoom_next(-1)", "zoom the panel before", show=False),
        Binding("1", "zoom(1)", "zoom", key_display="1–5"),
        Binding("2", "zoom(2)", "zoom the metric", show=False),
        Binding("3", "zoom(3)", "zoom the matrix", show=False),
        Binding("4", "zoom(4)", "zoom the status", show=False),
        Binding("5", "zoom(5)", "inside the net: gradients by step and layer, gates", show=False),
        Binding("y", "yes", "yes", show=False),
        Binding("escape", "back", "back"),
    ]

    footer: Footer = ()
    """The keys that do something now."""

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self.run = run
        self.view = View()
        self.zoomed = 0
        self._refusals = 0
        self._opened = False
        self._asked = False
        self._figure: tuple[str, ...] = ()
        """What `rnnlab plot` is to draw, once it is known where to."""
        self._more: dict[str, int] | None = None
        """The settings with which a run from elsewhere is to be resumed, once that is allowed; None: it is to be started."""

    def compose(self) -> ComposeResult:
        run = self.run
        yield TitleBar("run", f"{plain(run.session.name, 60)}/{plain(run.name, 60)}")
        yield StatusLine()
        with Container(id="panels"):
            yield CurvePanel(1, "loss", id="loss")
            yield CurvePanel(2, "metric", id="metric")
            yield ConfusionPanel(3, id="confusion")
            yield StatusPanel(4, id="now")
            yield GradientPanel(5, id="inside")
        yield Prompt()
        yield KeyBar()

    @property
    def follower(self) -> RunFollower:
        """The run's follower, which lives on the App."""
        return followers_of(self.app).follow(self.run)

    def on_mount(self) -> None:
        self.follower.watch(self)
        self.query("#loss").focus()  # which is not there where the app ends meanwhile

    def on_unmount(self) -> None:
        self.follower.unwatch(self)

    def on_screen_suspend(self) -> None:
        select_whole(self)

    async def shown_data(self) -> DataOf:
        """What the run learns from."""
        return await data_of_run(self.run)

    def on_run_advanced(self, event: RunAdvanced) -> None:
        event.stop()
        follower = event.follower
        matrix = self.query_one(ConfusionPanel)
        matrix.advance(follower)
        self.set_class(matrix.fits_small, "-small-matrix")
        self.query_one(StatusPanel).predictions_elsewhere = matrix.lists_predictions and not self.has_class("-low")
        for widget in self.query(Drawn):
            widget.advance(follower)
        if (footer := footer_of(follower)) != self.footer:
            self.footer = footer
            self.refresh_bindings()
        self._show_refusals()
        if follower.foreign and not self._asked and not self.query_one(Prompt).asking:
            self._asked = True
            self._ask_to_train({} if follower.gone else None)

    def _show_refusals(self) -> None:
        """Show a command that the trainer refused once, and those of before the screen was opened not at all."""
        refused = [mark for mark in self.follower.state.applied_commands if mark.error]
        if self._opened:
            for mark in refused[self._refusals :]:
                self._say(f"{mark.command}: {mark.error}", "warning")
        self._refusals = len(refused)
        self._opened = self.follower.opened.is_set()

    # What steers the trainer.

    def action_pause(self) -> None:
        paused = self.follower.state.status == "paused"
        for sent in self.follower.pending.values():
            # The last command counts, though it has not taken effect.
            paused = {"pause": True, "resume": False}.get(sent.command, paused)
        if self._steerable("resume" if paused else "pause"):
            self._send("resume" if paused else "pause")

    def action_stop(self) -> None:
        prompt = self.query_one(Prompt)
        if prompt.topic == "stop":
            self.action_yes()
        elif self._steerable("stop"):
            prompt.confirm(
                "stop", "Stop this run? Its best weights are kept.  s or y: stop  any other key: keep training"
            )

    def action_yes(self) -> None:
        prompt, follower = self.query_one(Prompt), self.follower
        if prompt.topic == "stop":
            prompt.close()
            if self._steerable("stop"):
                self._send("stop")
        elif prompt.topic == "train":
            prompt.close()
            self._train_here(self._more)
        elif follower.foreign and not prompt.asking:
            self._train_here({} if follower.gone else None)

    def _ask_to_train(self, more: dict[str, int] | None) -> None:
        """A run whose settings come from elsewhere is trained only once a person has agreed."""
        self._more = more
        what = (
            "queued elsewhere. y: train it here with these settings"
            if more is None
            else "trained elsewhere. y: resume it here, with its settings"
        )
        self.query_one(Prompt).confirm("train", f"This run was {what}  any other key: leave it")

    @work(thread=True, group="resume", exit_on_error=False)
    def _train_here(self, more: dict[str, int] | None) -> None:
        try:
            start(self.run) if more is None else resume(self.run, more)
        except (UsageError, OSError) as error:
            self.app.call_from_thread(self._say, str(error), "warning")

    def action_rate(self, factor: float) -> None:
        if not self._steerable("set"):
            return
        try:
            value = field_of(RATE).check(float(f"{learning_rate(self.follower) * factor:.6g}"))
        except UsageError as error:
            self._say(str(error), "warning")
            return
        self._send("set", RATE, value)

    def action_type(self, topic: str) -> None:
        """Ask for a new value of a live setting."""
        key, question = TYPED[topic]
        if self._steerable("set"):
            value = (
                rate(learning_rate(self.follower))
                if key == RATE
                else field_of(key).text(live_setting(self.follower, key))
            )
            self.query_one(Prompt).ask(topic, question, value, field_of(key).parse)

    def action_send(self, verb: Verb) -> None:
        if self._steerable(verb):
            self._send(verb)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        if event.topic in TYPED and self._steerable("set"):
            key, _ = TYPED[event.topic]
            self._send("set", key, field_of(key).parse(event.text))
        elif event.topic == TOPIC:
            self._write_figure(event.text)
        elif event.topic in GIVEN_MORE:
            self._resume({event.topic: field_of(event.topic).parse(event.text)})
        self._refocus()

    def action_resume(self) -> None:
        """Resume a run that has ended; where it needs more of something for that, ask how much."""
        state = self.follower.state
        if state.status == "completed" and state.started is not None:
            by_updates = state.started.steps_total < state.started.epochs * state.started.steps_per_epoch
            self._ask_for_more("train.updates" if by_updates else "train.epochs")
        elif state.status == "early-stopped":
            self._ask_for_more("train.patience")
        elif state.ended:
            self._resume({})
        else:
            self._say("This run has not ended: there is nothing to resume.", "information")

    def _ask_for_more(self, key: str) -> None:
        group, _, name = key.partition(".")
        started = self.follower.state.started
        had = planned(started, group, name) if started is not None else None
        more = had * 2 if isinstance(had, int) else 1
        self.query_one(Prompt).ask(key, f"{name} in all", str(more), field_of(key).parse)

    @work(thread=True, group="resume", exit_on_error=False)
    def _resume(self, more: dict[str, int]) -> None:
        try:
            if not is_ours(self.run):
                self.app.call_from_thread(self._ask_to_train, more)
                return
            if other := resume(self.run, more):
                self.app.call_from_thread(self._say, other, "warning")
        except UsageError as error:
            self.app.call_from_thread(self._say, str(error), "warning")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Rolling back to the best weights is for a run that trains, resuming for one that has ended."""
        ended = self.follower.state.ended
        return not ended if action == "send" and parameters == ("rollback",) else ended if action == "resume" else True

    def on_prompt_given_up(self) -> None:
        self._refocus()

    def _refocus(self) -> None:
        panels = list(self.query(Panel))
        panels[max(0, self.zoomed - 1)].focus()

    def _steerable(self, verb: str) -> bool:
        """Whether there is a trainer to take the command; where not, say why."""
        obstacle = obstacle_to(verb, self.follower)
        if obstacle is not None:
            self._say(*obstacle)
        return obstacle is None

    def _send(self, verb: Verb, key: str = "", value: float | None = None) -> None:
        try:
            self.follower.send(verb, key, value)
        except UsageError as error:
            self._say(str(error), "error")

    def _say(self, text: str, severity: str) -> None:
        self.notify(plain(text), severity=severity, markup=False, timeout=6)  # type: ignore[arg-type]

    # Axes, matrices and panels.

    def action_log(self) -> None:
        self._set_view(self.view.toggled_log(self.follower.state))

    def action_smooth(self) -> None:
        self._set_view(self.view.next_smoothing())

    def action_axis(self) -> None:
        self._set_view(self.view.next_axis())

    def action_matrix(self) -> None:
        self.query_one(ConfusionPanel).next_mode()

    def action_browse(self, by: int) -> None:
        self.query_one(ConfusionPanel).browse(by)

    def action_move(self, across: int, down: int) -> None:
        """The arrow keys: over the matrix where it has the focus, else along the curves."""
        matrix = self.query_one(ConfusionPanel)
        if matrix.has_focus and matrix.scrolls:
            matrix.scroll_by(across, down)
        elif across:
            self._set_view(self.view.moved(self.follower.state, across))

    def on_curve_panel_cursor_placed(self, event: CurvePanel.CursorPlaced) -> None:
        self._set_view(replace(self.view, cursor=event.x))

    def _set_view(self, view: View) -> None:
        self.view = view
        for panel in self.query(CurvePanel):
            panel.set_view(view)

    def action_zoom(self, number: int) -> None:
        """Fill the screen with a panel, or with all of them again."""
        self.zoomed = 0 if self.zoomed == number else number
        self.set_class(bool(self.zoomed), "-zoomed")
        for panel in self.query(Panel):
            panel.set_class(panel.number == self.zoomed, "-zoom")
            if panel.number == (self.zoomed or number):
                panel.focus()

    def on_panel_doubled(self, event: Panel.Doubled) -> None:
        self.action_zoom(event.number)

    def action_zoom_next(self, by: int) -> None:
        following = (self.zoomed + by) % 6
        self.action_zoom(following or self.zoomed)

    def action_figure(self) -> None:
        """Ask for a file to which the panel with the focus is drawn."""
        panel = next((panel for panel in self.query(Panel) if panel.has_focus), None)
        try:
            self._figure = figure_of_panel(panel, self.run, self.follower.state, self.view)
        except UsageError as error:
            self._say(str(error), "information")
            return
        ask_for_file(self.query_one(Prompt), self.run.name, self._figure[1])

    @work(group="figure", exit_on_error=False)
    async def _write_figure(self, file: str) -> None:
        self._say(*await write_figure(self._figure, file))

    def action_samples(self) -> None:
        if self.follower.state.samples:
            self.app.push_screen(SamplesScreen(self.follower))
        else:
            self._say("No samples yet: they come with the first evaluation.", "information")

    def action_back(self) -> None:
        prompt = self.query_one(Prompt)
        if prompt.asking:
            prompt.close()
            self._refocus()
        elif self.view.cursor is not None:
            self._set_view(replace(self.view, cursor=None))
        elif self.zoomed:
            self.action_zoom(self.zoomed)
        else:
            self.app.pop_screen()

    def on_key(self, event: events.Key) -> None:
        """Any key but the confirming ones takes the question back."""
        prompt = self.query_one(Prompt)
        confirming = {"stop": ("s", "y", "escape"), "train": ("y", "escape")}.get(prompt.topic)
        if confirming is not None and event.key not in confirming:
            prompt.close()
