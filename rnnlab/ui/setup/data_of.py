"""Which data a screen is about: a task, and what is set of its data."""

from __future__ import annotations

import asyncio

from rnnlab.config import read_settings
from rnnlab.runs.folders import RunFolder
from rnnlab.ui.setup.draft import Draft

DataOf = tuple[str, dict[str, str]]
"""The task, and the settings of its data as the command line takes them."""


async def data_of_run(run: RunFolder) -> DataOf:
    """What the run learns from. Raises `UsageError` where its configuration cannot be read."""
    draft = Draft(await asyncio.to_thread(read_settings, run.config_path))
    return draft.card.name, draft.data_settings()
