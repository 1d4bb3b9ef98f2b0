"""Samples of which each step has a class, with marks at the wrong steps."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from rnnlab.plots.predictions.examples import marked_steps
from rnnlab.runs.error_report import WorstError
from rnnlab.runs.events import Sample
from rnnlab.text.lines import Lines, fit, sentence
from rnnlab.text.numbers import percent
from rnnlab.text.palette import Palette

NOT_ASKED = "·"
"""What stands where a step has no target."""


def step_pairs(sample: Sample, classes: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Target and prediction of each step of a sample, as `spell` wrote them; an empty target where nothing was asked."""
    letters = all(len(name) == 1 for name in classes)
    targets, predicted = (list(text) if letters else text.split(" ") for text in (sample.target, sample.prediction))
    if len(targets) != len(predicted):
        return ()
    return tuple(("" if true == NOT_ASKED else true, other) for true, other in zip(targets, predicted, strict=True))


def marked_samples(
    samples: Sequence[Sample],
    classes: Sequence[str],
    *,
    width: int,
    height: int,
    palette: Palette,
    empty: str = "Samples come with the first evaluation.",
) -> Lines:
    """Input, target and prediction of each sample under each other, `^` under each wrong step, in `width` × `height` cells."""
    if not samples:
        return sentence(empty, width, height, palette.style("muted"))
    lines: Lines = []
    for sample in samples:
        pairs = step_pairs(sample, classes)
        if not pairs:
            continue
        asked = [pair for pair in pairs if pair[0]]
        right = sum(true == other for true, other in asked)
        share = percent(right / len(asked)) if asked else "–"
        head = f"{'✓' if right == len(asked) else '✗'} {right} of {len(asked)} steps right, {share}"
        lines.append([Segment(fit(head, width), palette.style("good" if right == len(asked) else "bad", bold=True))])
        row = WorstError(0, "", sample.input, sample.target, sample.prediction, None, 0.0, steps=pairs)
        lines += marked_steps(row, width, palette)
    if not lines:
        return sentence("The samples of this run cannot be told step by step.", width, height, palette.style("muted"))
    lines += [[Segment(" " * width)] for _ in range(height - len(lines))]
    return lines[:height]
