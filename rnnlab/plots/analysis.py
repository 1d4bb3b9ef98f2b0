"""Charts of an analysis: a metric over one setting or two, and counts, drawn by plotext, which no other module imports.

plotext gets nothing but numbers between 0 and 1: scales, logarithms, ticks and texts are ours, so that no label reaches a
terminal unsanitised and no value is too large for it. Its colours are placeholders, which become styles of the palette.
"""

from __future__ import annotations

import re
import statistics
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.style import Style

from rnnlab.plots.drawing.axes import HUGE, Scale, scale_of
from rnnlab.plots.drawing.canvas import Canvas
from rnnlab.plots.drawing.frame import MOST_LABEL, Frame, axis_marks, draw_title, draw_x_axis, empty_chart, framed
from rnnlab.text import numbers
from rnnlab.text.lines import Lines, fit
from rnnlab.text.palette import Palette, Role

_LOCK = threading.Lock()  # plotext draws on one figure, which the whole process shares
_ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
_MOST_TRIED = 8
"""Values of x up to which each is a tick of its axis."""
_SHADES = " ░▒▓█"
"""Cells of a heat map where there are no colours, from the least value to the greatest."""


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one name: `y[i]` at `x[i]`, with its standard deviation in `std` where there is one."""

    x: Sequence[float]
    y: Sequence[float]
    name: str = ""
    std: Sequence[float] | None = None
    role: Role = "validation"
    marker: str = "●"


def scatter(
    series: Sequence[Points],
    *,
    width: int,
    height: int,
    palette: Palette,
    title: str = "",
    x_name: str = "",
    log_x: bool = False,
    log_y: bool = False,
    tried: bool = False,
    empty: str = "Nothing to draw yet.",
) -> Lines:
    """Points in exactly `width` × `height` cells, with error bars of one standard deviation up and down.

    `tried`: where x has few values, they are the ticks of its axis. What is not finite, and on a logarithmic axis what is not
    above zero, is left out, and the title says how many.
    """
    kept, dropped = _kept(series, log_x, log_y)
    drawn = [points for points in kept if len(points.x)]
    note = _dropped(dropped, log_x or log_y)
    if not drawn or width < 12 or height < 5:
        return empty_chart(f"{empty} {note}".strip(), width, height, palette)
    x_values = [x for points in drawn for x in points.x]
    y_values = [end for points in drawn for end in _ends(points, log_y)]
    x_scale = scale_of(min(x_values), max(x_values), log=log_x, margin=0.06)
    y_scale = scale_of(min(y_values), max(y_values), log=log_y, margin=0.06)
    canvas, frame = framed(width, height, palette, y_scale)
    inks = [palette.style(points.role, bold=True) for points in drawn]

    def draw(plt: Any) -> None:
        for ink, points in enumerate(drawn):
            at, colour = [x_scale(x) for x in points.x], _placeholder(ink)
            if points.std is not None:
                low, high = _bars(points, y_scale)
                middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
                # plotext's error is the whole length of a bar.
                plt.error(at, middle, yerr=[b - a for a, b in zip(low, high, strict=True)], color=colour)
        for ink, points in enumerate(drawn):
            at, y = [x_scale(x) for x in points.x], [y_scale(y) for y in points.y]
            plt.scatter(at, y, marker=points.marker, color=_placeholder(ink))

    _blit(canvas, frame, _drawn(frame, draw), inks)
    draw_title(canvas, title, note, palette, [(points.marker, points.name, points.role) for points in drawn])
    values = tried_ticks(x_values) if tried else []
    marks = [(x_scale(x), text) for x, text in values] or axis_marks(x_scale, frame)
    draw_x_axis(canvas, frame, marks, x_name, palette)
    return canvas.lines()


def tried_ticks(values: Sequence[float]) -> list[tuple[float, str]]:
    """Ticks at the values of a setting that were tried, where they are few; else none."""
    distinct = sorted(set(values))
    return [(value, f"{value:g}") for value in distinct] if len(distinct) <= _MOST_TRIED else []


def box(
    groups: Sequence[tuple[str, Sequence[float]]],
    *,
    width: int,
    height: int,
    palette: Palette,
    title: str = "",
    x_name: str = "",
    role: Role = "validation",
    empty: str = "Nothing to draw yet.",
) -> Lines:
    """A box for each named group: quartiles, median, and whiskers to the least and the greatest value."""
    finite = [(name, [value for value in values if _is_finite(value)]) for name, values in groups]
    note = _dropped(sum(len(values) for _, values in groups) - sum(len(values) for _, values in finite))
    held = [(name, values) for name, values in finite if values]
    if not held or width < 12 or height < 5:
        return empty_chart(f"{empty} {note}".strip(), width, height, palette)
    everything = [value for _, values in held for value in values]
    y_scale = scale_of(min(everything), max(everything), margin=0.06)
    canvas, frame = framed(width, height, palette, y_scale)
    title = " over ".join(text for text in (title, x_name) if text)
    centres = [(index + 0.5) / len(held) for index in range(len(held))]
    fives = [[y_scale(value) for value in _five(values)] for _, values in held]

    def draw(plt: Any) -> None:
        colours = [_placeholder(0), _placeholder(1)]
        for centre, five in zip(centres, fives, strict=True):
            # One call each: plotext makes the boxes of one call as wide as the least distance between two.
            plt.box(
                [centre], [five], quintuples=True, colors=colours, width=min(0.9, 0.5 / len(held)), reset_ticks=False
            )

    _blit(canvas, frame, _drawn(frame, draw), [palette.style(role), palette.style("text", bold=True)])
    draw_title(canvas, title, note, palette)
    draw_x_axis(canvas, frame, [(at, name) for at, (name, _) in zip(centres, held, strict=True)], "", palette)
    return canvas.lines()


def histogram(
    ranges: Sequence[tuple[float, float, float]],
    *,
    width: int,
    height: int,
    palette: Palette,
    title: str = "",
    x_name: str = "",
    role: Role = "train",
    empty: str = "Nothing to count.",
) -> Lines:
    """A bar for each range of equal width: (its low end, its high end, how many), from left to right."""
    finite = [row for row in ranges if all(map(_is_finite, row))]
    note = _dropped(len(ranges) - len(finite))
    most = max((count for _, _, count in finite), default=0.0)
    if most <= 0 or width < 12 or height < 5:
        return empty_chart(f"{empty} {note}".strip(), width, height, palette)
    finite = _merged(finite, width - MOST_LABEL)
    y_scale = Scale(0.0, max(count for _, _, count in finite))
    canvas, frame = framed(width, height, palette, y_scale, top=1 if title or note else 0)
    # Bars of whole cells: as many for each, so that equal ranges look equal.
    cells = max(1, frame.width // len(finite))
    edges = [(place * cells, place * cells + max(0, cells - 1 - (cells > 2))) for place in range(len(finite))]
    last = max(1, frame.width - 1)

    def draw(plt: Any) -> None:
        for (first, end), (_, _, count) in zip(edges, finite, strict=True):
            if count > 0:
                bounds = [first / last, end / last], [0.0, y_scale(count)]
                plt.rectangle(*bounds, marker="sd", fill=True, color=_placeholder(0))

    _blit(canvas, frame, _drawn(frame, draw), [palette.style(role)])
    if frame.top:
        draw_title(canvas, title, note, palette)
    marks = [((a + b) // 2 / last, _range_name(*row[:2])) for (a, b), row in zip(edges, finite, strict=True)]
    widest = max(cell_len(text) for _, text in marks)
    draw_x_axis(canvas, frame, marks[:: -(-(widest + 1) // cells)], x_name, palette)
    return canvas.lines()


def heat_map(
    rows: Sequence[Sequence[float | None]],
    x_labels: Sequence[str],
    y_labels: Sequence[str],
    *,
    width: int,
    height: int,
    palette: Palette,
    title: str = "",
    x_name: str = "",
    y_name: str = "",
    role: Role = "validation",
    y_format: Callable[[float], str] = numbers.figure,
    empty: str = "Nothing to draw yet.",
) -> Lines:
    """A cell for each pair of two settings, `rows[i][j]` at `y_labels[i]` and `x_labels[j]`: shaded, its value written on it.

    None is a pair that was not tried; a value that is not finite is left out too, and counted in the title.
    """
    values = [value for row in rows for value in row if value is not None]
    finite = [value for value in values if _is_finite(value)]
    note = _dropped(len(values) - len(finite))
    if not finite or width < 12 or height < 5:
        return empty_chart(f"{empty} {note}".strip(), width, height, palette)
    low, high = min(finite), max(finite)
    gutter = max(cell_len(fit(label, MOST_LABEL).rstrip()) for label in y_labels) + 1
    if width - gutter < 2:
        return empty_chart(empty, width, height, palette)
    columns, count = max(1, (width - gutter) // len(x_labels)), max(1, (height - 3) // len(rows))
    shown = [row[: (width - gutter) // columns] for row in rows[: (height - 3) // count]]
    frame = Frame(gutter, 1, columns * len(shown[0]), count * len(shown))
    canvas = Canvas(width, height)
    shares = [[_share(value, low, high) for value in row] for row in shown]
    inks = [Style(), *(palette.heat(max(0.02, level / 24), role) for level in range(25))]
    levels = [
        [0 if share is None else 1 + round(24 * share) for share in row for _ in range(columns)] for row in shares
    ]
    pixels = [[_placeholder(level) for level in row] for row in levels for _ in range(count)]

    shaded = [
        [(_SHADES[min(4, ink * 5 // 26)] if palette.mono and ink else " ", ink) for _, ink in row]
        for row in _drawn(frame, lambda plt: _draw_matrix(plt, pixels))
    ]
    _blit(canvas, frame, shaded, inks, blanks=True)
    muted = palette.style("muted")
    for i, row in enumerate(shown):
        middle = frame.top + i * count + count // 2
        canvas.text(0, middle, fit(y_labels[i], gutter - 1), muted)
        for j, value in enumerate(row):
            text = "·" if value is None or not _is_finite(value) else y_format(value)
            if cell_len(text) <= columns:
                at = frame.left + j * columns + (columns - cell_len(text)) // 2
                canvas.text(at, middle, text, inks[levels[i][j * columns]] if text != "·" else muted)
    cut = sum(map(len, rows)) - sum(map(len, shown))
    notes = [note, f"+{cut} cells more" if cut else ""]
    names = " × ".join(name for name in (y_name and f"{y_name} ↓", x_name and f"{x_name} →") if name)
    title = " over ".join(text for text in (title, names) if text)
    draw_title(canvas, title, " · ".join(filter(None, notes)), palette)
    middles = [((j + 0.5) * columns - 0.5) / max(1, frame.width - 1) for j in range(len(shown[0]))]
    draw_x_axis(canvas, frame, list(zip(middles, x_labels, strict=False)), "", palette)
    return canvas.lines()


# Numbers.


def _is_finite(value: float) -> bool:
    return -HUGE < value < HUGE


def _kept(series: Sequence[Points], log_x: bool, log_y: bool) -> tuple[list[Points], int]:
    """The points that can be drawn, and how many cannot; a deviation that is not finite is none."""
    kept, dropped = [], 0
    for points in series:
        std = points.std if points.std is not None else [0.0] * len(points.x)
        rows = [
            (x, y, abs(s) if _is_finite(s) else 0.0)
            for x, y, s in zip(points.x, points.y, std, strict=True)
            if _is_finite(x) and _is_finite(y) and (x > 0 or not log_x) and (y > 0 or not log_y)
        ]
        dropped += len(points.x) - len(rows)
        x_kept, y_kept, std_kept = ([row[at] for row in rows] for at in range(3))
        spread = std_kept if points.std is not None else None
        kept.append(Points(x_kept, y_kept, points.name, spread, points.role, points.marker))
    return kept, dropped


def _ends(points: Points, log_y: bool) -> Iterable[float]:
    """The ends of the bars; on a logarithmic axis a bar that would end at zero or below ends at its point."""
    for y, std in zip(points.y, points.std or [0.0] * len(points.y), strict=True):
        yield y - std if y - std > 0 or not log_y else y
        yield y + std


def _bars(points: Points, scale: Scale) -> tuple[list[float], list[float]]:
    ends = [scale(value) for value in _ends(points, scale.log)]
    return ends[::2], ends[1::2]


def _five(values: Sequence[float]) -> tuple[float, float, float, float, float]:
    """Maximum, upper quartile, median, lower quartile, minimum: in the order that plotext takes them."""
    if len(values) == 1:
        return (values[0],) * 5
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return max(values), upper, median, lower, min(values)


def _merged(ranges: list[tuple[float, float, float]], most: int) -> list[tuple[float, float, float]]:
    """At most `most` ranges, neighbours put together."""
    together = -(-len(ranges) // max(1, most))
    groups = [ranges[at : at + together] for at in range(0, len(ranges), together)]
    return [(group[0][0], group[-1][1], sum(count for _, _, count in group)) for group in groups]


def _share(value: float | None, low: float, high: float) -> float | None:
    if value is None or not _is_finite(value):
        return None
    return 0.5 if high <= low else (value - low) / (high - low)


def _dropped(count: int, log: bool = False) -> str:
    return f"{count} not {'above 0' if log else 'finite'} left out" if count else ""


def _range_name(low: float, high: float) -> str:
    return f"{low:,g}–{high:,g}" if high > low else f"{low:,g}"


# Drawing.


def _placeholder(ink: int) -> tuple[int, int, int]:
    """The colour that stands for ink number `ink` in what plotext prints."""
    return (1, ink // 256, ink % 256)


def _drawn(frame: Frame, draw: Callable[[Any], None]) -> list[list[tuple[str, int]]]:
    """What plotext draws in the frame, (character, ink) for each cell; its figure is cleared before and after."""
    import plotext as plt

    with _LOCK:
        plt.clear_figure()
        try:
            plt.limit_size(False, False)
            plt.plot_size(frame.width, frame.height)
            plt.frame(False)
            for set_ticks in (plt.xfrequency, plt.yfrequency):
                set_ticks(0)
            plt.xlim(0, 1)
            plt.ylim(0, 1)
            draw(plt)
            printed = str(plt.build())
        finally:
            plt.clear_figure()
    return [_parsed(line) for line in printed.rstrip("\n").split("\n")]


def _draw_matrix(plt: Any, pixels: list[list[tuple[int, int, int]]]) -> None:
    """A pixel a cell; plotext's own labels of rows and columns are taken back."""
    plt.matrix_plot(pixels, marker="sd")
    plt.xlim(0, len(pixels[0]) - 1)
    plt.ylim(0, len(pixels) - 1)
    for undo in (plt.xlabel, plt.ylabel):
        undo(None)
    for undo in (plt.xticks, plt.yticks):
        undo([], [])


def _parsed(line: str) -> list[tuple[str, int]]:
    """A line of plotext's, its placeholders read back; what is no placeholder is ink 0."""
    cells: list[tuple[str, int]] = []
    ink = 0
    for index, part in enumerate(_ESCAPE.split(line)):
        if index % 2 == 0:
            cells += [(character, ink) for character in part]
            continue
        found = re.search(r"38;2;1;(\d+);(\d+)", part)
        ink = int(found[1]) * 256 + int(found[2]) if found else 0 if part in ("", "0") else ink
    return cells


def _blit(
    canvas: Canvas, frame: Frame, cells: list[list[tuple[str, int]]], inks: Sequence[Style], *, blanks: bool = False
) -> None:
    for y, row in enumerate(cells):
        for x, (character, ink) in enumerate(row):
            if blanks or character != " ":
                canvas.put(frame.left + x, frame.top + y, character, inks[ink])
