"""Line plots: curves with their spread, a baseline, annotations, the best epoch and a cursor, as lines of styled text.

A curve is decimated by the least and greatest value of each column of dots, so that no spike is lost; what is not finite is
left out, and on a logarithmic axis also what is not above zero.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style

from rnnlab.plots.drawing.axes import Scale, XAxis, ticks, x_ticks
from rnnlab.plots.drawing.canvas import Canvas, Ink
from rnnlab.plots.drawing.legend import draw_legend
from rnnlab.plots.drawing.strokes import Area, draw_line, draw_spread
from rnnlab.plots.drawing.tracks import (
    Baseline,
    Curve,
    Track,
    extent,
    height_of,
    is_drawable,
    middle_scale,
    outside,
    ready,
    smooth,
    within,
    y_scale_of,
)
from rnnlab.text import numbers
from rnnlab.text.lines import Lines, fit, sentence
from rnnlab.text.palette import Palette

__all__ = ["Annotation", "Baseline", "Curve", "Star", "plot", "smooth"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A dotted vertical line at `x` with a glyph and a short label over it, such as a changed setting or a warning."""

    x: float
    label: str
    glyph: str = "▾"


@dataclass(frozen=True, slots=True)
class Star:
    """The best point so far."""

    x: float
    y: float


def plot(
    curves: Sequence[Curve],
    *,
    width: int,
    height: int,
    palette: Palette,
    title: str = "",
    x_axis: XAxis = "epochs",
    log_y: bool = False,
    baselines: Sequence[Baseline] = (),
    annotations: Sequence[Annotation] = (),
    star: Star | None = None,
    cursor: float | None = None,
    x_limits: tuple[float, float] | None = None,
    x_labels: Sequence[tuple[float, str]] | None = None,
    y_limits: tuple[float, float] | None = None,
    y_window: tuple[float, float] | None = None,
    y_middle: bool = False,
    y_format: Callable[[float], str] = numbers.figure,
    empty: str = "Nothing to draw yet.",
) -> Lines:
    """The plot in exactly `width` × `height` cells. In little space the axes go first, then the legend.

    `y_limits` are the bounds that values cannot pass (0 and 1 for a share), not the extent of the axis. `cursor` is an x whose
    values are shown in the legend's row. `x_limits` are the part of the x axis that is drawn; `y_window` the extent of the y axis
    (powers of ten on a logarithmic one), `y_middle` that of the middle 98 % of the values: how many points lie outside stands at
    the axis' ends. `x_labels` are tick labels by x (dates), in place of those of `x_axis`; of labels that touch the first stays.
    """
    if width <= 0 or height <= 0:
        return []
    tracks = [track for curve in curves if (track := ready(curve, log_y)) is not None]
    if not tracks:
        return sentence(empty, width, height, palette.style("muted"))
    named = bool(title or cursor is not None or any(track.curve.name for track in tracks))
    rows = _rows(height, named=named, annotated=bool(annotations))
    x_low, x_high = x_limits or extent(tracks)
    shown = _windowed(tracks, x_limits, log_y)
    y_scale = _y_scale(shown or tracks, _in_sight(baselines, x_limits), log_y, y_limits, y_window, y_middle)
    y_ticks = ticks(y_scale, min(8, max(2, rows.plot // 2))) if width >= 24 and rows.plot >= 2 else []
    gutter = max((len(label) for _, label in y_ticks), default=-1) + 1
    area = Area(gutter, rows.legend + rows.annotations, width - gutter, rows.plot, x_low, x_high, y_scale)

    canvas = Canvas(width, height)
    drawn = cursor if cursor is not None and x_low <= cursor <= x_high else None
    _draw_background(canvas, area, y_ticks, annotations, drawn, baselines, palette)
    _draw_curves(canvas, area, shown, palette)
    _draw_points(canvas, area, tracks, star, palette)
    read = [len(track.x) - 1 if cursor is None else track.point_at(cursor, x_high - x_low) for track in tracks]
    if drawn is not None:
        _draw_read_points(canvas, area, tracks, read, palette)
    if y_window is not None or y_middle:
        _label_outside(canvas, area, shown, y_format, palette)
    unlabelled = [baseline for baseline in baselines if not _label_baseline(canvas, area, baseline, palette)]
    _draw_axes(canvas, area, y_ticks, rows.axis, *_x_labels(area, x_axis, x_labels), palette)
    if rows.annotations:
        _label_annotations(canvas, area, annotations, palette)
    if rows.legend:
        place = _cursor_text(_place_read(tracks, read, cursor), x_axis, x_labels)
        draw_legend(canvas, gutter, title, tracks, unlabelled, read, place, y_format, palette)
    return canvas.lines()


def _x_labels(
    area: Area, x_axis: XAxis, x_labels: Sequence[tuple[float, str]] | None
) -> tuple[Sequence[tuple[float, str]], str]:
    """Ticks of the x axis with their labels, and the axis' name."""
    if x_labels is None:
        return x_ticks(area.x_low, area.x_high, x_axis, max(2, area.width // 10)), _AXIS_NAMES[x_axis]
    return [label for label in x_labels if area.x_low <= label[0] <= area.x_high], ""


def _draw_points(canvas: Canvas, area: Area, tracks: Sequence[Track], star: Star | None, palette: Palette) -> None:
    """The markers of the curves, over all lines, and the star over all markers."""
    for track in tracks:
        if track.curve.marker or len(track.x) == 1:
            _draw_markers(canvas, area, track, palette)
    if star is None or not area.x_low <= star.x <= area.x_high:
        return
    if is_drawable(star.x, star.y, area.scale.log) and area.holds(star.y):
        canvas.put(area.cell_x(star.x), area.cell_y(star.y), "★", palette.style("good", bold=True))


def y_axis_of(
    curves: Sequence[Curve],
    *,
    log_y: bool = False,
    baselines: Sequence[Baseline] = (),
    x_limits: tuple[float, float] | None = None,
    y_limits: tuple[float, float] | None = None,
    y_window: tuple[float, float] | None = None,
    y_middle: bool = False,
) -> Scale | None:
    """The y axis that `plot` draws these curves on; None where there is nothing to draw."""
    tracks = [track for curve in curves if (track := ready(curve, log_y)) is not None]
    shown = _windowed(tracks, x_limits, log_y) or tracks
    return _y_scale(shown, _in_sight(baselines, x_limits), log_y, y_limits, y_window, y_middle) if shown else None


def _in_sight(baselines: Sequence[Baseline], x_limits: tuple[float, float] | None) -> Sequence[Baseline]:
    """The baselines that the y axis holds: in a part of the x axis the curves alone, which a far baseline would flatten."""
    return baselines if x_limits is None else ()


def _windowed(tracks: Sequence[Track], x_limits: tuple[float, float] | None, log_y: bool) -> list[Track]:
    """What of the tracks lies within the limits."""
    if x_limits is None:
        return list(tracks)
    return [part for track in tracks if (part := within(track, *x_limits, log_y)) is not None]


def _y_scale(
    tracks: Sequence[Track],
    baselines: Sequence[Baseline],
    log_y: bool,
    limits: tuple[float, float] | None,
    window: tuple[float, float] | None,
    middle: bool,
) -> Scale:
    if window is not None:
        return Scale(*window, log_y)
    return middle_scale(tracks, log_y) if middle else y_scale_of(tracks, baselines, log_y, limits)


def _label_outside(
    canvas: Canvas, area: Area, tracks: Sequence[Track], y_format: Callable[[float], str], palette: Palette
) -> None:
    """How many points lie above and below the y axis, and how far: nobody takes a part of a curve for all of it."""
    above, greatest, below, least = outside(tracks, area.scale)
    for count, glyph, end, row in (
        (above, "↑", greatest, area.top),
        (below, "↓", least, area.top + area.height - 1),
    ):
        text = f" {glyph} {numbers.whole(count)} point{'s' if count > 1 else ''} beyond, to {y_format(end)}"
        for shown in (text, f" {glyph} {numbers.whole(count)}"):
            if count and cell_len(shown) <= area.width // 2:
                canvas.text(area.left + area.width - cell_len(shown), row, shown, palette.style("warning", bold=True))
                break


class _Rows(NamedTuple):
    """The rows of the canvas, from top to bottom: legend, annotations, plot, x axis."""

    legend: int
    annotations: int
    plot: int
    axis: int


def _rows(height: int, *, named: bool, annotated: bool) -> _Rows:
    legend = 1 if height >= 3 and named else 0
    annotations = 1 if annotated and height >= 9 else 0
    axis = 2 if height >= 8 else 1 if height >= 5 else 0
    return _Rows(legend, annotations, height - legend - annotations - axis, axis)


def _draw_background(
    canvas: Canvas,
    area: Area,
    y_ticks: Sequence[tuple[float, str]],
    annotations: Sequence[Annotation],
    cursor: float | None,
    baselines: Sequence[Baseline],
    palette: Palette,
) -> None:
    """Grid, vertical lines and baselines, which the curves are drawn over."""
    for value, _ in y_ticks:
        canvas.dotted(area.left, 4 * area.top + area.dot_y(value), area.width, 2, palette.style("grid"))
    for annotation in annotations:
        if area.x_low <= annotation.x <= area.x_high:
            _draw_vertical(canvas, area, annotation.x, "┊", palette.style("grid"))
    if cursor is not None:
        _draw_vertical(canvas, area, cursor, "│", palette.style("muted"))
    for baseline in baselines:
        if area.scale.low <= height_of(baseline.y, area.scale) <= area.scale.high:
            canvas.dotted(area.left, 4 * area.top + area.dot_y(baseline.y), area.width, 1, palette.style("baseline"))


def _draw_vertical(canvas: Canvas, area: Area, x: float, glyph: str, style: Style) -> None:
    for y in range(area.height):
        canvas.put(area.cell_x(x), area.top + y, glyph, style)


def _draw_curves(canvas: Canvas, area: Area, tracks: Sequence[Track], palette: Palette) -> None:
    """All spreads, then all lines: no spread hides a line."""
    for track in tracks:
        if track.low is not None and track.high is not None:
            ink = Ink(area.width, area.height)
            # A curve with a marker has few points, and a band about it.
            draw_spread(ink, area, track.x, track.low, track.high, filled=bool(track.curve.marker))
            canvas.blit(ink, area.left, area.top, palette.faint(track.curve.role), below=True)
    for index, track in enumerate(tracks):
        ink = Ink(area.width, area.height)
        draw_line(ink, area, track.x, track.line)
        if track.curve.dotted:
            ink.thin()
        canvas.blit(ink, area.left, area.top, palette.style(track.curve.role), merge=index > 0)


def _draw_read_points(
    canvas: Canvas, area: Area, tracks: Sequence[Track], read: Sequence[int | None], palette: Palette
) -> None:
    """● at the point of each curve that is read; the cursor may stand between two points."""
    for track, at in zip(tracks, read, strict=True):
        if at is not None and area.x_low <= (x := track.x[at]) <= area.x_high:
            canvas.put(area.cell_x(x), area.cell_y(track.line[at]), "●", palette.style(track.curve.role, bold=True))


def _draw_markers(canvas: Canvas, area: Area, track: Track, palette: Palette) -> None:
    """The curve's marker on its points, thinned so that the line between them stays visible."""
    marker = track.curve.marker or "•"
    style = palette.style(track.curve.role, bold=True)
    spacing = 2 if len(track.x) * 2 <= area.width else max(4, area.width // 12)
    at, count = bisect_left(track.x, area.x_low), len(track.x)
    while at < count and track.x[at] <= area.x_high:
        cell = area.cell_x(track.x[at])
        if area.holds(track.line[at]):
            canvas.put(cell, area.cell_y(track.line[at]), marker, style)
        following = area.x_low + (area.x_high - area.x_low) * (2 * (cell + spacing - area.left) - 0.5) / (
            2 * area.width - 1
        )
        at = max(at + 1, bisect_left(track.x, following, at))


def _label_annotations(canvas: Canvas, area: Area, annotations: Sequence[Annotation], palette: Palette) -> None:
    """The glyph over each line and its label beside it, to the right or else to the left, where there is room."""
    row = area.top - 1
    cells = [
        (area.cell_x(annotation.x), annotation)
        for annotation in annotations
        if area.x_low <= annotation.x <= area.x_high
    ]
    for cell, annotation in cells:
        canvas.put(cell, row, annotation.glyph, palette.style("warning", bold=True))
    for cell, annotation in cells:
        label = fit(annotation.label, min(16, cell_len(fit(annotation.label, 16).rstrip())))
        length = cell_len(label)
        if canvas.is_free(cell + 1, row, length + 2) or (
            cell + 2 + length == canvas.width and canvas.is_free(cell + 1, row, length + 1)
        ):
            canvas.text(cell + 2, row, label, palette.style("muted"))
        elif canvas.is_free(cell - length - 2, row, length + 2):
            canvas.text(cell - length - 1, row, label, palette.style("muted"))


def _label_baseline(canvas: Canvas, area: Area, baseline: Baseline, palette: Palette) -> bool:
    """The baseline's name beside its line, where nothing else is drawn; whether there was room."""
    if not area.scale.low <= height_of(baseline.y, area.scale) <= area.scale.high or area.width < 30:
        return False
    text = fit(baseline.label, min(area.width - 4, cell_len(fit(baseline.label, 60).rstrip())))
    cells = cell_len(text)
    row = area.cell_y(baseline.y)
    right, left = area.left + area.width - cells - 1, area.left + 2
    for y in (row + 1, row - 1):
        for x in (right, left):
            if area.top <= y < area.top + area.height and canvas.is_free(x - 1, y, cells + 1):
                canvas.text(x, y, text, palette.style("baseline", italic=True))
                return True
    return False


_AXIS_NAMES: dict[XAxis, str] = {"steps": "step", "epochs": "epoch", "seconds": "m:ss"}
_AT: dict[XAxis, str] = {"steps": "step", "epochs": "epoch", "seconds": "at"}


def _place_read(tracks: Sequence[Track], read: Sequence[int | None], cursor: float | None) -> float | None:
    """Where what is read stands: the x of the points, where all have the same one; else the cursor's. None without one."""
    if cursor is None:
        return None
    places = {float(track.x[at]) for track, at in zip(tracks, read, strict=True) if at is not None}
    return places.pop() if len(places) == 1 else cursor


def _cursor_text(x: float | None, axis: XAxis, labels: Sequence[tuple[float, str]] | None) -> str:
    """Where values are read: `epoch 7.5`, `at 1:20`; where the axis has names, the step. Empty without a cursor."""
    if x is None:
        return ""
    if labels is not None:
        return f"step {numbers.whole(x + 1)}"
    text = numbers.duration(x) if axis == "seconds" else numbers.whole(x) if axis == "steps" else numbers.figure(x)
    return f"{_AT[axis]} {text}"


def _draw_axes(
    canvas: Canvas,
    area: Area,
    y_ticks: Sequence[tuple[float, str]],
    rows: int,
    x_labels: Sequence[tuple[float, str]],
    name: str,
    palette: Palette,
) -> None:
    line, label = palette.style("grid"), palette.style("muted")
    if area.left:
        for y in range(area.height):
            canvas.put(area.left - 1, area.top + y, "│", line)
        for value, text in y_ticks:
            y = area.cell_y(value)
            canvas.put(area.left - 1, y, "┤", line)
            canvas.text(area.left - 1 - len(text), y, text, label)
    if not rows:
        return
    bottom = area.top + area.height
    if rows == 2:
        canvas.text(area.left, bottom, "─" * area.width, line)
        if area.left:
            canvas.put(area.left - 1, bottom, "└", line)
    row = bottom + rows - 1
    named = _name_axis(canvas, area, row, x_labels, name, palette)
    end = canvas.width - (len(name) + _APART if named else 0)
    free = 0
    for value, text in x_labels:
        cell = area.cell_x(value)
        if rows == 2:
            canvas.put(cell, bottom, "┬", line)
        start = max(0 if area.left else area.left, min(cell - cell_len(text) // 2, canvas.width - cell_len(text)))
        if start < free or start + cell_len(text) > end:
            continue
        canvas.text(start, row, text, label)
        free = start + cell_len(text) + 1


_APART = 2
"""Blanks between the last tick's label and the axis' name: with one they read as one phrase."""


def _name_axis(
    canvas: Canvas, area: Area, row: int, labels: Sequence[tuple[float, str]], name: str, palette: Palette
) -> bool:
    """The axis' name at its right end; the label of a tick that stands there is left out. Whether there was room.

    There is none where fewer than two labels would be left.
    """
    if not name or area.width < 30:
        return False
    end = canvas.width - len(name)
    if sum(area.cell_x(value) - cell_len(text) // 2 + cell_len(text) <= end - _APART for value, text in labels) < 2:
        return False
    canvas.text(end, row, name, palette.style("muted", italic=True))
    return True
