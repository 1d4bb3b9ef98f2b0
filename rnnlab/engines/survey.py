"""Survey of a session's runs: those that have not ended, found without reading again what has not changed.

A runner asks ten times a second, and a session may have thousands of runs. So the folder of runs is listed when it changes, or
once a second, and a run that has ended is read again only when its files are others and somebody has touched the folder of
runs, as who queues or resumes a run does.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log import lock_path
from rnnlab.runs.queue_entry import NAME as QUEUE_ENTRY

_LISTED = 1.0
"""Seconds for which a listing holds where the folder's time is as before: that may be as coarse as two changes are close."""

Marks = tuple[tuple[int, int, int] | None, ...]
"""Of a run's folder and each of its files that tell how it stands: time of change, size and inode; None: there is none."""


def marks_of(run: RunFolder) -> Marks:
    """Marks of the run: equal as long as nobody writes to what tells how it stands."""
    entry = run.path / QUEUE_ENTRY
    files = (run.path, run.events_path, lock_path(run.events_path), run.config_path, run.commands_path, entry)
    return tuple(map(_mark, files))


def is_begun(run: RunFolder) -> bool:
    """Whether there is a log, or the lock of one that a trainer is about to write."""
    return os.path.lexists(run.events_path) or os.path.lexists(lock_path(run.events_path))


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ctime_ns, found.st_size, found.st_ino


class Survey:
    """The session's runs that have not ended."""

    def __init__(self, session: Session, clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._clock = clock
        self._ended: dict[Path, Marks] = {}
        self._unfinished: list[RunFolder] = []
        self._touched_at = -1
        self._listed_at = -_LISTED

    def unfinished(self, *, anew: bool = False) -> list[RunFolder]:
        """The runs that have not ended, in the order they were made. With `anew` the folder is listed in any case."""
        touched_at, now = self._touched(), self._clock()
        if touched_at != self._touched_at:
            # A run was made, or one that had ended is to be resumed.
            self._touched_at = touched_at
            self._ended = {path: marks for path, marks in self._ended.items() if marks_of(RunFolder(path)) == marks}
            anew = True
        if anew or now - self._listed_at >= _LISTED:
            self._listed_at = now
            self._unfinished = self._session.runs()
        self._unfinished = [run for run in self._unfinished if run.path not in self._ended]
        return self._unfinished

    def end(self, run: RunFolder, marks: Marks) -> None:
        """Count a run as ended that had these marks before it was found so."""
        self._ended[run.path] = marks

    def _touched(self) -> int:
        try:
            return self._session.runs_path.stat().st_mtime_ns
        except OSError:
            return 0
