"""Precision, recall and F1 of each class, from the confusion counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from rnnlab.plots.confusion.cells import Counts, is_square
from rnnlab.text.lines import Line, Lines, fit, padded, sentence
from rnnlab.text.numbers import count, probability, whole
from rnnlab.text.palette import Palette

_LONGEST_NAME = 24
_COLUMN = 10
"""Cells of a figure, the gap before it counted in."""
_ROWS = 8
_LEAST_BAR = 6
_MOST_BAR = 24


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Figures of one class, of `rows` rows and `predicted` predictions; None where both are too few to define a figure."""

    rows: int
    predicted: int
    precision: float | None
    """Of the rows predicted as this class, the share that is of it."""
    recall: float | None
    """Of the rows of this class, the share that was predicted so."""
    f1: float | None
    """Their harmonic mean, 2·TP / (2·TP + FP + FN)."""


def class_figures(counts: Counts) -> list[ClassFigures]:
    """Figures of each class; `counts[i][j]` rows of class i were predicted as class j."""
    figures = []
    for index, row in enumerate(counts):
        right, rows, predicted = row[index], sum(row), sum(other[index] for other in counts)
        figures.append(
            ClassFigures(
                rows,
                predicted,
                right / predicted if predicted else None,
                right / rows if rows else None,
                2 * right / (rows + predicted) if rows + predicted else None,
            )
        )
    return figures


def per_class(
    counts: Counts,
    classes: Sequence[str],
    *,
    width: int,
    height: int,
    palette: Palette,
    row: int = 0,
    order: Sequence[int] | None = None,
    cursor: int | None = None,
    empty: str = "No figures of the classes yet: they come with the first evaluation.",
) -> Lines:
    """A table of each class's precision, recall, F1 with a bar, and rows, in exactly `width` × `height` cells.

    Where the classes do not fit, those from position `row` of the `order` down and how many more. A class that is never
    predicted is marked. `cursor` marks the class at this position.
    """
    if width <= 0 or height <= 0:
        return []
    if not is_square(counts, classes):
        return sentence(empty, width, height, palette.style("muted"))
    if width < 24 or height < 2:
        return sentence("too small", width, height, palette.style("muted"))
    shown = classes_in(height, len(classes))
    row = min(max(0, row), len(classes) - shown)
    columns = _columns(classes, width)
    figures = class_figures(counts)
    order = range(len(classes)) if order is None else order
    lines: Lines = [padded(_head(columns, palette), width)]
    lines += [
        padded(_class_line(classes[order[at]], figures[order[at]], columns, palette, at == cursor), width)
        for at in range(row, row + shown)
    ]
    if shown < len(classes) and height > shown + 1:
        more = f"classes {row + 1}–{row + shown} of {len(classes)}, +{len(classes) - shown} more"
        lines.append([Segment(fit(more, width), palette.style("muted", italic=True))])
    while len(lines) < height:
        lines.append([Segment(" " * width)])
    return lines[:height]


class _Columns(NamedTuple):
    """Widths in cells: of the names, of a figure, of the bar (0: none); and the titles of the figures."""

    names: int
    figure: int
    bar: int
    titles: tuple[str, str, str]


def _columns(classes: Sequence[str], width: int) -> _Columns:
    longest = max(cell_len(fit(name, _LONGEST_NAME).rstrip()) for name in classes)
    wide = width >= 3 * _COLUMN + _ROWS + 8
    figure = _COLUMN if wide else 5
    fixed = 3 * figure + _ROWS
    bar = min(_MOST_BAR, width - fixed - longest - 2)
    bar = bar if bar >= _LEAST_BAR else 0
    names = max(3, min(longest, width - fixed - (bar + 2 if bar else 0)))
    return _Columns(names, figure, bar, ("precision", "recall", "F1") if wide else ("prec", "rec", "F1"))


def _head(columns: _Columns, palette: Palette) -> Line:
    style = palette.style("muted", italic=True)
    return [
        Segment(" " * columns.names),
        *(Segment(fit(title, columns.figure, "right"), style) for title in columns.titles),
        Segment("  " + " " * columns.bar if columns.bar else ""),
        Segment(fit("rows", _ROWS, "right"), style),
    ]


def _class_line(name: str, figures: ClassFigures, columns: _Columns, palette: Palette, at_cursor: bool) -> Line:
    never = figures.rows > 0 and not figures.predicted
    style = palette.style("bad" if never else "text")
    if at_cursor:
        style = palette.style("accent", bold=True) + Style(reverse=True)
    line: Line = [Segment(fit(name, columns.names), style)]
    for value, bold in ((figures.precision, False), (figures.recall, False), (figures.f1, True)):
        text = "–" if value is None else probability(value)
        line.append(Segment(fit(text, columns.figure, "right"), palette.style("text", bold=bold)))
    if columns.bar:
        filled = "━" * round((figures.f1 or 0.0) * columns.bar)
        line += [
            Segment("  "),
            Segment(filled, palette.style("good")),
            Segment("─" * (columns.bar - len(filled)), palette.style("grid")),
        ]
    rows = whole(figures.rows) if figures.rows < 1_000_000 else count(figures.rows)
    line.append(Segment(fit(rows, _ROWS, "right"), palette.style("muted")))
    return line


def classes_in(height: int, classes: int) -> int:
    """How many classes are seen in `height` lines, the headings and the note counted in."""
    room = height - 1
    return min(classes, room if room >= classes else max(1, room - (room > 2)))
