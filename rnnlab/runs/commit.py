"""Which commit of a git checkout a run is started from, read from git's files: no process is started for it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from rnnlab.files import read_regular

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LIMIT = 16 << 20
"""Bytes of git's list of packed references."""


def commit_of(folder: Path) -> str:
    """The hash of the commit checked out in `folder` or above it; empty where that is no git checkout. Never raises."""
    try:
        checkout = next((each for each in (folder, *folder.parents) if os.path.lexists(each / ".git")), None)
        return "" if checkout is None else _head(_git_folder(checkout / ".git"))
    except (OSError, ValueError):
        return ""


def _git_folder(path: Path) -> Path:
    """Where a checkout's own files are: a worktree has a file instead of the folder."""
    if path.is_dir():
        return path
    kind, _, where = _read(path).partition(":")
    if kind != "gitdir":
        raise ValueError(path)
    return path.parent / where.strip()


def _head(folder: Path) -> str:
    head = _read(folder / "HEAD")
    kind, _, name = head.partition(":")
    if kind != "ref":
        return _checked(head)
    name = name.strip()
    if not name.startswith("refs/") or ".." in name:
        return ""
    shared = folder / _read(folder / "commondir") if (folder / "commondir").is_file() else folder
    for where in (folder, shared):
        if (where / name).is_file():
            return _checked(_read(where / name))
    for line in _read(shared / "packed-refs").splitlines():
        commit, _, packed = line.partition(" ")
        if packed == name:
            return _checked(commit)
    return ""


def _checked(text: str) -> str:
    return text if _COMMIT.fullmatch(text) else ""


def _read(path: Path) -> str:
    return read_regular(path, _LIMIT, links="follow").decode().strip()
