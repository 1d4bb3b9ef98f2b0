"""The frame of a chart: its y axis, its title with the names of what is drawn, and its x axis, around what is drawn inside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from rnnlab.plots.drawing.axes import Scale, ticks
from rnnlab.plots.drawing.canvas import Canvas
from rnnlab.text.lines import Lines, fit, sentence
from rnnlab.text.palette import Palette, Role

MOST_LABEL = 14
"""Cells of a category's name."""


class Frame(NamedTuple):
    """Where the drawing lies on the canvas, in cells, under the title and beside the labels of the y axis."""

    left: int
    top: int
    width: int
    height: int

    def column(self, share: float) -> int:
        """The canvas's column at a share of the frame's width."""
        return self.left + math.floor(share * (self.width - 1) + 0.5)

    def row(self, share: float) -> int:
        """The canvas's row at a share of the frame's height, from the bottom."""
        return self.top + self.height - 1 - math.floor(share * (self.height - 1) + 0.5)


def empty_chart(text: str, width: int, height: int, palette: Palette) -> Lines:
    """A sentence where there is nothing to draw, or no room."""
    return sentence(text, width, height, palette.style("muted")) if width > 0 and height > 0 else []


def framed(width: int, height: int, palette: Palette, y_scale: Scale, *, top: int = 1) -> tuple[Canvas, Frame]:
    """A canvas with its y axis, and the frame that is left beside it, below `top` rows."""
    rows = height - top - 2
    labels = ticks(y_scale, min(6, max(2, rows // 2)))
    gutter = max((len(text) for _, text in labels), default=-1) + 1
    frame = Frame(gutter, top, width - gutter, rows)
    canvas = Canvas(width, height)
    for y in range(rows):
        canvas.put(gutter - 1, frame.top + y, "│", palette.style("grid"))
    for value, text in labels:
        y = frame.row(y_scale(value))
        canvas.put(gutter - 1, y, "┤", palette.style("grid"))
        canvas.text(gutter - 1 - len(text), y, text, palette.style("muted"))
    return canvas, frame


def draw_title(
    canvas: Canvas, title: str, note: str, palette: Palette, names: Sequence[tuple[str, str, Role]] = ()
) -> None:
    """The title, the names of the series with their markers, and a note, as far as there is room."""
    parts = [(title, palette.style("text", bold=True))]
    parts += [(f"{marker} {name}", palette.style(role, bold=True)) for marker, name, role in names if name]
    parts.append((note, palette.style("warning")))
    x = 0
    for text, style in parts:
        room = canvas.width - x
        if not text or room < 4:
            continue
        shown = fit(text, min(room, cell_len(fit(text, room).rstrip()))).rstrip()
        canvas.text(x, 0, shown, style)
        x += cell_len(shown) + 2


def axis_marks(scale: Scale, frame: Frame) -> list[tuple[float, str]]:
    """Ticks of the x axis: their places as shares of its width, and their labels."""
    return [(scale(value), text) for value, text in ticks(scale, max(2, frame.width // 10))]


def draw_x_axis(canvas: Canvas, frame: Frame, marks: Sequence[tuple[float, str]], name: str, palette: Palette) -> None:
    """A line under the drawing, the marks (share of its width, text) that have room below it, and the axis's name."""
    bottom, muted = frame.top + frame.height, palette.style("muted")
    canvas.text(frame.left, bottom, "─" * frame.width, palette.style("grid"))
    if frame.left:
        canvas.put(frame.left - 1, bottom, "└", palette.style("grid"))
    free = 0
    name = fit(name, min(frame.width // 2, cell_len(fit(name, 60).rstrip())))
    end = canvas.width - (cell_len(name) + 2 if name else 0)
    for share, text in marks:
        label = fit(text, min(MOST_LABEL, cell_len(fit(text, 60).rstrip())))
        cell = frame.column(share)
        start = max(0, min(cell - cell_len(label) // 2, end - cell_len(label)))
        if start < free or cell >= end or not label.strip():
            continue
        canvas.put(cell, bottom, "┬", palette.style("grid"))
        canvas.text(start, bottom + 1, label, muted)
        free = start + cell_len(label) + 1
    canvas.text(canvas.width - cell_len(name), bottom + 1, name, palette.style("muted", italic=True))
