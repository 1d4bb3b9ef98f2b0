"""Users' own data: texts with labels, a series, arrays, recordings, `.ts` files, a module each."""

from __future__ import annotations

from rnnlab.config import RunConfig
from rnnlab.tasks.own.encode import encode
from rnnlab.tasks.own.findings import Findings
from rnnlab.tasks.own.reading import Reading, read_own
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
    return reading.make(config)
