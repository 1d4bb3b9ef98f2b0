"""Prediction of a trained net for one input: what is printed, shown in the app, and written as JSON and CSV."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Prediction:
    """Prediction for one input.

    It has the `numbers` of a regression or a forecast, or `ranked` classes with their probabilities, the likeliest first; or,
    where each step has a prediction, `steps` with the likeliest class of each, and all of them as one `text`.
    """

    input: str
    numbers: tuple[float, ...] = ()
    ranked: tuple[tuple[str, float], ...] = ()
    steps: tuple[tuple[str, float], ...] = ()
    text: str = ""
    error: str = ""
    """Why there is no prediction; empty where there is one."""
    digits: int = 4
    """Significant digits in which `numbers` show how the targets move."""
