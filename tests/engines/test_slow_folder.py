"""Runs in a shared folder that is slow: no second writer, nobody is told that they failed, and the same weights."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from rnnlab.claims import find_claim
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.file_system import SHARED
from rnnlab.runs.folders import RunFolder, Session, create_session
from tests.engines.running import SHORT, starts, state_of, until
from tests.no_locks import no_locks
from tests.slow_folder import slow_folder
from tests.training.recorded_runs import weights

ELSEWHERE = """
import sys
import rnnlab.machine
rnnlab.machine.boot_id, rnnlab.machine.host = lambda: "another-start", lambda: "n7"
from pathlib import Path
path = Path(sys.argv[1])
"""
"""A process that takes itself for one of another machine: whether one of this machine lives it does not know."""

READER = (
    ELSEWHERE
    + """
from rnnlab.runs.folders import Session
from rnnlab.runs.summaries import Summaries
rows = Summaries(Session(path))
while True:
    for run, row in rows.current():
        print(run.name, row.summary.status, row.summary.problem, flush=True)
"""
)
"""What the list of runs shows of each, time and again."""

SECOND_WRITER = (
    ELSEWHERE
    + """
import time
from rnnlab.claims import find_claim
from rnnlab.runs.log import LogBusy, LogWriter
while find_claim(path) is None:
    time.sleep(0.1)
while True:
    try:
        with LogWriter(path) as log:
            print("taken after", type(log.last.data).__name__ if log.last is not None else None, flush=True)
        break
    except LogBusy:
        print("busy", flush=True)
"""
)
"""Asks for a log until it gets it, as soon as there is a first writer; locks mean nothing to it."""


@contextmanager
def elsewhere(code: str, path: Path, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The code in a process of another machine, which has the folder as slow as this one, and none of its locks."""
    libraries = f"{os.environ['LD_PRELOAD']} {no_locks('ignored')['LD_PRELOAD']}"
    environment = {**os.environ, "LD_PRELOAD": libraries}
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(path)], env=environment, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def queued_runs(session: Session) -> list[RunFolder]:
    return [session.create_run(RunConfig.from_settings({**SHORT, "train.seed": seed})) for seed in range(2)]


def wait_for(session: Session) -> None:
    until(lambda: not runner_alive(session) and not any(map(run_alive, session.runs())), "everything has ended", 240)


@pytest.mark.slow
def test_in_a_slow_shared_folder_runs_have_one_writer_and_are_never_called_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = slow_folder(tmp_path / "slow")
    no_locks("ignored")  # compiled while nothing is slow
    monkeypatch.setenv(SHARED, "1")
    quick = create_session("quick", root=tmp_path / "quick")
    expected = queued_runs(quick)
    ensure_runner(quick)
    wait_for(quick)

    session = create_session("slow", root=tmp_path / "slow")
    runs = queued_runs(session)
    for name, value in slow.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as stack:
        stack.enter_context(elsewhere(READER, session.path, tmp_path / "reader"))
        seconds = [
            stack.enter_context(elsewhere(SECOND_WRITER, run.events_path, tmp_path / f"second-{run.name}"))
            for run in runs
        ]
        ensure_runner(session)
        until(lambda: all(state_of(run).ended for run in runs), "both have ended", 240)
        for second in seconds:
            assert second.wait(120) == 0
        shown = (tmp_path / "reader").read_text
        until(lambda: all(f"{run.name} completed" in shown() for run in runs), "the reader sees that", 60)
    wait_for(session)

    for run in runs:
        tries = (tmp_path / f"second-{run.name}").read_text().splitlines()
        assert set(tries[:-1]) == {"busy"}
        assert tries[-1] == "taken after RunFinished"
        found = find_claim(run.events_path)
        assert found is not None
        assert found.number == 2, "there was a third writer"
        assert len(starts(run)) == 1
    lines = set(shown().splitlines())
    statuses = {line.split(" ", 2)[1] for line in lines}
    assert statuses <= {"queued", "loading", "training", "evaluating", "saving", "completed"}
    assert "training" in statuses
    assert [line for line in lines if not line.endswith(" ")] == [], "a problem"
    assert [state_of(run).status for run in runs] == ["completed"] * 2
    assert list(map(weights, runs)) == list(map(weights, expected))
