"""Runs on disk by what they train: which of them has the same configuration as one that is about to be started.

A run's `run.toml` is written once, so an index of sizes and digests is kept, and read again only where runs were added.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from rnnlab.config import RunConfig
from rnnlab.config.files import to_toml
from rnnlab.files import read_regular
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import RunFolder, Session

_LIMIT = 1 << 20
_MOST_FILES = 2000
"""Files of a folder of data whose times are compared."""


class RunIndex:
    """The runs of all sessions, by the digest of their configuration. It reads files: use it in a thread."""

    def __init__(self) -> None:
        self._by_session: dict[Path, tuple[int, dict[str, _File]]] = {}
        """By session the time of its folder of runs, and of each run by its name the file."""

    def same(self, config: RunConfig) -> RunFolder | None:
        """The latest run of just this configuration, seed included, whose data has not changed since; None: there is none."""
        text = to_toml(config).encode()
        wanted = digest(text)
        for session in list_sessions():
            files = self._files(session)
            # Of thousands of runs few files are as long: the others are not read, which would hold up the keys meanwhile.
            names = [name for name, file in files.items() if file.size == len(text)]
            for name in sorted(names, reverse=True):
                run = RunFolder(session.runs_path / name)
                if _digest_of(files[name], run) == wanted and not data_changed(config, run):
                    return run
        return None

    def _files(self, session: Session) -> dict[str, _File]:
        try:
            changed = session.runs_path.stat().st_mtime_ns
        except OSError:
            return {}
        kept_at, known = self._by_session.get(session.path, (0, {}))
        if kept_at == changed:
            return known
        found = {}
        for run in session.runs():
            name = run.path.name
            if (each := known.get(name)) is None:
                with contextlib.suppress(OSError):
                    each = _File(os.stat(f"{run.path}/run.toml").st_size)  # noqa: PTH116 - thousands of these
            if each is not None:
                found[name] = each
        # A folder that changes within a tick of its clock may have changed again.
        self._by_session[session.path] = (changed, found)
        return found


@dataclass
class _File:
    """A run's configuration on disk; `digest` is None before it was read."""

    size: int
    digest: bytes | None = None


def _digest_of(file: _File, run: RunFolder) -> bytes:
    if file.digest is None:
        file.digest = b""
        with contextlib.suppress(OSError):
            file.digest = digest(read_regular(run.config_path, _LIMIT))
    return file.digest


def digest(text: bytes) -> bytes:
    """What two configurations have in common that are the same."""
    return blake2b(text, digest_size=16).digest()


def data_changed(config: RunConfig, run: RunFolder) -> bool:
    """Whether the file or the folder that the configuration names was changed after the run was made."""
    if not config.data.path:
        return False
    try:
        made = run.config_path.stat().st_mtime
        path = Path(config.data.path)
        if path.stat().st_mtime > made:
            return True
        if path.is_dir():
            with os.scandir(path) as entries:
                return any(entry.stat().st_mtime > made for entry, _ in zip(entries, range(_MOST_FILES), strict=False))
    except OSError:
        return True
    return False
