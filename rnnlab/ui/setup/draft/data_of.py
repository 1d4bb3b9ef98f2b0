"""Which data a screen is about: a task, and what is set of its data."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rnnlab.config import read_settings
from rnnlab.ui.setup.draft.draft import OWN, Draft

if TYPE_CHECKING:
    from rnnlab.runs.folders import RunFolder

DataOf = tuple[str, dict[str, str]]
"""The task, and the settings of its data as the command line takes them."""


async def data_of_run(run: RunFolder) -> DataOf:
    """What the run learns from. Raises `UsageError` where its configuration cannot be read."""
    draft = Draft(await asyncio.to_thread(read_settings, run.config_path))
    return draft.card.name, draft.data_settings()


def data_folder(draft: Draft) -> str | None:
    """The folder of data sets that was typed; None: the usual one, also for the person's own data, whose path is a file."""
    path = draft.value("data.path") if draft.card.name != OWN else None
    return path if isinstance(path, str) else None


def file_of(draft: Draft) -> tuple[str, dict[str, str]]:
    """The path of the person's own data, empty where there is none yet, and the settings it is to be read with."""
    settings = draft.data_settings()
    return settings.pop("data.path", ""), settings
