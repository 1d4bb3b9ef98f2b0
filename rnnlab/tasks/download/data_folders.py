"""Where data sets lie, and what is said when one does not."""

from __future__ import annotations

import os
from pathlib import Path

from rnnlab.catalog.task_card import TaskCard
from rnnlab.config import RunConfig, UsageError
from rnnlab.paths import user_path


class MissingData(UsageError):
    """A data set that has to be fetched first is not here: what, where it was looked for, what to type."""

    def __init__(self, name: str, looked: tuple[Path, ...]) -> None:
        self.name = name
        self.looked = looked
        super().__init__(name, looked)

    def __str__(self) -> str:
        places = " and ".join(str(path) for path in self.looked)
        return (
            f"the data set {self.name} is not here: there is nothing of it in {places}; fetch it with "
            f"`rnnlab data fetch {self.name}`, or say where it is with RNNLAB_DATA=FOLDER"
        )


def data_root(config: RunConfig | None = None) -> Path:
    """The folder of data sets: `data.path` of the configuration, else `RNNLAB_DATA`, else `data` here.

    Raises `UsageError` where it cannot be a path.
    """
    if config is not None and config.data.path:
        return user_path(config.data.path, "data.path")
    return user_path(os.environ.get("RNNLAB_DATA") or "data", "RNNLAB_DATA")


def locate(card: TaskCard, config: RunConfig | None = None) -> Path:
    """The folder that holds the task's data set. Reads no file. Raises `MissingData` where it is not here."""
    root = data_root(config)
    for pattern in card.found_by:
        found = next(root.glob(pattern), None)
        if found is not None:
            return found.parent
    raise MissingData(card.name, (root / card.name,))


def is_here(card: TaskCard, config: RunConfig | None = None) -> bool:
    """Whether the task can be loaded as far as its files go."""
    return not card.found_by or any(next(data_root(config).glob(pattern), None) for pattern in card.found_by)
