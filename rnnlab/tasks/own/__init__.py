"""Users' own data: `reading.py` finds the kind of a file; tables are read by the roles of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rnnlab.config import RunConfig
from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.encode import encode
from rnnlab.tasks.own.reading import read_own
from rnnlab.tasks.own.result import Reading
from rnnlab.tasks.splitting.types import Split

__all__ = ["encode", "load"]


def load(config: RunConfig) -> Split:
    """Split of the file that `data.path` names.

    Raises `UsageError` with the first sentence of the check, where it cannot be trained on.
    """
    findings = Findings(str(config.data.path))
    reading = Reading()
    read_own(config, reading, findings, keep=True)
    findings.raise_stop()
    assert reading.make is not None
    return replace(reading.make(config), columns=_columns(findings.facts))


def _columns(facts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Titles of the columns by their role, as the reading found them."""
    columns: dict[str, tuple[str, ...]] = {}
    for entry in facts.get("roles") or ():
        columns[entry["role"]] = (*columns.get(entry["role"], ()), entry["column"])
    return columns
