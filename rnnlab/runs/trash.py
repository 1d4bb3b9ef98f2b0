"""Runs and sessions that were thrown away: moved into a hidden folder beside the sessions, so that it can be undone."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.locks import is_locked
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.liveness import is_alive, standing

TRASH = ".trash"
"""Inside the folder of sessions; a hidden name is no session."""


@dataclass(frozen=True)
class Discarded:
    """One thing thrown away: where it was and where it lies now."""

    name: str
    was: Path
    now: Path


def discard_run(run: RunFolder) -> Discarded:
    """Move the run's folder to the trash. Raises `UsageError` while it trains or where it cannot be moved."""
    if _is_trained(run):
        raise UsageError(f"{run.name} is being trained{_where(run)}; stop it first, then delete it")
    return _move(run.path, run.session.path.parent, f"{run.session.name}.{run.name}", run.name)


def discard_session(session: Session) -> Discarded:
    """Move the whole session to the trash. Raises `UsageError` while one of its runs trains or is about to."""
    for run in session.runs():
        if _is_trained(run):
            raise UsageError(
                f"{run.name} of {session.name} is being trained{_where(run)}; stop it first, then delete the session"
            )
    if is_locked(session.lock_path, links="folder"):
        raise UsageError(f"{session.name} still has runs to carry out; stop or delete those first")
    return _move(session.path, session.path.parent, session.name, session.name)


def _is_trained(run: RunFolder) -> bool:
    try:
        return is_alive(run)
    except OSError:
        return False  # its log is no file that a trainer could write


def _where(run: RunFolder) -> str:
    host = standing(run).host
    return f" on {host}" if host else ""


def restore(discarded: Discarded) -> None:
    """Move it back to where it was. Raises `UsageError` where its place is taken or it is no longer in the trash."""
    if discarded.was.exists():
        raise UsageError(f"{discarded.was} exists again; {discarded.name} stays in {discarded.now}")
    try:
        discarded.was.parent.mkdir(parents=True, exist_ok=True)
        discarded.now.rename(discarded.was)
    except OSError as error:
        raise UsageError(f"{discarded.now} cannot be moved back ({error.strerror})") from None


def _move(path: Path, root: Path, label: str, name: str) -> Discarded:
    trash = root / TRASH
    stamp = time.strftime("%Y%m%d-%H%M%S")
    try:
        trash.mkdir(exist_ok=True)
        number = 0
        while True:
            target = trash / (f"{stamp}.{label}" if not number else f"{stamp}-{number}.{label}")
            if not os.path.lexists(target):
                break
            number += 1
        path.rename(target)
    except OSError as error:
        raise UsageError(f"{path} cannot be moved to {trash} ({error.strerror}); is the folder writable?") from None
    return Discarded(name, path, target)
