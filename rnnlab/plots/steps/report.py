"""One prediction step by step as a report: the answer, what is predicted after each step, hidden and cell states, notes."""

from __future__ import annotations

from rich.segment import Segment

from rnnlab.plots.steps.answer import prediction_lines
from rnnlab.plots.steps.probabilities import output_lines
from rnnlab.plots.steps.strips import strip_lines
from rnnlab.runs.step_prediction import StepPrediction
from rnnlab.text.lines import Lines, fit
from rnnlab.text.palette import Palette

_CELLS = 8
"""Cells of each state: those that change most."""
_CHART = 12


def step_report(predicted: StepPrediction, *, top: int, width: int, palette: Palette) -> Lines:
    """What `rnnlab predict --steps` prints for an input, as long as it needs to be."""
    lines: Lines = [[Segment(fit(text, width).rstrip())] for text in prediction_lines(predicted.prediction, top)]
    height = top + 3 if predicted.classes else _CHART
    drawn = output_lines(predicted, width=width, height=height, palette=palette)
    lines += [[], *drawn] if drawn else []
    for strip in predicted.strips:
        if not strip.name.endswith(" gate"):
            height = min(_CELLS, strip.cells) + 2
            lines += [[], *strip_lines(predicted, strip, width=width, height=height, palette=palette)]
    lines += [[Segment(fit(f"  {note}", width).rstrip(), palette.style("muted"))] for note in predicted.notes]
    return lines
