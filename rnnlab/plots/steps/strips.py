"""Hidden states and gates as strips: a line for each cell, a column for each step, shaded by the value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

from rich.segment import Segment
from rich.style import Style

from rnnlab.plots.steps.columns import Columns, columns_in, heading
from rnnlab.runs.step_prediction import StepPrediction, Strip
from rnnlab.text.lines import Line, Lines, fit
from rnnlab.text.palette import Palette, Role

Order = Literal["varied", "number"]
"""Cells by how much they change over the steps, the most first, or by their number."""
POSITIVE = "·░▒▓█"
NEGATIVE = "·-=≡#"
"""Shades of sizes from 0 to the largest; values below zero are of other marks, so that they differ without colour too."""
GUTTER = 5
_SHADES = 16
"""Shades of a colour that differ; with few, neighbours are drawn as one."""
LEAST_LINES = 3
"""Lines of the lowest strip: its title, the labels, a cell."""


def cells_in_order(strip: Strip, order: Order) -> Sequence[int]:
    """The cells of the strip in the order in which they are drawn."""
    return strip.order if order == "varied" and len(strip.order) == strip.cells else range(strip.cells)


def strip_lines(
    predicted: StepPrediction,
    strip: Strip,
    *,
    width: int,
    height: int,
    palette: Palette,
    order: Order = "varied",
    cursor: int | None = None,
    cell: int | None = None,
    gutter: int = GUTTER,
    first: int = 0,
) -> Lines:
    """The strip in at most `width` × `height` cells: a title with its scale, what is read, and a line for each cell.

    `cursor` is the column and `cell` the cell that are marked; `first` is the first line of
    the order that is drawn.
    """
    if width < gutter + 2 or height < LEAST_LINES:
        return []
    ordered = cells_in_order(strip, order)
    room = height - 2
    first = max(0, min(first, len(ordered) - room))
    columns = columns_in(strip.columns, width, gutter=gutter, cursor=cursor)
    lines: Lines = [_title(strip, order, min(room, len(ordered)), width, palette)]
    lines.append(heading(predicted.labels, columns, palette, cursor=cursor, name="cell"))
    for number in ordered[first : first + room]:
        lines.append(_row(strip, number, columns, palette, cursor=cursor, chosen=number == cell))
    return lines


def _title(strip: Strip, order: Order, shown: int, width: int, palette: Palette) -> Line:
    line: Line = [Segment(fit(strip.title, min(width, len(strip.title))), palette.style("text", bold=True))]
    left = width - len(strip.title)
    below = NEGATIVE[:0:-1] if strip.low < 0 else ""
    parts = [f"  {_number(strip.low)} {below}{POSITIVE} {_number(strip.high)}"]
    if shown < strip.cells:
        parts.append(
            f"  {shown} of {strip.cells} cells, " + ("most varied first" if order == "varied" else "by number")
        )
    for part in parts:
        if len(part) <= left:
            line.append(Segment(fit(part, len(part)), palette.style("muted")))
            left -= len(part)
    return line


def _number(value: float) -> str:
    return f"{value:.3g}"


def _row(strip: Strip, number: int, columns: Columns, palette: Palette, *, cursor: int | None, chosen: bool) -> Line:
    mark = "▸" if chosen else " "
    name = f"{number}".rjust(columns.gutter - 2) if columns.gutter > 2 else ""
    style = palette.style("accent", bold=True) if chosen else palette.style("muted")
    line: Line = [Segment(f"{mark}{name} "[: columns.gutter], style)]
    values = strip.row(number)
    text, last = "", Style()
    for at in columns.indices:
        glyph, share, role = shade_of(values[at], strip.low, strip.high)
        style, drawn = _shade(palette, round(share * _SHADES), role), glyph * columns.cell
        if chosen and at == cursor:
            style = palette.style("accent", bold=True)
            if columns.cell > 1:
                drawn = "[" + glyph * (columns.cell - 2) + "]" if columns.cell > 2 else glyph + "◂"
        if style is not last and text:
            line.append(Segment(text, last))
            text = ""
        text, last = text + drawn, style
    line.append(Segment(text, last))
    return line


@cache
def _shade(palette: Palette, level: int, role: Role) -> Style:
    return palette.shade(level / _SHADES, role)


def shade_of(value: float, low: float, high: float) -> tuple[str, float, Role]:
    """Glyph, share of the largest size and role of a value; `?` for one that is not finite."""
    if value != value:
        return "?", 1.0, "bad"
    size = max(abs(low), abs(high)) or 1.0
    share = min(1.0, abs(value) / size)
    level = min(4, int(share * 5))
    return (NEGATIVE[level], share, "validation") if value < 0 else (POSITIVE[level], share, "train")
