"""The confusion matrix as a shaded table: a row for each true class, a column for each prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.text.lines import Line, Lines, fit, padded, sentence
from rnnlab.text.numbers import count, probability
from rnnlab.text.palette import Palette

Mode = Literal["counts", "rows"]
"""`counts` of rows, or percent of each true class's rows."""

Counts = Sequence[Sequence[int]]

_RECALL = 7
"""Cells of the column of recalls, the gap before it counted in."""
_LONGEST_NAME = 14
NONE = "·"
"""What stands in a cell of none."""


def is_square(counts: Counts, classes: Sequence[str]) -> bool:
    """Whether there is a count for each pair of the classes: a log from a stranger may hold a matrix of another shape."""
    return bool(classes) and len(counts) == len(classes) and all(len(row) == len(classes) for row in counts)


def shade(share: float, *, right: bool) -> float:
    """How strongly a cell is shaded, 0 to 1: a correct prediction by its share of the row.

    A mistake of a tenth of the row is worth seeing, one of a hundredth hardly.
    """
    return share if right else 0.0 if share < 0.01 else share**0.5


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
    widest = 3 if mode == "rows" else max(3, len(number_text(largest, largest, mode)))
    least_names = min(longest, 3) if width < 30 else min(longest, 6)
    # The widest cells with which all columns fit; narrow names go before narrow cells, recalls before both.
    for recall in (True, False):
        for cell in range(min(6, widest + 2), widest, -1):
            room = width - total * cell - (_RECALL if recall else 0) - 1
            if room >= least_names:
                if rows < total:
                    footer = rows > 3
                    rows -= footer
                return Window(min(rows, total), total, cell, min(longest, room), recall, header, footer)
    cell = widest + 1
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
    empty: str = "No confusion matrix yet: it is drawn from the first evaluation on.",
) -> Lines:
    """The matrix in exactly `width` × `height` cells.

    Cells are shaded by their share of the row, correct predictions in one colour and errors in another; `·` is none. Where the
    matrix does not fit, its part from class `row` down and `column` right is shown, with the number left out. The column at
    the right is each class's recall.
    """
    if width <= 0 or height <= 0:
        return []
    if not is_square(counts, classes):
        return sentence(empty, width, height, palette.style("muted"))
    if width < 8 or height < 2:
        return sentence("too small", width, height, palette.style("muted"))
    view = window(counts, classes, width=width, height=height, mode=mode)
    row = min(max(0, row), len(classes) - view.rows)
    column = min(max(0, column), len(classes) - view.columns)
    across = range(column, column + view.columns)
    muted, text = palette.style("muted"), palette.style("text")
    lines: Lines = []
    if view.header:
        heads = short_names(classes, view.cell - 1)
        line: Line = [Segment(" " * (view.names + 1))]
        line += [Segment(fit(heads[j], view.cell - 1, "right") + " ", muted) for j in across]
        if view.recall:
            line.append(Segment(fit("recall", _RECALL, "right"), palette.style("muted", italic=True)))
        lines.append(padded(line, width))
    for i in range(row, row + view.rows):
        total = sum(counts[i])
        line = [Segment(fit(classes[i], view.names), text), Segment(" ")]
        for j in across:
            n = counts[i][j]
            share = n / total if total else 0.0
            right = i == j
            style = palette.heat(shade(share, right=right), "good" if right else "bad")
            line.append(Segment(fit(number_text(n, total, mode), view.cell - 1, "right") + " ", style))
        if view.recall:
            recall = probability(counts[i][i] / total) if total else "–"
            line.append(Segment(fit(recall, _RECALL, "right"), muted))
        lines.append(padded(line, width))
    if view.footer:
        lines.append(
            [Segment(fit(_left_out(view, row, column, len(classes)), width), palette.style("muted", italic=True))]
        )
    while len(lines) < height:
        lines.append([Segment(" " * width)])
    return lines[:height]


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


def number_text(n: int, total: int, mode: Mode) -> str:
    """A cell's text: the count, or the percent of its row."""
    if n == 0 or not total:
        return NONE
    if mode == "counts":
        return str(n) if n < 10_000 else count(n)
    share = 100 * n / total
    # 99.6 % is not all of them, and .3 % is not none.
    return "<1" if share < 0.5 else ">99" if 99.5 <= share < 100 else f"{share:.0f}"


def _left_out(view: Window, row: int, column: int, total: int) -> str:
    """What is shown and how much is not: `rows 1-12 of 18 · +6 more`."""
    parts = []
    for name, first, shown in (("rows", row, view.rows), ("columns", column, view.columns)):
        if shown < total:
            parts.append(f"{name} {first + 1}–{first + shown} of {total}, +{total - shown} more")
    return " · ".join(parts)
