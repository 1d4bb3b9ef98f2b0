"""Line plot as numbers: what stands in it, whatever it is drawn with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rnnlab.plots.drawing.axes import Scale, XAxis
from rnnlab.plots.drawing.curves import Annotation, Baseline, Curve, Star, plot, y_axis_of
from rnnlab.plots.drawing.tracks import axis_ends, is_drawable
from rnnlab.text import numbers
from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette
from rnnlab.text.table import Value


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Curves on two axes, with what is marked in them; the fields are those of `rnnlab.plots.drawing.curves.plot`.

    Drawn as text by `chart_lines`, and as a picture by `rnnlab.reports.drawing.line_chart`: both show the same numbers.
    """

    curves: Sequence[Curve]
    title: str = ""
    x_axis: XAxis = "epochs"
    log_y: bool = False
    baselines: Sequence[Baseline] = ()
    annotations: Sequence[Annotation] = ()
    star: Star | None = None
    x_limits: tuple[float, float] | None = None
    x_labels: Sequence[tuple[float, str]] | None = None
    x_name: str = ""
    """What the x axis shows, where it is not `x_axis`."""
    x_format: Callable[[float], str] | None = None
    """A place on the x axis as text, where `x_axis` does not say how: a date, a rate."""
    x_value: Callable[[float], Value] | None = None
    """The same for a program, where it is not the place itself."""
    y_limits: tuple[float, float] | None = None
    y_window: tuple[float, float] | None = None
    y_middle: bool = False
    y_format: Callable[[float], str] = numbers.figure
    empty: str = "Nothing to draw yet."

    @property
    def drawable(self) -> bool:
        """Whether any point of any curve can be drawn."""
        return any(
            is_drawable(x, y, self.log_y) for curve in self.curves for x, y in zip(curve.x, curve.y, strict=True)
        )


def x_ends_of_chart(chart: Chart) -> tuple[float, float] | None:
    """The ends of the x axis that the chart is drawn on; None where there is nothing to draw."""
    xs = [float(end) for curve in chart.curves if len(curve.x) for end in (curve.x[0], curve.x[-1])]
    return (chart.x_limits or axis_ends(min(xs), max(xs))) if xs else None


def y_scale_of_chart(chart: Chart) -> Scale | None:
    """The y axis that the chart is drawn on; None where there is nothing to draw."""
    return y_axis_of(
        chart.curves,
        log_y=chart.log_y,
        baselines=chart.baselines,
        x_limits=chart.x_limits,
        y_limits=chart.y_limits,
        y_window=chart.y_window,
        y_middle=chart.y_middle,
    )


def chart_lines(chart: Chart, *, width: int, height: int, palette: Palette, cursor: float | None = None) -> Lines:
    """The chart in exactly `width` × `height` cells; `cursor` is an x whose values are shown."""
    return plot(
        chart.curves,
        width=width,
        height=height,
        palette=palette,
        title=chart.title,
        x_axis=chart.x_axis,
        log_y=chart.log_y,
        baselines=chart.baselines,
        annotations=chart.annotations,
        star=chart.star,
        cursor=cursor,
        x_limits=chart.x_limits,
        x_labels=chart.x_labels,
        y_limits=chart.y_limits,
        y_window=chart.y_window,
        y_middle=chart.y_middle,
        y_format=chart.y_format,
        empty=chart.empty,
    )
