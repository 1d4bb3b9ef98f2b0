"""Predictions of a run: its confusion matrix or the figures of each class, its numbers, its steps, or its forecast."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType

from rnnlab.plots.confusion.cells import cell_text
from rnnlab.plots.confusion.epoch_bar import LEAST
from rnnlab.plots.confusion.order import ORDERS
from rnnlab.plots.confusion.pairs import LEAST as LEAST_PAIRS
from rnnlab.plots.confusion.pairs import pair_lines
from rnnlab.plots.predictions.marked import marked_samples
from rnnlab.plots.predictions.positions import position_plot
from rnnlab.plots.run.confusion import window
from rnnlab.plots.run.figures import LEAKING
from rnnlab.runs.error_report import PositionAccuracy
from rnnlab.runs.kept_predictions import why_none_of
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines, sentence
from rnnlab.text.sanitise import plain
from rnnlab.ui.described.figures import Described, of_forecast, of_matrix
from rnnlab.ui.matrix.epochs import ChosenMatrix
from rnnlab.ui.matrix.forecast_view import NAIVES, ForecastView
from rnnlab.ui.matrix.kept_figure import KeptFigure
from rnnlab.ui.matrix.matrices import Shown, matrices
from rnnlab.ui.matrix.number_view import NUMBERS, NumberView
from rnnlab.ui.matrix.view import MODES, Frame, MatrixView
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.cursor_panel import CursorPanel
from rnnlab.ui.run.panels.samples import prediction_table

_SMALL = (38, 7)
"""The cells inside the panel where it shares the lower half of an 80×24 screen."""
_ROOMY = 14
"""Lines from which a matrix that does not fit gives one to the bar of epochs."""


class ConfusionPanel(CursorPanel):
    """Shows what the task predicts: classes in a matrix, numbers in a list and over the true ones, a forecast as curves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "examples", "examples"),
        Binding("o", "order", "order"),
        Binding("home", "ends(False)", "first epoch", show=False),
        Binding("end", "ends(True)", "last epoch", show=False),
    ]

    def __init__(self, number: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, id=id)
        self.view = MatrixView()
        self.forecast = ForecastView()
        self.numbers = NumberView()
        self.chosen = ChosenMatrix()
        self._kept = {"scatter": KeptFigure("scatter"), "positions": KeptFigure("positions")}
        """The cell that was clicked last: a second click opens it."""

    @property
    def _state(self) -> RunState | None:
        return self.follower.state if self.follower else None

    @property
    def _problem(self) -> str:
        state = self._state
        return state.started.data.problem if state is not None and state.started is not None else ""

    @property
    def lists_predictions(self) -> bool:
        """Whether the run is a regression, so that its predictions are shown here."""
        return self._problem == "regression"

    @property
    def forecasts(self) -> bool:
        """Whether the run's forecast is shown here."""
        return self._problem == "forecasting"

    @property
    def fits_small(self) -> bool:
        """Whether what is shown here fits beside another panel in the lower half of a small screen."""
        state = self._state
        if state is None or self.lists_predictions:
            return False
        if self.forecasts:
            return state.forecast is not None
        shown = self.chosen.of(state)
        if shown is None or state.started is None:
            return False
        classes = state.started.data.classes
        view = window(shown.counts, classes, width=_SMALL[0], height=_SMALL[1])
        return view.rows == view.columns == len(classes)

    @property
    def shown_epoch(self) -> int | None:
        """The epoch of the matrix that is shown, where that is not the one of the best weights at the end."""
        shown = self.chosen.of(self._state) if self._state is not None else None
        return None if shown is None or shown.split == "test" else shown.epoch

    @property
    def scrolls(self) -> bool:
        """Whether the arrow keys do something here: move the cursor of the matrix, or the forecast."""
        if self.forecasts and self._state is not None:
            return self.forecast.hidden_steps(self._state.forecast, self._width) > 0
        return self._frame() is not None

    @property
    def _width(self) -> int:
        return self.content_size.width - 1 if self.size.area else 0

    def depends_on(self, follower: RunFollower) -> Hashable:
        """The matrices, samples and forecast of the run, and whether it has ended."""
        state = follower.state
        kept = state.matrices.get("validation")
        return (
            kept.seen if kept else 0,
            state.final_confusion is not None,
            state.samples_epoch,
            state.samples_split,
            id(state.forecast),
            state.predictions is not None,
            state.status,
        )

    def advance(self, follower: RunFollower) -> None:
        """Title the panel after what it shows now, and draw it again where that has changed."""
        self.follower = follower
        self._entitle()
        self._read_kept()
        super().advance(follower)

    def changed(self) -> None:
        """Draw after something was done here."""
        self._entitle()
        self._read_kept()
        self.redraw()

    # Figures of the kept predictions, which another process reads.

    def _read_kept(self) -> None:
        """Have the figure that is shown read, once its run has kept predictions."""
        what = "scatter" if self.lists_predictions else self.view.mode
        kept, state = self._kept.get(what), self._state
        if kept is not None and state is not None and self.display and kept.is_due(state):
            self.run_worker(self._read(kept), name=f"read {what}", exit_on_error=False)

    async def _read(self, kept: KeptFigure) -> None:
        assert self.follower is not None
        await kept.read(self.follower.run, self.follower.state)
        self.changed()

    # Keys and the mouse.

    def next_mode(self) -> None:
        """What the cells of a matrix hold, the figures of each class; of numbers the plot; of a forecast the naive ones."""
        if self.forecasts:
            self.forecast.naive = self.forecast.next_naive()
        elif self.lists_predictions:
            self.numbers.mode = self.numbers.next_mode()
        else:
            self.view.mode = self.view.next_mode(per_step=self._is_per_step)
        self.changed()

    @property
    def _is_per_step(self) -> bool:
        return self._problem == "per-step classification"

    def action_order(self) -> None:
        """Show the classes in the next order."""
        self.view.order = self.view.next_order()
        self.changed()

    def action_examples(self) -> None:
        """Open the list of the rows behind the cell under the cursor; of numbers all rows, the largest error first."""
        if self.follower is None:
            return
        from rnnlab.ui.examples.asked import asked_examples, shown_subset
        from rnnlab.ui.examples.screen import ExamplesScreen

        state = self.follower.state
        shown = self.chosen.of(state)
        if missing := why_none_of(state, shown_subset(state, shown)):
            self.notify(missing, markup=False, timeout=8)
            return
        self.app.push_screen(ExamplesScreen(*asked_examples(self.follower.run, state, shown, self.view)))

    def action_ends(self, last: bool) -> None:
        """Show the first or the last matrix."""
        if self._state is not None:
            self.browse(len(matrices(self._state)) * (1 if last else -1))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is about a matrix is for where one is shown."""
        if action == "examples" and self.lists_predictions:
            # Until then Enter lists the samples of the last evaluation.
            return self._state is not None and self._state.predictions is not None
        if action in ("examples", "ends"):
            return self._state is not None and self.chosen.of(self._state) is not None
        return self._frame() is not None if action == "order" else True

    def browse(self, by: int) -> None:
        """Show an earlier (-1) or a later (1) matrix; of a forecast, a week back or on."""
        if self._state is None:
            return
        if self.forecasts:
            self.forecast.move(self._state.forecast, by, self._width)
        else:
            self.chosen.move(self._state, by)
        self.changed()

    def scroll_by(self, across: int, down: int) -> None:
        """Move the cursor of the matrix, or the part of the forecast that is shown."""
        if self.forecasts:
            self.browse(across + down)
        elif (frame := self._frame()) is not None:
            self._clicked = None
            self.view.move(frame, across, down)
            self.changed()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the cell, or show the matrix under the bar; elsewhere two clicks fill the screen."""
        # Textual calls the handler of `Panel`, too, unless it is told not to.
        frame, offset = self._frame(), event.get_content_offset(self)
        if frame is None or offset is None or self._state is None:
            return
        if offset.y >= frame.height:
            event.prevent_default()
            self.chosen.click(self._state, offset.x - 1, self._width)
            self.changed()
        elif (cell := self.view.put(frame, offset.x - 1, offset.y)) is not None:
            event.prevent_default()
            again, self._clicked = cell == self._clicked, cell
            self.changed()
            if again:
                self.action_examples()

    # What is drawn.

    def _frame(self) -> Frame | None:
        """The matrix that is shown and the cells it is drawn in; None where there is none."""
        state = self._state
        shown = self.chosen.of(state) if state is not None else None
        if shown is None or state is None or state.started is None or not self.size.area or not self.view.has_cursor:
            return None
        height = self.content_size.height
        return Frame(shown.counts, state.started.data.classes, self._width, height - self._has_bar(height))

    def _has_bar(self, height: int) -> bool:
        """Whether the bar of epochs is drawn under the matrix: where no class has to go for it, or many are seen anyway."""
        state = self._state
        if state is None or state.started is None or self._width < LEAST:
            return False
        lines = len(state.started.data.classes) + 1
        return (height > lines or lines > height >= _ROOMY) and len(matrices(state)) > 1

    def _entitle(self) -> None:
        state = self._state
        leaking = [LEAKING] if state is not None and state.leaks else []
        if state is not None and self.forecasts:
            self.entitle("forecast", state.forecast_split, *leaking, *self.forecast.labels(state.forecast))
            keys = [(", .", "weeks")] if self.forecast.hidden_steps(state.forecast, self._width) else []
            self.subtitle(*keys, ("m", NAIVES[self.forecast.next_naive()]))
        elif state is not None and self.lists_predictions:
            self.entitle("predictions", state.samples_split, f"epoch {state.samples_epoch}", *leaking)
            self.subtitle(("m", NUMBERS[self.numbers.next_mode()]), ("enter", "all"))
        elif self.view.has_cursor:
            self._entitle_matrix(leaking)
        else:
            label = f"{state.samples_split} · epoch {state.samples_epoch}" if state and state.samples else ""
            label = "best weights" if self.view.mode == "positions" else label
            self.entitle("steps", MODES[self.view.mode], *filter(None, [label]), *leaking)
            self.subtitle(("m", MODES[self.view.next_mode(per_step=self._is_per_step)]), ("enter", "examples"))

    def _entitle_matrix(self, leaking: list[str]) -> None:
        """The matrix that is shown; under it the cell with the cursor, or the keys."""
        view, state = self.view, self._state
        shown = self.chosen.of(state) if state is not None else None
        title = "classes" if view.mode == "classes" else "confusion"
        mode = [] if view.mode == "classes" else [MODES[view.mode]]
        mode += [] if view.order == "classes" else [ORDERS[view.order]]
        if shown is None:
            self.entitle(title, *mode, *leaking)
        elif shown.split == "test":
            self.entitle(title, "test", shown.label, *mode, *leaking)
        else:
            many = state is not None and len(matrices(state)) > 1
            self.entitle(title, "validation", f"◂ {shown.label} ▸" if many else shown.label, *mode, *leaking)
        frame = self._frame()
        if frame is not None and self.has_focus and view.is_matrix:
            self.subtitle(("⏎", cell_text(frame.counts, frame.classes, *view.cell(frame.counts))))
        elif frame is not None and self.has_focus:
            name = frame.classes[view.cell(frame.counts)[0]]
            self.subtitle(
                ("⏎", f"wrong rows of {plain(name, 24)}"), ("m", MODES[view.next_mode(per_step=self._is_per_step)])
            )
        else:
            self.subtitle((", .", "epoch"), ("m", MODES[view.next_mode(per_step=self._is_per_step)]), ("o", "order"))

    def draw(self, width: int, height: int) -> Lines:
        """The matrix, the classes, the steps, the predictions or the forecast."""
        state = self._state
        if state is None:
            return []
        if self.forecasts:
            return _inset(self.forecast.draw(state, width - 1, height, self.palette))
        if self.lists_predictions:
            return _inset(self._draw_numbers(state, width - 2, height))
        if self.view.mode == "letters" and state.started is not None:
            classes = state.started.data.classes
            return _inset(marked_samples(state.samples, classes, width=width - 1, height=height, palette=self.palette))
        if self.view.mode == "positions":
            return _inset(self._draw_positions(state, width - 1, height))
        return _inset(self._draw_matrix(state, self.chosen.of(state), width, height))

    def _draw_numbers(self, state: RunState, width: int, height: int) -> Lines:
        if not state.samples:
            text = "Predictions come with the first evaluation."
            return sentence(text, width, height, self.palette.style("muted"))
        listed = prediction_table(state.samples, width, height, self.palette)
        return self.numbers.draw(state, self._kept["scatter"], listed, width, height, self.palette)

    def _draw_positions(self, state: RunState, width: int, height: int) -> Lines:
        kept = self._kept["positions"]
        if kept.rows:
            positions = [PositionAccuracy(each["position"], each["steps"], each["right"]) for each in kept.rows]
            return position_plot(positions, width=width, height=height, palette=self.palette)
        missing = why_none_of(state, "validation") if state.predictions is None else kept.problem
        return sentence(missing or "Reading the predictions …", width, height, self.palette.style("muted"))

    def _draw_matrix(self, state: RunState, shown: Shown | None, width: int, height: int) -> Lines:
        classes = state.started.data.classes if state.started else ()
        if shown is None and state.started is not None and len(classes) > 200:
            text = f"No matrix is kept of {len(classes)} classes: beyond 200 it is too large for the log."
            return sentence(text, width, height, self.palette.style("muted"))
        empty = "No evaluation was made." if state.ended else "Drawn from the first evaluation on."
        bar = shown is not None and self._has_bar(height)
        frame = Frame(shown.counts if shown else (), classes, width - 1, height - bar)
        lines = self.view.draw(frame, self.palette, focused=self.has_focus, empty=empty)
        spare = frame.height - len(classes) - 1
        if shown is not None and spare >= LEAST_PAIRS:
            size = {"width": frame.width, "height": spare}
            lines = lines[:-spare] + pair_lines(shown.counts, classes, **size, palette=self.palette)
        return [*lines, self.chosen.bar(state, width - 1, self.palette)] if bar else lines

    def sentences(self) -> Described:
        """The matrix, the classes or the forecast; of predictions the list."""
        state = self._state
        if state is None or self.lists_predictions or (not self.forecasts and not self.view.has_cursor):
            return super().sentences()
        if self.forecasts:
            return of_forecast(state)
        shown = self.chosen.of(state)
        note = "" if shown is None else f"{shown.split}, {shown.label}"
        return of_matrix(state, shown.counts if shown else (), note, by_class=self.view.mode == "classes")


def _inset(lines: Lines) -> Lines:
    """The lines one cell to the right."""
    return [[Segment(" "), *line] for line in lines]
