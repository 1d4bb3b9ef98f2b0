"""The loss and the metric over the run, with a cursor that reads values out."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from textual import events
from textual.message import Message

from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.run.figures import (
    LEAKING,
    figure_title,
    is_range_test,
    loss_plot,
    metric_plot,
    title_of,
    wants_log,
    x_column,
)
from rnnlab.runs.series import Series
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines
from rnnlab.ui.described.figures import Described, of_curves
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.panel import Panel

Smoothing = Literal["smoothed", "smoothed strongly", "raw"]
SMOOTHINGS: tuple[Smoothing, ...] = ("smoothed", "smoothed strongly", "raw")
"""What the smoothing key goes through."""
_SPANS = {"smoothed": 50, "smoothed strongly": 12, "raw": 0}
"""How many averages of that width the run holds: a short run is smoothed less than a long one, else it would lag behind."""
AXES: tuple[XAxis, ...] = ("epochs", "steps", "seconds")
_STRIDES = 80
"""Key presses that take the cursor from one end to the other."""


@dataclass(frozen=True)
class View:
    """Axes, smoothing and cursor of the curves; both panels share one, so that their cursors are at the same x.

    `log_y` is None until a person chooses: until then the data decides.
    """

    x_axis: XAxis = "epochs"
    log_y: bool | None = None
    smoothing: Smoothing = "smoothed"
    cursor: float | None = None

    def next_axis(self) -> View:
        """The same over the next of `AXES`, without a cursor."""
        return replace(self, x_axis=AXES[(AXES.index(self.x_axis) + 1) % len(AXES)], cursor=None)

    def next_smoothing(self) -> View:
        """The same with the next of `SMOOTHINGS`."""
        return replace(self, smoothing=SMOOTHINGS[(SMOOTHINGS.index(self.smoothing) + 1) % len(SMOOTHINGS)])

    def weight(self, state: RunState) -> float:
        """The weight of the past in the average of the training loss."""
        series = state.curves.get("loss/train")
        spans = _SPANS[self.smoothing]
        return max(0.0, min(0.99, 1.0 - spans / len(series))) if series and spans else 0.0

    def toggled_log(self, state: RunState) -> View:
        """The same with a linear loss axis where it is logarithmic now, and the other way round."""
        return replace(self, log_y=not self.is_log(state))

    def is_log(self, state: RunState) -> bool:
        """Whether the loss axis is logarithmic: as was chosen, else as the run's losses need it."""
        return wants_log(state) if self.log_y is None else self.log_y

    def moved(self, state: RunState, strides: int) -> View:
        """The cursor moved along the curves; the first move puts it at the newest point."""
        extent = x_extent(state, self.x_axis)
        if extent is None:
            return self
        low, high = extent
        if self.cursor is None:
            return replace(self, cursor=high)
        x = self.cursor + strides * (high - low) / _STRIDES
        return replace(self, cursor=min(high, max(low, x)))


def x_extent(state: RunState, x_axis: XAxis, names: Sequence[str] = ()) -> tuple[float, float] | None:
    """The range of the x axis, from 0 to the newest point of the curves called `names`; None before there is a point.

    Without names it is that of all curves that are drawn.
    """
    drawn = names or ("loss/train", "loss/validation", f"{state.metric}/train", f"{state.metric}/validation")
    last = [
        x_column(series, x_axis)[-1] for name in drawn if (series := state.curves.get(name)) is not None and len(series)
    ]
    return (0.0, float(max(last))) if last and max(last) > 0 else None


def _extent_of(series: Series | None) -> tuple[int, float]:
    """A value that differs once the series has changed."""
    return (
        (0, 0.0)
        if series is None or not len(series)
        else (len(series) * series.stride + series.pending, series.mean[-1])
    )


class CurvePanel(Panel):
    """One of the two plots: `loss` or `metric`."""

    class CursorPlaced(Message):
        """The mouse points at `x` of the x axis; None: at none."""

        def __init__(self, x: float | None) -> None:
            super().__init__()
            self.x = x

        def can_replace(self, message: Message) -> bool:
            """Whether the message is of the same kind: only the newest counts."""
            return isinstance(message, CurvePanel.CursorPlaced)

    def __init__(self, number: int, kind: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, id=id)
        self.kind = kind
        self.view = View()

    def set_view(self, view: View) -> None:
        """Draw with another view."""
        if view != self.view:
            self.view = view
            self._entitle()
            self.redraw()

    def depends_on(self, follower: RunFollower) -> Hashable:
        """The ends of this plot's curves, the commands, the best epoch and the status."""
        state = follower.state
        names = self._names(state)
        return (
            tuple(_extent_of(state.curves.get(name)) for name in names),
            len(state.applied_commands),
            state.best.step if state.best else None,
            state.status,
        )

    def advance(self, follower: RunFollower) -> None:
        """Draw again where the curves have changed, and title the panel after the run's figures."""
        super().advance(follower)
        self._entitle()

    def _entitle(self) -> None:
        if self.follower is None:
            return
        state = self.follower.state
        if self.kind == "loss" and is_range_test(state):
            self.entitle("loss over the learning rate")
            self.subtitle()
        elif self.kind == "loss":
            scale = ["log"] if self.view.is_log(state) else []
            self.entitle(figure_title(state, "loss"), *scale, self.view.smoothing)
            self.subtitle(("l", "log"), ("e", "smooth"), ("x", self.view.x_axis))
        else:
            self.entitle(title_of(state.metric) if state.metric else "metric", *([LEAKING] if state.leaks else []))
            self.subtitle(("←→", "read values"))

    def draw(self, width: int, height: int) -> Lines:
        """The loss or the metric over the chosen x axis."""
        if self.follower is None:
            return []
        state, view = self.follower.state, self.view
        if self.kind == "loss":
            return loss_plot(
                state,
                width=width,
                height=height,
                palette=self.palette,
                x_axis=view.x_axis,
                log_y=view.is_log(state),
                smoothing=view.weight(state),
                cursor=self._cursor(),
                title="",
            )
        return metric_plot(
            state,
            width=width,
            height=height,
            palette=self.palette,
            x_axis=view.x_axis,
            cursor=self._cursor(),
            title="",
        )

    def sentences(self) -> Described:
        """What the curves did."""
        if self.follower is None:
            return super().sentences()
        state = self.follower.state
        return of_curves(state, self.kind, self.view.x_axis, self.view.is_log(state))

    def _cursor(self) -> float | None:
        """The cursor, at the newest point where this plot ends before the other."""
        assert self.follower is not None
        extent = x_extent(self.follower.state, self.view.x_axis, self._names(self.follower.state))
        return None if self.view.cursor is None or extent is None else min(self.view.cursor, extent[1])

    def _names(self, state: RunState) -> tuple[str, str]:
        """The two curves of this plot."""
        name = "loss" if self.kind == "loss" else state.metric
        return f"{name}/train", f"{name}/validation"

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.follower is None:
            return
        extent = x_extent(self.follower.state, self.view.x_axis, self._names(self.follower.state))
        left = self._plot_left()
        width = self.content_size.width - left
        offset = event.get_content_offset(self)
        if extent is None or width < 2 or offset is None or offset.x < left:
            return
        share = min(1.0, max(0.0, (offset.x - left + 0.5) / width))
        self.post_message(self.CursorPlaced(extent[0] + share * (extent[1] - extent[0])))

    def on_leave(self, event: events.Leave) -> None:
        if event.node is self:
            self.post_message(self.CursorPlaced(None))

    def _plot_left(self) -> int:
        """The column where the curves begin, read off the drawn x axis."""
        for strip in reversed(self._strips or []):
            at = strip.text.find("└")
            if at >= 0:
                return at + 1
        return 0
