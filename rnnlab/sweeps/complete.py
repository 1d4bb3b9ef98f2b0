"""Configurations of a sweep's points, completed as a single run's is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rnnlab.config import FIELDS, RunConfig
from rnnlab.config.suggested import KnownData, with_suggested

Completer = Callable[[Mapping[str, Any]], RunConfig]
"""Makes a run's configuration of settings by key. Raises `ConfigError`."""


def completer(task: str, parameters: int = 0) -> Completer:
    """What completes settings of `task`: own data with what suits them, `parameters` > 0 with the hidden size that matches.

    The file of own data is read once for each different way to read it. Raises `UsageError` where it cannot be read.
    """
    complete = _own() if task == "own" else RunConfig.from_settings
    if not parameters:
        return complete

    def matched(settings: Mapping[str, Any]) -> RunConfig:
        from rnnlab.models.plan.plan_for_task import matched_to

        return matched_to(complete(settings), parameters)[0]

    return matched


def _own() -> Completer:
    from rnnlab.tasks.own.check import known_data

    seen: dict[tuple[tuple[str, Any], ...], KnownData | None] = {}

    def complete(settings: Mapping[str, Any]) -> RunConfig:
        data = tuple((key, value) for key, value in settings.items() if FIELDS[key].group == "data")
        if data not in seen:
            seen[data] = known_data(dict(settings))
        known = seen[data]
        return RunConfig.from_settings(settings if known is None else with_suggested(settings, known))

    return complete
