"""From points to dots: where values lie on the cells, and the lines between them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rnnlab.plots.drawing.axes import Scale
from rnnlab.plots.drawing.canvas import Ink

_FAR = 1e6
"""Dots outside of the area; further out the number would not fit an int."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where the curves are: cells on the canvas, and the values at their edges."""

    left: int
    top: int
    width: int
    height: int
    x_low: float
    x_high: float
    scale: Scale

    def holds(self, y: float) -> bool:
        """Whether a value lies on the y axis."""
        if self.scale.log:
            return y > 0 and self.scale.low <= math.log10(y) <= self.scale.high
        return self.scale.low <= y <= self.scale.high

    def dot_x(self, x: float) -> int:
        """Column of dots of a value, from the area's left edge."""
        return round((x - self.x_low) / (self.x_high - self.x_low) * (2 * self.width - 1))

    def dot_y(self, y: float) -> int:
        """Row of dots of a value, from the area's top edge."""
        # What lies beyond the scale, as the end of a band may, is far outside but finite.
        return round(max(-_FAR, min(_FAR, (1.0 - self.scale(y)) * (4 * self.height - 1))))

    def rows_of(self, values: Sequence[float]) -> list[int]:
        """`dot_y` of each value, in one go."""
        scale = self.scale
        if scale.log:
            values = list(map(math.log10, values))
        step = (4 * self.height - 1) / (scale.high - scale.low)
        zero = scale.high
        if not max(zero - min(values), max(values) - zero) * step < _FAR:
            return [round(max(-_FAR, min(_FAR, (zero - value) * step))) for value in values]
        return [int((zero - value) * step + 0.5) for value in values]

    def cell_x(self, x: float) -> int:
        """Column of the canvas of a value."""
        return self.left + (self.dot_x(x) >> 1)

    def cell_y(self, y: float) -> int:
        """Row of the canvas of a value."""
        return self.top + min(self.height - 1, max(0, self.dot_y(y) >> 2))


def columns_of(x: Sequence[float], area: Area, count: int) -> list[tuple[int, int, int]]:
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


def draw_line(ink: Ink, area: Area, x: Sequence[float], y: Sequence[float]) -> None:
    """The points joined by lines, one dot thick, each column from its least to its greatest value."""
    run, rows = ink.run, area.rows_of
    before_x = before_y = before_top = before_bottom = None
    spots = columns_of(x, area, ink.columns)
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


def draw_spread(
    ink: Ink, area: Area, x: Sequence[float], low: Sequence[float], high: Sequence[float], *, filled: bool = False
) -> None:
    """Each column from the least to the greatest value; where that is the line itself, a line.

    `filled`: also the columns between points, as a band.
    """
    if low is high:
        draw_line(ink, area, x, low)
        return
    spots = columns_of(x, area, ink.columns)
    tops = area.rows_of([max(high[begin:end]) for _, begin, end in spots])
    bottoms = area.rows_of([min(low[begin:end]) for _, begin, end in spots])
    for (column, _, _), top, bottom in zip(spots, tops, bottoms, strict=True):
        ink.run(column, min(top, bottom), max(top, bottom))
    if not filled:
        return
    ends = [(column, top, bottom) for (column, _, _), top, bottom in zip(spots, tops, bottoms, strict=True)]
    for (start, top, bottom), (end, next_top, next_bottom) in pairwise(ends):
        for column in range(start + 1, end):
            share = (column - start) / (end - start)
            edges = round(top + share * (next_top - top)), round(bottom + share * (next_bottom - bottom))
            ink.run(column, min(edges), max(edges))


def nearest(x: Sequence[float], value: float) -> int:
    """The index of the point nearest to `value`."""
    at = bisect_left(x, value)
    if at == len(x) or (at > 0 and value - x[at - 1] <= x[at] - value):
        at -= 1
    return at
