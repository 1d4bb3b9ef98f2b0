"""The confusion matrix as a shaded table: a row for each true class, a column for each prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from rnnlab.plots.confusion.cells import NARROW, Counts, Mode, is_square, number_text, shade, totals
from rnnlab.text.lines import Line, Lines, fit, padded, sentence
from rnnlab.text.numbers import probability
from rnnlab.text.palette import Palette

_RECALL = 7
"""Cells of the column of recalls, the gap before it counted in."""
_LONGEST_NAME = 14


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a matrix that fits: how many rows and columns, the cells of a column and of the names."""

    rows: int
    columns: int
    cell: int
    names: int
    recall: bool
    header: bool
    footer: bool


def window(counts: Counts, classes: Sequence[str], *, width: int, height: int, mode: Mode = "rows") -> Window:
    """What of the matrix fits in `width` × `height` cells, the names of the classes, the recalls and the note counted in."""
    total = len(classes)
    header = height >= 3
    rows = height - header
    footer = False
    longest = max((cell_len(fit(name, _LONGEST_NAME).rstrip()) for name in classes), default=0)
    largest = max((max(row, default=0) for row in counts), default=0)
    widest = max(NARROW, len(number_text(largest, largest, mode))) if mode == "counts" else NARROW
    least_names = min(longest, 3) if width < 30 else min(longest, 6)
    # The widest cells with which all columns fit; narrow names go before narrow cells, recalls before both, the gap between
    # the cells last: a shaded cell of three differs from the next by its shade.
    roomy = range(min(6, widest + 2), widest, -1)
    for recall, cells in ((True, roomy), (False, roomy), (True, (NARROW,)), (False, (NARROW,))):
        for cell in cells:
            room = width - total * cell - (_RECALL if recall else 0) - 1
            if room >= least_names:
                if rows < total:
                    footer = rows > 3
                    rows -= footer
                return Window(min(rows, total), total, cell, min(longest, room), recall, header, footer)
    cell = NARROW if mode != "counts" else widest + 1
    names = min(longest, max(3, width // 5))
    columns = max(1, min(total, (width - names - 1) // cell))
    footer = rows > 3 and (columns < total or rows < total)
    return Window(max(1, min(rows - footer, total)), columns, cell, names, False, header, footer)


def confusion(
    counts: Counts,
    classes: Sequence[str],
    *,
    width: int,
    height: int,
    palette: Palette,
    mode: Mode = "rows",
    row: int = 0,
    column: int = 0,
    order: Sequence[int] | None = None,
    cursor: tuple[int, int] | None = None,
    empty: str = "No confusion matrix yet: it is drawn from the first evaluation on.",
) -> Lines:
    """The matrix in exactly `width` × `height` cells, its classes in the `order` of these indices (None: as they are).

    Cells are shaded by their share of the row, or of the column in the mode `columns`; correct predictions in one colour and
    errors in another; `·` is none. Where the matrix does not fit, its part from position `row` down and `column` right is shown,
    with the number left out. The column at the right is each class's recall. `cursor` marks the cell at these positions.
    """
    if width <= 0 or height <= 0:
        return []
    if not is_square(counts, classes):
        return sentence(empty, width, height, palette.style("muted"))
    if width < 8 or height < 2:
        return sentence("too small", width, height, palette.style("muted"))
    view = window(counts, classes, width=width, height=height, mode=mode)
    order = range(len(classes)) if order is None else order
    row = min(max(0, row), len(classes) - view.rows)
    column = min(max(0, column), len(classes) - view.columns)
    drawing = _Drawing(counts, classes, palette, mode, view, cursor)
    across = [(at, order[at]) for at in range(column, column + view.columns)]
    lines = [padded(drawing.head(across), width)] if view.header else []
    lines += [padded(drawing.line(at, order[at], across), width) for at in range(row, row + view.rows)]
    if view.footer:
        note = _left_out(view, row, column, len(classes))
        lines.append([Segment(fit(note, width), palette.style("muted", italic=True))])
    while len(lines) < height:
        lines.append([Segment(" " * width)])
    return lines[:height]


class _Drawing:
    """Lines of a matrix; a class is given by its position in the order, where the cursor is too, and its index."""

    def __init__(
        self,
        counts: Counts,
        classes: Sequence[str],
        palette: Palette,
        mode: Mode,
        view: Window,
        cursor: tuple[int, int] | None,
    ) -> None:
        self._counts, self._classes, self._palette, self._mode, self._view = counts, classes, palette, mode, view
        self._cursor = cursor if cursor is not None else (-1, -1)
        self._narrow = view.cell == NARROW
        self._gap = "" if self._narrow else " "
        self._totals = totals(counts, mode)
        self._names = _row_names(classes, view.names)

    def _name_style(self, at_cursor: bool) -> Style:
        return self._palette.style("accent", bold=True) if at_cursor else self._palette.style("text")

    def head(self, across: Sequence[tuple[int, int]]) -> Line:
        """Short names of the columns; the same whatever their order."""
        view, muted = self._view, self._palette.style("muted")
        heads = short_names(self._classes, view.cell - 1)
        line: Line = [Segment(" " * (view.names + 1))]
        for at, index in across:
            style = self._name_style(True) if at == self._cursor[1] else muted
            line.append(Segment(fit(heads[index], view.cell - 1, "right") + " ", style))
        if view.recall:
            line.append(Segment(fit("recall", _RECALL, "right"), self._palette.style("muted", italic=True)))
        return line

    def line(self, at: int, index: int, across: Sequence[tuple[int, int]]) -> Line:
        """The row of a true class."""
        view, row = self._view, self._counts[index]
        line: Line = [
            Segment(self._names[index], self._name_style(at == self._cursor[0])),
            Segment(" "),
        ]
        for place, other in across:
            line.append(self._cell(index, other, at_cursor=(at, place) == self._cursor))
        if view.recall:
            recall = probability(row[index] / sum(row)) if any(row) else "–"
            line.append(Segment(fit(recall, _RECALL, "right"), self._palette.style("muted")))
        return line

    def _cell(self, i: int, j: int, *, at_cursor: bool) -> Segment:
        n, total = self._counts[i][j], self._totals[j if self._mode == "columns" else i]
        share = n / total if total else 0.0
        text = number_text(n, total, self._mode, narrow=self._narrow)
        text = fit(text, self._view.cell - len(self._gap), "right") + self._gap
        if at_cursor:
            # Reversed, and underlined: without colours a right prediction is reversed too.
            return Segment(text, self._palette.style("accent", bold=True) + Style(reverse=True, underline=True))
        return Segment(text, self._palette.heat(shade(share, right=i == j), "good" if i == j else "bad"))


def _row_names(classes: Sequence[str], cells: int) -> list[str]:
    """Names of exactly `cells` cells; those that read the same when they are cut are shortened as those of the columns."""
    names = [fit(name, cells) for name in classes]
    shorts = short_names(classes, cells) if len(set(names)) < len(names) else names
    return [
        fit(short, cells) if name.rstrip().endswith("…") and names.count(name) > 1 else name
        for name, short in zip(names, shorts, strict=True)
    ]


def short_names(classes: Sequence[str], cells: int) -> list[str]:
    """Names of at most `cells` cells, that differ where that is possible.

    What all names begin with is left out (`class 7` is `7`); where two would still read the same, the later one ends in the
    first letter that no other has: `Por`, and `Pot` beside it.
    """
    clean = [fit(name, 40).rstrip() for name in classes]
    common = _common(clean)
    if common >= 3 and any(len(name) > cells for name in clean) and all(len(name) > common for name in clean):
        clean = [name[common:] for name in clean]
    given: dict[str, None] = {}
    shorts: list[str] = []
    for name in clean:
        short = _cut(name, cells)
        if short in given and cells >= 2:
            start = _cut(name, cells - 1)
            others = (start + character for character in name[cells:] if character != " ")
            short = next((other for other in others if other not in given and cell_len(other) <= cells), short)
        given[short] = None
        shorts.append(short)
    return shorts


def _common(names: Sequence[str]) -> int:
    """How many characters all names begin with."""
    if len(names) < 2:
        return 0
    # The first and the last in order differ where any two do.
    pairs = list(zip(min(names), max(names), strict=False))
    return next((index for index, (a, b) in enumerate(pairs) if a != b), len(pairs))


def _cut(name: str, cells: int) -> str:
    """The first `cells` cells of a name, without an ellipsis: in three cells that would be a third of it."""
    while cell_len(name) > cells:
        name = name[: cells if name.isascii() else -1]
    return name


def _left_out(view: Window, row: int, column: int, total: int) -> str:
    """What is shown and how much is not: `rows 1-12 of 18 · +6 more`."""
    parts = []
    for name, first, shown in (("rows", row, view.rows), ("columns", column, view.columns)):
        if shown < total:
            parts.append(f"{name} {first + 1}–{first + shown} of {total}, +{total - shown} more")
    return " · ".join(parts)
