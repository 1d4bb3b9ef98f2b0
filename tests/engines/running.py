"""Runs of real runners and trainers, for tests: started, waited for, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner
from rnnlab.runs.events import RunResumed, RunStarted
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.runs.state import RunState

SHORT = {"task.name": "binary", "model.hidden": "8", "train.epochs": 2}
PATIENCE = 90


def until(reached: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait for something that another process does, and leave the processor to it: to ask takes a fifth of the time at most."""
    deadline = time.monotonic() + seconds
    while True:
        began = time.thread_time()
        if reached():
            return
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(max(0.02, 4 * (time.thread_time() - began)))


def state_of(run: RunFolder) -> RunState:
    return read_state(run.events_path)[0]


def queued(session: Session, settings: dict[str, object]) -> RunFolder:
    """A run that a runner has been started for."""
    run = session.create_run(RunConfig.from_settings(settings))
    ensure_runner(session)
    return run


def saved(session: Session, settings: dict[str, object]) -> RunFolder:
    """A run whose state has been saved, so that it can be resumed."""
    run = queued(session, settings)
    until_saved(run)
    return run


def until_saved(run: RunFolder) -> None:
    """Wait until the run's state has been saved. The log announces it before the file is put in place: a process killed in
    between has nothing to be resumed from.
    """
    until(lambda: "resume" in state_of(run).checkpoints and run.resume_path.exists(), "its state was saved")


def starts(run: RunFolder) -> list[RunStarted | RunResumed]:
    """What the log says of each process that trained it."""
    return [r.data for r in read_records(run.events_path)[0] if isinstance(r.data, RunStarted | RunResumed)]


def suspend(pid: int) -> None:
    """Stop a process with SIGSTOP, and wait until all of its threads stand."""
    os.kill(pid, signal.SIGSTOP)
    process = psutil.Process(pid)
    until(lambda: process.status() == psutil.STATUS_STOPPED, "all of its threads stand")


@contextmanager
def suspended(pid: int) -> Iterator[None]:
    """A process that does nothing within."""
    suspend(pid)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def runner_of(session: Session) -> int:
    """The process number of the session's runner, which lives."""
    return int(session.lock_path.read_text())


def soon() -> float:
    """Seconds within which a new runner has seen to a killed run: five, or more where starting one takes long just now."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-P", "-c", "import rnnlab.engines.local"], check=True)
    return max(5.0, 8 * (time.monotonic() - began))


def kill(run: RunFolder, number: signal.Signals = signal.SIGKILL) -> None:
    """Send the signal to the run's trainer."""
    os.kill(starts(run)[-1].pid, number)
