"""Runs that end and are resumed: real runners, real trainers, real kills."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.engines.local import run_alive, runner_alive
from rnnlab.engines.resume import queue_again, resume
from rnnlab.locks import PATIENCE as LOCK_PATIENCE
from rnnlab.runs.events import ResumeAsked, RunFailed, RunFinished, RunResumed
from rnnlab.runs.folders import RunFolder, Session, SessionInfo
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.summary import summarise
from rnnlab.training.verify import verify
from tests.engines.running import kill, queued, runner_of, starts, state_of, suspended, until, until_saved

SETTINGS = {"task.name": "binary", "model.hidden": "8", "train.epochs": 400, "train.batch_size": 32}
"""Some seconds of training."""
QUICK = SETTINGS | {"train.epochs": 3, "optim.schedule": "constant"}


def ended(run: RunFolder, status: str) -> None:
    until(lambda: state_of(run).ended, "the run ends")
    assert state_of(run).status == status


def test_a_killed_run_goes_on_under_a_living_runner_and_under_a_new_one(session: Session) -> None:
    session.write_info(SessionInfo("lab", slots=2, attempts=0))
    run = queued(session, SETTINGS)
    other = queued(session, SETTINGS | {"train.seed": 1, "train.epochs": 100_000})  # keeps the runner alive
    until_saved(run)
    kill(run)
    ended(run, "failed")
    assert runner_alive(session)
    saved = state_of(run).checkpoints["resume"]
    until(lambda: not run_alive(run), "the runner, which wrote how it ended, has let go of its log")
    with suspended(runner_of(session)):
        resume(run)
        assert summarise(run).status == "queued"
    until(lambda: any(mark.command == "resumed" for mark in state_of(run).applied_commands), "it goes on")
    until(lambda: state_of(run).step > saved.step, "it trains")
    os.kill(runner_of(session), signal.SIGKILL)
    kill(run)
    until(lambda: not run_alive(run) and not runner_alive(session), "both are gone")
    resume(run)  # without a final event: this writes it
    ended(run, "completed")
    other.send("stop")
    report = verify(run)
    assert (report.mismatches, report.notes) == ([], [])
    assert sum(isinstance(record.data, RunFailed) for record in read_records(run.events_path)[0]) == 2


def test_more_epochs_come_to_the_run_that_had_them_from_the_start(session: Session) -> None:
    run, longer = queued(session, QUICK), queued(session, QUICK | {"train.epochs": 5})
    ended(run, "completed")
    with pytest.raises(UsageError, match=r"3 of 3 epochs; give it more with --epochs"):
        resume(run)
    with pytest.raises(UsageError, match="give it more"):
        resume(run, {"train.epochs": 2})
    resume(run, {"train.epochs": 5})
    ended(run, "completed")
    ended(longer, "completed")
    assert (run.path / "best.safetensors").read_bytes() == (longer.path / "best.safetensors").read_bytes()
    assert (run.path / "last.safetensors").read_bytes() == (longer.path / "last.safetensors").read_bytes()
    state = state_of(run)
    assert (state.epoch, state.final, state.best and state.best.metrics) == (
        5,
        state_of(longer).final,
        state_of(longer).best and state_of(longer).best.metrics,  # type: ignore[union-attr]
    )
    assert state.started is not None
    assert state.started.epochs == run.config().train.epochs == summarise(run).epochs == 5
    assert verify(run).ok


def test_a_stopped_run_goes_on_and_one_called_off_is_what_it_was(session: Session) -> None:
    run = queued(session, SETTINGS)
    until(lambda: state_of(run).step > 0, "it trains")
    with suspended(starts(run)[-1].pid):  # it does not end by itself meanwhile
        with pytest.raises(UsageError, match="is being trained"):
            resume(run)
        run.send("stop")
    ended(run, "stopped")
    until(lambda: not runner_alive(session), "the runner goes")
    step = state_of(run).step
    queue_again(run)
    resume(run)  # once more changes nothing
    until(lambda: state_of(run).step > step, "it goes on")
    ended(run, "completed")
    assert sum(isinstance(r.data, RunResumed) for r in read_records(run.events_path)[0]) == 1
    assert sum(isinstance(r.data, RunFinished) for r in read_records(run.events_path)[0]) == 2
    assert verify(run).ok


def test_an_ended_run_is_resumed_though_its_process_holds_the_log_a_moment_longer(session: Session) -> None:
    run = session.create_run(RunConfig.from_settings(QUICK))
    log = LogWriter(run.events_path)
    log.append(RunFailed(kind="killed", message="so that it can be resumed"))
    closing = threading.Timer(2 * LOCK_PATIENCE, log.close)
    closing.start()
    queue_again(run)
    closing.join()
    assert isinstance(read_records(run.events_path)[0][-1].data, ResumeAsked)
