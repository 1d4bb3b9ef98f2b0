"""Accuracy at each position of sequences of which each step has a class."""

from __future__ import annotations

import numpy as np

from rnnlab.predictions.predictions_file import SubsetPredictions
from rnnlab.runs.error_report import PositionAccuracy


def position_accuracy(held: SubsetPredictions) -> list[PositionAccuracy]:
    """The share of right predictions at each position, of those at which any is asked for; empty where no step has a class."""
    if not held.per_step:
        return []
    asked = held.targets >= 0
    counts = asked.sum(axis=0).tolist()
    right = ((held.predictions == held.targets) & asked).sum(axis=0).tolist()
    return [
        PositionAccuracy(at + 1, count, hits / count)
        for at, (count, hits) in enumerate(zip(counts, right, strict=True))
        if count
    ]


def number_pairs(held: SubsetPredictions, most: int) -> tuple[list[tuple[int, float, float]], int]:
    """Row, target and prediction of at most `most` predicted numbers, and how many there are in all.

    Of more, those with the largest errors and every so many-th of the others; what is not finite is left out.
    """
    if not held.of_numbers:
        return [], 0
    targets, predictions = (values.astype(np.float64).reshape(-1) for values in (held.targets, held.predictions))
    rows = np.repeat(held.rows, max(1, len(targets) // max(1, len(held.rows))))
    sound = np.isfinite(targets) & np.isfinite(predictions)
    rows, targets, predictions = rows[sound], targets[sound], predictions[sound]
    total = len(rows)
    chosen = np.arange(total)
    if total > most:
        worst = np.argsort(-np.abs(targets - predictions), kind="stable")[: most // 10]
        even = np.linspace(0, total - 1, most - len(worst)).astype(np.int64)
        chosen = np.unique(np.concatenate([worst, even]))
    found = zip(rows[chosen].tolist(), targets[chosen].tolist(), predictions[chosen].tolist(), strict=True)
    return list(found), total
