"""The rows of `benchmarks/accuracy.py`: what is trained, and what it is to come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One figure of a row, and the bound its mean over the seeds is held against."""

    wanted: Literal["at least", "at most"]
    bound: float
    metric: Literal["accuracy", "rmse"] = "accuracy"
    part: str = "test"
    """`test`, or a further part of the task by its name, such as `200 steps`."""
    why: str = ""
    """Where the bound is from."""

    def shown(self, value: float) -> str:
        return f"{value:.4f}"


@dataclass(frozen=True)
class Row:
    """One net on one task. `settings` are those that differ from the task's own; `about` says how they were found."""

    name: str
    task: str
    settings: Mapping[str, str]
    figures: tuple[Figure, ...]
    about: str


PUBLISHED = "published"

ROWS = (
    Row(
        "names",
        "names",
        {},
        (Figure("at least", 0.83),),
        "Names of 18 languages, each (name, language) once, 80/10/10.",
    ),
    Row(
        "har",
        "har",
        {},
        (Figure("at least", 0.925),),
        "Raw signals, the nine published test people, validation by person.",
    ),
    Row(
        "gestures",
        "gestures",
        {"data.split": "recording", "data.leaks": "allow"},
        (Figure("at least", 0.99),),
        "Split by recording, as courses do: everyone who is tested was trained on.",
    ),
    Row(
        "adding",
        "adding",
        {"model.name": "lstm"},
        (
            Figure("at most", 0.0105, "rmse", why=PUBLISHED),
            Figure("at most", 0.0381, "rmse", "200 steps", PUBLISHED),
            Figure("at most", 0.1050, "rmse", "400 steps", PUBLISHED),
        ),
        "Trained at 100 steps on 16,000 sequences, tested there and at lengths it never saw.",
    ),
    Row(
        "adding-elman",
        "adding",
        {"model.name": "elman", "model.hidden": "64"},
        (
            Figure("at least", 0.35, "rmse", why="it is to fail, as .3855 published"),
            Figure("at least", 0.35, "rmse", "200 steps", "published .4010"),
            Figure("at least", 0.35, "rmse", "400 steps", "published .4056"),
        ),
        "The tanh Elman net of as many parameters, which does not find two numbers that lie so far apart; who always "
        "answers the mean has .408.",
    ),
)
