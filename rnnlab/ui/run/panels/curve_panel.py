"""The loss and the metric over the run, with a cursor that reads values out."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.run.course.curve_details import curve_details
from rnnlab.plots.run.course.event_list import RunEvent, run_events
from rnnlab.plots.run.figures import LEAKING, figure_title, is_range_test, loss_chart, metric_chart, title_of, wants_log
from rnnlab.runs.series import Series
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines
from rnnlab.ui.described.figures import Described, of_curves
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.run.panels.view import View, x_extent
from rnnlab.ui.run.panels.zoomable_panel import ZoomablePanel

_DETAILED = 15
"""Lines from which on a panel that fills the screen holds more than its plot."""


def is_log(state: RunState, view: View) -> bool:
    """Whether the loss axis is logarithmic: as was chosen, else as the run's losses need it."""
    return wants_log(state) if view.log_y is None else view.log_y


def _extent_of(series: Series | None) -> tuple[int, float]:
    """A value that differs once the series has changed."""
    return (
        (0, 0.0)
        if series is None or not len(series)
        else (len(series) * series.stride + series.pending, series.mean[-1])
    )


class CurvePanel(ZoomablePanel):
    """One of the two plots: `loss` or `metric`."""

    def __init__(self, number: int, kind: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, kind, id=id)
        self.chosen: int | None = None
        """The number of the event at which the cursor was placed."""

    def set_view(self, view: View, chosen: int | None = None) -> None:
        """Draw with another view, and with an event chosen."""
        if (view, chosen) != (self.view, self.chosen):
            self.view, self.chosen = view, chosen
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
        state, view = self.follower.state, self.view
        part = ["zoomed"] if view.zoomed else []
        # Of a zoomed view the key that leads out of it is the one to know.
        whole = [("0", "all")] if view.zoomed else []
        if self.kind == "loss" and is_range_test(state):
            self.entitle("loss over the learning rate")
            self.subtitle()
        elif self.kind == "loss":
            scale = ["log"] if is_log(state, view) else []
            self.entitle(figure_title(state, "loss"), *scale, view.smoothing, *part)
            self.subtitle(*(whole or [("l", "log"), ("e", "smooth")]), ("x", view.x_axis), ("+-", "zoom"))
        else:
            leaks = [LEAKING] if state.leaks else []
            self.entitle(title_of(state.metric) if state.metric else "metric", *leaks, *part)
            self.subtitle(*whole, ("←→", "read values"), ("↑↓", "events"))
        if (event := self._chosen_event()) is not None:
            # Where the list is out of sight too, it is said at which event the cursor stands.
            self.subtitle((event.glyph, event.text))

    def _chosen_event(self) -> RunEvent | None:
        """The event at which the cursor was placed; of the metric's panel none, as the loss' says it."""
        if self.follower is None or self.chosen is None or self.kind != "loss":
            return None
        events = run_events(self.follower.state)
        return events[self.chosen] if self.chosen < len(events) else None

    def draw(self, width: int, height: int) -> Lines:
        """The loss or the metric over the chosen x axis; with the screen for itself, evaluations and events under it."""
        if self.follower is None:
            return []
        state = self.follower.state
        below: Lines = []
        if self.has_class("-zoom") and height >= _DETAILED and not is_range_test(state):
            below = curve_details(
                state,
                width=width,
                height=max(5, min(height // 3, 16)),
                palette=self.palette,
                at=self._cursor(),
                chosen=self.chosen,
                x_axis=self.view.x_axis,
                figure="loss" if self.kind == "loss" else state.metric,
            )
        plot = chart_lines(
            self.chart(),
            width=width,
            height=height - len(below),
            palette=self.palette,
            cursor=self._cursor(),
        )
        return [*plot, *below]

    def chart(self) -> Chart:
        """The chart of this panel's figure, in the part of the axes that is seen."""
        assert self.follower is not None
        state, view = self.follower.state, self.view
        if self.kind == "loss":
            chart = loss_chart(
                state, x_axis=view.x_axis, log_y=is_log(state, view), smoothing=view.weight(state), title=""
            )
        else:
            chart = metric_chart(state, x_axis=view.x_axis, title="")
        if is_range_test(state):
            return chart
        return view.part_of(chart, self.kind, x_extent(state, view.x_axis))

    @property
    def whole_axes(self) -> bool:
        return self.follower is None or is_range_test(self.follower.state)

    def sentences(self) -> Described:
        """What the curves did."""
        if self.follower is None:
            return super().sentences()
        state = self.follower.state
        return of_curves(state, self.kind, self.view.x_axis, is_log(state, self.view))

    def _cursor(self) -> float | None:
        """The cursor, at the newest point where this plot ends before the other."""
        assert self.follower is not None
        extent = x_extent(self.follower.state, self.view.x_axis, self._names(self.follower.state))
        return None if self.view.cursor is None or extent is None else min(self.view.cursor, extent[1])

    def _names(self, state: RunState) -> tuple[str, str]:
        """The two curves of this plot."""
        name = "loss" if self.kind == "loss" else state.metric
        return f"{name}/train", f"{name}/validation"
