"""Configuration of a run whose data is known to be there."""

from __future__ import annotations

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.tasks.download.data_folders import locate


def with_its_data(config: RunConfig) -> RunConfig:
    """The configuration, once its data is known to be there: what is missing is reported before a run is made of it."""
    card = TASKS[config.task.name]
    if card.found_by:
        locate(card, config)
    if card.name == "own":
        from rnnlab.tasks.own.detect import own_path

        # Who carries the run out, or verifies it, may stand in another folder.
        return RunConfig.from_settings(config.flat() | {"data.path": str(own_path(config).resolve())})
    return config
