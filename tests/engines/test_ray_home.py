"""Runs that are lent to nodes which do not see the session's folder: each event is there once, and only from the last attempt."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.runs.events import RunFinished, RunResumed, RunStarted
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.liveness import standing
from rnnlab.runs.log_reader import read_records
from rnnlab.sweeps.processes.ray_away import away_task
from rnnlab.sweeps.processes.ray_home import Home, Taken
from rnnlab.sweeps.processes.ray_pilot import Asked

SETTINGS = {"task.name": "parity", "train.epochs": 3, "runtime.threads": 1}


@pytest.fixture
def home(session: Session) -> Iterator[Home]:
    """What an owner of the session has."""
    home = Home(session)
    yield home
    home.close()


@pytest.fixture
def run(session: Session) -> RunFolder:
    return session.create_run(RunConfig.from_settings(SETTINGS))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The same run, trained here."""
    session = create_session("here", root=tmp_path_factory.mktemp("here"))
    run = session.create_run(RunConfig.from_settings(SETTINGS))
    subprocess.run([sys.executable, "-P", "-m", "rnnlab.engines.local", str(session.path)], check=True, timeout=120)
    return run


def lines_of(run: RunFolder) -> list[bytes]:
    return run.events_path.read_bytes().splitlines(keepends=True)


def numbers(run: RunFolder) -> list[int]:
    return [record.seq for record in read_records(run.events_path)[0]]


def sum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def away(session: Session, home: Home, number: int = 0) -> str:
    """What a pilot on a node that does not see the folder says, after the session has nothing more for it."""
    return away_task(Asked("/nowhere/lab", "", number, 1, {}), lambda _node: None, home).problem


def test_a_run_is_trained_elsewhere_to_the_same_bits_and_comes_home_whole(
    session: Session, home: Home, run: RunFolder, trained: RunFolder
) -> None:
    assert away(session, home) == ""
    records = read_records(run.events_path)[0]
    assert [record.seq for record in records] == list(range(len(records)))
    assert isinstance(records[-1].data, RunFinished)
    assert standing(run).state == "ended"
    assert sum_of(run.last_path) == sum_of(trained.last_path)
    assert sum_of(run.best_path) == sum_of(trained.best_path)
    assert home.lend(1) is None


def test_a_batch_that_comes_twice_or_out_of_turn_is_in_the_log_once(
    session: Session, home: Home, run: RunFolder, trained: RunFolder
) -> None:
    lent = home.lend(0)
    assert lent is not None
    lines = lines_of(trained)
    key = lent.run, lent.attempt
    assert home.take(*key, b"".join(lines[:3]), 0).next_seq == 3
    assert home.take(*key, b"".join(lines[1:4]), 0).next_seq == 4
    assert home.take(*key, b"".join(lines[5:]), 0).next_seq == 4, "one is missing"
    assert numbers(run) == [0, 1, 2, 3]
    assert standing(run).alive
    home.done(*key)
    assert not standing(run).alive


def test_an_attempt_that_was_replaced_writes_nothing(
    session: Session, home: Home, run: RunFolder, trained: RunFolder
) -> None:
    first = home.lend(0)
    assert first is not None
    lines = lines_of(trained)
    home.take(first.run, first.attempt, b"".join(lines[:2]), 0)
    home.lost(0)
    second = home.lend(1)
    assert second is not None
    assert second.attempt > first.attempt
    before = numbers(run)
    assert home.take(first.run, first.attempt, b"".join(lines), 0) == Taken(False)
    assert not home.put(first.run, first.attempt, "last.safetensors", 0, b"x", True)
    assert home.fetch(first.run, first.attempt, "run.toml", 0) == b""
    assert numbers(run) == before
    assert not run.last_path.exists()


def test_an_owner_that_was_started_again_takes_nothing_of_what_was_lent_before(
    session: Session, home: Home, run: RunFolder, trained: RunFolder
) -> None:
    lent = home.lend(0)
    assert lent is not None
    lines = lines_of(trained)
    home.take(lent.run, lent.attempt, b"".join(lines[:2]), 0)
    home.close()  # killed
    again = Home(session)
    anew = again.lend(1)
    assert anew is not None
    assert anew.attempt > lent.attempt
    assert again.take(lent.run, lent.attempt, b"".join(lines[:4]), 0) == Taken(False)
    assert numbers(run) == [0, 1, 2], "and that it is to be resumed"
    again.close()


def test_a_node_that_is_not_heard_of_loses_its_run(
    session: Session, home: Home, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = home.lend(0)
    assert lent is not None
    assert home.lends()
    monkeypatch.setattr("rnnlab.sweeps.processes.ray_home._SILENT", 0.0)
    assert not home.lends()
    assert home.take(lent.run, lent.attempt, b"", 0) == Taken(False)
    assert home.lend(1) is not None


@pytest.mark.parametrize(
    "name", ["queued.json", "lent.json", "events.jsonl", "run.toml", "../x.json", "events.lock", ".json", ""]
)
def test_no_file_that_says_what_is_trained_comes_from_elsewhere(
    session: Session, home: Home, run: RunFolder, name: str
) -> None:
    lent = home.lend(0)
    assert lent is not None
    held = {path: path.read_bytes() for path in session.path.rglob("*") if path.is_file() and path.stat().st_size}
    assert not home.put(lent.run, lent.attempt, name, 0, b"{}", True)
    assert {path: path.read_bytes() for path in held} == held
    assert home.take("../../elsewhere", lent.attempt, b"", 0) == Taken(False)


def test_a_run_whose_node_was_lost_goes_on_from_its_log_to_the_same_bits(
    session: Session, home: Home, run: RunFolder, trained: RunFolder
) -> None:
    lent = home.lend(0)
    assert lent is not None
    home.take(lent.run, lent.attempt, b"".join(lines_of(trained)[:6]), 0)
    home.lost(0)
    assert away(session, home, 1) == ""
    events = [record.data for record in read_records(run.events_path)[0]]
    assert numbers(run) == list(range(len(events)))
    assert sum(isinstance(event, RunStarted) for event in events) == 1
    assert sum(isinstance(event, RunResumed) for event in events) == 1
    assert sum_of(run.last_path) == sum_of(trained.last_path)


def test_a_command_reaches_the_node_and_a_stopped_run_stays_stopped(session: Session, home: Home) -> None:
    run = session.create_run(RunConfig.from_settings(SETTINGS | {"train.epochs": 100_000, "train.patience": None}))
    run.send("stop")
    assert away(session, home) == ""
    last = read_records(run.events_path)[0][-1].data
    assert isinstance(last, RunFinished)
    assert last.outcome == "stopped"
    assert home.lend(1) is None
