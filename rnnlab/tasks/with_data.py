"""Configuration of a run whose data is known to be there."""

from __future__ import annotations

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.runs.queue_entry import cell_of
from rnnlab.tasks.download.data_folders import locate


def with_its_data(config: RunConfig) -> RunConfig:
    """The configuration, once its data, and the file of a cell of one's own, are known to be there.

    What is missing is reported before a run is made of it: raises `UsageError`.
    """
    cell_of(config)
    card = TASKS[config.task.name]
    if card.found_by:
        locate(card, config)
    if card.name == "own":
        from rnnlab.tasks.own.detect import own_path

        # Who carries the run out, or verifies it, may stand in another folder.
        return RunConfig.from_settings(config.flat() | {"data.path": str(own_path(config).resolve())})
    return config
