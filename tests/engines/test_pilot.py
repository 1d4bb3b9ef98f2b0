"""Pilots: several share a session's queue, and what a signal interrupts is queued again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.engines.pilot import Pilot
from rnnlab.engines.trainers import Trainers
from rnnlab.file_system import SHARED
from rnnlab.runs.events import ResumeAsked, RunFinished, RunResumed
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.liveness import standing
from rnnlab.runs.log_tail import read_last
from rnnlab.runs.queue_entry import QUEUED_ON
from tests.engines.running import starts, until

SETTINGS = {
    "task.name": "sinusoids",
    "model.name": "gru",
    "model.hidden": 8,
    "train.batch_size": 8,
    "train.patience": None,
    "runtime.device": "cpu",
    "runtime.threads": 1,
}
SHORT = {**SETTINGS, "train.epochs": 1000, "train.updates": 60}
ENDLESS = {**SETTINGS, "train.epochs": 100_000}


@contextmanager
def pilot(session: Session, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A pilot of the session, in a process that takes itself for one of a Slurm job; its output lies in `pilot.log`."""
    with (session.path / "pilot.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnnlab.sweeps.processes.pilot", str(session.path)],
            env={**os.environ, "SLURM_JOB_ID": "1", "SLURM_CPUS_ON_NODE": "1", SHARED: "1", **environment},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def trains(run: RunFolder) -> bool:
    return run.events_path.exists() and standing(run).state == "training" and run.resume_path.exists()


def outcome(run: RunFolder) -> str:
    """How the run's log says that it ended."""
    last = read_last(run.events_path)
    return last.data.outcome if last is not None and isinstance(last.data, RunFinished) else ""


def test_pilots_share_a_queue_and_train_each_run_once(session: Session) -> None:
    runs = [session.create_run(RunConfig.from_settings({**SHORT, "train.seed": seed})) for seed in range(6)]
    with pilot(session, SLURM_ARRAY_TASK_ID="1") as first, pilot(session, SLURM_ARRAY_TASK_ID="2") as second:
        assert [first.wait(120), second.wait(120)] == [0, 0]
    assert [(outcome(run), len(starts(run))) for run in runs] == [("completed", 1)] * 6


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_has_trainers_save_their_state_and_queues_their_runs_again(
    session: Session, number: signal.Signals
) -> None:
    run = session.create_run(RunConfig.from_settings(ENDLESS))
    with pilot(session) as process:
        until(lambda: trains(run), "it trains")
        trainer = starts(run)[0].pid
        assert os.getsid(trainer) == os.getsid(process.pid)  # the scheduler, which ends the job, finds it
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(30) == 0
        assert time.monotonic() - began < 10
    assert not Path(f"/proc/{trainer}").exists()
    last = read_last(run.events_path)
    assert last is not None
    assert isinstance(last.data, ResumeAsked)
    assert last.data.attempt == 0  # it is no attempt of a run that was killed

    with pilot(session) as following:
        until(lambda: len(starts(run)) == 2, "it goes on")
        resumed = starts(run)[1]
        assert isinstance(resumed, RunResumed)
        assert resumed.after > 0
        run.send("stop")
        assert following.wait(60) == 0
    assert outcome(run) == "stopped"


def test_a_run_that_a_person_stopped_is_not_queued_again(session: Session) -> None:
    run = session.create_run(RunConfig.from_settings(ENDLESS))
    with pilot(session) as process:
        until(lambda: trains(run), "it trains")
        run.send("stop")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    with pilot(session) as following:
        assert following.wait(60) == 0
    assert outcome(run) == "stopped"


@pytest.mark.slow
def test_a_trainer_that_is_killed_is_replaced_by_its_pilot(session: Session) -> None:
    run = session.create_run(RunConfig.from_settings({**SHORT, "train.updates": 3000}))
    with pilot(session) as process:
        until(lambda: trains(run), "it trains")
        os.kill(starts(run)[0].pid, signal.SIGKILL)
        assert process.wait(120) == 0
    assert (outcome(run), len(starts(run))) == ("completed", 2)


def test_a_run_that_was_queued_on_another_machine_is_not_trained(session: Session) -> None:
    run = session.create_run(RunConfig.from_settings(SHORT))
    with pilot(session, **{QUEUED_ON: "another-machine"}) as process:
        assert process.wait(60) == 0
    assert "queued elsewhere" in (session.path / "pilot.log").read_text()
    assert not run.events_path.exists()


@pytest.mark.parametrize("full", [True, False])
def test_a_pilot_without_room_seldom_polls_the_queue(
    session: Session, full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand pilots share a folder."""
    waits = 0
    wait = Trainers.wait

    def counted(self: Trainers, seconds: float) -> bool:
        nonlocal waits
        waits += 1
        return wait(self, seconds)

    monkeypatch.setattr(Trainers, "wait", counted)

    class Counting(Pilot):
        polls = 0

        def poll(self) -> bool:
            self.polls += 1
            self.is_full = full
            return True

    counting = Counting(session)
    working = threading.Thread(target=counting.work)
    working.start()
    until(lambda: waits >= 8, "it has waited eight times")
    polls = counting.polls
    counting.stopped_by = signal.SIGTERM
    working.join(2.0)
    assert not working.is_alive()
    assert polls <= 2 if full else polls >= 4


def test_what_waits_begins_as_soon_as_a_run_has_ended(session: Session) -> None:
    runs = [session.create_run(RunConfig.from_settings({**ENDLESS, "train.seed": seed})) for seed in range(2)]
    with pilot(session):
        until(lambda: trains(runs[0]), "the first trains")
        time.sleep(1.0)  # the pilot, a process of its own, finds meanwhile that there is no room for the second
        runs[0].send("stop")
        until(lambda: outcome(runs[0]) == "stopped", "it has stopped")
        ended = time.monotonic()
        until(lambda: runs[1].events_path.exists(), "the next one has begun")
        assert time.monotonic() - ended < 5
