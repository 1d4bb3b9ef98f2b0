"""Line plots: curves with their spread, a baseline, turned knobs, the best epoch and a cursor, as lines of styled text.

A curve is decimated by the least and greatest value of each column of dots, so that no spike is lost; what is not finite is
left out, and on a logarithmic axis also what is not above zero.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import le

from rich.cells import cell_len
from rich.style import Style

from rnnlab.plots import numbers
from rnnlab.plots.axes import HUGE, Scale, XAxis, scale_of, ticks, x_ticks
from rnnlab.plots.canvas import Canvas, Ink
from rnnlab.plots.lines import Lines, fit, sentence
from rnnlab.plots.palette import Palette, Role


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: `y` over `x`, both of one length, `x` not falling.

    `low` and `high` are the spread about each point, drawn faint. `smoothing` from 0 to below 1 is the weight of the past
    in an exponential average (bias corrected): the average is then the line, and `y` itself is drawn faint under it.
    `marker` is a character set on the points, so that curves differ without colour too.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    role: Role = "train"
    marker: str = ""
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """A dotted horizontal line at `y`."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Knob:
    """Where something was turned: ▾ and a few words over a dotted vertical line."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Star:
    """The best point so far."""

    x: float
    y: float


@dataclass(slots=True)
class _Track:
    """A curve made ready: finite points, its average where it is smoothed, and the spread to draw under it."""

    curve: Curve
    x: Sequence[float]
    line: Sequence[float]
    low: Sequence[float] | None
    high: Sequence[float] | None


def plot(
    curves: Sequence[Curve],
    *,
    width: int,
    height: int,
    palette: Palette,
    title: str = "",
    x_axis: XAxis = "epochs",
    log_y: bool = False,
    baseline: Baseline | None = None,
    knobs: Sequence[Knob] = (),
    star: Star | None = None,
    cursor: float | None = None,
    x_limits: tuple[float, float] | None = None,
    y_limits: tuple[float, float] | None = None,
    y_format: Callable[[float], str] = numbers.figure,
    empty: str = "Nothing to draw yet.",
) -> Lines:
    """The plot in exactly `width` × `height` cells. In little space the axes go first, then the legend.

    `y_limits` are the bounds that values cannot pass (0 and 1 for a share), not the extent of the axis. `cursor` is a place
    on the x axis whose values are read out in the legend's row.
    """
    if width <= 0 or height <= 0:
        return []
    tracks = [track for curve in curves if (track := _track(curve, log_y)) is not None]
    if not tracks:
        return sentence(empty, width, height, palette.style("muted"))
    legend = 1 if height >= 3 else 0
    knob_row = 1 if knobs and height >= 9 else 0
    axis_rows = 2 if height >= 8 else 1 if height >= 5 else 0
    rows = height - legend - knob_row - axis_rows
    y_scale = _y_scale(tracks, baseline, log_y, y_limits)
    y_ticks = ticks(y_scale, min(8, max(2, rows // 2))) if width >= 24 and rows >= 2 else []
    gutter = max((len(label) for _, label in y_ticks), default=-1) + 1
    x_low, x_high = x_limits or _extent(tracks)
    area = _Area(gutter, legend + knob_row, width - gutter, rows, x_low, x_high, y_scale)

    canvas = Canvas(width, height)
    _draw_grid(canvas, area, y_ticks, palette)
    _draw_knob_lines(canvas, area, knobs, palette)
    if cursor is not None and x_low <= cursor <= x_high:
        for y in range(rows):
            canvas.put(area.cell_x(cursor), area.top + y, "│", palette.style("muted"))
    if baseline is not None and y_scale.low <= _height(baseline.y, y_scale) <= y_scale.high:
        canvas.dotted(area.left, 4 * area.top + area.dot_y(baseline.y), area.width, 1, palette.style("baseline"))
    for track in tracks:
        if track.low is not None and track.high is not None:
            ink = Ink(area.width, area.height)
            _draw_spread(ink, area, track.x, track.low, track.high)
            canvas.blit(ink, area.left, area.top, palette.faint(track.curve.role), below=True)
    for index, track in enumerate(tracks):
        ink = Ink(area.width, area.height)
        _draw_line(ink, area, track.x, track.line)
        canvas.blit(ink, area.left, area.top, palette.style(track.curve.role), merge=index > 0)
    for track in tracks:
        if track.curve.marker or len(track.x) == 1:
            _draw_markers(canvas, area, track, palette)
    if star is not None and x_low <= star.x <= x_high and _drawable(star.x, star.y, log_y):
        canvas.put(area.cell_x(star.x), area.cell_y(star.y), "★", palette.style("good", bold=True))
    if cursor is not None and x_low <= cursor <= x_high:
        for track in tracks:
            at = _nearest(track.x, cursor)
            canvas.put(
                area.cell_x(cursor), area.cell_y(track.line[at]), "●", palette.style(track.curve.role, bold=True)
            )
    labelled = baseline is not None and _label_baseline(canvas, area, baseline, palette)
    _draw_axes(canvas, area, y_ticks, axis_rows, x_axis, palette)
    if knob_row:
        _label_knobs(canvas, area, knobs, palette)
    if legend:
        unplaced = None if labelled else baseline
        _draw_legend(canvas, gutter, title, tracks, unplaced, cursor, x_axis, y_format, palette)
    return canvas.lines()


def smooth(values: Sequence[float], weight: float) -> list[float]:
    """The exponential average of `values` with `weight` on the past, corrected for its start at zero (Kingma and Ba 2015)."""
    if not 0 < weight < 1:
        return list(values)
    average, rest, averages = 0.0, 1.0, []
    new = 1.0 - weight
    for value in values:
        average = weight * average + new * value
        rest *= weight
        averages.append(average / (1.0 - rest))
    return averages


@dataclass(frozen=True, slots=True)
class _Area:
    """Where the curves are: cells on the canvas, and the values at their edges."""

    left: int
    top: int
    width: int
    height: int
    x_low: float
    x_high: float
    scale: Scale

    def dot_x(self, x: float) -> int:
        return round((x - self.x_low) / (self.x_high - self.x_low) * (2 * self.width - 1))

    def dot_y(self, y: float) -> int:
        return round((1.0 - self.scale(y)) * (4 * self.height - 1))

    def rows_of(self, values: Sequence[float]) -> list[int]:
        """`dot_y` of each value, in one go."""
        scale = self.scale
        if scale.log:
            values = list(map(math.log10, values))
        step = (4 * self.height - 1) / (scale.high - scale.low)
        if math.isinf(step):
            return [self.dot_y(value) for value in values]
        zero = scale.high
        return [int((zero - value) * step + 0.5) for value in values]

    def cell_x(self, x: float) -> int:
        return self.left + (self.dot_x(x) >> 1)

    def cell_y(self, y: float) -> int:
        return self.top + min(self.height - 1, max(0, self.dot_y(y) >> 2))


def _drawable(x: float, y: float, log_y: bool) -> bool:
    return -HUGE < x < HUGE and (0 if log_y else -HUGE) < y < HUGE


def _height(y: float, scale: Scale) -> float:
    if scale.log:
        return math.log10(y) if y > 0 else -math.inf
    return y


def _track(curve: Curve, log_y: bool) -> _Track | None:
    """The curve's finite points in order, or None where there are none."""
    x, y = curve.x, curve.y
    least = 0 if log_y else -HUGE
    spread = curve.low is not None and curve.high is not None and not curve.smoothing
    columns: list[Sequence[float]] = [x, y]
    if spread and curve.low is not None and curve.high is not None:
        columns += [curve.low, curve.high]
    if not y:
        return None
    # min and max see no nan, so that is asked first; all three run at C's speed.
    sound = all(all(map(math.isfinite, column)) for column in columns)
    if not (sound and min(x) > -HUGE and max(x) < HUGE and min(y) > least and max(y) < HUGE):
        kept = [row for row in zip(*columns, strict=True) if _drawable(row[0], row[1], log_y)]
        columns = [list(column) for column in zip(*kept, strict=True)]
        if not columns:
            return None
        x, y = columns[0], columns[1]
    if not all(map(le, x, x[1:])):
        columns = [list(column) for column in zip(*sorted(zip(*columns, strict=True)), strict=True)]
        x, y = columns[0], columns[1]
    if spread:
        low, high = columns[2], columns[3]
        if not sound or min(min(low), min(high)) <= least or max(max(low), max(high)) >= HUGE:
            low = [v if least < v < HUGE else at for v, at in zip(low, y, strict=True)]
            high = [v if least < v < HUGE else at for v, at in zip(high, y, strict=True)]
        return _Track(curve, x, y, low, high)
    if curve.smoothing > 0:
        return _Track(curve, x, smooth(y, curve.smoothing), y, y)
    return _Track(curve, x, y, None, None)


def _extent(tracks: Sequence[_Track]) -> tuple[float, float]:
    """From the first to the last x, or from zero where that is near; never of no extent."""
    low, high = min(track.x[0] for track in tracks), max(track.x[-1] for track in tracks)
    if 0 < low <= 0.4 * high:
        low = 0.0
    if high - low <= max(abs(low), abs(high)) * 1e-9 or high - low < 1e-290:
        return (0.0, high) if high > 1e-290 else (low, low + max(1.0, abs(low)))
    return low, high


def _y_scale(
    tracks: Sequence[_Track], baseline: Baseline | None, log_y: bool, limits: tuple[float, float] | None
) -> Scale:
    low = min(min(min(t.line), min(t.low) if t.low is not None else math.inf) for t in tracks)
    high = max(max(max(t.line), max(t.high) if t.high is not None else -math.inf) for t in tracks)
    if baseline is not None and _drawable(0, baseline.y, log_y):
        # A baseline far from the curves would flatten them; it is then named in the legend only.
        wide_low, wide_high = min(low, baseline.y), max(high, baseline.y)
        if log_y or wide_high - wide_low <= 3 * (high - low) or limits is not None:
            low, high = wide_low, wide_high
    scale = scale_of(low, high, log=log_y)
    if limits is None or log_y:
        return scale
    # The bounds hold as far as the data keeps to them.
    low, high = max(scale.low, min(limits[0], low)), min(scale.high, max(limits[1], high))
    return Scale(low, high) if high > low else scale


def _columns(x: Sequence[float], area: _Area, count: int) -> list[tuple[int, int, int]]:
    """The points of each column of dots that has any, as (column, first, past the last)."""
    span = area.x_high - area.x_low
    spots = []
    if len(x) <= count:
        scale = (count - 1) / span
        low = area.x_low
        begin, here = 0, round((x[0] - low) * scale)
        for index in range(1, len(x)):
            column = round((x[index] - low) * scale)
            if column != here:
                spots.append((here, begin, index))
                begin, here = index, column
        spots.append((here, begin, len(x)))
        return spots
    begin = bisect_left(x, area.x_low - 0.5 * span / (count - 1))
    for column in range(count):
        end = bisect_right(x, area.x_low + (column + 0.5) * span / (count - 1), begin)
        if end > begin:
            spots.append((column, begin, end))
            begin = end
    return spots


def _draw_line(ink: Ink, area: _Area, x: Sequence[float], y: Sequence[float]) -> None:
    """The points joined by lines, one dot thick, each column from its least to its greatest value."""
    run, rows = ink.run, area.rows_of
    before_x = before_y = before_top = before_bottom = None
    spots = _columns(x, area, ink.columns)
    if len(spots) == len(x):
        firsts = lasts = tops = bottoms = rows(y)
    else:
        firsts, lasts = rows([y[begin] for _, begin, _ in spots]), rows([y[end - 1] for _, _, end in spots])
        tops = rows([max(y[begin:end]) for _, begin, end in spots])
        bottoms = rows([min(y[begin:end]) for _, begin, end in spots])
    for (column, _, _), first, last, top, bottom in zip(spots, firsts, lasts, tops, bottoms, strict=True):
        if before_x is not None and before_y is not None and before_top is not None and before_bottom is not None:
            gap = column - before_x
            if gap == 1:
                # Neighbours touch: the run reaches to beside the last one's.
                if top > before_bottom + 1:
                    top = before_bottom + 1
                elif bottom < before_top - 1:
                    bottom = before_top - 1
            else:
                slope = (first - before_y) / gap
                here = before_y
                for step in range(1, gap + 1):
                    target = round(before_y + slope * step)
                    if target > here + 1:
                        start, stop = here + 1, target
                    elif target < here - 1:
                        start, stop = target, here - 1
                    else:
                        start = stop = target
                    if step == gap:
                        top, bottom = min(top, start), max(bottom, stop)
                    else:
                        run(before_x + step, start, stop)
                    here = target
        run(column, top, bottom)
        before_x, before_y, before_top, before_bottom = column, last, top, bottom


def _draw_spread(ink: Ink, area: _Area, x: Sequence[float], low: Sequence[float], high: Sequence[float]) -> None:
    """Each column from the least to the greatest value; where that is the line itself, a line."""
    if low is high:
        _draw_line(ink, area, x, low)
        return
    spots = _columns(x, area, ink.columns)
    tops = area.rows_of([max(high[begin:end]) for _, begin, end in spots])
    bottoms = area.rows_of([min(low[begin:end]) for _, begin, end in spots])
    for (column, _, _), top, bottom in zip(spots, tops, bottoms, strict=True):
        ink.run(column, min(top, bottom), max(top, bottom))


def _nearest(x: Sequence[float], place: float) -> int:
    at = bisect_left(x, place)
    if at == len(x) or (at > 0 and place - x[at - 1] <= x[at] - place):
        at -= 1
    return at


def _draw_markers(canvas: Canvas, area: _Area, track: _Track, palette: Palette) -> None:
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


def _draw_grid(canvas: Canvas, area: _Area, y_ticks: Sequence[tuple[float, str]], palette: Palette) -> None:
    style = palette.style("grid")
    for value, _ in y_ticks:
        canvas.dotted(area.left, 4 * area.top + area.dot_y(value), area.width, 2, style)


def _draw_knob_lines(canvas: Canvas, area: _Area, knobs: Sequence[Knob], palette: Palette) -> None:
    for knob in knobs:
        if area.x_low <= knob.x <= area.x_high:
            for y in range(area.height):
                canvas.put(area.cell_x(knob.x), area.top + y, "┊", palette.style("grid"))


def _label_knobs(canvas: Canvas, area: _Area, knobs: Sequence[Knob], palette: Palette) -> None:
    """▾ over each line and what was turned beside it, to the right or else to the left, where there is room."""
    row = area.top - 1
    places = [(area.cell_x(knob.x), knob) for knob in knobs if area.x_low <= knob.x <= area.x_high]
    for cell, _ in places:
        canvas.put(cell, row, "▾", palette.style("warning", bold=True))
    for cell, knob in places:
        label = fit(knob.label, min(16, cell_len(fit(knob.label, 16).rstrip())))
        cells = cell_len(label)
        if canvas.is_free(cell + 1, row, cells + 2) or (
            cell + 2 + cells == canvas.width and canvas.is_free(cell + 1, row, cells + 1)
        ):
            canvas.text(cell + 2, row, label, palette.style("muted"))
        elif canvas.is_free(cell - cells - 2, row, cells + 2):
            canvas.text(cell - cells - 1, row, label, palette.style("muted"))


def _label_baseline(canvas: Canvas, area: _Area, baseline: Baseline, palette: Palette) -> bool:
    """The baseline's name beside its line, where nothing else is drawn; whether there was such a place."""
    if not area.scale.low <= _height(baseline.y, area.scale) <= area.scale.high or area.width < 30:
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


def _draw_axes(
    canvas: Canvas, area: _Area, y_ticks: Sequence[tuple[float, str]], rows: int, axis: XAxis, palette: Palette
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
    for value, text in x_ticks(area.x_low, area.x_high, axis, max(2, area.width // 10)):
        cell = area.cell_x(value)
        start = min(max(cell - len(text) // 2, 0 if area.left else area.left), canvas.width - len(text))
        if places and start <= places[-1][1]:
            continue
        if rows == 2:
            canvas.put(cell, bottom, "┬", line)
        canvas.text(start, row, text, label)
        places.append((start, start + len(text)))
    # The axis's name stands at the right, before the last tick where that is there.
    name = {"steps": "step", "epochs": "epoch", "seconds": "m:ss"}[axis]
    end = canvas.width
    for start, stop in reversed(places):
        if end - stop > len(name):
            break
        end = start - 1
    if area.width >= 30 and canvas.is_free(end - len(name) - 1, row, len(name) + 1):
        canvas.text(end - len(name), row, name, palette.style("muted", italic=True))


def _draw_legend(
    canvas: Canvas,
    left: int,
    title: str,
    tracks: Sequence[_Track],
    baseline: Baseline | None,
    cursor: float | None,
    axis: XAxis,
    y_format: Callable[[float], str],
    palette: Palette,
) -> None:
    """The row over the plot: what is drawn, and the last values or those at the cursor. What does not fit is left out:
    first the baseline, then the values, then the title."""
    muted, text_style = palette.style("muted"), palette.style("text")
    heading: list[tuple[str, Style]] = [(title, palette.style("text", bold=True))] if title else []
    if cursor is not None:
        heading.append((f"{_AT[axis]} {_x_text(cursor, axis)}", palette.style("accent")))
    entries: list[list[tuple[str, Style]]] = []
    for track in tracks:
        style = palette.style(track.curve.role, bold=True)
        value = track.line[-1 if cursor is None else _nearest(track.x, cursor)]
        entries.append([(track.curve.marker or "━", style), (track.curve.name, muted), (y_format(value), text_style)])
    last = [[("┄", palette.style("baseline")), (baseline.label, muted)]] if baseline is not None else []
    for groups in (
        [heading, *entries, *last],
        [heading, *entries],
        [heading, *(entry[:2] for entry in entries)],
        entries,
        [entry[:2] for entry in entries],
        [entry[::2] for entry in entries],
    ):
        groups = [group for group in groups if group]
        parts = [
            (fit(text, cell_len(fit(text, 80).rstrip())), style, g)
            for g, group in enumerate(groups)
            for text, style in group
        ]
        needed = sum(cell_len(text) + 1 for text, _, _ in parts) + 2 * (len(groups) - 1) - 1
        x = left if left + needed <= canvas.width else 0
        if needed > canvas.width:
            continue
        before = 0
        for text, style, group in parts:
            x += 2 * (group - before)
            canvas.text(x, 0, text, style)
            x += cell_len(text) + 1
            before = group
        return


_AT: dict[XAxis, str] = {"steps": "step", "epochs": "epoch", "seconds": "at"}


def _x_text(x: float, axis: XAxis) -> str:
    if axis == "seconds":
        return numbers.duration(x)
    return numbers.whole(x) if axis == "steps" else numbers.figure(x)
