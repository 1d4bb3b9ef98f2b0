"""The process that decides what a sweep does next, where that depends on its runs.

`python -m rnnlab.sweeps.processes.controller SESSION`

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

from rnnlab.catalog.models.own_cells import CellNeeded
from rnnlab.engines.local import ensure_runner
from rnnlab.errors import UsageError
from rnnlab.files import keep_others_from_writing, read_regular
from rnnlab.locks import Locked, held, is_enough, is_locked
from rnnlab.logout import detached
from rnnlab.paths import CELLS
from rnnlab.runs.files import open_append, read_tail
from rnnlab.runs.folders import Session
from rnnlab.sweeps.kept import KeptSweep, is_stopped, rest

_SOON = 0.02
_POLL = 0.2
"""Seconds between two decisions, at least."""
_FULL = 2.0
"""Seconds until a run is queued again that could not be, as the disk was full."""
_ALIVE = 2.0
"""Seconds between two checks that a runner trains what is queued."""
_ENDING = 30.0
"""Seconds that a controller may take to end: as long as it takes to queue what it has decided."""
_LOCK, _LOG = "sweep.lock", "sweep.log"

_started: dict[Path, subprocess.Popen[bytes]] = {}
"""The last controller of a session that this process started."""


def controller_alive(session: Session) -> bool:
    """Whether a controller decides for the session's sweep now."""
    return is_locked(session.path / _LOCK, links="folder")


def ensure_controller(session: Session) -> None:
    """Start the controller of the session's sweep unless one lives. Returns at once.

    It gets the lock of whoever starts it, so that there is never a second one, nor a moment in which it cannot be stopped.
    Raises `UsageError`, also where the last one that this process started ended by its own fault, as the next one would.
    """
    _check_last(session)
    path = session.path / _LOG
    try:
        with held(session.path / _LOCK, links="folder") as lock:
            os.ftruncate(lock, 0)  # whoever is to stop the controller shall not take the number of the one before
            log = open_append(path, links="folder")
            # A claim is not passed on: then the controller takes its own, once this one is released.
            passed = [str(lock)] if is_enough(lock, session.path / _LOCK) else []
            try:
                process = subprocess.Popen(
                    detached(
                        [
                            sys.executable,
                            "-P",
                            "-m",
                            "rnnlab.sweeps.processes.controller",
                            str(session.path.resolve()),
                            *passed,
                        ]
                    ),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=[lock] if passed else [],
                )
            finally:
                os.close(log)
            _started[session.path] = process
            _write_number(lock, process.pid)
    except Locked:
        return
    except OSError as error:
        where = error.filename or path
        raise UsageError(f"{where} cannot be written ({error.strerror}): the sweep cannot be started") from None


def _check_last(session: Session) -> None:
    process = _started.get(session.path)
    if process is None or (code := process.poll()) is None:
        return
    del _started[session.path]
    if code > 0:
        path = session.path / _LOG
        lines = read_tail(path).strip().splitlines()
        why = f" ({lines[-1][:300]})" if lines else ""
        raise UsageError(f"nobody decides what the sweep does next, as its controller has failed{why}: see {path}")


def _write_number(lock: int, number: int) -> None:
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{number}\n".encode(), 0)


def stop_controller(session: Session) -> None:
    """End the controller of the session's sweep, where one lives, and wait for its end: its runs stay as they are."""
    deadline = time.monotonic() + _ENDING
    while controller_alive(session) and time.monotonic() < deadline:
        try:
            number = int(read_regular(session.path / _LOCK, 64, links="folder"))
            os.kill(number, signal.SIGTERM)
        except (OSError, ValueError):
            pass  # it has just ended, or is just being started
        time.sleep(_SOON)


class Controller:
    """Carries out the steps of one session's sweep until nothing is left to decide."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.stopping = False
        self._kept = KeptSweep(session)
        self._seen_at = 0.0
        self._made: set[str] = set()
        """Settings, by their digests, of runs that were queued: a run that a person deletes meanwhile is not made again."""

    def work(self) -> None:
        """Decide and carry out until the sweep is over, or stopped. Raises `UsageError` where its specification is wrong."""
        while not self.stopping and not is_stopped(self.session):
            began = time.monotonic()
            stand = self._kept.sweep().stand(self._made)
            if stand.over:
                return
            try:
                if stand.step:
                    self._kept.sweep().advance(self._made)
                elif began - self._seen_at > _ALIVE:
                    self._seen_at = began
                    ensure_runner(self.session)  # the one before may have been killed
            except CellNeeded:
                raise  # no later try has the file
            except (UsageError, OSError) as error:
                print(error, flush=True)  # noqa: T201 - the controller's log
                time.sleep(_FULL)
            time.sleep(rest(time.monotonic() - began, _POLL))


def main(arguments: list[str]) -> int:
    """Decide for the session named on the command line. Exit code 0, also where another controller already does.

    A second argument is the number of the open lock file that it got of whoever started it.
    """
    if len(arguments) not in (1, 2) or not all(each.isdecimal() for each in arguments[1:]):
        sys.stderr.write("usage: python -m rnnlab.sweeps.processes.controller SESSION [LOCK]\n")
        return 2
    keep_others_from_writing()
    session = Session(Path(arguments[0]))
    controller = Controller(session)

    def stop(*_: object) -> None:
        controller.stopping = True

    if os.environ.get(CELLS):
        from rnnlab.engines.cells import choose_usual

        # The files that the person chose who started the sweep.
        choose_usual()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        if len(arguments) > 1:
            os.set_inheritable(int(arguments[1]), False)
            controller.work()
            return 0
        with held(session.path / _LOCK, links="folder") as file:
            _write_number(file, os.getpid())
            controller.work()
    except Locked:
        return 0
    except (UsageError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
