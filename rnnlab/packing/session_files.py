"""The files that a session may hold, and how large each may be: what is packed, and all that is unpacked."""

from __future__ import annotations

import re

from rnnlab.runs.files import LOG_LIMIT, PREDICTIONS_LIMIT, TOML_LIMIT, WEIGHTS_LIMIT
from rnnlab.tasks.download.archive_checks import Limits

OF_SESSIONS = Limits(file=WEIGHTS_LIMIT, total=16 << 30, members=200_000)
"""Of a session as an archive: ten thousand runs with a dozen files each."""

_SMALL = 1 << 20
_TEXT = 64 << 20
_OF_SESSION = {
    "session.toml": TOML_LIMIT,
    "sweep.toml": TOML_LIMIT,
    "sweep.stopped": 0,
    "runner.log": _TEXT,
    "sweep.log": _TEXT,
}
_OF_RUN = {
    "run.toml": TOML_LIMIT,
    "events.jsonl": LOG_LIMIT,
    "commands.jsonl": _TEXT,
    "best.safetensors": WEIGHTS_LIMIT,
    "last.safetensors": WEIGHTS_LIMIT,
    "last.json": _SMALL,
    "resume.safetensors": WEIGHTS_LIMIT,
    "predictions.safetensors": PREDICTIONS_LIMIT,
    "queued.json": _SMALL,
    "pruned.json": _SMALL,
    "notes.toml": TOML_LIMIT,
    "trainer.log": _TEXT,
}
_RUN_NAME = re.compile(r"[^\W_][\w .+-]{0,254}")


def size_limit(path: str) -> int | None:
    """Bytes that a session's file at `path`, such as `runs/001-lstm-128/run.toml`, may have; None: a session has no such file."""
    parts = path.split("/")
    if len(parts) == 1:
        return _OF_SESSION.get(path)
    if len(parts) == 3 and parts[0] == "runs" and _RUN_NAME.fullmatch(parts[1]):
        return _OF_RUN.get(parts[2])
    return None
