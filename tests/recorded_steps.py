"""Predictions step by step from formulas: a name of eight letters, and a window of a series with its forecast."""

from __future__ import annotations

import math
from array import array

from rnnlab.runs.prediction import Prediction
from rnnlab.runs.step_prediction import LARGEST, ClassSteps, StepPrediction, Strip

NAME = "Kowalska"


def strip(name: str, columns: int, *, low: float, cells: int = 12, layer: str = "lstm 1") -> Strip:
    """Waves, one for each cell, of different height."""
    values = array("H")
    for cell in range(cells):
        for column in range(columns):
            wave = math.sin(0.7 * column + cell) * (cell + 1) / cells
            share = (wave + 1) / 2 if low else (wave * 0.9 + 1) / 2
            values.append(round(share * LARGEST))
    return Strip(
        layer=layer, name=name, cells=cells, columns=columns, low=low, high=1.0, values=values.tobytes(),
        order=tuple(reversed(range(cells))),
    )  # fmt: skip


def named(text: str = NAME, target: str = "") -> StepPrediction:
    """A name whose language becomes clear letter by letter."""
    steps = len(text)
    polish = [0.05 + 0.9 * (at / max(1, steps - 1)) ** 2 for at in range(steps)]
    shares = {"Polish": polish, "Czech": [0.6 * (1 - p) for p in polish], "Russian": [0.4 * (1 - p) for p in polish]}
    ranked = tuple(sorted(((name, each[-1]) for name, each in shares.items()), key=lambda pair: -pair[1]))
    return StepPrediction(
        prediction=Prediction(text, ranked=ranked),
        problem="classification",
        steps=steps,
        columns=tuple(range(steps)),
        labels=tuple(text),
        classes=tuple(ClassSteps(name=name, probabilities=tuple(shares[name])) for name, _ in ranked),
        strips=(strip("hidden state", steps, low=-1.0), strip("forget gate", steps, low=0.0)),
        target=target,
        correct=None if not target else target == ranked[0][0],
    )


def window(steps: int = 32) -> StepPrediction:
    """Sales of some weeks, and what is forecast of the next day."""
    values = tuple(50 + 10 * math.sin(2 * math.pi * at / 7) for at in range(steps))
    return StepPrediction(
        prediction=Prediction("window", numbers=(52.5,)),
        problem="forecasting",
        steps=steps,
        columns=tuple(range(steps)),
        labels=tuple(f"{value:.4g}" for value in values),
        strips=(strip("hidden state", steps, low=-1.0),),
        values=(values,),
        unit="items a day",
        target="54.0",
        after=(54.0,),
    )
