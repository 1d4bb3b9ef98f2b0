"""The answer for one input as lines: the classes with their probabilities, numbers, or the classes of the steps."""

from __future__ import annotations

from rich.cells import cell_len

from rnnlab.runs.prediction import Prediction
from rnnlab.text.lines import fit
from rnnlab.text.sanitise import plain

_BAR = 20
"""Width of the bar of a probability of one."""
MOST_CELLS = 40
"""Cells of a class, or of a place in a file."""
INPUT_CELLS = 60


def prediction_lines(prediction: Prediction, top: int) -> list[str]:
    """The input on a line, and under it the classes with their probabilities; a number stands on the same line."""
    given = fit(prediction.input, min(INPUT_CELLS, cell_len(plain(prediction.input))))
    if prediction.error:
        return [f"{given} ✗ {prediction.error}"]
    if prediction.numbers:
        return [f"{given} → {numbers_text(prediction)}"]
    if prediction.steps:
        return [f"{prediction.input} →", prediction.text]
    ranked = prediction.ranked[:top]
    width = max(cells_of(name) for name, _ in ranked)
    lines = [f"  {fit(name, width)}  {share:6.1%}  {'━' * round(share * _BAR)}".rstrip() for name, share in ranked]
    return [given, *lines]


def answer_text(prediction: Prediction) -> str:
    """The answer in a few characters: the likeliest class and its probability, the numbers, or the classes of the steps."""
    if prediction.ranked:
        name, share = prediction.ranked[0]
        return f"{plain(name, MOST_CELLS)} {share:.1%}"
    return plain(prediction.text) if prediction.steps else numbers_text(prediction)


def numbers_text(prediction: Prediction) -> str:
    """The numbers with commas between."""
    return ", ".join(f"{number:.{prediction.digits}g}" for number in prediction.numbers)


def cells_of(text: str) -> int:
    """Cells of the text in a terminal, where a Chinese character takes two; those that are shown."""
    return min(MOST_CELLS, cell_len(plain(text)))
