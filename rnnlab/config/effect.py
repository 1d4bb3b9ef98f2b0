"""Settings that a person gave and that have no effect beside the others."""

from __future__ import annotations

from collections.abc import Iterable

from rnnlab.config.tree import FIELDS, RunConfig, where
from rnnlab.errors import UsageError


def check_effect(config: RunConfig, given: Iterable[str]) -> None:
    """Raise `UsageError` for the first of the keys `given` whose value is not read, and is not the default either."""
    for key in given:
        if not config.applies(key) and config.get(key) != FIELDS[key].default:
            raise UsageError(
                f"{key} = {FIELDS[key].text(config.get(key))} has no effect here: it applies where {where(key)}"
            )
