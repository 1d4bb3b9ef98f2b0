"""View of predicted numbers: a list of some, and all of them over the true ones."""

from __future__ import annotations

import math
from typing import Literal

from rich.segment import Segment

from rnnlab.plots.predictions.scatter import Pair, scatter_plot, scatter_text
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines, beside, fit
from rnnlab.text.palette import Palette
from rnnlab.ui.matrix.kept_figure import KeptFigure

Mode = Literal["list", "scatter"]
NUMBERS: dict[Mode, str] = {"list": "list", "scatter": "scatter"}
_LEAST = 10
"""Lines of a scatter plot at least, under a list."""
_WIDE = 110
"""Cells from which list and plot stand side by side."""


class NumberView:
    """View of predicted numbers: the list with the plot where there is room for both, or the plot alone."""

    def __init__(self) -> None:
        self.mode: Mode = "list"

    def next_mode(self) -> Mode:
        """The mode that the key leads to."""
        return "scatter" if self.mode == "list" else "list"

    def draw(
        self, state: RunState, kept: KeptFigure, listed: Lines, width: int, height: int, palette: Palette
    ) -> Lines:
        """The lines of the list, the plot, or both, in `width` × `height` cells."""
        if self.mode == "scatter":
            return self._plot(state, kept, width, height, palette)
        if width >= _WIDE:
            right = min(width // 2, 3 * height)
            return beside([listed, self._plot(state, kept, right, height, palette)], [width - right - 2, right])
        room = height - len(listed) - 1
        if room < _LEAST:
            return listed
        return [*listed, [Segment(" " * width)], *self._plot(state, kept, width, room, palette)]

    def _plot(self, state: RunState, kept: KeptFigure, width: int, height: int, palette: Palette) -> Lines:
        """The plot over a line that says what is drawn: the kept predictions, before the end the samples."""
        unit = state.started.data.unit if state.started else ""
        if kept.rows and state.predictions is not None:
            pairs = [(_number(row["true"]), _number(row["predicted"])) for row in kept.rows]
            subset = "test" if "test" in state.predictions.rows else "validation"
            of = f"{subset}, best weights"
        else:
            pairs = _sampled(state)
            of = f"samples of {state.samples_split}, epoch {state.samples_epoch}"
        text = fit(f"{of}: {scatter_text(pairs, unit)}", width)
        plot = scatter_plot(pairs, width=width, height=height - 1, palette=palette, unit=unit)
        return [*plot, [Segment(text, palette.style("muted"))]]


def _number(value: float | None) -> float:
    """A number as JSON holds it, which has none that is not finite."""
    return math.nan if value is None else float(value)


def _sampled(state: RunState) -> list[Pair]:
    """The numbers of the samples of the last evaluation, of those that are one number."""
    pairs = []
    for sample in state.samples:
        try:
            pairs.append((float(sample.target), float(sample.prediction)))
        except ValueError:
            continue
    return pairs
