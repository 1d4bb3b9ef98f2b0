"""The settings that all runs of a sweep share, from a command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnlab.cli.settings import settings_from_options
from rnnlab.config import FIELDS, UsageError, field_of, where
from rnnlab.sweeps.complete import completer
from rnnlab.sweeps.space import Dimension
from rnnlab.tasks.with_data import with_its_data


def base_settings(
    task: str,
    config_file: Path | None,
    assignments: tuple[str, ...],
    flags: Mapping[str, object],
    over: Mapping[str, Dimension],
    *,
    beside: bool = False,
) -> dict[str, Any]:
    """The settings by key, those of own data with the file's full path.

    `beside`: the settings are a point themselves, so that one may be given which is swept over, too.

    Raises `UsageError`, also where the data are not there, where a setting is given that is swept over, and where one has no
    effect whatever the swept settings are.
    """
    settings, given = settings_from_options(task, config_file, assignments, flags)
    twice = next((key for key in given if key in over and not beside), None)
    if twice is not None:
        raise UsageError(f"{twice} is given a value and swept over; leave one of them out")
    settings = {key: field_of(key, value).check(value) for key, value in settings.items() if beside or key not in over}
    config = with_its_data(completer(task)(settings))
    if task == "own":
        settings["data.path"] = config.data.path
    for key in given:
        if not config.applies(key) and config.get(key) != FIELDS[key].default and not _depends(key, over):
            raise UsageError(
                f"{key} = {FIELDS[key].text(config.get(key))} has no effect here: it applies where {where(key)}"
            )
    return settings


def _depends(key: str, over: Mapping[str, Dimension]) -> bool:
    """Whether a swept setting decides if the setting is read."""
    setting = FIELDS[key].setting
    return any(other in over for other, _ in (*setting.applies, *setting.unless))
