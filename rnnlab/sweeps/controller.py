"""The process that decides what a sweep does next, where that depends on its runs: `python -m rnnlab.sweeps.controller SESSION`.

It queues and resumes runs, and the session's runner trains them. It keeps nothing in mind: killed and started again, it goes
on from the runs that are there. Only a person's command starts it, never the opening of a session.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.files import keep_others_from_writing, read_regular
from rnnlab.locks import Locked, held, is_locked
from rnnlab.runs.files import open_append
from rnnlab.runs.folders import Session
from rnnlab.sweeps.specification import NAME, specification_of
from rnnlab.sweeps.sweep import Stand, Sweep

_POLL = 0.2
"""Seconds between two decisions, at least;"""
_SHARE = 0.1
"""and the share of a core that reading the runs of a large sweep may take."""
_FULL = 2.0
"""Seconds until a run is queued again that could not be, as the disk was full."""
_LOCK, _LOG = "sweep.lock", "sweep.log"


def controller_alive(session: Session) -> bool:
    """Whether a controller decides for the session's sweep now."""
    return is_locked(session.path / _LOCK, links="folder")


def ensure_controller(session: Session) -> None:
    """Start the controller of the session's sweep unless one lives. Returns at once; raises `UsageError`."""
    if controller_alive(session):
        return
    path = session.path / _LOG
    try:
        log = open_append(path, links="folder")
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}): the sweep cannot be started") from None
    try:
        subprocess.Popen(
            [sys.executable, "-P", "-m", "rnnlab.sweeps.controller", str(session.path.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    finally:
        os.close(log)


def stop_controller(session: Session) -> None:
    """End the controller of the session's sweep, where one lives: its runs stay as they are."""
    if not controller_alive(session):
        return
    try:
        number = int(read_regular(session.path / _LOCK, 64, links="folder"))
        os.kill(number, signal.SIGTERM)
    except (OSError, ValueError):
        return  # it has just ended


class Controller:
    """Carries out the steps of one session's sweep until nothing is left to decide."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.stopping = False
        self._stamp = -1
        self._sweep: Sweep | None = None
        self._made: set[str] = set()
        """Settings, by their digests, of runs that were queued: a run that a person deletes meanwhile is not made again."""

    def work(self) -> None:
        """Decide and carry out until the sweep is over. Raises `UsageError` where the specification cannot be read."""
        while not self.stopping:
            began = time.monotonic()
            stand = self._decided()
            if stand.over:
                return
            try:
                if stand.step and self._sweep is not None:
                    self._sweep.carry_out(stand.step)
            except (UsageError, OSError) as error:
                print(error, flush=True)  # noqa: T201 - the controller's log
                time.sleep(_FULL)
            spent = time.monotonic() - began
            time.sleep(max(_POLL, spent / _SHARE - spent))

    def _decided(self) -> Stand:
        """How the sweep stands, by the specification as it is now."""
        path = self.session.path / NAME
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            stamp = self._stamp
        if self._sweep is None or stamp != self._stamp:
            specification = specification_of(self.session)
            if specification is None:
                raise UsageError(f"{path} is gone: nothing says what the sweep is")
            self._sweep, self._stamp = Sweep(self.session, specification), stamp
        return self._sweep.stand(self._made)


def main(arguments: list[str]) -> int:
    """Decide for the session named on the command line. Exit code 0, also where another controller already does."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m rnnlab.sweeps.controller SESSION\n")
        return 2
    keep_others_from_writing()
    session = Session(Path(arguments[0]))
    controller = Controller(session)

    def stop(*_: object) -> None:
        controller.stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held(session.path / _LOCK, links="folder") as file:
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
            controller.work()
    except Locked:
        return 0
    except (UsageError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
