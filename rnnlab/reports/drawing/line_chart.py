"""A chart of curves as a drawing: the same curves, limits, ticks and marks as its text plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rnnlab.plots.drawing.axes import Scale, ticks, x_ticks
from rnnlab.plots.drawing.chart import Chart, y_scale_of_chart
from rnnlab.plots.drawing.curves import Annotation
from rnnlab.plots.drawing.points import Drawn, drawn_curves
from rnnlab.plots.drawing.tracks import extent
from rnnlab.reports.drawing.style import (
    PAPER,
    colour,
    complete,
    label,
    marker_style,
    new_axes,
    set_ticks,
    write,
)
from rnnlab.text.numbers import whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

X_NAMES = {"epochs": "epoch", "steps": "step", "seconds": "time, m:ss"}
_LANES = 3
"""Rows of labels over the plot: of more that would touch, the later ones are in the table alone."""
_LANE = 0.07
"""Height of such a row, as a share of the plot's."""
_DOTS = ((1, 2), (1, 4), (3, 2, 1, 2), (4, 3))
"""Line styles of several baselines."""
_APART = 0.05
"""Share of the height of the plot by which two texts are apart at least."""
_LETTER, _LONGEST = 0.068, 18
"""Inches of a letter of a label, and how many it has at most."""
_BAND = 0.2
"""Opacity of a band: several may lie over one another."""


def draw_chart(chart: Chart, title: str, size: tuple[float, float]) -> Drawing:
    """The chart as a drawing of so many inches."""
    drawing, axes = new_axes(size)
    curves = drawn_curves(chart, beyond=1)
    tracks = [curve.track for curve in curves]
    scale = y_scale_of_chart(chart)
    assert scale is not None
    x_low, x_high = chart.x_limits or extent(tracks)
    labels = _placed(chart.annotations, (x_low, x_high), size[0])
    rows = 1 + max((lane for _, lane, _ in labels), default=-1)
    _set_limits(axes, chart, scale, (x_low, x_high), size)
    _make_room(axes, scale, rows)
    handles = _draw_curves(axes, curves)
    handles += _draw_baselines(axes, chart, scale, (x_low, x_high))
    if chart.star is not None and x_low <= chart.star.x <= x_high and math.isfinite(chart.star.y):
        handles += axes.plot(
            [chart.star.x], [chart.star.y], marker="*", markersize=12, linestyle="none", color=colour("good"),
            markeredgecolor=PAPER.background, markeredgewidth=0.6, label=star_text(chart), zorder=6,
        )  # fmt: skip
    _annotate(axes, chart.annotations, labels, (x_low, x_high))
    x_name = chart.x_name or ("" if chart.x_labels is not None else X_NAMES[chart.x_axis])
    complete(drawing, axes, title, x=x_name, y=_y_name(chart), handles=handles)
    return drawing


def star_text(chart: Chart) -> str:
    """What the star marks."""
    return "suggested" if chart.x_labels is not None else "best evaluation"


def _y_name(chart: Chart) -> str:
    return f"{chart.title} (logarithmic)" if chart.log_y and chart.title else chart.title


def _set_limits(
    axes: Axes, chart: Chart, scale: Scale, x_limits: tuple[float, float], size: tuple[float, float]
) -> None:
    """Limits and ticks as the text plot has them."""
    if chart.log_y:
        axes.set_yscale("log")
        axes.set_ylim(10**scale.low, 10**scale.high)
    else:
        axes.set_ylim(scale.low, scale.high)
    set_ticks(axes, "y", ticks(scale, max(3, int(size[1] * 1.8))))
    air = 0.015 * (x_limits[1] - x_limits[0])
    axes.set_xlim(x_limits[0] - air, x_limits[1] + air)
    most = max(3, int(size[0] * 1.4))
    marks = x_ticks(*x_limits, chart.x_axis, most) if chart.x_labels is None else list(chart.x_labels)
    if (
        chart.x_labels is None
        and chart.x_axis == "epochs"
        and all(x == round(x) for curve in chart.curves for x in curve.x)
    ):
        marks = [(at, whole(at)) for at, _ in marks if at == round(at)]
    set_ticks(axes, "x", [mark for mark in marks if x_limits[0] <= mark[0] <= x_limits[1]])
    axes.grid(visible=True, axis="y")


def _draw_curves(axes: Axes, curves: Sequence[Drawn]) -> list[Any]:
    """All bands, then all lines, each as itself in the legend."""
    for curve in curves:
        if curve.low:
            axes.fill_between(
                curve.band_x, curve.low, curve.high, color=colour(curve.role), alpha=_BAND, linewidth=0, zorder=1.5
            )
    handles = []
    for curve in curves:
        dotted = curve.track.curve.dotted
        handles += axes.plot(
            curve.x, curve.y, color=colour(curve.role), label=label(curve.name),
            linestyle=(0, (1, 1.4)) if dotted else (0, (5, 1.5)) if curve.dashed else "-",
            linewidth=1.0 if curve.role == "muted" else 1.6, zorder=2.5 if dotted else 3,
            **marker_style(curve.track.curve.marker, curve.role, len(curve.x)),
        )  # fmt: skip
    return handles


def _draw_baselines(axes: Axes, chart: Chart, scale: Scale, x_limits: tuple[float, float]) -> list[Any]:
    """A dotted line for each; where there are several, the value of each at the right end of its line tells which it is."""
    handles, taken = [], [math.inf]
    for at, baseline in enumerate(chart.baselines):
        height = scale(baseline.y)
        near = 0 <= height <= 1
        handles += axes.plot(
            x_limits if near else [], [baseline.y] * 2 if near else [], color=colour("baseline"), linewidth=1.4,
            linestyle=(0, _DOTS[at % len(_DOTS)]), label=label(baseline.label, 60),
        )  # fmt: skip
        if near and len(chart.baselines) > 1 and min(abs(height - other) for other in taken) > _APART:
            taken.append(height)
            write(
                axes, 1.005, baseline.y, chart.y_format(baseline.y), transform=axes.get_yaxis_transform(),
                va="center", fontsize=7.5, color=colour("baseline"),
            )  # fmt: skip
    return handles


def _make_room(axes: Axes, scale: Scale, rows: int) -> None:
    """The y axis made longer by the rows of labels at its top, so that they hide no curve."""
    if rows:
        top = scale.low + (scale.high - scale.low) / (1 - rows * _LANE)
        axes.set_ylim(top=10**top if scale.log else top)


def _placed(
    annotations: Sequence[Annotation], limits: tuple[float, float], width: float
) -> list[tuple[Annotation, int, bool]]:
    """The annotations that have room for their label: in which row, and whether at the right of their line."""
    span = (limits[1] - limits[0]) or 1.0
    ends = [-math.inf] * _LANES
    placed = []
    for note in sorted(annotations, key=lambda each: each.x):
        if not limits[0] <= note.x <= limits[1]:
            continue
        share = (note.x - limits[0]) / span
        wide = (len(label(note.label, _LONGEST)) + 2) * _LETTER / width
        right = share + wide <= 1.0
        start = share if right else share - wide
        lane = next((at for at, end in enumerate(ends) if start > end), None)
        if lane is not None:
            ends[lane] = start + wide
            placed.append((note, lane, right))
    return placed


def _annotate(
    axes: Axes,
    annotations: Sequence[Annotation],
    labels: Sequence[tuple[Annotation, int, bool]],
    limits: tuple[float, float],
) -> None:
    """A dotted line for each annotation, and the labels at the top."""
    for note in annotations:
        if limits[0] <= note.x <= limits[1]:
            axes.axvline(note.x, color=colour("warning"), linestyle=(0, (1, 2)), linewidth=1.0, zorder=1)
    for note, lane, right in labels:
        text = f"{note.glyph} {label(note.label, _LONGEST)}"
        write(
            axes, note.x, 0.995 - lane * _LANE, f" {text}" if right else f"{text} ", transform=axes.get_xaxis_transform(),
            ha="left" if right else "right", va="top", fontsize=7.5, color=colour("warning"), zorder=5,
        )  # fmt: skip
