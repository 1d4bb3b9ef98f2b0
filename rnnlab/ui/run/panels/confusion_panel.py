"""The confusion matrix or the figures of each class; of a regression run its predictions, of a forecasting run its forecast."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import clamp

from rnnlab.plots.confusion.cells import cell_text
from rnnlab.plots.confusion.epoch_bar import LEAST, epoch_bar, matrix_at
from rnnlab.plots.confusion.order import ORDERS
from rnnlab.plots.run.confusion import window
from rnnlab.plots.run.figures import LEAKING
from rnnlab.plots.run.forecast import Naive, forecast_errors, forecast_plot, steps_in
from rnnlab.runs.events import SubsetName
from rnnlab.runs.kept_predictions import why_none_of
from rnnlab.text.lines import Line, Lines, fit, sentence
from rnnlab.text.numbers import figure
from rnnlab.text.sanitise import plain
from rnnlab.ui.described.figures import Described, of_forecast, of_matrix
from rnnlab.ui.matrix.matrices import Shown, matrices
from rnnlab.ui.matrix.view import MODES, Frame, MatrixView
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.samples import prediction_table

_SMALL = (38, 7)
"""The cells inside the panel where it shares the lower half of an 80×24 screen."""
NAIVES: dict[Naive, str] = {"best": "best naive", "all": "all naive", "none": "none naive"}
_ROOMY = 14
"""Lines from which a matrix that does not fit gives one to the bar of epochs."""
_WEEK = 7
"""Steps that a forecast is moved by."""


class ConfusionPanel(Panel):
    """Shows the latest matrix; an earlier one that was browsed to stays until the newest is reached again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "examples", "examples"),
        Binding("o", "order", "order"),
        Binding("home", "ends(False)", "first epoch", show=False),
        Binding("end", "ends(True)", "last epoch", show=False),
    ]

    def __init__(self, number: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, id=id)
        self.view = MatrixView()
        self.naive: Naive = "best"
        """Which naive forecasts are drawn beside the net's."""
        self.step = 0
        """The first step of the forecast that is shown."""
        self.picked: Shown | None = None
        """The matrix that is shown; None: the latest."""
        self._clicked: tuple[int, int] | None = None
        """The cell that was clicked last: a second click opens it."""

    @property
    def _problem(self) -> str:
        started = self.follower.state.started if self.follower else None
        return started.data.problem if started is not None else ""

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
        if self.lists_predictions:
            return False
        if self.forecasts:
            return self.follower is not None and self.follower.state.forecast is not None
        shown = self._shown()
        if shown is None or self.follower is None or self.follower.state.started is None:
            return False
        classes = self.follower.state.started.data.classes
        view = window(shown.counts, classes, width=_SMALL[0], height=_SMALL[1])
        return view.rows == view.columns == len(classes)

    @property
    def shown_epoch(self) -> int | None:
        """The epoch of the matrix that is shown, where that is not the one of the best weights at the end."""
        shown = self._shown()
        return None if shown is None or shown.split == "test" else shown.epoch

    @property
    def scrolls(self) -> bool:
        """Whether the arrow keys do something here: move the cursor of the matrix, or the forecast."""
        return self._hidden_steps() > 0 if self.forecasts else self._frame() is not None

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
            state.status,
        )

    def advance(self, follower: RunFollower) -> None:
        """Title the panel after what it shows now, and draw it again where that has changed."""
        self.follower = follower
        self._entitle()
        super().advance(follower)

    def next_mode(self) -> None:
        """Percent of each row, counts, the figures of each class; of a forecast, which naive ones are drawn with it."""
        if self.forecasts:
            naives = list(NAIVES)
            self.naive = naives[(naives.index(self.naive) + 1) % len(naives)]
        else:
            self.view.mode = self.view.next_mode()
        self._entitle()
        self.redraw()

    def action_order(self) -> None:
        """Show the classes in the next order."""
        self.view.order = self.view.next_order()
        self._entitle()
        self.redraw()

    def action_examples(self) -> None:
        """Open the list of the rows behind the cell under the cursor; of numbers all rows, the largest error first."""
        if self.follower is None:
            return
        state, run = self.follower.state, self.follower.run
        shown, frame = self._shown(), self._frame()
        subset: SubsetName = (
            shown.split if shown else "test" if state.predictions and "test" in state.predictions.rows else "validation"
        )
        if missing := why_none_of(state, subset):
            self.notify(missing, markup=False, timeout=8)
            return
        from rnnlab.ui.examples.query import ExamplesAsked
        from rnnlab.ui.examples.screen import ExamplesScreen

        asked, about = ExamplesAsked(run, subset), ""
        if shown is not None and frame is not None:
            true, predicted = self.view.cell(frame.counts)
            if self.view.mode == "classes":
                asked = ExamplesAsked(run, subset, true=frame.classes[true])
            else:
                asked = ExamplesAsked(run, subset, frame.classes[true], frame.classes[predicted])
            best = state.best.epoch if state.best is not None else None
            if shown.split != "test" and shown.epoch != best:
                about = f"The matrix is of epoch {shown.epoch}; predictions are kept of the best weights alone (epoch {best})."
        self.app.push_screen(ExamplesScreen(asked, about))

    def action_ends(self, last: bool) -> None:
        """Show the first or the last matrix."""
        if self.follower is not None:
            self.browse(len(matrices(self.follower.state)) * (1 if last else -1))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is about a matrix is for where one is shown."""
        if action == "examples" and self.lists_predictions:
            return bool(self.follower and (self.follower.state.predictions or not self.follower.state.samples))
        return self._frame() is not None if action in ("order", "ends", "examples") else True

    def browse(self, by: int) -> None:
        """Show an earlier (-1) or a later (1) matrix; of a forecast, a week back or on."""
        if self.follower is None:
            return
        if self.forecasts:
            self._move_forecast(by * _WEEK)
            return
        every = matrices(self.follower.state)
        if not every:
            return
        self._show(every, clamp(self._index(every) + by, 0, len(every) - 1))

    def _index(self, every: list[Shown]) -> int:
        """Which of the matrices is shown."""
        # By its label, as the list is thinned while the run advances.
        labels = [(shown.split, shown.label) for shown in every]
        picked = (self.picked.split, self.picked.label) if self.picked else labels[-1]
        return labels.index(picked) if picked in labels else len(labels) - 1

    def _show(self, every: list[Shown], at: int) -> None:
        self.picked = every[at] if at < len(every) - 1 else None
        self._entitle()
        self.redraw()

    def scroll_by(self, across: int, down: int) -> None:
        """Move the cursor of the matrix, or the part of the forecast that is shown."""
        if self.forecasts:
            self._move_forecast((across + down) * _WEEK)
        elif (frame := self._frame()) is not None:
            self._clicked = None
            self.view.move(frame, across, down)
            self._entitle()
            self.redraw()

    def _move_forecast(self, by: int) -> None:
        self.step = clamp(self.step + by, 0, self._hidden_steps())
        self._entitle()
        self.redraw()

    def _hidden_steps(self) -> int:
        """Steps of the forecast that are out of sight."""
        forecast = self.follower.state.forecast if self.follower else None
        if forecast is None or not self.size.area:
            return 0
        return len(forecast.truth) - steps_in(self.content_size.width - 1, len(forecast.truth))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scrolled(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scrolled(event, -1)

    def _scrolled(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        self.scroll_by(by if event.shift else 0, 0 if event.shift else by)

    def _shown(self) -> Shown | None:
        if self.picked is not None or self.follower is None:
            return self.picked
        every = matrices(self.follower.state)
        return every[-1] if every else None

    def _frame(self) -> Frame | None:
        """The matrix that is shown and the cells it is drawn in; None where there is none."""
        shown = self._shown()
        if shown is None or self.follower is None or self.follower.state.started is None or not self.size.area:
            return None
        width, height = self.content_size
        classes = self.follower.state.started.data.classes
        return Frame(shown.counts, classes, width - 1, height - self._has_bar(width - 1, height))

    def _has_bar(self, width: int, height: int) -> bool:
        """Whether the bar of epochs is drawn under the matrix: where no class has to go for it, or many are seen anyway."""
        if self.follower is None or self.follower.state.started is None or width < LEAST:
            return False
        lines = len(self.follower.state.started.data.classes) + 1
        return (height > lines or lines > height >= _ROOMY) and len(matrices(self.follower.state)) > 1

    def _bar(self, width: int) -> Line:
        assert self.follower is not None
        state = self.follower.state
        every = matrices(state)
        epochs, test = _epochs(every)
        best = state.best.epoch if state.best is not None else None
        return epoch_bar(epochs, self._index(every), best=best, test=test, width=width, palette=self.palette)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show the cursor while it can be moved."""
        super().watch_has_focus(has_focus)
        self._clicked = None
        self._entitle()
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the cell, or show the matrix under the bar; elsewhere two clicks fill the screen."""
        frame, offset = self._frame(), event.get_content_offset(self)
        if frame is None or offset is None:
            super().on_click(event)
            return
        if offset.y >= frame.height:
            self._click_bar(offset.x - 1)
        elif (cell := self.view.put(frame, offset.x - 1, offset.y)) is not None:
            again, self._clicked = cell == self._clicked, cell
            if again:
                self.action_examples()
            self._entitle()
            self.redraw()
        else:
            super().on_click(event)

    def _click_bar(self, cell: int) -> None:
        assert self.follower is not None
        every = matrices(self.follower.state)
        epochs, test = _epochs(every)
        at = matrix_at(cell, epochs, test=test, width=self.content_size.width - 1)
        if at is not None:
            self._show(every, at)

    def _entitle(self) -> None:
        state = self.follower.state if self.follower else None
        leaking = [LEAKING] if state is not None and state.leaks else []
        if state is not None and self.forecasts:
            self._entitle_forecast(leaking)
            return
        if state is not None and self.lists_predictions:
            self.entitle("predictions", state.samples_split, f"epoch {state.samples_epoch}", *leaking)
            self.subtitle(("enter", "all"))
            return
        self._entitle_matrix(leaking)

    def _entitle_matrix(self, leaking: list[str]) -> None:
        """The matrix that is shown; under it the cell with the cursor, or the keys."""
        shown, view = self._shown(), self.view
        title = "classes" if view.mode == "classes" else "confusion"
        mode = [] if view.mode == "classes" else [MODES[view.mode]]
        mode += [] if view.order == "classes" else [ORDERS[view.order]]
        if shown is None:
            self.entitle(title, *mode, *leaking)
        elif shown.split == "test":
            self.entitle(title, "test", shown.label, *mode, *leaking)
        else:
            many = self.follower is not None and len(matrices(self.follower.state)) > 1
            self.entitle(title, "validation", f"◂ {shown.label} ▸" if many else shown.label, *mode, *leaking)
        frame = self._frame()
        if frame is not None and self.has_focus and view.mode != "classes":
            self.subtitle(("⏎", cell_text(frame.counts, frame.classes, *view.cell(frame.counts))))
        else:
            self.subtitle((", .", "epoch"), ("m", MODES[view.next_mode()]), ("o", "order"))

    def _entitle_forecast(self, leaking: list[str]) -> None:
        assert self.follower is not None
        state = self.follower.state
        forecast = state.forecast
        labels = []
        if forecast is not None:
            errors = forecast_errors(forecast)
            labels = [
                f"{name} off by {figure(errors[key])}"
                for key, name in (("one step ahead", "one step"), ("rolling", "rolling"))
                if key in errors
            ]
        self.entitle("forecast", state.forecast_split, *leaking, *labels)
        naives = list(NAIVES)
        keys = [(", .", "weeks")] if self._hidden_steps() else []
        self.subtitle(*keys, ("m", NAIVES[naives[(naives.index(self.naive) + 1) % len(naives)]]))

    def draw(self, width: int, height: int) -> Lines:
        """The matrix, the classes, the predictions or the forecast."""
        if self.follower is None:
            return []
        state = self.follower.state
        if self.forecasts:
            return self._draw_forecast(width, height)
        if self.lists_predictions:
            if not state.samples:
                return sentence(
                    "Predictions come with the first evaluation.", width, height, self.palette.style("muted")
                )
            return _inset(prediction_table(state.samples, width - 2, height, self.palette))
        shown = self._shown()
        classes = state.started.data.classes if state.started else ()
        if shown is None and state.started is not None and len(classes) > 200:
            text = f"No matrix is kept of {len(classes)} classes: beyond 200 it is too large for the log."
            return sentence(text, width, height, self.palette.style("muted"))
        counts = shown.counts if shown else ()
        empty = "No evaluation was made." if state.ended else "Drawn from the first evaluation on."
        bar = self._has_bar(width - 1, height) and shown is not None
        frame = Frame(counts, classes, width - 1, height - bar)
        lines = self.view.draw(frame, self.palette, focused=self.has_focus, empty=empty)
        return _inset([*lines, self._bar(width - 1)] if bar else lines)

    def sentences(self) -> Described:
        """The matrix, the classes or the forecast; of predictions the list."""
        shown, state = self._shown(), self.follower.state if self.follower else None
        if state is None or self.lists_predictions:
            return super().sentences()
        if self.forecasts:
            return of_forecast(state)
        note = "" if shown is None else f"{shown.split}, {shown.label}"
        return of_matrix(state, shown.counts if shown else (), note, by_class=self.view.mode == "classes")

    def _draw_forecast(self, width: int, height: int) -> Lines:
        """The curves; where there is room, under them the error of each naive forecast."""
        assert self.follower is not None
        state, palette = self.follower.state, self.palette
        forecast = state.forecast
        empty = "No evaluation was made." if state.ended else "The forecast is drawn from the first evaluation on."
        naive = forecast_errors(forecast) if forecast is not None else {}
        naive = {name: error for name, error in naive.items() if forecast is not None and name in forecast.baselines}
        below = height >= 14 and bool(naive)
        plotted = forecast_plot(
            forecast,
            width=width - 1,
            height=height - below,
            palette=palette,
            first=self.step,
            naive=self.naive,
            empty=empty,
        )
        if below:
            errors = " · ".join(f"{plain(name, 24)} {figure(error)}" for name, error in naive.items())
            plotted.append([Segment(fit(f"naive forecasts are off by: {errors}", width - 1), palette.style("muted"))])
        return _inset(plotted)


def _epochs(every: list[Shown]) -> tuple[list[int], bool]:
    """The epochs of the matrices of validation, and whether that of the test split follows them."""
    return [shown.epoch for shown in every if shown.split != "test"], every[-1].split == "test"


def _inset(lines: Lines) -> Lines:
    """The lines one cell to the right."""
    return [[Segment(" "), *line] for line in lines]
