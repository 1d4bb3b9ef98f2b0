"""Figures of kept predictions by row: predicted numbers over true ones, and accuracy by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rnnlab.plots.drawing.axes import scale_of, ticks
from rnnlab.plots.predictions.positions import mean_accuracy, position_chart
from rnnlab.plots.predictions.scatter import Pair, scatter_plot, scatter_text, sound_pairs
from rnnlab.reports.drawing.style import colour, complete, new_axes, set_ticks, slug
from rnnlab.reports.figures.curves import chart_figure
from rnnlab.reports.figures.figure import LINES, Figure
from rnnlab.text.numbers import probability, whole
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Cell, Column, Table, figure_cell, whole_cell

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from rnnlab.predictions.predictions_file import SubsetPredictions

MOST = 5000
"""Points of a scatter plot; of more, the largest errors and every so many-th of the others."""
_SIZE = (5.0, 4.6)


def scatter_figure(held: SubsetPredictions, name: str, subset: str, unit: str = "") -> Figure | None:
    """Predicted numbers of the best weights over the true ones; None where no number is predicted."""
    from rnnlab.predictions.positions import number_pairs

    found, total = number_pairs(held, MOST)
    if not found:
        return None
    title = plain(f"{name}: predicted over true numbers ({subset})")
    pairs = [(true, predicted) for _, true, predicted in found]
    columns = (Column("row", "row"), Column("true", "true"), Column("predicted", "predicted"))
    rows = tuple((Cell(str(row), (row,)), figure_cell(true), figure_cell(predicted)) for row, true, predicted in found)
    notes = (
        ()
        if total == len(found)
        else (f"{whole(len(found))} of {whole(total)} numbers: the largest errors, and of the others every so many-th",)
    )
    return Figure(
        name=slug("scatter", name),
        title=title,
        description=plain(f"{scatter_text(pairs, unit)}. {' '.join(f'{note}.' for note in notes)}".strip()),
        numbers=Table(title, columns, rows, notes),
        lines=lambda width, palette: scatter_plot(pairs, width=width, height=LINES, palette=palette, unit=unit),
        draw=lambda: _draw(pairs, title, unit),
        size=_SIZE,
    )


def _draw(pairs: Sequence[Pair], title: str, unit: str) -> Drawing:
    """Points, and the line on which they would lie."""
    drawing, axes = new_axes(_SIZE)
    held = sound_pairs(pairs)
    ends = [value for pair in held for value in pair] or [0.0]
    scale = scale_of(min(ends), max(ends), margin=0.04)
    span = [scale.low, scale.high]
    handles = axes.plot(span, span, color=colour("baseline"), linestyle=(0, (1, 2)), label="predicted = true")
    axes.scatter(
        [true for true, _ in held], [predicted for _, predicted in held], s=9, color=colour("train"), alpha=0.5, linewidth=0,
        zorder=3,
    )  # fmt: skip
    for axis in ("x", "y"):
        set_ticks(axes, axis, ticks(scale, 6))
    axes.set_xlim(*span)
    axes.set_ylim(*span)
    axes.set_aspect("equal")
    axes.grid(visible=True)
    of = f", {unit}" if unit else ""
    complete(drawing, axes, title, x=f"true{of}", y=f"predicted{of}", handles=handles)
    return drawing


def position_figure(held: SubsetPredictions, name: str, subset: str) -> Figure | None:
    """Accuracy of the best weights over the position in the sequence; None where no step has a class."""
    from rnnlab.predictions.positions import position_accuracy

    positions = position_accuracy(held)
    if not positions:
        return None
    title = f"{name}: accuracy by position in the sequence ({subset})"
    drawn = chart_figure(position_chart(positions), slug("positions", name), title)
    if drawn is None:
        return None
    columns = (Column("position", "position"), Column("steps", "steps"), Column("right", "share right"))
    rows = tuple(
        (
            Cell(str(each.position), (each.position,)),
            whole_cell(each.steps),
            Cell(probability(each.right, 3), (each.right,)),
        )
        for each in positions
    )
    least, most = min(positions, key=lambda each: each.right), max(positions, key=lambda each: each.right)
    words = (
        f"{len(positions)} positions, {probability(mean_accuracy(positions), 3)} of all steps right; least at position "
        f"{least.position} ({probability(least.right, 3)}), most at position {most.position} ({probability(most.right, 3)})."
    )
    return replace(drawn, description=plain(words), numbers=Table(plain(title), columns, rows))
