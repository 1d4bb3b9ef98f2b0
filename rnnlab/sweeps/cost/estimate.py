"""Cost of a sweep before it is begun: minutes, from speeds measured here, and bytes on disk."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.config.optimisers import OPTIMISERS
from rnnlab.models.plan.cost import BYTES, cost
from rnnlab.models.plan.count import count_parameters
from rnnlab.models.plan.plan_for_task import estimated_steps, plan_for
from rnnlab.sweeps.cost.speed import pace

_START = 0.3
"""Seconds that a run takes beside its updates: loading, evaluations, the start of its process."""
_LOG = 120_000
"""Bytes of a run's log and small files, about."""


@dataclass(frozen=True)
class Cost:
    """Cost of runs, about. `seconds` of training, one run after the other; `unknown` counts runs of which nothing is known."""

    seconds: float
    bytes: int
    unknown: int = 0


def cost_of(configs: Iterable[RunConfig], slower: float | None = None) -> Cost:
    """The cost of such runs here. Raises nothing: a net that is not known before its data is read is counted as unknown.

    `slower` is as in `pace`; None: looked up.
    """
    found = pace() if slower is None else slower
    seconds, size, unknown = 0.0, 0, 0
    for config in configs:
        size += _LOG
        try:
            plan = plan_for(config)
        except UsageError:
            plan = None
        mean, longest = estimated_steps(config, TASKS[config.task.name])
        if plan is None:
            unknown += 1
            continue
        parameters = sum(layer.total for layer in count_parameters(plan))
        size += (
            parameters * BYTES * (2 + 1 + OPTIMISERS[config.optim.name].averages)
        )  # best, last, state to resume from
        if not mean:
            unknown += 1
            continue
        train = config.train
        updates = (
            math.ceil(TASKS[config.task.name].training_rows / (train.batch_size * train.accumulate)) * train.epochs
        )
        updates = min(updates, train.updates or updates)
        each = cost(plan, train.batch_size, mean, longest).seconds * train.accumulate * (found or 1.0)
        seconds += updates * each + _START
    return Cost(seconds, size, unknown)
