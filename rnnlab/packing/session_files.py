"""The files that a session may hold, and how large each may be: what is packed, and all that is unpacked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zipfile import ZipInfo

from rnnlab.errors import UsageError
from rnnlab.runs.files import LOG_LIMIT, PREDICTIONS_LIMIT, TOML_LIMIT, WEIGHTS_LIMIT
from rnnlab.tasks.download.archive_checks import Limits, shown

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


def session_in(members: Mapping[str, ZipInfo], called: str) -> tuple[str, dict[str, str]]:
    """The session's name, and its files: the path in the session → the path in the archive.

    `called`: the archive, in the error. Raises `UsageError` for what is no archive of one session and nothing else.
    """
    tops = {path.partition("/")[0] for path in members}
    if len(tops) != 1:
        raise UsageError(
            f"{called} is no archive of a session: it holds {len(tops)} things at its top where a session is one folder"
        )
    (own,) = tops
    files = {}
    for path, member in members.items():
        inside = path.partition("/")[2]
        limit = size_limit(inside)
        if limit is None:
            raise UsageError(f"{called} was refused: it holds {shown(path)}, and a session has no such file")
        if member.file_size > limit:
            raise UsageError(
                f"{called} was refused: its member {shown(path)} has {member.file_size:,} bytes, and such a file has at most "
                f"{limit:,}"
            )
        files[inside] = path
    if not any(inside.endswith(("/run.toml", "/events.jsonl")) or inside == "session.toml" for inside in files):
        raise UsageError(f"{called} is no archive of a session: it has neither a session.toml nor a run")
    return own, files
