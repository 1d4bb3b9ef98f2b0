"""A configuration to the arrays it names."""

from __future__ import annotations

import importlib
from types import ModuleType

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.tasks.download.data_folders import MissingData, data_root
from rnnlab.tasks.splitting.dataset import Rows
from rnnlab.tasks.splitting.leaks import refuse_leaks
from rnnlab.tasks.splitting.split import split_rows
from rnnlab.tasks.splitting.types import Split

__all__ = ["MissingData", "data_root", "load", "load_unchecked", "read_rows", "splits_itself"]


def read_rows(config: RunConfig) -> Rows:
    """All rows of the task, cleaned, none dropped, for a task that does not split by itself.

    Raises `UsageError`; `MissingData` where it has to be fetched first.
    """
    rows: Rows = _module(config).read(config)
    return rows


def splits_itself(config: RunConfig) -> bool:
    """Whether the split is the task's own business, so that its module has a `load` and no `read`."""
    return hasattr(_module(config), "load")


def load(config: RunConfig) -> Split:
    """The task's rows in train, validation and test, ready to be trained on.

    Raises as `read_rows`, where they are too few to split, and where the parts share what they must not while
    `data.leaks` does not allow it.
    """
    split = load_unchecked(config)
    if config.data.leaks != "allow":
        refuse_leaks(split, config)
    return split


def load_unchecked(config: RunConfig, rows: Rows | None = None) -> Split:
    """The same, leaks and all: for looking at them. `rows` are those of `read_rows`, where they have been read."""
    if rows is None and splits_itself(config):
        split: Split = _module(config).load(config)
        return split
    return split_rows(TASKS[config.task.name], read_rows(config) if rows is None else rows, config)


def _module(config: RunConfig) -> ModuleType:
    return importlib.import_module(f"rnnlab.tasks.{TASKS[config.task.name].module}")
