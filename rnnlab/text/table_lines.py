"""A table as styled lines, for a terminal and for the app."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.text.lines import Lines, fit
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain
from rnnlab.text.table import PLUS_MINUS, Table

_GAP = "  "
_NARROWEST = 20
"""Cells in which notes are wrapped at least."""


def table_lines(table: Table, palette: Palette, width: int | None = None) -> Lines:
    """The heading, the columns' titles, a line a row, and the notes wrapped to `width` cells (None: any width).

    Where the table is wider than that, titles have two lines, and columns that do not fit even so follow below, as often as
    needed, each time after those that name the row; what is wider still is cut.
    """
    muted, text = palette.style("muted"), palette.style("text")
    body = [[cell.text for cell in row] for row in table.rows]
    titles = [[column.heading for column in table.columns]]
    columns = _texts(table, titles, body)
    if width is not None and _width(columns) > width:
        titles = [[column.part for column in table.columns], [column.title for column in table.columns]]
        columns = _texts(table, titles, body)
    heads = len(titles)
    bold = palette.style("text", bold=True)
    lines: Lines = [[Segment(_cut(plain(table.heading), width), bold)]]
    for block in _blocks(columns, width, table.named):
        for index, cells in enumerate(zip(*(columns[at] for at in block), strict=True)):
            style = muted if index < heads else bold if index - heads in table.best else text
            lines.append([Segment(_cut(_GAP.join(cells).rstrip(), width), style)])
    notes = [plain(table.note)] if width is None else wrap(plain(table.note), max(_NARROWEST, width))
    return [*lines, *([Segment(_cut(note, width), muted)] for note in notes if note)]


def _texts(table: Table, titles: Sequence[Sequence[str]], body: Sequence[Sequence[str]]) -> list[list[str]]:
    """By column, its titles and cells, all as wide."""
    columns = []
    for at, column in enumerate(table.columns):
        heads = [plain(row[at]) for row in titles]
        cells = [plain(row[at]) for row in body]
        cells = cells if column.left else aligned_at(cells)
        width = max(map(cell_len, [*heads, *cells]))
        columns.append([fit(text, width, "left" if column.left else "right") for text in [*heads, *cells]])
    return columns


def _cut(text: str, width: int | None) -> str:
    return text if width is None or cell_len(text) <= width else fit(text, width).rstrip()


def aligned_at(cells: Sequence[str], sign: str = PLUS_MINUS) -> list[str]:
    """The cells, those before the sign ending together, and what stands behind it beginning together."""
    parts = [cell.partition(sign) for cell in cells]
    behind = max((cell_len(after) for _, found, after in parts if found), default=0)
    if not behind:
        return list(cells)
    room = cell_len(sign) + behind
    return [
        before + found + after + " " * (room - cell_len(found + after)) if before else ""
        for before, found, after in parts
    ]


def _width(columns: Sequence[Sequence[str]]) -> int:
    return sum(cell_len(column[0]) for column in columns) + len(_GAP) * (len(columns) - 1)


def _blocks(columns: Sequence[Sequence[str]], width: int | None, named: int) -> list[list[int]]:
    """The indices of the columns that stand beside one another, those that name the row first in each."""
    first = list(range(min(named, len(columns))))
    start = _width([columns[at] for at in first]) if first else -len(_GAP)
    blocks, taken = [list(first)], start
    for at in range(len(first), len(columns)):
        wide = len(_GAP) + cell_len(columns[at][0])
        if width is not None and len(blocks[-1]) > len(first) and taken + wide > width:
            blocks.append(list(first))
            taken = start
        blocks[-1].append(at)
        taken += wide
    return blocks
