"""Runs as they come from elsewhere: copied, unpacked, or queued by somebody with another secret."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from rnnlab.runs.codec import decode, encode
from rnnlab.runs.events import RunStarted
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.queue_entry import NAME


def files_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a folder, its bytes and the time it was written."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def make_foreign(run: RunFolder) -> RunFolder:
    """The run without the proof that it was queued here."""
    (run.path / NAME).unlink(missing_ok=True)
    return run


def copy_of(run: RunFolder, name: str) -> RunFolder:
    """A copy in the same session, its proof with it."""
    path = run.path.with_name(name)
    shutil.copytree(run.path, path)
    return RunFolder(path)


def started_on(run: RunFolder, host: str, boot: str) -> None:
    """Rewrite the log as if its process were one of another machine, or of another start of this one."""
    lines = run.events_path.read_bytes().splitlines(keepends=True)
    for at, line in enumerate(lines):
        record = decode(line)
        if isinstance(record.data, RunStarted):
            data = msgspec.structs.replace(record.data, host=host, boot=boot)
            lines[at] = encode(msgspec.structs.replace(record, data=data))
    run.events_path.write_bytes(b"".join(lines))
