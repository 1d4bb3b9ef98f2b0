"""Figures of confusion matrices: counts or shares of each true class, two side by side, and how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rnnlab.plots.comparison.matrices import (
    Differences,
    Named,
    difference_report,
    difference_role,
    differences_of,
    share_of,
)
from rnnlab.plots.confusion.cells import NONE, Counts, Mode, is_square, number_text, shade, totals
from rnnlab.plots.confusion.order import ORDERS, Order, class_order
from rnnlab.plots.describe.confusion import describe_confusion, describe_difference
from rnnlab.plots.run.confusion import confusion
from rnnlab.reports.drawing.heat import WRITTEN_UP_TO, HeatCell, draw_cells, square_size
from rnnlab.reports.drawing.style import PAPER, entitle, entitle_part, name_axes, new_axes, new_drawing, slug
from rnnlab.reports.figures.figure import MOST_LINES, Figure
from rnnlab.text.lines import Lines
from rnnlab.text.numbers import percent, probability, whole
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Cell, Column, Table, text_cell, whole_cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_MODES: dict[Mode, str] = {"rows": "% of each true class", "columns": "% of each predicted class", "counts": "counts"}
BESIDE_UP_TO = 6
"""Classes of matrices that stand three in a row; of more the difference stands below."""


def confusion_figure(
    counts: Counts, classes: Sequence[str], name: str, note: str = "", *, mode: Mode = "rows", order: Order = "classes"
) -> Figure | None:
    """The matrix of the run called `name`; `counts[i][j]` rows of class i were predicted as class j, `note` says which.

    `mode`: `rows` shades by the share of each true class, in percent, `columns` by that of each predicted class; `counts` writes
    the counts. The classes stand in that `order`. None where there is none.
    """
    if not is_square(counts, classes):
        return None
    if order != "classes":
        indices = class_order(counts, order)
        counts = [[counts[i][j] for j in indices] for i in indices]
        classes = [classes[index] for index in indices]
        note = ", ".join(filter(None, (note, ORDERS[order])))
    title = f"{name}: confusion, {_MODES[mode]}" + (f" ({note})" if note else "")

    def lines(width: int, palette: Palette) -> Lines:
        height = min(len(classes) + 1, MOST_LINES)
        return confusion(counts, classes, width=width, height=height, palette=palette, mode=mode)

    size = square_size(len(classes))
    return Figure(
        name=slug("confusion" if mode == "rows" else f"confusion-{mode}", name),
        title=plain(title),
        description=describe_confusion(counts, classes),
        numbers=confusion_table(counts, classes, title),
        lines=lines,
        draw=lambda: _draw(counts, classes, plain(title), mode, size),
        size=size,
    )


def difference_figure(
    first: tuple[str, Counts], second: tuple[str, Counts], classes: Sequence[str], note: str = ""
) -> Figure | None:
    """Two named matrices of the same classes side by side, in percent of each true class, and the second less the first."""
    if not is_square(first[1], classes) or not is_square(second[1], classes):
        return None
    title = f"confusion of {first[0]} and {second[0]}, % of each true class" + (f" ({note})" if note else "")
    differences = differences_of(first[1], second[1])
    wide, high = square_size(len(classes))
    size = (3 * wide, high + 0.3) if len(classes) <= BESIDE_UP_TO else (min(15.0, 2 * wide), min(15.0, 2 * high))

    def lines(width: int, palette: Palette) -> Lines:
        return difference_report(Named(*first), Named(*second), classes, width, palette)

    return Figure(
        name=slug("confusion", first[0], "and", second[0]),
        title=plain(title),
        description=describe_difference(first, second, differences, classes),
        numbers=_difference_table(first, second, differences, classes, title),
        lines=lines,
        draw=lambda: _draw_difference(first, second, differences, classes, plain(title), size),
        size=size,
    )


def _cell(counts: Counts, mode: Mode, total: int, i: int, j: int) -> HeatCell:
    """The cell as the text plot shades and writes it, of the `total` of its row or column; none is left blank."""
    text = number_text(counts[i][j], total, mode)
    right, share = i == j, counts[i][j] / total if total else 0.0
    return HeatCell(shade(share, right=right), "good" if right else "bad", "" if text == NONE else text)


def _draw(counts: Counts, classes: Sequence[str], title: str, mode: Mode, size: tuple[float, float]) -> Drawing:
    drawing, axes = new_axes(size)
    _draw_matrix(axes, counts, classes, mode)
    entitle(drawing, title)
    return drawing


def _draw_matrix(axes: Axes, counts: Counts, classes: Sequence[str], mode: Mode) -> None:
    """One matrix, at its right the recall of each class where there is room."""
    count = len(classes)
    of = totals(counts, mode)
    draw_cells(
        axes,
        count,
        count,
        lambda i, j: _cell(counts, mode, of[j if mode == "columns" else i], i, j),
        classes,
        classes,
    )
    name_axes(axes, "predicted class", "true class")
    if count > WRITTEN_UP_TO:
        note = "green: right, red: wrong predictions; the darker, the larger the share of the "
        note += "predicted class" if mode == "columns" else "true class"
        axes.set_xlabel(f"predicted class\n{note}", parse_math=False)
        return
    style: dict[str, Any] = {"fontsize": 7.5, "color": PAPER.muted, "ha": "left", "va": "center"}
    axes.text(count - 0.35, -0.65 if count <= 4 else -0.9, "recall", **style)
    for i, row in enumerate(counts):
        text = probability(row[i] / sum(row)) if any(row) else "–"
        axes.text(count - 0.35, i, text, **style)


def confusion_table(counts: Counts, classes: Sequence[str], title: str) -> Table:
    """The counts: a row for each true class with its recall; of many classes a row for each pair that occurred."""
    if len(classes) > WRITTEN_UP_TO:
        named = (
            Column("true", "true class", left=True),
            Column("predicted", "predicted as", left=True),
            Column("rows", "rows"),
            Column("share", "of the true class"),
        )
        pairs = [(i, j) for i, row in enumerate(counts) for j, n in enumerate(row) if n]
        found = [
            (
                text_cell(classes[i]),
                text_cell(classes[j]),
                whole_cell(counts[i][j]),
                Cell(percent(share_of(counts, i, j), 1), (share_of(counts, i, j),)),
            )
            for i, j in pairs
        ]
        return Table(title, named, tuple(found), ("pairs that do not occur are left out",), named=2)
    keys = [f"predicted:{at + 1}:{name}" for at, name in enumerate(classes)]
    columns = (
        Column("true", "true ↓ predicted →", left=True),
        *(Column(key, plain(name)) for key, name in zip(keys, classes, strict=True)),
        Column("recall", "recall"),
    )
    rows = [
        (
            text_cell(classes[i]),
            *(whole_cell(n) for n in row),
            Cell(
                probability(share_of(counts, i, i), 3) if any(row) else "–",
                (share_of(counts, i, i) if any(row) else None,),
            ),
        )
        for i, row in enumerate(counts)
    ]
    return Table(title, columns, tuple(rows))


def _difference_cell(differences: Differences, largest: float, i: int, j: int) -> HeatCell:
    """More in the second in one colour, less in another; the colours are not those of right and wrong."""
    value = differences[i][j]
    share = abs(value) / largest if largest else 0.0
    points = round(100 * value)
    return HeatCell(share if abs(value) >= 0.005 else 0.0, difference_role(value), f"{points:+d}" if points else "")


def _draw_difference(
    first: tuple[str, Counts],
    second: tuple[str, Counts],
    differences: Differences,
    classes: Sequence[str],
    title: str,
    size: tuple[float, float],
) -> Drawing:
    drawing, each = new_drawing(size), size[0] / (3 if len(classes) <= BESIDE_UP_TO else 2) - 1.4
    several = drawing.subplots(1, 3) if len(classes) <= BESIDE_UP_TO else drawing.subplots(2, 2).ravel()
    for axes, (name, counts) in zip(several, (first, second), strict=False):
        _draw_matrix(axes, counts, classes, "rows")
        entitle_part(axes, name, each)
    largest = max((abs(value) for row in differences for value in row), default=0.0)
    axes, count = several[2], len(classes)
    draw_cells(axes, count, count, lambda i, j: _difference_cell(differences, largest, i, j), classes, classes)
    name_axes(axes, "predicted class", "true class")
    entitle_part(axes, f"difference, % points: blue, more in {second[0]}; orange, less", each)
    for axes in several[3:]:
        axes.set_visible(False)
    entitle(drawing, title)
    return drawing


def _difference_table(
    first: tuple[str, Counts],
    second: tuple[str, Counts],
    differences: Differences,
    classes: Sequence[str],
    title: str,
) -> Table:
    columns = (
        Column("true", "true class", left=True),
        Column("predicted", "predicted as", left=True),
        Column("first", plain(first[0]), fields=("first", "first_rows")),
        Column("second", plain(second[0]), fields=("second", "second_rows")),
        Column("difference", "difference, % points"),
    )
    rows = []
    for i in range(len(classes)):
        for j in range(len(classes)):
            a, b = first[1][i][j], second[1][i][j]
            if a or b:
                rows.append(
                    (
                        text_cell(classes[i]),
                        text_cell(classes[j]),
                        _share_cell(first[1], i, j),
                        _share_cell(second[1], i, j),
                        _points_cell(differences[i][j], known=any(first[1][i]) and any(second[1][i])),
                    )
                )
    notes = ("share of the true class, and how many rows that are", "pairs that occur in neither are left out")
    return Table(title, columns, tuple(rows), notes, named=2)


def _share_cell(counts: Counts, i: int, j: int) -> Cell:
    if not any(counts[i]):
        return Cell("–", (None, 0))
    share = share_of(counts, i, j)
    return Cell(f"{percent(share, 1)} ({whole(counts[i][j])})", (share, counts[i][j]))


def _points_cell(difference: float, *, known: bool) -> Cell:
    return Cell(f"{100 * difference:+.1f}", (100 * difference,)) if known else Cell("–", (None,))
