"""A configuration to the arrays it names."""

from __future__ import annotations

import importlib

from rnnlab.config import RunConfig
from rnnlab.tasks.catalog import TASKS
from rnnlab.tasks.folders import MissingData, data_root
from rnnlab.tasks.rows import Rows
from rnnlab.tasks.split import Split
from rnnlab.tasks.splits import split_rows

__all__ = ["MissingData", "data_root", "load", "read_rows"]


def read_rows(config: RunConfig) -> Rows:
    """All rows of the task, cleaned, none dropped. Raises `UsageError`; `MissingData` where it has to be fetched first."""
    module = importlib.import_module(f"rnnlab.tasks.{TASKS[config.task.name].module}")
    rows: Rows = module.read(config)
    return rows


def load(config: RunConfig) -> Split:
    """The task's rows in train, validation and test. Raises as `read_rows`, and where they are too few to split.

    A task whose split is its own business (published, by time, made so) has a `load` of its own in its module.
    """
    card = TASKS[config.task.name]
    module = importlib.import_module(f"rnnlab.tasks.{card.module}")
    if hasattr(module, "load"):
        split: Split = module.load(config)
        return split
    return split_rows(card, module.read(config), config)
