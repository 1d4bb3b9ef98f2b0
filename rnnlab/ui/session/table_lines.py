"""The lines of the Session screen's table: headings in two lines, and a line a row."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from rnnlab.plots.run.figure_table import split_role
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.notes import STAR
from rnnlab.text.lines import Line, fit
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain
from rnnlab.ui.session.arrange import Order, Placed
from rnnlab.ui.session.columns import Concluded, TableColumn, cell_of, name_of, reason_of
from rnnlab.ui.session.contents import SessionRow

GAP = 2
HEAD = 2
"""Lines of the headings: the part of the data, and the title."""
_LEAST_NAME, _MOST_NAME = 16, 40
_RIGHT_OF_NAME = 34
"""Cells that are left for other columns at least, where the name is long."""


@dataclass(frozen=True)
class Drawing:
    """What the lines are drawn with: the columns in sight, their cells, and what is marked, unfolded and ordered by."""

    columns: Sequence[TableColumn]
    cells: Sequence[int]
    name: int
    palette: Palette
    column: str
    order: Order
    marked: Mapping[Path, RunFolder]
    unfolded: Container[Path]
    concluded: Concluded
    more_left: bool
    more_right: bool

    def heading(self, text: str, width: int) -> Line:
        """The line above the rows of one comparison."""
        return [Segment(fit(plain(text, 300), width), self.palette.style("accent", bold=True))]

    def ground(self, app: Any, *, focused: bool) -> Style:
        """The background of the row under the cursor."""
        if self.palette.mono or app.current_theme.ansi:
            return Style(reverse=True)
        name = "block-cursor" if focused else "block-cursor-blurred"
        return Style.parse(f"on {app.theme_variables.get(f'{name}-background', '#444444')[:7]}")


def name_width(columns: Sequence[TableColumn], widths: Mapping[str, int], width: int) -> int:
    """Cells of the run's name, which stands first whatever else is in sight."""
    wanted = min(_MOST_NAME, max(_LEAST_NAME, widths.get("run", _LEAST_NAME) + 2))
    taken = sum(widths.get(column.key, 8) + GAP for column in columns[1:])
    if wanted + 2 + taken <= width:
        return wanted
    return max(_LEAST_NAME, min(wanted, width - 2 - _RIGHT_OF_NAME))


def cell_widths(columns: Sequence[TableColumn], widths: Mapping[str, int], room: int) -> list[int]:
    """Cells of the columns that fit into `room`, in their order: at least the first, cut where need be."""
    found: list[int] = []
    for column in columns:
        cells = widths.get(column.key, len(column.title) + 2)
        if GAP + cells > room:
            if not found and room > GAP + 1:
                found.append(room - GAP)
            break
        found.append(cells)
        room -= GAP + cells
    return found


def strip_of(line: Line, width: int, paper: Style, ground: Style | None = None) -> Strip:
    """The line as Textual draws it, on the table's paper or on the cursor's ground."""
    full = paper if ground is None else paper + ground
    segments = [
        Segment(text, paper + style + ground if style and ground else full + style if style else full)
        for text, style, _ in line
    ]
    return Strip(segments).adjust_cell_length(width, full)


def head_lines(drawing: Drawing, width: int) -> tuple[Line, Line]:
    """The parts of the data and the titles; the column under the cursor stands out, an arrow shows what orders the rows."""
    palette = drawing.palette
    muted = palette.style("muted")
    upper: Line = [Segment(" " * (drawing.name + 2), muted)]
    lower: Line = [Segment("  ", muted)]
    for at, (column, cells) in enumerate(zip(drawing.columns, drawing.cells, strict=True)):
        title = column.title + _arrow(column, drawing.order)
        here = column.key == drawing.column
        style = palette.style("accent", bold=True) + Style(underline=True) if here else muted
        align = _align(column)
        if at:
            part = palette.style(split_role(column.part)) if column.part else muted
            upper.append(Segment(" " * GAP + fit(column.part, cells, align), part))
            lower.append(Segment(" " * GAP))
        lower.append(Segment(fit(title, cells, align), style))
    return _ended(upper, drawing, width), lower


def _ended(line: Line, drawing: Drawing, width: int) -> Line:
    """The line with signs at its ends where there are more columns on that side."""
    muted = drawing.palette.style("muted")
    if drawing.more_left:
        line = [Segment(fit("‹ more", drawing.name + 2, "right"), muted), *line[1:]]
    if drawing.more_right:
        line = [*Segment.adjust_line_length(line, max(0, width - 2)), Segment(" ›", muted)]
    return line


def _arrow(column: TableColumn, order: Order) -> str:
    """`↑` where the rows are ordered by the column, the least first; `↓`: the greatest."""
    if column.key != order.key:
        return ""
    return " ↓" if column.higher_first is not order.turned else " ↑"


def _align(column: TableColumn) -> Any:
    return "left" if column.left else "right"


def line_of(placed: Placed, drawing: Drawing, width: int) -> Line:
    """A row's line; of a run without figures why it has none, over the cells that are empty."""
    row, palette = placed.row, drawing.palette
    line: Line = [*_mark(row, drawing), *_name(row, drawing)]
    taken = drawing.name + 2
    reason = reason_of(row)
    for column, cells in zip(drawing.columns[1:], drawing.cells[1:], strict=True):
        text, role = cell_of(row, column, placed.at, drawing.concluded)
        if reason and column.key not in ("status", "model") and _is_figure(column):
            line.append(Segment(" " * GAP + fit(reason, max(0, width - taken - GAP)), palette.style("bad")))
            return line
        best = row.compared is not None and row.compared.best and column.part == "validation"
        style = palette.style("good", bold=True) if best else palette.style(role)
        line.append(Segment(" " * GAP + fit(text, cells, _align(column)), style))
        taken += GAP + cells
    if reason and not any(map(_is_figure, drawing.columns)):
        line.append(Segment(" " * GAP + fit(reason, max(0, width - taken - GAP)), palette.style("bad")))
    return line


def _is_figure(column: TableColumn) -> bool:
    """Whether the column is one of what came of the runs."""
    return bool(column.part) or column.key in ("interval", "verdict", "parameters", "seconds", "best_epoch")


def _mark(row: SessionRow, drawing: Drawing) -> Line:
    """Two cells before the name: marked, or the best on the validation part; then starred by the person."""
    palette = drawing.palette
    marked = all(each.path in drawing.marked for each in row.runs)
    best = row.compared is not None and row.compared.best
    first, style = ("●", "accent") if marked else ("★", "good") if best else (" ", "text")
    starred = any(STAR in each.summary.tags for each in row.runs)
    return [
        Segment(first, palette.style("accent" if style == "accent" else "good", bold=True)),
        Segment("☆" if starred else " ", palette.style("warning", bold=True)),
    ]


def _name(row: SessionRow, drawing: Drawing) -> Line:
    """The name with its tags; of repeats with what unfolds them, indented where it is shown within its row."""
    palette = drawing.palette
    lead = "  " if row.within is not None else "" if row.alone else "▾ " if row.path in drawing.unfolded else "▸ "
    label = f"{lead}{plain(name_of(row), 300)}"
    return [Segment(fit(label, drawing.name), palette.style("text", bold=not row.alone))]
