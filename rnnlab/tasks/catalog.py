"""What tasks there are: descriptions, shapes and defaults; nothing heavy is imported here, so the app may.

The arrays come from `rnnlab.tasks.load`, in the training process or a data command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Problem = Literal["classification", "regression"]
Inputs = Literal["tokens", "values"]
"""`tokens`: whole numbers that stand for symbols, (rows, steps); `values`: measurements, (rows, steps, channels)."""


@dataclass(frozen=True, slots=True)
class TaskCard:
    """One task as it is offered to a person.

    `input_size` is the number of symbols (tokens) or channels (values), `outputs` the number of classes or numbers to
    predict: enough to count a model's parameters before any data is loaded. `defaults` replace the defaults of the
    configuration, key by key. `metric` is the figure by which the best epoch is chosen.
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

    @property
    def higher_is_better(self) -> bool:
        return self.metric == "accuracy"


_CARDS = (
    TaskCard(
        name="surnames",
        title="Surnames → country",
        problem="classification",
        inputs="tokens",
        input_size=128,
        outputs=15,
        metric="accuracy",
        summary="",
        source="",
        terms="",
        offline=True,
        example="Kowalska",
        module="surnames",
        training_rows=10_000,
    ),
)

TASKS: dict[str, TaskCard] = {card.name: card for card in _CARDS}
