"""Figures of a run's kept predictions: calibration of the probabilities, and how far predicted numbers are off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnlab.plots.analysis import Points, histogram, scatter
from rnnlab.plots.drawing.axes import scale_of, ticks
from rnnlab.plots.run.errors import calibration_text
from rnnlab.reports.drawing.style import (
    PAPER,
    colour,
    complete,
    new_axes,
    set_ticks,
    slug,
)
from rnnlab.reports.figures.figure import LINES, Figure
from rnnlab.text.numbers import figure, probability, whole
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Cell, Column, Table, figure_cell, whole_cell

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from rnnlab.predictions.errors import CalibrationBin
    from rnnlab.predictions.predictions_file import SubsetPredictions

RANGES = 21
"""Ranges of the histogram of errors: an odd number, so that small errors of both signs may share one."""
_SQUARE, _WIDE = (5.0, 4.6), (6.4, 3.4)
Range = tuple[float, float, int]


def calibration_figure(held: SubsetPredictions, name: str, subset: str) -> Figure | None:
    """Share of right predictions over their probability, in ten bins; None where no probabilities are kept."""
    from rnnlab.predictions.errors import calibration, calibration_bins

    bins, found = calibration_bins(held), calibration(held)
    if not bins or found is None:
        return None
    title = plain(f"{name}: calibration of the best weights ({subset})")
    columns = (
        Column("low", "probability above"),
        Column("high", "up to"),
        Column("predictions", "predictions"),
        Column("probability", "mean probability"),
        Column("right", "share right"),
    )
    rows = tuple(
        (
            Cell(probability(each.low, 1), (each.low,)),
            Cell(probability(each.high, 1), (each.high,)),
            whole_cell(each.predictions),
            Cell(probability(each.probability, 3), (each.probability,)),
            Cell(probability(each.right, 3), (each.right,)),
        )
        for each in bins
    )
    words = calibration_text(found, "per-step classification" if held.per_step else "classification")
    points = Points([each.probability for each in bins], [each.right for each in bins], "predictions")
    even = [at / 10 for at in range(11)]
    ideal = Points(even, even, "well calibrated", role="baseline", marker="·")
    return Figure(
        name=slug("calibration", name),
        title=title,
        description=plain(words),
        numbers=Table(title, columns, rows, ("bins without a prediction are left out",), named=2),
        lines=lambda width, palette: scatter(
            [ideal, points], width=width, height=LINES, palette=palette, title="share right", x_name="mean probability"
        ),
        draw=lambda: _draw_calibration(bins, title),
        size=_SQUARE,
    )


def _draw_calibration(bins: Sequence[CalibrationBin], title: str) -> Drawing:
    """Points, the larger the more predictions, and the line on which they would lie."""
    drawing, axes = new_axes(_SQUARE)
    handles = axes.plot([0, 1], [0, 1], color=colour("baseline"), linestyle=(0, (1, 2)), label="well calibrated")
    x, y = [each.probability for each in bins], [each.right for each in bins]
    handles += axes.plot(
        x, y, color=colour("train"), marker="o", markersize=3, label="predictions, the larger the more"
    )
    most = max(each.predictions for each in bins)
    axes.scatter(
        x, y, s=[12 + 160 * each.predictions / most for each in bins], color=colour("train"), alpha=0.5, linewidth=0, zorder=3,
        clip_on=False,
    )  # fmt: skip
    for each in bins:
        over = each.right >= each.probability
        axes.annotate(
            whole(each.predictions), (each.probability, each.right), xytext=(-6, 8) if over else (6, -8),
            textcoords="offset points", ha="right" if over else "left", va="center", fontsize=7, color=PAPER.muted,
        )  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    marks = [(at / 5, probability(at / 5, 1) if at else "0") for at in range(6)]
    set_ticks(axes, "x", marks)
    set_ticks(axes, "y", marks)
    axes.grid(visible=True)
    names = {"x": "mean probability of the predictions", "y": "share of right predictions"}
    complete(drawing, axes, title, **names, handles=handles)
    return drawing


def error_figure(held: SubsetPredictions, name: str, subset: str, unit: str = "") -> Figure | None:
    """Histogram of predicted numbers less their targets; None where none is finite."""
    from rnnlab.predictions.errors import error_histogram

    found = error_histogram(held, RANGES)
    if found is None:
        return None
    ranges = found.ranges
    title = plain(f"{name}: errors of the best weights, predicted less true ({subset})")
    columns = (Column("low", "from"), Column("high", "to"), Column("predictions", "predictions"))
    rows = tuple((figure_cell(low), figure_cell(high), whole_cell(count)) for low, high, count in ranges)
    total = sum(count for _, _, count in ranges)
    low, high, most = max(ranges, key=lambda each: each[2])
    of = f" {unit}" if unit else ""
    words = (
        f"{whole(total)} errors from {figure(ranges[0][0])} to {figure(ranges[-1][1])}{of}, {figure(found.mean)} on average; "
        f"the most, {whole(most)}, between {figure(low)} and {figure(high)}."
    )
    shown = [(low, high, float(count)) for low, high, count in ranges]
    return Figure(
        name=slug("errors", name),
        title=title,
        description=plain(words),
        numbers=Table(title, columns, rows, named=2),
        lines=lambda width, palette: histogram(
            shown, width=width, height=LINES, palette=palette, title="predictions", x_name=f"error{of}"
        ),
        draw=lambda: _draw_errors(ranges, title, unit),
        size=_WIDE,
    )


def _draw_errors(ranges: Sequence[Range], title: str, unit: str) -> Drawing:
    drawing, axes = new_axes(_WIDE)
    lows, counts = [low for low, _, _ in ranges], [count for _, _, count in ranges]
    axes.bar(
        lows, counts, width=[high - low for low, high, _ in ranges], align="edge", color=colour("train"),
        edgecolor=PAPER.background, linewidth=0.8,
    )  # fmt: skip
    axes.axvline(0, color=PAPER.text, linewidth=1.0, linestyle=(0, (1, 2)))
    x_scale, y_scale = scale_of(min(0.0, lows[0]), max(0.0, ranges[-1][1])), scale_of(0, max(counts), margin=0.0)
    axes.set_xlim(x_scale.low, x_scale.high)
    axes.set_ylim(0, 1.05 * y_scale.high)
    set_ticks(axes, "x", ticks(x_scale, 8))
    set_ticks(axes, "y", ticks(y_scale, 6))
    axes.grid(visible=True, axis="y")
    complete(drawing, axes, title, x=f"predicted less true, {unit}" if unit else "predicted less true", y="predictions")
    return drawing
