"""Accuracy over the position in a sequence, of classes at each step."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.curves import Baseline, Curve
from rnnlab.runs.error_report import PositionAccuracy
from rnnlab.text.lines import Lines
from rnnlab.text.numbers import probability
from rnnlab.text.palette import Palette


def mean_accuracy(positions: Sequence[PositionAccuracy]) -> float:
    """The share of right predictions over all positions; 0 where there are none."""
    steps = sum(each.steps for each in positions)
    return sum(each.steps * each.right for each in positions) / steps if steps else 0.0


def position_chart(positions: Sequence[PositionAccuracy]) -> Chart:
    """The share of right predictions over the position, with that of all positions as a dotted line."""
    mean = mean_accuracy(positions)
    return Chart(
        curves=[Curve("share right", [each.position for each in positions], [each.right for each in positions])],
        title="accuracy by position",
        x_axis="steps",
        x_name="position in the sequence",
        baselines=[Baseline(mean, f"all positions {probability(mean, 3)}")] if positions else [],
        y_limits=(0.0, 1.0),
        y_format=lambda value: probability(value, 3),
        empty="No step has a class.",
    )


def position_plot(
    positions: Sequence[PositionAccuracy], *, width: int, height: int, palette: Palette, cursor: float | None = None
) -> Lines:
    """The chart in exactly `width` × `height` cells."""
    return chart_lines(position_chart(positions), width=width, height=height, palette=palette, cursor=cursor)
