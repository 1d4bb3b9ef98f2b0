"""The local engine: a detached process per session, the runner, that starts a trainer for each queued run.

A run without a log is queued, and so is one whose log ends with `ResumeAsked`. The runner lives in its own process session, so
that neither a closed terminal nor the end of the app touches it (of a logout: `rnnlab.logout`), and so does each
trainer, so that the end of the runner does not either. `rnnlab.runs.liveness` finds whether a run is alive. When a trainer was
killed, the runner (or the next one) queues its run to be resumed, some times; when it crashed, or was killed too often, it
writes the run's final event.

Nothing is started, resumed or written to but what this person queued on this machine: a session may come from a stranger.

`python -m rnnlab.engines.local SESSION`
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from rnnlab.engines.allocation import in_allocation, within_pilot
from rnnlab.engines.clusters.dispatch import cluster_of, ensure_pilots, has_pilots, most_pilots
from rnnlab.engines.final_event import has_attempts_left, write_final_event
from rnnlab.engines.runner import Runner, RunnerBusy, call_off, runner_lock, stop_on_signals
from rnnlab.engines.startable import check_crashes, check_lock, reap
from rnnlab.errors import UsageError
from rnnlab.files import keep_others_from_writing
from rnnlab.locks import is_locked
from rnnlab.logout import detached
from rnnlab.runs.files import open_append
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.liveness import is_alive, made_here, standing
from rnnlab.runs.log import LogBusy


def ensure_runner(session: Session) -> None:
    """Start the session's runner unless one lives; of a session on a cluster, submit its pilots. Returns at once.

    Raises `UsageError` where its lock or its log cannot be written, where the runners before ended at once, and where the
    cluster refuses.

    A runner that is about to end polls once more after it has released its lock, so a run queued before this call is always
    found.
    """
    if within_pilot():
        return  # it is the runner
    if cluster_of(session) is not None:
        ensure_pilots(session, _waiting(session, most_pilots(session)))
        return
    check_lock(session)
    if runner_alive(session):
        return
    check_crashes(session)
    try:
        log = open_append(session.runner_log_path, links="folder")
    except OSError as error:
        raise UsageError(
            f"{session.runner_log_path} cannot be written ({error.strerror}): the run cannot be started"
        ) from None
    try:
        process = subprocess.Popen(
            detached([sys.executable, "-P", "-m", "rnnlab.engines.local", str(session.path.resolve())]),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=not in_allocation(),
        )
        reap(process, session)
    finally:
        os.close(log)


def runner_alive(session: Session) -> bool:
    """Whether a runner carries out the session now, or pilots do, or are about to.

    Where the cluster does not answer they are taken for alive: nobody can start others either.
    """
    try:
        if cluster_of(session) is not None:
            return has_pilots(session)
    except UsageError:
        return True
    return is_locked(session.lock_path, links="folder")


def _waiting(session: Session, most: int) -> int:
    """How many runs have not ended; no more than `most` are counted, from the last one on."""
    found = 0
    for run in reversed(session.runs()):
        try:
            stands = standing(run)
        except OSError:
            continue
        found += stands.state == "queued" or (stands.state == "dead" and has_attempts_left(run))
        if found >= most:
            break
    return found


def call_off_waiting(runs: Iterable[RunFolder]) -> int:
    """Write the final event of runs that a person stopped while they waited and no runner was there to. Returns how many."""
    done = 0
    for run in runs:
        with contextlib.suppress(OSError, LogBusy):
            stands = standing(run)
            done += stands.state == "queued" and call_off(run, stands.last)
    return done


def run_alive(run: RunFolder) -> bool:
    """Whether a trainer has the run."""
    return is_alive(run)


def settle_session(session: Session) -> list[RunFolder]:
    """Write the final event of every run whose trainer is gone for good, starting nothing. Returns those runs.

    Those that the session's next runner resumes are left to it. Does nothing while a runner lives (it does this itself),
    where the folder is read-only, and to runs that were not made here.
    """
    try:
        with runner_lock(session):
            return [run for run in session.runs() if _is_over(run) and write_final_event(run, None)]
    except (RunnerBusy, UsageError, OSError):
        return []


def _is_over(run: RunFolder) -> bool:
    return standing(run).state == "dead" and made_here(run) and not has_attempts_left(run)


def main(arguments: list[str]) -> int:
    """Carry out the session named on the command line. Exit code 0, also where another runner already does."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m rnnlab.engines.local SESSION\n")
        return 2
    keep_others_from_writing()
    runner = Runner(Session(Path(arguments[0])))

    stop_on_signals(runner)
    try:
        runner.work()
    except RunnerBusy:
        pass
    except OSError as error:
        sys.stderr.write(f"{error.filename or runner.session.path}: {error.strerror or error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
