"""A number that a run predicts for one typed input: a figure that recipes compare."""

from __future__ import annotations

from rnnlab.errors import UsageError
from rnnlab.runs.folders import RunFolder


def predicted(run: RunFolder, text: str) -> float:
    """What the run's best weights predict for the input, a number. Raises `UsageError`."""
    from rnnlab.training.evaluation.predict import load_best

    (prediction,) = load_best(run).predict([text])
    if not prediction.numbers:
        raise UsageError(prediction.error or f"{run.name} predicts no numbers")
    return float(prediction.numbers[0])
