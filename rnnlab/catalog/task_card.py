"""A task as it is offered to a person: what it is, its shapes, what may be set, defaults that work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Problem = Literal["classification", "per-step classification", "regression", "forecasting"]
"""One class a sequence; one class a step; numbers a sequence; the next numbers of a series."""
Inputs = Literal["tokens", "values"]
"""`tokens`: whole numbers that stand for symbols, (rows, steps); `values`: measurements, (rows, steps, channels)."""


@dataclass(frozen=True, slots=True)
class TaskCard:
    """One task.

    `input_size` is the number of symbols (tokens) or channels (values), `outputs` the number of classes or numbers to
    predict: enough to count a model's parameters before any data is loaded. Where they hang on the settings or on a file,
    they are those of the defaults, and 0 where there are none. `defaults` replace the defaults of the
    configuration, key by key. `metric` is the figure by which the best epoch is chosen. `splits` are the values of
    `data.split` that the task knows, `options` the other keys of `data` that mean something for it.
    """

    name: str
    title: str
    problem: Problem
    inputs: Inputs
    input_size: int
    outputs: int
    metric: Literal["accuracy", "mae"]
    summary: str
    source: str
    terms: str
    offline: bool
    example: str
    """An input as `rnnlab predict` takes it."""
    module: str
    """The module of `rnnlab.tasks` that loads it."""
    training_rows: int
    """About how many rows the training split holds: enough for an estimate of time."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    longest: int = 0
    """Steps of the longest row, with the defaults; 0: not known before the data is."""
    mean_steps: float = 0.0
    """Steps of a row on average; 0: all rows are as long as the longest."""
    found_by: tuple[str, ...] = ()
    """Patterns below the folder of data sets; a match of any says that the data set is here. Empty: nothing is needed."""
    splits: tuple[str, ...] = ("distinct", "grouped")
    options: tuple[str, ...] = ("data.validation", "data.test")

    @property
    def higher_is_better(self) -> bool:
        return self.metric == "accuracy"

    @property
    def classifies(self) -> bool:
        """Whether the answer is a class, of the sequence or of each step."""
        return self.problem in ("classification", "per-step classification")
