"""The confusion matrix or the figures of each class; of a regression run its predictions, of a forecasting run its forecast."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from rich.segment import Segment
from textual import events
from textual.geometry import clamp

from rnnlab.plots.run.confusion import confusion, is_square, window
from rnnlab.plots.run.figures import LEAKING
from rnnlab.plots.run.forecast import Naive, forecast_errors, forecast_plot, steps_in
from rnnlab.plots.run.per_class import classes_in, per_class
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines, fit, sentence
from rnnlab.text.numbers import figure
from rnnlab.text.sanitise import plain
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.samples import prediction_table

_SMALL = (38, 7)
"""The cells inside the panel where it shares the lower half of an 80×24 screen."""
Mode = Literal["rows", "counts", "classes"]
MODES: dict[Mode, str] = {"rows": "row %", "counts": "counts", "classes": "per class"}
"""What the key switches between: shares of each class's sequences, their counts, and precision, recall and F1."""
NAIVES: dict[Naive, str] = {"best": "best naive", "all": "all naive", "none": "none naive"}
_WEEK = 7
"""Steps that a forecast is moved by."""


@dataclass(frozen=True)
class Shown:
    """One confusion matrix: its split, its epoch as a label, and its counts, (classes, classes)."""

    split: str
    label: str
    counts: tuple[tuple[int, ...], ...]
    epoch: int = 0


def matrices(state: RunState) -> list[Shown]:
    """The matrices of the validation split, oldest first, and after them that of the test split."""
    kept = state.matrices.get("validation")
    shown = (
        [Shown("validation", f"epoch {matrix.epoch}", matrix.counts, matrix.epoch) for matrix in kept.all()]
        if kept
        else []
    )
    if state.final_confusion is not None:
        shown.append(Shown("test", "best weights", state.final_confusion))
    classes = state.started.data.classes if state.started else ()
    return [each for each in shown if is_square(each.counts, classes)]


class ConfusionPanel(Panel):
    """Shows the latest matrix; an earlier one that was browsed to stays until the newest is reached again."""

    def __init__(self, number: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, id=id)
        self.mode: Mode = "rows"
        self.naive: Naive = "best"
        """Which naive forecasts are drawn beside the net's."""
        self.step = 0
        """The first step of the forecast that is shown."""
        self.picked: Shown | None = None
        """The matrix that is shown; None: the latest."""
        self.row = 0
        self.column = 0

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
        """Whether a part of the matrix is out of sight."""
        return self._hidden_steps() > 0 if self.forecasts else self._room() != (0, 0)

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
            self.mode = self._next_mode()
            self.row = self.column = 0
        self._entitle()
        self.redraw()

    def _next_mode(self) -> Mode:
        looks = list(MODES)
        return looks[(looks.index(self.mode) + 1) % len(looks)]

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
        # By its label, as the list is thinned while the run advances.
        labels = [(shown.split, shown.label) for shown in every]
        picked = (self.picked.split, self.picked.label) if self.picked else labels[-1]
        at = clamp((labels.index(picked) if picked in labels else len(labels) - 1) + by, 0, len(labels) - 1)
        self.picked = every[at] if at < len(every) - 1 else None
        self._entitle()
        self.redraw()

    def scroll_by(self, across: int, down: int) -> None:
        """Move the part that is shown."""
        if self.forecasts:
            self._move_forecast((across + down) * _WEEK)
            return
        rows, columns = self._room()
        self.row = clamp(self.row + down, 0, rows)
        self.column = clamp(self.column + across, 0, columns)
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

    def _room(self) -> tuple[int, int]:
        """How many rows and columns are out of sight."""
        shown = self._shown()
        if shown is None or self.follower is None or self.follower.state.started is None or not self.size.area:
            return 0, 0
        width, height = self.content_size
        classes = self.follower.state.started.data.classes
        if self.mode == "classes":
            return len(classes) - classes_in(height, len(classes)), 0
        view = window(shown.counts, classes, width=width - 1, height=height, mode=self.mode)
        return len(classes) - view.rows, len(classes) - view.columns

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
        shown = self._shown()
        title = "classes" if self.mode == "classes" else "confusion"
        mode = [] if self.mode == "classes" else [MODES[self.mode]]
        if shown is None:
            self.entitle(title, *mode, *leaking)
        elif shown.split == "test":
            self.entitle(title, "test", shown.label, *mode, *leaking)
        else:
            many = state is not None and len(matrices(state)) > 1
            self.entitle(title, "validation", f"◂ {shown.label} ▸" if many else shown.label, *mode, *leaking)
        self.subtitle((", .", "epoch"), ("m", MODES[self._next_mode()]))

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
        size = {"width": width - 1, "height": height}
        if self.mode == "classes":
            lines = per_class(counts, classes, **size, palette=self.palette, row=self.row, empty=empty)
        else:
            lines = confusion(
                counts,
                classes,
                **size,
                palette=self.palette,
                mode=self.mode,
                row=self.row,
                column=self.column,
                empty=empty,
            )
        return _inset(lines)

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


def _inset(lines: Lines) -> Lines:
    """The lines one cell to the right."""
    return [[Segment(" "), *line] for line in lines]
