"""Several runs on the same axes: their losses, and the metric of their task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen

from rnnlab.plots.comparison.overlay import overlay_plot
from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.figures import LEAKING, title_of, wants_log
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.prompt import Prompt
from rnnlab.ui.common.title_bar import TitleBar
from rnnlab.ui.run.figure_file import ask_for_file, axes_of, figure_of_runs, write_figure
from rnnlab.ui.run.following.follow import RunAdvanced
from rnnlab.ui.run.following.followers import followers_of
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.view import AXES, View, x_extent
from rnnlab.ui.setup.data_of import DataOf, data_of_run

_STRIDES = 80
"""Key presses that take the cursor from one end to the other."""


OTHER_DATA = "⚠ different data"
"""The title's warning where the figures of the runs do not compare."""


def _of_different_data(states: Iterable[RunState]) -> bool:
    """Whether the runs that have begun were evaluated on different sequences."""
    data = [state.started.data for state in states if state.started is not None]
    fingerprints = {(each.task, each.fingerprint) for each in data if each.fingerprint}
    evaluated = {(each.task, each.evaluated) for each in data}
    return len(fingerprints) > 1 and (len(evaluated) > 1 or not all(each.evaluated for each in data))


class OverlayPanel(Panel):
    """One figure of all the runs."""

    runs: Sequence[tuple[str, RunState]] = ()
    figure = "loss"
    x_axis: XAxis = "epochs"
    log_y = False
    cursor: float | None = None

    def draw(self, width: int, height: int) -> Lines:
        """The curves of all the runs, with the cursor's values."""
        return overlay_plot(
            self.runs,
            self.figure,
            width=width,
            height=height,
            palette=self.palette,
            x_axis=self.x_axis,
            log_y=self.log_y,
            cursor=self.cursor,
        )


class OverlayScreen(Screen[None]):
    """Follows each of its runs, so that those in training grow."""

    CSS_PATH = "../styles/overlay.tcss"
    TITLE = "Overlay"
    HELP = (
        "Several runs on the same axes, each with a colour and a marker of its own: its validation figures as a line, and of up "
        "to three runs the averaged training figures dotted. At most eight runs are drawn. ⚠ different "
        "data: the runs were not evaluated on the same sequences, so their figures do not compare. The loss drawn of a run with "
        "class weights, smoothing or a focal factor is its plain cross-entropy. f saves the panel with the focus to a "
        "file: .svg or .png for a picture, .csv for its numbers, .txt or .md for text."
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (170, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "log", "log"),
        Binding("x", "axis", "x axis"),
        Binding("f", "figure", "figure"),
        Binding("left", "move(-1)", "read values", key_display="←→"),
        Binding("right", "move(1)", "cursor right", show=False),
        Binding("shift+left", "move(-10)", "cursor left by ten", show=False),
        Binding("shift+right", "move(10)", "cursor right by ten", show=False),
        Binding("escape", "back", "back"),
    ]

    def __init__(self, runs: Sequence[RunFolder]) -> None:
        super().__init__()
        self.runs = list(runs)[: len(STYLES)]
        self.left_out = len(runs) - len(self.runs)
        self.x_axis: XAxis = "epochs"
        self.log_y: bool | None = None
        self.cursor: float | None = None
        self._figure: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield TitleBar("overlay")
        with Container(id="panels"):
            yield OverlayPanel(1, id="loss")
            yield OverlayPanel(2, id="metric")
        yield Prompt()
        yield KeyBar()

    def on_mount(self) -> None:
        count = f"{len(self.runs)} run{'' if len(self.runs) == 1 else 's'}"
        self.query_one(TitleBar).about = count + (f" · {self.left_out} more left out" if self.left_out else "")
        for run in self.runs:
            followers_of(self.app).follow(run).watch(self)
        self.query("#loss").focus()  # which is not there where the app ends meanwhile

    def on_unmount(self) -> None:
        for run in self.runs:
            followers_of(self.app).follow(run).unwatch(self)

    def on_run_advanced(self, event: RunAdvanced) -> None:
        event.stop()
        self._show()

    async def shown_data(self) -> DataOf | None:
        """What the first of the runs learns from."""
        return await data_of_run(self.runs[0]) if self.runs else None

    @property
    def states(self) -> list[tuple[str, RunState]]:
        """Each run's name and its state as read from its log so far."""
        followers = followers_of(self.app)
        return [(run.name, followers.follow(run).state) for run in self.runs]

    @property
    def is_log(self) -> bool:
        """Whether the loss axis is logarithmic: as was chosen, else as the data need it."""
        return any(wants_log(state) for _, state in self.states) if self.log_y is None else self.log_y

    def _show(self) -> None:
        states = self.states
        metrics = [state.metric for _, state in states if state.metric]
        leaking = any(state.leaks for _, state in states)
        for panel in self.query(OverlayPanel):
            panel.runs, panel.x_axis, panel.cursor = states, self.x_axis, self.cursor
            if panel.id == "metric":
                panel.figure = metrics[0] if metrics else "accuracy"
            else:
                panel.log_y = self.is_log
            more = ["log"] if panel.log_y else []
            more += [OTHER_DATA] if _of_different_data(state for _, state in states) else []
            more += [LEAKING] if leaking else []
            panel.entitle(title_of(panel.figure), *more)
            panel.redraw()
        self.query_one("#loss", OverlayPanel).subtitle(("l", "log"), ("x", self.x_axis))

    def action_log(self) -> None:
        self.log_y = not self.is_log
        self._show()

    def action_axis(self) -> None:
        self.x_axis, self.cursor = AXES[(AXES.index(self.x_axis) + 1) % len(AXES)], None
        self._show()

    def action_figure(self) -> None:
        """Ask for a file to which the panel with the focus is drawn."""
        if not self.runs:
            return
        what = "metric" if self.query_one("#metric").has_focus else "loss"
        log_y = self.is_log and what == "loss"
        self._figure = (*figure_of_runs(self.runs, what), *axes_of(View(self.x_axis), log_y))
        ask_for_file(self.query_one(Prompt), self.runs[0].session.name, "overlay", what)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        self._write_figure(event.text)

    @work(group="figure", exit_on_error=False)
    async def _write_figure(self, file: str) -> None:
        text, severity = await write_figure(self._figure, file)
        self.notify(plain(text), severity=severity, markup=False, timeout=6)

    def action_move(self, by: int) -> None:
        """The cursor along the axis; the first move puts it at the newest point."""
        ends = [extent[1] for _, state in self.states if (extent := x_extent(state, self.x_axis)) is not None]
        if not ends:
            return
        high = max(ends)
        self.cursor = high if self.cursor is None else min(high, max(0.0, self.cursor + by * high / _STRIDES))
        self._show()

    def action_back(self) -> None:
        if self.cursor is not None:
            self.cursor = None
            self._show()
        else:
            self.app.pop_screen()
