"""Each class's precision, recall and F1, out of the confusion counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.plots.run.confusion import Counts
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
    """How well one class is told from the others; None where nothing was asked or answered that could say."""

    rows: int
    answered: int
    precision: float | None
    """Of the rows answered as this class, the share that is of it."""
    recall: float | None
    """Of the rows of this class, the share that was answered so."""
    f1: float | None
    """Their harmonic mean, 2·TP / (2·TP + FP + FN)."""


def class_figures(counts: Counts) -> list[ClassFigures]:
    """The figures of each class; `counts[i][j]` rows of class i were answered as class j."""
    figures = []
    for index, row in enumerate(counts):
        right, rows, answered = row[index], sum(row), sum(other[index] for other in counts)
        figures.append(
            ClassFigures(
                rows,
                answered,
                right / answered if answered else None,
                right / rows if rows else None,
                2 * right / (rows + answered) if rows + answered else None,
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
    empty: str = "No figures of the classes yet: they come with the first evaluation.",
) -> Lines:
    """A row a class in exactly `width` × `height` cells: precision, recall, F1 with a bar, rows. Where they do not fit, those
    from class `row` down and how many more; a class that is never answered is marked.
    """
    if width <= 0 or height <= 0:
        return []
    if not counts or len(counts) != len(classes) or any(len(line) != len(classes) for line in counts):
        return sentence(empty, width, height, palette.style("muted"))
    if width < 24 or height < 2:
        return sentence("too small", width, height, palette.style("muted"))
    shown = classes_in(height, len(classes))
    row = min(max(0, row), len(classes) - shown)
    longest = max(cell_len(fit(name, _LONGEST_NAME).rstrip()) for name in classes)
    titles = ("precision", "recall", "F1") if width >= 3 * _COLUMN + _ROWS + 8 else ("prec", "rec", "F1")
    column = _COLUMN if titles[0] == "precision" else 5
    fixed = 3 * column + _ROWS
    bar = min(_MOST_BAR, width - fixed - longest - 2)
    bar = bar if bar >= _LEAST_BAR else 0
    names = max(3, min(longest, width - fixed - (bar + 2 if bar else 0)))
    muted, text = palette.style("muted"), palette.style("text")
    lines: Lines = [
        padded(
            [
                Segment(" " * names),
                *(Segment(fit(title, column, "right"), palette.style("muted", italic=True)) for title in titles),
                Segment("  " + " " * bar if bar else ""),
                Segment(fit("rows", _ROWS, "right"), palette.style("muted", italic=True)),
            ],
            width,
        )
    ]
    figures = class_figures(counts)
    for index in range(row, row + shown):
        each = figures[index]
        never = each.rows > 0 and not each.answered
        line: Line = [Segment(fit(classes[index], names), palette.style("bad") if never else text)]
        for value, bold in ((each.precision, False), (each.recall, False), (each.f1, True)):
            words = "–" if value is None else probability(value)
            line.append(Segment(fit(words, column, "right"), palette.style("text", bold=bold)))
        if bar:
            filled = "━" * round((each.f1 or 0.0) * bar)
            line += [
                Segment("  "),
                Segment(filled, palette.style("good")),
                Segment("─" * (bar - len(filled)), palette.style("grid")),
            ]
        rows = whole(each.rows) if each.rows < 1_000_000 else count(each.rows)
        line.append(Segment(fit(rows, _ROWS, "right"), muted))
        lines.append(padded(line, width))
    if shown < len(classes) and height > shown + 1:
        more = f"classes {row + 1}–{row + shown} of {len(classes)}, +{len(classes) - shown} more"
        lines.append([Segment(fit(more, width), palette.style("muted", italic=True))])
    while len(lines) < height:
        lines.append([Segment(" " * width)])
    return lines[:height]


def classes_in(height: int, classes: int) -> int:
    """How many classes are seen in `height` lines, the headings and the note counted in."""
    room = height - 1
    return min(classes, room if room >= classes else max(1, room - (room > 2)))
