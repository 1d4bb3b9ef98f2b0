"""Figure of the classes: precision, recall and F1 of each, from the confusion counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rnnlab.plots.confusion.cells import Counts, is_square
from rnnlab.plots.confusion.order import ORDERS, Order, class_order
from rnnlab.plots.describe.classes import describe_classes
from rnnlab.plots.run.per_class import ClassFigures, class_figures, per_class
from rnnlab.reports.drawing.style import (
    PAPER,
    colour,
    complete,
    label,
    new_axes,
    set_ticks,
    shaded,
    slug,
)
from rnnlab.reports.figures.figure import MOST_LINES, Figure
from rnnlab.text.numbers import probability
from rnnlab.text.palette import Role
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Cell, Column, Table, text_cell, whole_cell

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_MARKED: tuple[tuple[str, str, Role], ...] = (("precision", "D", "train"), ("recall", "o", "validation"))


def class_figure(
    counts: Counts, classes: Sequence[str], name: str, note: str = "", *, order: Order = "classes"
) -> Figure | None:
    """Precision, recall and F1 of each class of the run called `name`; `note` says of which matrix. None where there is none.

    The classes stand in that `order`.
    """
    if not is_square(counts, classes):
        return None
    if order != "classes":
        indices = class_order(counts, order)
        counts = [[counts[i][j] for j in indices] for i in indices]
        classes = [classes[index] for index in indices]
        note = ", ".join(filter(None, (note, ORDERS[order])))
    figures = class_figures(counts)
    title = f"{name}: precision, recall and F1 of each class" + (f" ({note})" if note else "")
    height = min(len(classes) + 1, MOST_LINES)
    size = (6.4, min(11.0, 1.4 + max(0.085, min(0.24, 9.6 / len(classes))) * len(classes)))
    return Figure(
        name=slug("classes", name),
        title=plain(title),
        description=describe_classes(figures, classes),
        numbers=_table(figures, classes, title),
        lines=lambda width, palette: per_class(counts, classes, width=width, height=height, palette=palette),
        draw=lambda: _draw(figures, classes, plain(title), size),
        size=size,
    )


def _draw(figures: Sequence[ClassFigures], classes: Sequence[str], title: str, size: tuple[float, float]) -> Drawing:
    drawing, axes = new_axes(size)
    at = list(range(len(classes)))
    handles: list[Any] = [
        axes.barh(at, [each.f1 or 0.0 for each in figures], height=0.62, color=shaded(0.35, "good"), label="F1")
    ]
    small = 5.0 if len(classes) <= 40 else 3.0
    for kind, marker, role in _MARKED:
        held = [(getattr(each, kind), y) for each, y in zip(figures, at, strict=True)]
        known = [(x, y) for x, y in held if x is not None]
        handles += axes.plot(
            [x for x, _ in known], [y for _, y in known], marker=marker, linestyle="none", markersize=small,
            color=colour(role), markeredgecolor=PAPER.background,
            markeredgewidth=0.5, label=kind, clip_on=False, zorder=3,
        )  # fmt: skip
    axes.set_ylim(len(classes) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    letters = 8.0 if len(classes) <= 40 else max(4.0, min(7.0, 560 / len(classes)))
    set_ticks(axes, "y", [(float(y), label(name, 24)) for y, name in zip(at, classes, strict=True)], fontsize=letters)
    set_ticks(axes, "x", [(x / 5, probability(x / 5, 1) if x else "0") for x in range(6)])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=True, axis="x")
    complete(drawing, axes, title, handles=handles)
    return drawing


def _table(figures: Sequence[ClassFigures], classes: Sequence[str], title: str) -> Table:
    columns = (
        Column("class", "class", left=True),
        Column("precision", "precision"),
        Column("recall", "recall"),
        Column("f1", "F1"),
        Column("rows", "rows"),
        Column("predicted", "predicted"),
    )
    rows = []
    for each, name in zip(figures, classes, strict=True):
        shares = [
            Cell("–" if share is None else probability(share, 3), (share,))
            for share in (each.precision, each.recall, each.f1)
        ]
        counts = [whole_cell(count) for count in (each.rows, each.predicted)]
        rows.append((text_cell(name), *shares, *counts))
    return Table(title, columns, tuple(rows), ("–: no row, or no prediction, of the class",))
