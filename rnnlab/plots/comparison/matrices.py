"""Two confusion matrices of the same classes, and the second less the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.plots.confusion.cells import NONE, Counts, is_square
from rnnlab.plots.run.confusion import confusion, short_names
from rnnlab.text.lines import Line, Lines, beside, fit, padded, sentence
from rnnlab.text.palette import Palette
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
) -> Lines:
    """Both matrices in percent of each true class, and the second less the first in points, in `width` × `height` cells.

    All three side by side, or the difference below the other two, whichever fits; else the part that is `alone`, from class
    `row` down and `column` right. More in the second is shaded in one colour and has a plus, less in another and a minus.
    """
    if not is_square(first.counts, classes) or not is_square(second.counts, classes):
        text = "There are not two matrices of the same classes to compare yet."
        return sentence(text, width, height, palette.style("muted"))
    rows, names = len(classes) + 2, _names_width(classes)
    percent, points = names + 1 + 3 * len(classes), names + 1 + _CELL * len(classes)
    if 2 * percent + points + 2 * _GAP <= width and rows <= height:
        wanted = max(percent + len(classes) + _RECALL, (width - 2 * _GAP) // 3)
        left = min(wanted, (width - points - 2 * _GAP) // 2)
        widths = [left, left, width - 2 * left - 2 * _GAP]
        blocks = [_block(each, first, second, classes, size, rows, palette) for each, size in _parts(widths)]
        lines = beside(blocks, widths, _GAP)
    elif 2 * percent + _GAP <= width and 2 * rows <= height:
        half = (width - _GAP) // 2
        upper = [_block(each, first, second, classes, half, rows, palette) for each in ("first", "second")]
        below = _block("difference", first, second, classes, width, rows, palette)
        lines = [*beside(upper, [half, half], _GAP), *below]
    else:
        lines = _block(alone, first, second, classes, width, height, palette, row, column)
    lines = [padded(line, width) for line in lines[:height]]
    return lines + [[Segment(" " * width)] for _ in range(height - len(lines))]


def fits_together(classes: Sequence[str], width: int, height: int) -> bool:
    """Whether `both_and_difference` has room for all three."""
    rows, names = len(classes) + 2, _names_width(classes)
    percent, points = names + 1 + 3 * len(classes), names + 1 + _CELL * len(classes)
    row = 2 * percent + points + 2 * _GAP <= width and rows <= height
    return row or (2 * percent + _GAP <= width and 2 * rows <= height)


def _parts(widths: Sequence[int]) -> list[tuple[Part, int]]:
    return [("first", widths[0]), ("second", widths[1]), ("difference", widths[2])]


def _names_width(classes: Sequence[str]) -> int:
    return max((cell_len(fit(name, _LONGEST_NAME).rstrip()) for name in classes), default=0)


def _block(
    part: Part,
    first: Named,
    second: Named,
    classes: Sequence[str],
    width: int,
    height: int,
    palette: Palette,
    row: int = 0,
    column: int = 0,
) -> Lines:
    """One of the three under its title."""
    if part == "difference":
        title = heading("B − A", width, palette, "points of % · + more in B, - fewer")
        differences = differences_of(first.counts, second.counts)
        return [title, *difference_lines(differences, classes, width, height - 1, palette, row, column)]
    letter, named = ("A", first) if part == "first" else ("B", second)
    title = heading(letter, width, palette, named.name)
    lines = confusion(named.counts, classes, width=width, height=height - 1, palette=palette, row=row, column=column)
    return [title, *lines]


def difference_lines(
    differences: Differences,
    classes: Sequence[str],
    width: int,
    height: int,
    palette: Palette,
    row: int = 0,
    column: int = 0,
) -> Lines:
    """The differences in points of percent, each with its sign, in at most `height` lines of at most `width` cells."""
    names = min(_names_width(classes), max(_LEAST_NAMES, width // 4))
    cell = _ROOMY if names + 1 + _ROOMY * len(classes) <= width else _CELL
    columns = max(1, min(len(classes), (width - names - 1) // cell))
    rows = max(1, min(len(classes), height - 1))
    cut = rows < len(classes) or columns < len(classes)
    rows = max(1, rows - 1) if cut and rows > 2 and height - 1 <= len(classes) else rows
    row, column = min(max(0, row), len(classes) - rows), min(max(0, column), len(classes) - columns)
    largest = max((abs(value) for each in differences for value in each), default=0.0)
    muted, text = palette.style("muted"), palette.style("text")
    heads = short_names(classes, cell - 1)
    line: Line = [Segment(" " * (names + 1))]
    line += [Segment(fit(heads[j], cell - 1, "right") + " ", muted) for j in range(column, column + columns)]
    lines: Lines = [line]
    for i in range(row, row + rows):
        line = [Segment(fit(classes[i], names), text), Segment(" ")]
        for j in range(column, column + columns):
            value = differences[i][j]
            shown = abs(value) >= _SEEN
            style = palette.heat(abs(value) / largest if shown and largest else 0.0, difference_role(value))
            written = f"{round(100 * value):+d}" if shown else NONE
            gap = " " * (cell - max(cell - 1, cell_len(written)))
            line.append(Segment(fit(written, cell - len(gap), "right") + gap, style))
        lines.append(line)
    if cut and len(lines) < height:
        note = f"rows {row + 1}–{row + rows} and columns {column + 1}–{column + columns} of {len(classes)}"
        lines.append([Segment(fit(note, width), palette.style("muted", italic=True))])
    return lines


def difference_role(value: float) -> Literal["train", "validation"]:
    """The colour of a difference; neither is that of right or wrong."""
    return "train" if value > 0 else "validation"


def difference_report(first: Named, second: Named, classes: Sequence[str], width: int, palette: Palette) -> Lines:
    """All three, below one another where they do not fit side by side."""
    rows = len(classes) + 2
    for height in (rows, 2 * rows):
        if fits_together(classes, width, height):
            return both_and_difference(first, second, classes, width=width, height=height, palette=palette)
    found: Lines = []
    for part in ("first", "second", "difference"):
        found += _block(part, first, second, classes, width, min(rows, 42), palette)
    return found
