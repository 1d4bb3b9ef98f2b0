"""The program of a pilot: `python -m rnnlab.sweeps.processes.pilot SESSION`, as the script of a cluster's job calls it.

Where its sweep chooses points or rungs by what came of earlier runs, the pilot decides too: no other process is needed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from rnnlab.catalog.models.own_cells import CellNeeded
from rnnlab.engines.pilot import Pilot, index_of_pilot
from rnnlab.engines.runner import TIME_IS_UP, stop_on_signals
from rnnlab.errors import UsageError
from rnnlab.files import keep_others_from_writing
from rnnlab.paths import CELLS
from rnnlab.runs.folders import Session
from rnnlab.sweeps.kept import KeptSweep, is_stopped
from rnnlab.sweeps.specification import specification_of

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
    session = Session(Path(arguments[0]))
    if os.environ.get(CELLS):
        from rnnlab.engines.cells import choose_usual

        choose_usual()
    try:
        specification = specification_of(session)
        decisions = _Decisions(session) if specification is not None and specification.adaptive else None
        pilot = Pilot(session, decisions, index=index_of_pilot())
        stop_on_signals(pilot)
        pilot.work()
        if pilot.stopped_by == TIME_IS_UP and pilot.unfinished and not is_stopped(session):
            _requeue()
    except (UsageError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


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
