"""A runner of a long queue: it reads again only what has changed, and misses nothing that has."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.cores import cores
from rnnlab.engines.resume import queue_again
from rnnlab.engines.runner import Runner
from rnnlab.engines.slots import release, take_slots
from rnnlab.engines.survey import Survey, marks_of
from rnnlab.runs import liveness
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import RunFinished, RunStarted
from rnnlab.runs.folders import RunFolder, Session, SessionInfo, create_session
from rnnlab.runs.log import LogWriter
from tests.engines.running import SHORT, state_of

MANY = 300


def many(session: Session, *, ended: bool) -> list[RunFolder]:
    """Runs that wait, or have ended."""
    first = session.create_run(RunConfig.from_settings(SHORT | {"train.updates": 10}))
    if ended:
        data = DataSummary(task="binary", title="Binary", problem="regression", metric="mae", higher_is_better=False)
        with LogWriter(first.events_path) as log:
            log.append(RunStarted(run=first.name, config={}, data=data, model="LSTM 8", steps_total=5))
            log.append(RunFinished(outcome="stopped"))
    for number in range(2, MANY + 1):
        shutil.copytree(first.path, session.runs_path / f"{number:03}-lstm-8")
    return session.runs()


@pytest.fixture
def lab(tmp_path: Path) -> Session:
    return create_session("lab", root=tmp_path)


@pytest.fixture
def _no_slot(lab: Session) -> Iterator[None]:
    """Others have every slot."""
    slots = take_slots(lab, cores())
    yield
    release(slots)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the runs whose files the runner has read."""
    names: list[str] = []
    standing = liveness.standing

    def counted(run: RunFolder) -> object:
        names.append(run.name)
        return standing(run)

    monkeypatch.setattr("rnnlab.engines.runner.standing", counted)
    return names


@pytest.mark.usefixtures("_no_slot")
def test_runs_that_wait_are_read_once_and_a_few_at_a_time(lab: Session, read: list[str]) -> None:
    runs = many(lab, ended=False)
    runner = Runner(lab)
    for _ in range(20):
        before = len(read)
        assert runner.poll(), "they wait"
        assert len(read) - before <= 100
    assert sorted(read) == [run.name for run in runs]
    runs[250].send("stop")
    for _ in range(10):
        assert runner.poll()
    assert state_of(runs[250]).status == "stopped", "a change deep in the queue is found"
    assert len(read) == MANY + 1


def test_runs_that_have_ended_are_read_again_only_where_they_changed(lab: Session, read: list[str]) -> None:
    runs = many(lab, ended=True)
    runner = Runner(lab, warm=False)
    assert not runner.poll()
    assert len(read) == MANY
    os.utime(lab.runs_path)
    assert not runner.poll()
    assert len(read) == MANY, "that the folder was touched changed none"
    queue_again(runs[123])
    assert runner.poll()
    assert set(read[MANY:]) == {runs[123].name}
    while runner.poll():
        time.sleep(0.05)


def test_a_run_made_within_the_tick_of_a_clock_is_found(lab: Session) -> None:
    now = [0.0]
    survey = Survey(lab, clock=lambda: now[0])
    first = lab.create_run(RunConfig.from_settings(SHORT))
    made_at = lab.runs_path.stat().st_mtime_ns
    assert survey.unfinished() == [first]
    second = lab.create_run(RunConfig.from_settings(SHORT))
    os.utime(lab.runs_path, ns=(made_at, made_at))
    now[0] = 1.1
    assert survey.unfinished() == [first, second]
    survey.end(first, marks_of(first))
    assert survey.unfinished() == [second]
    first.send("stop")
    os.utime(lab.runs_path)
    assert survey.unfinished() == [first, second], "its files have changed"


def test_runs_begin_in_the_order_they_were_made(lab: Session) -> None:
    lab.write_info(SessionInfo("lab", slots=1))
    runs = [lab.create_run(RunConfig.from_settings(SHORT | {"train.updates": 10})) for _ in range(5)]
    Runner(lab).work()
    begun = [state_of(run).first_wall for run in runs]
    assert begun == sorted(begun)
    assert {state_of(run).status for run in runs} == {"completed"}
