"""How the curves of a screen are seen: their axes, the part of them that is drawn, smoothing and the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from rnnlab.plots.drawing.axes import Scale, XAxis
from rnnlab.plots.drawing.chart import Chart
from rnnlab.plots.run.figures import x_column
from rnnlab.runs.state import RunState

Extent = tuple[float, float] | None
"""The ends of the x axis of all that could be drawn; None before there is a point."""
Smoothing = Literal["smoothed", "smoothed strongly", "raw"]
SMOOTHINGS: tuple[Smoothing, ...] = ("smoothed", "smoothed strongly", "raw")
"""What the smoothing key goes through."""
_SPANS = {"smoothed": 50, "smoothed strongly": 12, "raw": 0}
"""How many averages of that width the run holds: a short run is smoothed less than a long one, else it would lag behind."""
AXES: tuple[XAxis, ...] = ("epochs", "steps", "seconds")
_STRIDES = 80
"""Key presses that take the cursor from one end of what is drawn to the other."""
_DEEPEST = 500.0
"""How many times the x axis is magnified at most: a curve has 2,000 points."""


@dataclass(frozen=True)
class View:
    """Axes, smoothing and cursor of the curves; all panels share one, so that their cursors are at the same x.

    `log_y` is None until a person chooses: until then the data decides. `x_span` is the width of the part of the x axis that
    is drawn (None: all of it), which ends at `x_end` (None: at the newest point, and goes on with it). `y_windows` holds for
    each figure the part of its y axis, in powers of ten where that is logarithmic. `pinned`: the cursor was placed and stays.
    """

    x_axis: XAxis = "epochs"
    log_y: bool | None = None
    smoothing: Smoothing = "smoothed"
    cursor: float | None = None
    pinned: bool = False
    x_span: float | None = None
    x_end: float | None = None
    y_windows: tuple[tuple[str, float, float], ...] = field(default=())
    without_spikes: bool = False

    def next_axis(self) -> View:
        """The same over the next of `AXES`, all of it, without a cursor."""
        axis = AXES[(AXES.index(self.x_axis) + 1) % len(AXES)]
        return replace(self, x_axis=axis, cursor=None, pinned=False, x_span=None, x_end=None)

    def next_smoothing(self) -> View:
        """The same with the next of `SMOOTHINGS`."""
        return replace(self, smoothing=SMOOTHINGS[(SMOOTHINGS.index(self.smoothing) + 1) % len(SMOOTHINGS)])

    def weight(self, state: RunState) -> float:
        """The weight of the past in the average of the training loss."""
        series = state.curves.get("loss/train")
        spans = _SPANS[self.smoothing]
        return max(0.0, min(0.99, 1.0 - spans / len(series))) if series and spans else 0.0

    def toggled_log(self, is_log: bool) -> View:
        """The same with a linear loss axis where it is logarithmic now, and the other way round."""
        return replace(self.with_y_window("loss", None), log_y=not is_log)

    # The part of the axes that is drawn.

    @property
    def zoomed(self) -> bool:
        """Whether a part of an axis is drawn, or a spike left out."""
        return self.x_span is not None or bool(self.y_windows) or self.without_spikes

    def x_limits(self, extent: Extent) -> Extent:
        """The ends of the part of the x axis that is drawn; None: all of it."""
        if self.x_span is None or extent is None:
            return None
        end = extent[1] if self.x_end is None else self.x_end
        return end - self.x_span, end

    def y_window(self, kind: str) -> tuple[float, float] | None:
        """The ends of the part of a figure's y axis that is drawn; None: what its values need."""
        return next(((low, high) for name, low, high in self.y_windows if name == kind), None)

    def with_y_window(self, kind: str, window: tuple[float, float] | None) -> View:
        """The same with another part of a figure's y axis; None: what its values need."""
        others = tuple(each for each in self.y_windows if each[0] != kind)
        return replace(self, y_windows=others if window is None else (*others, (kind, *window)))

    def part_of(self, chart: Chart, kind: str, extent: Extent) -> Chart:
        """The chart of a figure in the part of the axes that is drawn; `extent`: of its whole x axis."""
        limits, window = self.x_limits(extent), self.y_window(kind)
        return replace(chart, x_limits=limits, y_window=window, y_middle=self.without_spikes)

    def whole(self) -> View:
        """The same with all of both axes, spikes too."""
        return replace(self, x_span=None, x_end=None, y_windows=(), without_spikes=False)

    def x_zoomed(self, extent: Extent, factor: float, about: float | None = None) -> View:
        """`factor` times as much of the x axis, about a place on it: the cursor, or the newest point, where none is given."""
        if extent is None:
            return self
        low, high = self.x_limits(extent) or extent
        place = self.cursor if about is None else about
        place = high if place is None else min(high, max(low, place))
        span = max((extent[1] - extent[0]) / _DEEPEST, (high - low) * factor)
        if span >= (extent[1] - extent[0]) * (1 - 1e-9):
            return replace(self, x_span=None, x_end=None)
        return self._ending(place + (high - place) / (high - low) * span, span, extent)

    def x_panned(self, extent: Extent, share: float) -> View:
        """The drawn part of the x axis moved by a share of its width."""
        limits = self.x_limits(extent)
        if extent is None or limits is None:
            return self
        span = limits[1] - limits[0]
        return self._ending(limits[1] + share * span, span, extent)

    def _ending(self, end: float, span: float, extent: tuple[float, float]) -> View:
        """The part of the axis that ends there, moved to lie within the whole; at its newest point it goes on with it."""
        end = max(extent[0] + span, end)
        return replace(self, x_span=span, x_end=None if end >= extent[1] * (1 - 1e-9) else end)

    def y_zoomed(self, kind: str, scale: Scale, factor: float) -> View:
        """`factor` times as much of a figure's y axis, about its middle; `scale` is what is drawn now."""
        middle, half = (scale.low + scale.high) / 2, (scale.high - scale.low) / 2 * factor
        if half < max(abs(middle), 1e-290) * 1e-9:
            return self
        return self.with_y_window(kind, (middle - half, middle + half))

    def y_panned(self, kind: str, scale: Scale, share: float) -> View:
        """The drawn part of a figure's y axis moved by a share of its height."""
        by = share * (scale.high - scale.low)
        return self.with_y_window(kind, (scale.low + by, scale.high + by))

    # The cursor.

    def moved(self, extent: Extent, strides: int) -> View:
        """The cursor moved along the curves; the first move puts it at the newest point that is drawn."""
        if extent is None:
            return self
        low, high = self.x_limits(extent) or extent
        if self.cursor is None:
            return replace(self, cursor=high, pinned=True)
        return self.at(extent, min(extent[1], max(extent[0], self.cursor + strides * (high - low) / _STRIDES)))

    def at(self, extent: Extent, x: float) -> View:
        """The cursor placed at `x`, and the drawn part of the x axis moved there where it is not in it."""
        limits = self.x_limits(extent)
        view = replace(self, cursor=x, pinned=True)
        if limits is None or limits[0] <= x <= limits[1]:
            return view
        by = x - limits[0] if x < limits[0] else x - limits[1]
        return view.x_panned(extent, by / (limits[1] - limits[0]))


def x_extent(state: RunState, x_axis: XAxis, names: Sequence[str] = ()) -> Extent:
    """The range of the x axis, from 0 to the newest point of the curves called `names`; None before there is a point.

    Without names it is that of all curves that are drawn.
    """
    drawn = names or ("loss/train", "loss/validation", f"{state.metric}/train", f"{state.metric}/validation")
    last = [
        x_column(series, x_axis)[-1] for name in drawn if (series := state.curves.get(name)) is not None and len(series)
    ]
    return (0.0, float(max(last))) if last and max(last) > 0 else None
