"""Folders of the data sets, and the error where one is missing."""

from __future__ import annotations

import os
from pathlib import Path

from rnnlab.catalog.task_card import TaskCard
from rnnlab.config import RunConfig, UsageError
from rnnlab.paths import user_path


class MissingData(UsageError):
    """A data set has to be fetched first: its name, the folders searched, the command to type."""

    def __init__(self, name: str, searched: tuple[Path, ...]) -> None:
        self.name = name
        self.searched = searched
        super().__init__(name, searched)

    def __str__(self) -> str:
        folders = " and ".join(str(path) for path in self.searched)
        return (
            f"the data set {self.name} is not here: there is nothing of it in {folders}; fetch it with "
            f"`rnnlab data fetch {self.name}`, or say where it is with RNNLAB_DATA=FOLDER"
        )


def data_root(config: RunConfig | None = None) -> Path:
    """Folder of the data sets: `data.path` of the configuration, else `RNNLAB_DATA`, else `data` here.

    Raises `UsageError` where it cannot be a path.
    """
    if config is not None and config.data.path:
        return user_path(config.data.path, "data.path")
    return user_path(os.environ.get("RNNLAB_DATA") or "data", "RNNLAB_DATA")


def locate(card: TaskCard, config: RunConfig | None = None) -> Path:
    """Folder that holds the task's data set. Reads no file. Raises `MissingData`."""
    root = data_root(config)
    for pattern in card.found_by:
        found = next(root.glob(pattern), None)
        if found is not None:
            return found.parent
    raise MissingData(card.name, (root / card.name,))


def is_here(card: TaskCard, config: RunConfig | None = None) -> bool:
    """Whether the files of the task's data set are here."""
    return not card.found_by or any(next(data_root(config).glob(pattern), None) for pattern in card.found_by)
