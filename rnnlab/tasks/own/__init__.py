"""Somebody's own data: texts with labels, a series, arrays, recordings, `.ts` files. One module a kind."""

from __future__ import annotations

from rnnlab.config import RunConfig
from rnnlab.tasks.own.encode import encode
from rnnlab.tasks.own.findings import Findings
from rnnlab.tasks.own.reading import Reading, read_own
from rnnlab.tasks.splitting.types import Split

__all__ = ["encode", "load"]


def load(config: RunConfig) -> Split:
    """The file that `data.path` names, in three parts.

    Raises `UsageError` with the sentence that the check begins with, where it cannot be trained on.
    """
    findings = Findings(str(config.data.path))
    reading = Reading()
    read_own(config, reading, findings, keep=True)
    findings.raise_stop()
    assert reading.make is not None
    return reading.make(config)
