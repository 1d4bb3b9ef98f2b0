"""Line plots: curves with their spread, a baseline, turned knobs, the best epoch and a cursor, as lines of styled text.

A curve is decimated by the least and greatest value of each column of dots, so that no spike is lost; what is not finite is
left out, and on a logarithmic axis also what is not above zero.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from rnnlab.plots.drawing.axes import XAxis, ticks, x_ticks
from rnnlab.plots.drawing.canvas import Canvas, Ink
from rnnlab.plots.drawing.legend import draw_legend
from rnnlab.plots.drawing.strokes import Area, draw_line, draw_spread, nearest
from rnnlab.plots.drawing.tracks import (
    Baseline,
    Curve,
    Track,
    extent,
    height_of,
    is_drawable,
    ready,
    smooth,
    y_scale_of,
)
from rnnlab.text import numbers
from rnnlab.text.lines import Lines, fit, sentence
from rnnlab.text.palette import Palette

__all__ = ["Baseline", "Curve", "Knob", "Star", "plot", "smooth"]


_BESIDE = 0.2
"""Share of the axis by which the cursor may be past a curve's last point and still stand for it: evaluations are far apart."""


@dataclass(frozen=True, slots=True)
class Knob:
    """Where something was turned, or noticed: ▾ and a few words over a dotted vertical line."""

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
    knobs: Sequence[Knob] = (),
    star: Star | None = None,
    cursor: float | None = None,
    x_limits: tuple[float, float] | None = None,
    x_marks: Sequence[tuple[float, str]] | None = None,
    y_limits: tuple[float, float] | None = None,
    y_format: Callable[[float], str] = numbers.figure,
    empty: str = "Nothing to draw yet.",
) -> Lines:
    """The plot in exactly `width` × `height` cells. In little space the axes go first, then the legend.

    `y_limits` are the bounds that values cannot pass (0 and 1 for a share), not the extent of the axis. `cursor` is a place
    on the x axis whose values are read out in the legend's row. `x_marks` are places on the x axis with their names (dates),
    instead of those of `x_axis`; of those that would touch, the later ones are left out.
    """
    if width <= 0 or height <= 0:
        return []
    tracks = [track for curve in curves if (track := ready(curve, log_y)) is not None]
    if not tracks:
        return sentence(empty, width, height, palette.style("muted"))
    named = bool(title or cursor is not None or any(track.curve.name for track in tracks))
    legend = 1 if height >= 3 and named else 0
    knob_row = 1 if knobs and height >= 9 else 0
    axis_rows = 2 if height >= 8 else 1 if height >= 5 else 0
    rows = height - legend - knob_row - axis_rows
    y_scale = y_scale_of(tracks, baselines, log_y, y_limits)
    y_ticks = ticks(y_scale, min(8, max(2, rows // 2))) if width >= 24 and rows >= 2 else []
    gutter = max((len(label) for _, label in y_ticks), default=-1) + 1
    x_low, x_high = x_limits or extent(tracks)
    area = Area(gutter, legend + knob_row, width - gutter, rows, x_low, x_high, y_scale)

    canvas = Canvas(width, height)
    _draw_grid(canvas, area, y_ticks, palette)
    _draw_knob_lines(canvas, area, knobs, palette)
    if cursor is not None and x_low <= cursor <= x_high:
        for y in range(rows):
            canvas.put(area.cell_x(cursor), area.top + y, "│", palette.style("muted"))
    for baseline in baselines:
        if y_scale.low <= height_of(baseline.y, y_scale) <= y_scale.high:
            canvas.dotted(area.left, 4 * area.top + area.dot_y(baseline.y), area.width, 1, palette.style("baseline"))
    for track in tracks:
        if track.low is not None and track.high is not None:
            ink = Ink(area.width, area.height)
            draw_spread(ink, area, track.x, track.low, track.high)
            canvas.blit(ink, area.left, area.top, palette.faint(track.curve.role), below=True)
    for index, track in enumerate(tracks):
        ink = Ink(area.width, area.height)
        draw_line(ink, area, track.x, track.line)
        if track.curve.dotted:
            ink.thin()
        canvas.blit(ink, area.left, area.top, palette.style(track.curve.role), merge=index > 0)
    for track in tracks:
        if track.curve.marker or len(track.x) == 1:
            _draw_markers(canvas, area, track, palette)
    if star is not None and x_low <= star.x <= x_high and is_drawable(star.x, star.y, log_y):
        canvas.put(area.cell_x(star.x), area.cell_y(star.y), "★", palette.style("good", bold=True))
    if cursor is not None and x_low <= cursor <= x_high:
        for track in tracks:
            if cursor - track.x[-1] > _BESIDE * (x_high - x_low):
                continue  # this curve ended long before
            at = nearest(track.x, cursor)
            canvas.put(
                area.cell_x(cursor), area.cell_y(track.line[at]), "●", palette.style(track.curve.role, bold=True)
            )
    unplaced = [baseline for baseline in baselines if not _label_baseline(canvas, area, baseline, palette)]
    if x_marks is None:
        marks, name = x_ticks(x_low, x_high, x_axis, max(2, area.width // 10)), _AXIS_NAMES[x_axis]
    else:
        marks, name = [mark for mark in x_marks if x_low <= mark[0] <= x_high], ""
    _draw_axes(canvas, area, y_ticks, axis_rows, marks, name, palette)
    if knob_row:
        _label_knobs(canvas, area, knobs, palette)
    if legend:
        words = None if cursor is None else _place_words(cursor, x_axis, x_marks)
        draw_legend(canvas, gutter, title, tracks, unplaced, cursor, words, y_format, palette)
    return canvas.lines()


def _draw_markers(canvas: Canvas, area: Area, track: Track, palette: Palette) -> None:
    """The curve's marker on its points, thinned so that the line between them stays visible."""
    marker = track.curve.marker or "•"
    style = palette.style(track.curve.role, bold=True)
    apart = 2 if len(track.x) * 2 <= area.width else max(4, area.width // 12)
    at, count = bisect_left(track.x, area.x_low), len(track.x)
    while at < count and track.x[at] <= area.x_high:
        cell = area.cell_x(track.x[at])
        canvas.put(cell, area.cell_y(track.line[at]), marker, style)
        following = area.x_low + (area.x_high - area.x_low) * (2 * (cell + apart - area.left) - 0.5) / (
            2 * area.width - 1
        )
        at = max(at + 1, bisect_left(track.x, following, at))


def _draw_grid(canvas: Canvas, area: Area, y_ticks: Sequence[tuple[float, str]], palette: Palette) -> None:
    style = palette.style("grid")
    for value, _ in y_ticks:
        canvas.dotted(area.left, 4 * area.top + area.dot_y(value), area.width, 2, style)


def _draw_knob_lines(canvas: Canvas, area: Area, knobs: Sequence[Knob], palette: Palette) -> None:
    for knob in knobs:
        if area.x_low <= knob.x <= area.x_high:
            for y in range(area.height):
                canvas.put(area.cell_x(knob.x), area.top + y, "┊", palette.style("grid"))


def _label_knobs(canvas: Canvas, area: Area, knobs: Sequence[Knob], palette: Palette) -> None:
    """▾ over each line and what was turned beside it, to the right or else to the left, where there is room."""
    row = area.top - 1
    places = [(area.cell_x(knob.x), knob) for knob in knobs if area.x_low <= knob.x <= area.x_high]
    for cell, knob in places:
        canvas.put(cell, row, knob.glyph, palette.style("warning", bold=True))
    for cell, knob in places:
        label = fit(knob.label, min(16, cell_len(fit(knob.label, 16).rstrip())))
        cells = cell_len(label)
        if canvas.is_free(cell + 1, row, cells + 2) or (
            cell + 2 + cells == canvas.width and canvas.is_free(cell + 1, row, cells + 1)
        ):
            canvas.text(cell + 2, row, label, palette.style("muted"))
        elif canvas.is_free(cell - cells - 2, row, cells + 2):
            canvas.text(cell - cells - 1, row, label, palette.style("muted"))


def _label_baseline(canvas: Canvas, area: Area, baseline: Baseline, palette: Palette) -> bool:
    """The baseline's name beside its line, where nothing else is drawn; whether there was such a place."""
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


def _place_words(x: float, axis: XAxis, marks: Sequence[tuple[float, str]] | None) -> str:
    """Where the cursor stands: `epoch 7.5`, `at 1:20`; where the axis has names, the step."""
    if marks is not None:
        return f"step {numbers.whole(x + 1)}"
    words = numbers.duration(x) if axis == "seconds" else numbers.whole(x) if axis == "steps" else numbers.figure(x)
    return f"{_AT[axis]} {words}"


def _draw_axes(
    canvas: Canvas,
    area: Area,
    y_ticks: Sequence[tuple[float, str]],
    rows: int,
    marks: Sequence[tuple[float, str]],
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
    places: list[tuple[int, int]] = []
    for value, text in marks:
        cell = area.cell_x(value)
        start = min(max(cell - cell_len(text) // 2, 0 if area.left else area.left), canvas.width - cell_len(text))
        if start < 0 or (places and start <= places[-1][1]):
            continue
        if rows == 2:
            canvas.put(cell, bottom, "┬", line)
        canvas.text(start, row, text, label)
        places.append((start, start + cell_len(text)))
    if not name:
        return
    # The axis's name stands at the right, before the last tick where that is there.
    end = canvas.width
    for start, stop in reversed(places):
        if end - stop > len(name):
            break
        end = start - 1
    if area.width >= 30 and canvas.is_free(end - len(name) - 1, row, len(name) + 1):
        canvas.text(end - len(name), row, name, palette.style("muted", italic=True))
