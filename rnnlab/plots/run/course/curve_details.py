"""What stands under a curve that has the screen for itself: the evaluations about the cursor, and the run's events."""

from __future__ import annotations

from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.run.course.evaluations import evaluation_table
from rnnlab.plots.run.course.event_list import event_lines
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines, beside
from rnnlab.text.palette import Palette
from rnnlab.text.sections import heading

_BOTH = 72
"""Cells from which on both stand side by side."""


def curve_details(
    state: RunState,
    *,
    width: int,
    height: int,
    palette: Palette,
    at: float | None = None,
    chosen: int | None = None,
    x_axis: XAxis = "epochs",
    figure: str = "loss",
) -> Lines:
    """The two side by side in exactly `width` × `height` cells, or the evaluations alone where there is no room for both."""
    gap = 2
    left = width if width < _BOTH else max(40, (width - gap) // 2)
    table = evaluation_table(state, width=left, height=height - 1, palette=palette, at=at, x_axis=x_axis, figure=figure)
    block = [heading("evaluations", left, palette), *table]
    if left == width:
        return block
    right = width - left - gap
    listed = event_lines(state, width=right, height=height - 1, palette=palette, chosen=chosen)
    return beside([block, [heading("events", right, palette, "↑ ↓"), *listed]], [left, right], gap=gap)
