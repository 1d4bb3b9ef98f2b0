"""The sweep that a session keeps: as its specification is now, and whether a person has stopped it."""

from __future__ import annotations

import contextlib
import os

from rnnlab.errors import UsageError
from rnnlab.runs.files import write_atomically
from rnnlab.runs.folders import Session
from rnnlab.sweeps.specification import NAME, specification_of
from rnnlab.sweeps.sweep import Sweep

_SHARE = 0.1
"""Share of a core that reading the runs of a large sweep may take."""
_STOPPED = "sweep.stopped"
"""An empty file: a person has stopped the sweep, and whoever carries it out ends."""


class KeptSweep:
    """The sweep of `session`, made anew when its specification is changed; `sweep` is the one as it was last read."""

    def __init__(self, session: Session, sweep: Sweep | None = None) -> None:
        self.session = session
        self._sweep = sweep
        self._stamp = self._stamp_now() if sweep is not None else None

    def sweep(self) -> Sweep:
        """The sweep as it is now; where its specification is gone, as it was. Raises `UsageError` where it cannot be read."""
        stamp = self._stamp_now()
        if self._sweep is None or (stamp is not None and stamp != self._stamp):
            specification = specification_of(self.session)
            if specification is None:
                raise UsageError(f"{self.session.path / NAME} is gone: nothing says what the sweep is")
            if self._sweep is None or specification != self._sweep.specification:
                self._sweep = Sweep(self.session, specification)
            self._stamp = stamp
        return self._sweep

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            found = (self.session.path / NAME).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def rest(spent: float, least: float) -> float:
    """Seconds to wait until the sweep is read again, after reading it took `spent` seconds: `least`, or more of a large sweep."""
    return max(least, spent / _SHARE - spent)


def is_stopped(session: Session) -> bool:
    """Whether a person has stopped the session's sweep."""
    return os.path.lexists(session.path / _STOPPED)


def mark_stopped(session: Session) -> None:
    """Have whoever carries out the session's sweep end, now or later. Raises `OSError`."""
    write_atomically(session.path / _STOPPED, b"")


def allow(session: Session) -> None:
    """The sweep is to be carried out, though it was stopped. Raises `OSError`."""
    with contextlib.suppress(FileNotFoundError):
        (session.path / _STOPPED).unlink()
