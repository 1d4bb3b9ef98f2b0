"""Loader of tasks: from a configuration to the arrays of its split."""

from __future__ import annotations

import importlib
from types import ModuleType

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.tasks.download.data_folders import MissingData, data_root
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.leaks import refuse_leaks
from rnnlab.tasks.splitting.prefixes import with_prefixes
from rnnlab.tasks.splitting.split import split_dataset
from rnnlab.tasks.splitting.types import Split

__all__ = ["MissingData", "data_root", "load", "load_unchecked", "read_dataset", "splits_itself"]


def read_dataset(config: RunConfig) -> Dataset:
    """Dataset of the task, cleaned, no row dropped, for a task that does not split by itself.

    Raises `UsageError`; `MissingData` where it has to be fetched first.
    """
    dataset: Dataset = _module(config).read(config)
    return dataset


def splits_itself(config: RunConfig) -> bool:
    """Whether the task's module makes the split itself: it has `load`."""
    return hasattr(_module(config), "load")


def load(config: RunConfig) -> Split:
    """Split of the task, ready to be trained on.

    Raises as `read_dataset`, where the rows are too few to split, and where the split leaks while `data.leaks` does not
    allow it.
    """
    split = load_unchecked(config)
    if config.data.leaks != "allow":
        refuse_leaks(split, config)
    return split


def load_unchecked(config: RunConfig, dataset: Dataset | None = None) -> Split:
    """Split of the task, leaks allowed. `dataset` is that of `read_dataset`, where it has been read."""
    split: Split
    if dataset is None and splits_itself(config):
        split = _module(config).load(config)
    else:
        dataset = read_dataset(config) if dataset is None else dataset
        split = split_dataset(TASKS[config.task.name], dataset, config)
    return with_prefixes(split, config)


def _module(config: RunConfig) -> ModuleType:
    return importlib.import_module(f"rnnlab.tasks.{TASKS[config.task.name].module}")
