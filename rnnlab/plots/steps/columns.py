"""Columns of a drawing by steps: how wide each is, which ones fit, and the line with what is read at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.text.lines import Line, fit
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain

WIDEST = 5
"""Cells of a column at most: a label or a probability, and air."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns from `first` on, `shown` of them, `cell` cells each, right of a gutter of `gutter` cells."""

    first: int
    shown: int
    cell: int
    gutter: int

    @property
    def indices(self) -> range:
        """Indices of the columns that are shown."""
        return range(self.first, self.first + self.shown)

    @property
    def width(self) -> int:
        """Cells of all, the gutter among them."""
        return self.gutter + self.shown * self.cell


def columns_in(count: int, width: int, *, gutter: int, cursor: int | None = None, widest: int = WIDEST) -> Columns:
    """So many columns in `width` cells: as wide as they may be; where not all fit, those around the cursor, else the last."""
    room = max(1, width - gutter)
    cell = max(1, min(widest, room // max(1, count)))
    shown = min(count, room // cell)
    at = count - 1 if cursor is None else cursor
    first = min(max(0, at - shown // 2), count - shown) if cursor is not None else count - shown
    return Columns(first, shown, cell, gutter)


def heading(
    labels: Sequence[str], columns: Columns, palette: Palette, *, cursor: int | None = None, name: str = ""
) -> Line:
    """What is read at each column, the one under the cursor marked; `name` stands in the gutter.

    Labels that are too long for a column stand over every second, third, … one, that under the cursor among them.
    """
    line: Line = [Segment(fit(name, columns.gutter), palette.style("muted"))]
    longest = max((cell_len(plain(labels[at])) for at in columns.indices), default=1)
    span = 1 if longest <= max(1, columns.cell - (longest > 1)) else min(10, -(-(longest + 1) // columns.cell))
    at, left = columns.first, columns.shown
    offset = 0 if cursor is None else (cursor - columns.first) % span
    if offset:
        line.append(Segment(" " * (offset * columns.cell)))
        at, left = at + offset, left - offset
    while left > 0:
        room = min(span, left) * columns.cell
        here = at == cursor
        centred = span == 1 and columns.cell > 2
        text = fit(labels[at], room, "centre") if centred else fit(labels[at], room - (room > 1)) + " " * (room > 1)
        if span > 1 and cell_len(plain(labels[at])) >= room:
            text = " " * room  # half of a number says something else
        line.append(Segment(text, palette.style("accent", bold=True) if here else palette.style("muted")))
        at, left = at + span, left - span
    return line
