"""Speed of this machine in training, learned from the runs that have finished here."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import UsageError
from rnnlab.models.plan.cost import cost
from rnnlab.models.plan.plan_for_task import estimated_steps, plan_for
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.summary import summarise

RUNS = 7
"""The newest finished runs whose speed counts."""
_READ = 40
"""Runs that are read at most to find them."""


def pace(root: Path | None = None) -> float | None:
    """How many times as long as `rnnlab.models.plan.cost` says an update takes here; None where no run has finished."""
    newest = (run for session in list_sessions(root) for run in reversed(session.runs()))
    found: list[float] = []
    for run, _ in zip(newest, range(_READ), strict=False):
        slower = _slower(run)
        if slower is not None:
            found.append(slower)
        if len(found) == RUNS:
            break
    return median(found) if found else None


def _slower(run: RunFolder) -> float | None:
    summary = summarise(run)
    if summary.status != "completed" or summary.examples_per_second <= 0:
        return None
    try:
        config = run.config()
        plan = plan_for(config)
    except UsageError:
        return None
    mean, longest = estimated_steps(config, TASKS[config.task.name])
    if plan is None or not mean:
        return None
    batch = config.train.batch_size
    return batch / summary.examples_per_second / cost(plan, batch, mean, longest).seconds
