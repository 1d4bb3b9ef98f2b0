"""Card of a task, as it is offered to a person: description, shapes, settings, and defaults that work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

Problem = Literal["classification", "per-step classification", "regression", "forecasting"]
"""One class per sequence; one class per step; numbers per sequence; the next values of a series."""
Inputs = Literal["tokens", "values"]
"""`tokens`: whole numbers that stand for symbols, (sequences, steps); `values`: measurements, (sequences, steps, channels)."""
Group = Literal["text", "signals", "series", "numbers", "memory", "own", "more"]
"""What a task's inputs are, or what it is a test of."""
GROUPS: tuple[Group, ...] = get_args(Group)
"""In the order of the app's list."""


class TaskCard(msgspec.Struct, frozen=True, kw_only=True):
    """One task.

    `input_size` is the number of symbols + 1 (tokens) or of channels (values), `outputs` the number of classes or numbers to
    predict: enough to count a model's parameters before any data is loaded. Where they depend on settings or on a file,
    they are those of the defaults, and 0 where there are none. `defaults` replace the defaults of the configuration, by
    key. `splits` are the allowed values of `data.split`, `options` the other keys of `data` that the task reads.
    """

    name: str
    title: str
    group: Group = "more"
    problem: Problem
    inputs: Inputs
    input_size: int
    outputs: int
    summary: str
    source: str
    terms: str
    example: str
    """An input as `rnnlab predict` takes it."""
    module: str
    """The module that loads it, below `rnnlab.tasks`."""
    training_rows: int
    """Approximate number of training sequences: enough for an estimate of time."""
    defaults: Mapping[str, object] = msgspec.field(default_factory=dict)
    longest: int = 0
    """Steps of the longest sequence, with the defaults; 0: unknown before the data are loaded."""
    mean_steps: float = 0.0
    """Mean number of steps of a sequence; 0: all are as long as the longest."""
    found_by: tuple[str, ...] = ()
    """Patterns below the folder of data sets; a match of any says that the data set is there. Empty: no files are needed."""
    shorter_too: bool = False
    """Whether the sequences trained on are of all lengths up to `data.steps`."""
    splits: tuple[str, ...] = ("distinct", "grouped")
    options: tuple[str, ...] = ("data.validation", "data.test")

    @property
    def metric(self) -> Literal["accuracy", "mae"]:
        """The metric that selects the best epoch."""
        return "accuracy" if self.classifies else "mae"

    @property
    def offline(self) -> bool:
        """Whether the data come with rnnlab, or are the user's own: there is nothing to download."""
        return not self.found_by

    @property
    def higher_is_better(self) -> bool:
        """Whether a higher metric is better: accuracy, but not an error."""
        return self.metric == "accuracy"

    @property
    def classifies(self) -> bool:
        """Whether the target is a class, of the sequence or of each step."""
        return self.problem in ("classification", "per-step classification")
