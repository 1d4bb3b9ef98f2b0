"""The program of a pilot: `python -m rnnlab.sweeps.processes.pilot SESSION`, as the script of a cluster's job calls it.

Exit code 0 where nothing is left to train, `STOPPED` where a signal ended it in a task of Ray's.

Where its sweep chooses points or rungs by what came of earlier runs, the pilot decides too: no other process is needed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from rnnlab.catalog.models.own_cells import CellNeeded
from rnnlab.engines.allocation import in_ray
from rnnlab.engines.pilot import Pilot, index_of_pilot
from rnnlab.engines.runner import TIME_IS_UP, stop_on_signals
from rnnlab.errors import UsageError
from rnnlab.files import keep_others_from_writing
from rnnlab.paths import CELLS
from rnnlab.runs.folders import Session
from rnnlab.sweeps.kept import KeptSweep, is_stopped
from rnnlab.sweeps.specification import specification_of

STOPPED = 4
"""The exit code of a pilot that a signal ended in a task of Ray's."""
_EVERY = 1.0
"""Seconds between two decisions, at least."""
_REQUEUE = 20.0
"""Seconds that Slurm may take to answer."""


class _Decisions:
    """What an adaptive sweep does next, decided by whichever pilot has nothing to train."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept = KeptSweep(session)
        self._made: set[str] = set()
        self._decided_at = 0.0

    def __call__(self) -> bool:
        """Queue what is next; whether more may follow."""
        if is_stopped(self._session):
            return False
        if time.monotonic() - self._decided_at < _EVERY:
            return True
        try:
            return not self._kept.sweep().advance(self._made).over
        except CellNeeded:
            raise  # no later try has the file
        except (UsageError, OSError) as error:
            print(error, flush=True)  # noqa: T201 - the job's log
            return True
        finally:
            self._decided_at = time.monotonic()


def main(arguments: list[str]) -> int:
    """Train the queue of the session named on the command line, until it is empty or the job's time is up."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m rnnlab.sweeps.processes.pilot SESSION\n")
        return 2
    keep_others_from_writing()
    if in_ray() and (pilot_process := os.fork()):
        # Ray kills its worker's children with it, and this is one; the pilot itself has its runs saved first.
        code = os.waitstatus_to_exitcode(os.waitpid(pilot_process, 0)[1])
        return code if code >= 0 else STOPPED
    session = Session(Path(arguments[0]))
    if os.environ.get(CELLS):
        from rnnlab.engines.cells import choose_usual

        choose_usual()
    try:
        specification = specification_of(session)
        decisions = _Decisions(session) if specification is not None and specification.adaptive else None
        pilot = Pilot(session, decisions, index=index_of_pilot())
        stop_on_signals(pilot)
        if in_ray():
            threading.Thread(target=_end_with_task, name="task", daemon=True).start()
        pilot.work()
        if pilot.stopping and in_ray():
            return STOPPED
        if pilot.stopped_by == TIME_IS_UP and pilot.unfinished and not is_stopped(session):
            _requeue()
    except (UsageError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _end_with_task() -> None:
    """Have this pilot save the state of its runs and end once its task has, whose end of a pipe is its standard input."""
    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


def _requeue() -> None:
    """Have this job put back into the cluster's queue."""
    job = os.environ.get("SLURM_JOB_ID", "")
    try:
        done = subprocess.run(
            ["scontrol", "requeue", job], capture_output=True, text=True, timeout=_REQUEUE, check=False
        )
        if done.returncode:
            print(f"job {job} is not put back into the queue: {done.stderr.strip()}", flush=True)  # noqa: T201
    except (OSError, subprocess.SubprocessError) as error:
        print(f"job {job} is not put back into the queue: {error}", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
