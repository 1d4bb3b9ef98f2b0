"""A run whose process was killed is resumed, so often and no oftener; one that crashed is not."""

from __future__ import annotations

import contextlib
import os
import signal

import psutil

from benchmarks.reliability.kills import LONG
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.machine import boot_id, host
from rnnlab.runs.events import ResumeAsked, RunFailed, RunFinished, RunResumed
from rnnlab.runs.folders import RunFolder, Session, SessionInfo
from rnnlab.runs.liveness import standing
from rnnlab.runs.log import lock_path
from rnnlab.runs.log_reader import read_records
from rnnlab.training.verify import verify
from tests.engines.running import kill, runner_of, saved, starts, state_of, suspend, until

SETTINGS = {"task.name": "binary", "model.hidden": "8", "train.epochs": 300, "train.batch_size": 32}
"""Some seconds of training."""


def test_a_killed_run_goes_on_by_itself_and_comes_out_the_same(session: Session) -> None:
    run = saved(session, SETTINGS)
    kill(run)
    until(lambda: len(starts(run)) == 2, "its runner goes on with it")
    os.kill(runner_of(session), signal.SIGKILL)
    kill(run)
    until(lambda: not runner_alive(session) and not run_alive(run), "both are gone, as after a power cut")
    ensure_runner(session)
    until(lambda: state_of(run).ended, "a new runner goes on with it, and it ends")
    assert state_of(run).status == "completed"
    first, *resumed = starts(run)
    assert [each.attempt for each in resumed if isinstance(each, RunResumed)] == [1, 2]
    for each in (first, *resumed):
        assert (each.host, each.boot) == (host(), boot_id())
    report = verify(run)
    assert (report.mismatches, report.notes) == ([], [])


def test_after_three_attempts_a_killed_run_has_failed(session: Session) -> None:
    run = saved(session, LONG)
    for attempt in range(1, 5):
        kill(run)
        if attempt < 4:
            until(lambda attempt=attempt: len(starts(run)) == attempt + 1, "it is resumed")  # type: ignore[misc]
    until(lambda: state_of(run).ended, "it is given up")
    state = state_of(run)
    assert (state.status, state.kind) == ("failed", "killed")
    assert "SIGKILL" in state.message
    assert "3 times" in state.message
    assert "rnnlab resume" in state.hint
    asked = [r.data.attempt for r in read_records(run.events_path)[0] if isinstance(r.data, ResumeAsked)]
    assert asked == [1, 2, 3]


def test_whatever_signal_kills_a_run_from_outside_it_is_resumed(session: Session) -> None:
    run = saved(session, LONG)
    for number, killed_by in enumerate((signal.SIGUSR2, signal.SIGALRM, signal.SIGXCPU), 2):
        kill(run, killed_by)
        until(lambda number=number: len(starts(run)) == number, f"it is resumed after {killed_by.name}")  # type: ignore[misc]
    kill(run, signal.SIGVTALRM)
    until(lambda: state_of(run).ended, "it is given up")
    assert "SIGVTALRM" in state_of(run).message
    assert "rnnlab resume" in state_of(run).hint


def test_a_crash_is_not_tried_again(session: Session) -> None:
    session.write_info(SessionInfo("lab", slots=2))
    other = saved(session, LONG)  # for which the runner stays
    for fault in (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGABRT):
        run = saved(session, LONG)
        kill(run, fault)
        until(lambda run=run: state_of(run).ended, f"its end after {fault.name} is in the log")  # type: ignore[misc]
        assert fault.name in state_of(run).message
        assert len(starts(run)) == 1
    assert not state_of(other).ended


def test_a_stop_that_a_killed_process_did_not_hear_is_heard_by_the_next(session: Session) -> None:
    run = saved(session, LONG)
    suspend(starts(run)[-1].pid)
    run.send("stop")
    kill(run)
    until(lambda: state_of(run).ended, "it is resumed, and stops")
    assert state_of(run).status == "stopped"
    assert state_of(run).final, "with its best weights tested"
    assert len(starts(run)) == 2


def test_a_trainer_killed_while_it_loads_is_started_again(session: Session) -> None:
    # Long enough at loading to be met there: seconds, where a task of the usual size takes a tenth of one.
    slow = {"task.name": "adding", "data.rows": 200_000, "model.hidden": "4", "train.updates": 3}
    run = session.create_run(RunConfig.from_settings(slow))
    ensure_runner(session)
    until(lambda: bool(trainers_of(run)), "a process has its log")
    (killed,) = trainers_of(run)
    suspend(killed)  # before it has loaded, however long it is until the next line
    assert standing(run).state == "loading"
    os.kill(killed, signal.SIGKILL)
    until(lambda: state_of(run).ended, "another one trains it")
    assert state_of(run).status == "completed"
    assert starts(run)[0].pid != killed
    assert not any(isinstance(r.data, RunFailed) for r in read_records(run.events_path)[0])
    assert isinstance(read_records(run.events_path)[0][-1].data, RunFinished)


def trainers_of(run: RunFolder) -> list[int]:
    """The processes that hold the lock of the run's log, also those that have yet to write their numbers down."""
    lock, found = str(lock_path(run.events_path)), []
    for process in psutil.process_iter(["cmdline"]):
        with contextlib.suppress(psutil.Error):
            trains = any(part.startswith("rnnlab.training") for part in process.info["cmdline"] or [])
            if trains and lock in [file.path for file in process.open_files()]:
                found.append(int(process.pid))
    return found
