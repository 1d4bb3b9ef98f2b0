"""Two confusion matrices of the same classes, and the second less the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from rnnlab.plots.confusion.cells import NONE, Counts, is_square
from rnnlab.plots.run.confusion import Window, confusion, short_names, window
from rnnlab.text.lines import Line, Lines, beside, fit, padded, sentence
from rnnlab.text.numbers import percent, whole
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import heading

_GAP = 2
_CELL = 4
"""Cells of the narrowest column of a difference: a sign and three digits."""
_ROOMY = 5
_LONGEST_NAME = 14
_RECALL = 7
_LEAST_NAMES = 3
_SEEN = 0.005
"""Half a point of percent: what is less rounds to none."""
_LEAST_POINTS = 0.0005
"""A twentieth of a point: what is less is written as none in words, too."""
_LONGEST_WORD = 24

Part = Literal["difference", "first", "second"]
PARTS: tuple[Part, ...] = ("difference", "first", "second")
"""What is drawn alone where not all three fit, in the order of a key."""


class Named(NamedTuple):
    """A matrix, (classes, classes), and what it is of."""

    name: str
    counts: Counts


Differences = list[list[float]]
"""Share of each true class (0 to 1) in the second matrix less that in the first."""


def differences_of(first: Counts, second: Counts) -> Differences:
    """The second matrix less the first, in shares of each true class."""
    return [[share_of(second, i, j) - share_of(first, i, j) for j in range(len(first))] for i in range(len(first))]


def share_of(counts: Counts, i: int, j: int) -> float:
    """Share of the rows of true class `i` that were predicted as class `j`; 0 of a class without rows."""
    total = sum(counts[i])
    return counts[i][j] / total if total else 0.0


class Cursor(NamedTuple):
    """A cell of all three: the indices of its true and of its predicted class."""

    true: int
    predicted: int


class Block(NamedTuple):
    """Where one of the three is drawn, its title counted in."""

    part: Part
    left: int
    top: int
    width: int
    height: int


def blocks_of(classes: Sequence[str], width: int, height: int, alone: Part = "difference") -> list[Block]:
    """All three side by side, or the difference below the other two, whichever fits; else the part that is `alone`."""
    rows, names = len(classes) + 2, _names_width(classes)
    percent, points = names + 1 + 3 * len(classes), names + 1 + _CELL * len(classes)
    if 2 * percent + points + 2 * _GAP <= width and rows <= height:
        wanted = max(percent + len(classes) + _RECALL, (width - 2 * _GAP) // 3)
        left = min(wanted, (width - points - 2 * _GAP) // 2)
        return [
            Block("first", 0, 0, left, rows),
            Block("second", left + _GAP, 0, left, rows),
            Block("difference", 2 * (left + _GAP), 0, width - 2 * (left + _GAP), rows),
        ]
    if 2 * percent + _GAP <= width and 2 * rows <= height:
        half = (width - _GAP) // 2
        return [
            Block("first", 0, 0, half, rows),
            Block("second", half + _GAP, 0, half, rows),
            Block("difference", 0, rows, width, rows),
        ]
    return [Block(alone, 0, 0, width, height)]


def both_and_difference(
    first: Named,
    second: Named,
    classes: Sequence[str],
    *,
    width: int,
    height: int,
    palette: Palette,
    alone: Part = "difference",
    row: int = 0,
    column: int = 0,
    cursor: Cursor | None = None,
) -> Lines:
    """Both matrices in percent of each true class, and the second less the first in points, in `width` × `height` cells.

    They stand as `blocks_of` says, one that is `alone` from class `row` down and `column` right. More in the second is shaded in
    one colour and has a plus, less in another and a minus. The `cursor` marks its cell in each; ▸ the part `alone`, which is
    the one that a key acts on.
    """
    if not is_square(first.counts, classes) or not is_square(second.counts, classes):
        text = "There are not two matrices of the same classes to compare yet."
        return sentence(text, width, height, palette.style("muted"))
    drawing = _Drawing(first, second, classes, palette, cursor, alone)
    blocks = blocks_of(classes, width, height, alone)
    if len(blocks) == 1:
        lines = drawing.block(blocks[0], row, column)
    else:
        rows = [[block for block in blocks if block.top == top] for top in dict.fromkeys(each.top for each in blocks)]
        lines = [
            line
            for held in rows
            for line in beside([drawing.block(each) for each in held], [each.width for each in held], _GAP)
        ]
    lines = [padded(line, width) for line in lines[:height]]
    return lines + [[Segment(" " * width)] for _ in range(height - len(lines))]


def fits_together(classes: Sequence[str], width: int, height: int) -> bool:
    """Whether `both_and_difference` has room for all three."""
    return len(blocks_of(classes, width, height)) > 1


def cell_at(
    block: Block, counts: Counts, classes: Sequence[str], x: int, y: int, row: int = 0, column: int = 0
) -> Cursor | None:
    """The cell at column `x` and line `y` of what is drawn of the block; None where there is none."""
    view = window_of(block, counts, classes)
    across = (x - block.left - view.names - 1) // view.cell
    down = y - block.top - 1 - view.header
    if not (0 <= across < view.columns and 0 <= down < view.rows):
        return None
    return Cursor(row + down, column + across)


def window_of(block: Block, counts: Counts, classes: Sequence[str]) -> Window:
    """What of a block's matrix fits under its title; `counts` are its own, which a difference has none of."""
    if block.part == "difference":
        return _difference_window(classes, block.width, block.height - 1)
    return window(counts, classes, width=block.width, height=block.height - 1)


def most_different(differences: Differences) -> Cursor:
    """The cell off the diagonal in which both differ most; the first right one where they are equal."""
    size = range(len(differences))
    cells = [Cursor(i, j) for i in size for j in size if i != j and abs(differences[i][j]) >= _SEEN]
    return max(cells, key=lambda at: abs(differences[at.true][at.predicted]), default=Cursor(0, 0))


def cell_text_of_both(first: Counts, second: Counts, classes: Sequence[str], cell: Cursor) -> str:
    """A cell in words: `Irish predicted English: A 3 of 23 (13 %), B 5 of 23 (22 %), +9 points`."""
    i, j = cell
    name, other = (plain(classes[each], _LONGEST_WORD) for each in cell)
    verb = "right" if i == j else f"predicted {other}"
    sides = []
    for letter, counts in (("A", first), ("B", second)):
        share = share_of(counts, i, j)
        shown = f" ({percent(share, 1 if 0 < share < 0.1 else 0)})" if any(counts[i]) else ""
        sides.append(f"{letter} {whole(counts[i][j])} of {whole(sum(counts[i]))}{shown}")
    difference = share_of(second, i, j) - share_of(first, i, j)
    points = f"{100 * difference:+.1f}".removesuffix(".0") if abs(difference) >= _LEAST_POINTS else "0"
    return f"{name} {verb}: {sides[0]}, {sides[1]}, {points} points"


def _names_width(classes: Sequence[str]) -> int:
    return max((cell_len(fit(name, _LONGEST_NAME).rstrip()) for name in classes), default=0)


class _Drawing:
    """The three, each under its title."""

    def __init__(
        self,
        first: Named,
        second: Named,
        classes: Sequence[str],
        palette: Palette,
        cursor: Cursor | None = None,
        chosen: Part | None = None,
    ) -> None:
        self._named = {"first": ("A", first), "second": ("B", second)}
        self._differences = differences_of(first.counts, second.counts)
        self._classes, self._palette, self._cursor = classes, palette, cursor
        self._chosen = chosen if cursor is not None else None

    def block(self, block: Block, row: int = 0, column: int = 0) -> Lines:
        """One of the three; from class `row` down and `column` right where it does not fit."""
        part, width, height = block.part, block.width, block.height - 1
        mark = "▸ " if part == self._chosen else ""
        if part == "difference":
            title = heading(f"{mark}B − A", width, self._palette, "points of % · + more in B, - fewer")
            lines = difference_lines(
                self._differences, self._classes, width, height, self._palette, row, column, self._cursor
            )
            return [title, *lines]
        letter, named = self._named[part]
        lines = confusion(
            named.counts,
            self._classes,
            width=width,
            height=height,
            palette=self._palette,
            row=row,
            column=column,
            cursor=self._cursor,
        )
        return [heading(f"{mark}{letter}", width, self._palette, named.name), *lines]


def _difference_window(classes: Sequence[str], width: int, height: int) -> Window:
    names = min(_names_width(classes), max(_LEAST_NAMES, width // 4))
    cell = _ROOMY if names + 1 + _ROOMY * len(classes) <= width else _CELL
    columns = max(1, min(len(classes), (width - names - 1) // cell))
    rows = max(1, min(len(classes), height - 1))
    cut = rows < len(classes) or columns < len(classes)
    rows = max(1, rows - 1) if cut and rows > 2 and height - 1 <= len(classes) else rows
    return Window(rows, columns, cell, names, recall=False, header=True, footer=cut)


def difference_lines(
    differences: Differences,
    classes: Sequence[str],
    width: int,
    height: int,
    palette: Palette,
    row: int = 0,
    column: int = 0,
    cursor: Cursor | None = None,
) -> Lines:
    """The differences in points of percent, each with its sign, in at most `height` lines of at most `width` cells."""
    view = _difference_window(classes, width, height)
    row, column = min(max(0, row), len(classes) - view.rows), min(max(0, column), len(classes) - view.columns)
    largest = max((abs(value) for each in differences for value in each), default=0.0)
    muted, text, marked = palette.style("muted"), palette.style("text"), palette.style("accent", bold=True)
    at = cursor if cursor is not None else Cursor(-1, -1)
    heads, across = short_names(classes, view.cell - 1), range(column, column + view.columns)
    line: Line = [Segment(" " * (view.names + 1))]
    line += [
        Segment(fit(heads[j], view.cell - 1, "right") + " ", marked if j == at.predicted else muted) for j in across
    ]
    lines: Lines = [line]
    for i in range(row, row + view.rows):
        line = [Segment(fit(classes[i], view.names), marked if i == at.true else text), Segment(" ")]
        line += [_difference_cell(differences[i][j], largest, view.cell, palette, (i, j) == at) for j in across]
        lines.append(line)
    if view.footer and len(lines) < height:
        note = f"rows {row + 1}–{row + view.rows} and columns {column + 1}–{column + view.columns} of {len(classes)}"
        lines.append([Segment(fit(note, width), palette.style("muted", italic=True))])
    return lines


def _difference_cell(value: float, largest: float, cells: int, palette: Palette, at_cursor: bool) -> Segment:
    shown = abs(value) >= _SEEN
    written = f"{round(100 * value):+d}" if shown else NONE
    gap = " " * (cells - max(cells - 1, cell_len(written)))
    written = fit(written, cells - len(gap), "right") + gap
    if at_cursor:
        return Segment(written, palette.style("accent", bold=True) + Style(reverse=True, underline=True))
    share = abs(value) / largest if shown and largest else 0.0
    return Segment(written, palette.heat(share, difference_role(value)))


def difference_role(value: float) -> Literal["train", "validation"]:
    """The colour of a difference; neither is that of right or wrong."""
    return "train" if value > 0 else "validation"


def difference_report(first: Named, second: Named, classes: Sequence[str], width: int, palette: Palette) -> Lines:
    """All three, below one another where they do not fit side by side."""
    rows = len(classes) + 2
    for height in (rows, 2 * rows):
        if fits_together(classes, width, height):
            return both_and_difference(first, second, classes, width=width, height=height, palette=palette)
    drawing = _Drawing(first, second, classes, palette)
    parts: tuple[Part, ...] = ("first", "second", "difference")
    return [line for part in parts for line in drawing.block(Block(part, 0, 0, width, min(rows, 42)))]
