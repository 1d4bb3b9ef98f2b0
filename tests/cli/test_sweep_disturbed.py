"""`rnnlab sweep` that is disturbed: begun twice, stopped elsewhere, its files changed or taken away, its processes killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnlab.engines.local import runner_alive
from rnnlab.locks import held
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.summary import summarise
from rnnlab.sweeps.processes.controller import controller_alive
from tests.command_line import started
from tests.engines.running import PATIENCE, until

Sweep = Callable[..., "subprocess.Popen[str]"]

ENDLESS = ("--epochs", "100000")
SEARCH = ("sweep", "binary", "--over", "model.hidden=4;5;6", "--session", "s")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """The session of the sweep; whatever a test leaves training there is stopped."""
    found = Session(tmp_path / "sessions" / "s")
    yield found
    if found.path.is_dir():
        (found.path / "sweep.stopped").touch()
        until(lambda: not controller_alive(found), "the controller has ended")
        for run in found.runs():
            run.send("stop")
        until(lambda: not runner_alive(found), "the runner has ended")


@pytest.fixture
def sweep(tmp_path: Path) -> Iterator[Sweep]:
    begun: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        begun.append(started(tmp_path, *arguments))
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], code: int = 0) -> tuple[str, str]:
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, err
    return out, err


def result(process: subprocess.Popen[str], code: int = 0) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(ended(process, code)[0])
    return document


def training(session: Session) -> list[RunFolder]:
    return [run for run in session.runs() if run.events_path.exists()]


def runner_number(session: Session) -> int:
    return int(session.lock_path.read_text(encoding="utf-8") or 0)


def test_the_same_sweep_begun_three_times_at_once_queues_each_run_once(sweep: Sweep, session: Session) -> None:
    command = (*SEARCH, "--epochs", "3", "--halving", "--confirm", "2", "--json")
    first, *others = [result(each) for each in [sweep(*command) for _ in range(3)]]
    assert others == [first, first]
    assert len(session.runs()) == 3 + 2


@pytest.mark.slow
def test_a_sweep_that_was_stopped_is_not_carried_on_by_who_watches_it(sweep: Sweep, session: Session) -> None:
    watching = sweep(*SEARCH, "model.name=elman", "--epochs", "400", "--confirm", "2")
    until(lambda: any(summarise(run).status == "completed" for run in session.runs()), "a run is done")
    ended(sweep("sweep", "s", "--stop"))
    ended(watching, 130)
    assert not controller_alive(session)
    assert len(session.runs()) == 3, "none confirms what was stopped"
    stopped = result(sweep("sweep", "s", "--status", "--json"))
    assert "stopped" in [each["status"] for each in stopped["runs"]]
    assert result(sweep("sweep", "s", "--detach", "--json"))["queued"] == 0
    assert controller_alive(session), "the same command resumes it"


def test_a_sweep_is_stopped_while_another_process_queues_its_runs(sweep: Sweep, session: Session) -> None:
    ended(sweep(*SEARCH, *ENDLESS, "--confirm", "2", "--detach"))
    with held(session.path / "sweep-step.lock"):
        stopping = sweep("sweep", "s", "--stop")
        until(lambda: not controller_alive(session), "the controller has ended")
        time.sleep(0.2)
        assert stopping.poll() is None, "it waits for what is being queued, so as to stop that, too"
    ended(stopping)
    until(lambda: not runner_alive(session), "all runs have ended")


def test_a_specification_damaged_meanwhile_ends_the_command_with_a_sentence(sweep: Sweep, session: Session) -> None:
    watching = sweep(*SEARCH, *ENDLESS, "--confirm", "2")
    until(lambda: controller_alive(session) and len(training(session)) > 0, "a run is trained")
    (session.path / "sweep.toml").write_text("over = [", encoding="utf-8")
    _, err = ended(watching, 2)
    assert "sweep.toml" in err
    until(lambda: not controller_alive(session), "the controller has ended")
    _, err = ended(sweep("sweep", "s", "--status"), 2)
    assert "sweep.toml" in err
    assert "did you mean" not in err


@pytest.mark.slow
def test_a_sweep_ends_though_a_run_was_deleted_meanwhile(sweep: Sweep, session: Session) -> None:
    watching = sweep(*SEARCH, "--epochs", "400", "--json")
    until(lambda: len(training(session)) > 0, "a run is trained")
    last = session.runs()[-1]
    shutil.rmtree(last.path)
    found = result(watching, 1)
    assert [each["status"] for each in found["runs"]] == ["completed", "completed"]
    assert result(sweep("sweep", "s", "--json"))["ended"], "the same command trains it again"
    assert len(session.runs()) == 3


@pytest.mark.slow
def test_a_sweep_ends_though_its_session_was_moved_away_meanwhile(sweep: Sweep, session: Session) -> None:
    watching = sweep(*SEARCH, *ENDLESS, "--confirm", "2")
    until(lambda: controller_alive(session) and len(training(session)) > 0, "a run is trained")
    moved = session.path.with_name("moved")
    session.path.rename(moved)
    try:
        _, err = ended(watching, 1)
        assert "3 runs were deleted or moved away" in err
        until(lambda: not controller_alive(Session(moved)), "the controller has ended")
    finally:
        moved.rename(session.path)


def test_a_runner_that_is_killed_is_started_again_though_nobody_watches(sweep: Sweep, session: Session) -> None:
    ended(sweep(*SEARCH, *ENDLESS, "--confirm", "2", "--detach"))
    until(lambda: runner_alive(session) and len(training(session)) > 0, "a run is trained")
    before = runner_number(session)
    os.kill(before, signal.SIGKILL)
    until(lambda: runner_alive(session) and runner_number(session) != before, "another runner has the session")


@pytest.mark.slow
def test_runs_that_were_queued_elsewhere_are_not_waited_for_but_trained_anew(sweep: Sweep, session: Session) -> None:
    ended(sweep(*SEARCH, "--epochs", "3", "--json"))
    for run in session.runs():
        for path in run.path.iterdir():
            if path.name != "run.toml":
                path.unlink()
    found = result(sweep("sweep", "s", "--json"))
    assert [Path(each["run"]).name[:3] for each in found["runs"]] == ["004", "005", "006"]
    assert {each["status"] for each in found["runs"]} == {"completed"}
    assert [run.name for run in session.runs() if not run.events_path.exists()] == [
        "001-lstm-4",
        "002-lstm-5",
        "003-lstm-6",
    ]


def test_runs_too_short_for_rungs_are_said_to_be_trained_whole(sweep: Sweep, session: Session) -> None:
    _, err = ended(sweep(*SEARCH, "--epochs", "2", "--halving", "--dry-run"))
    assert "shorter than 3 epochs" in err


@pytest.mark.slow
def test_runs_that_were_paused_or_dropped_at_rungs_can_be_verified(sweep: Sweep, session: Session) -> None:
    found = result(sweep(*SEARCH, "--epochs", "9", "--halving", "always", "--json"))
    assert sorted(each["paused_after"] for each in found["runs"]) == [0, 1, 1]
    for each in found["runs"]:
        ended(sweep("replay", each["run"], "--verify"))


@pytest.mark.slow
@pytest.mark.parametrize("changed", [False, True])
def test_data_changed_between_search_and_confirmation_are_said(
    sweep: Sweep, session: Session, tmp_path: Path, changed: bool
) -> None:
    file = tmp_path / "own.csv"
    file.write_text("x,y\n" + "".join(f"{each},{each % 2}\n" for each in range(60)), encoding="utf-8")
    command = ("sweep", "own", "data.path=own.csv", "--over", "model.hidden=4;5", "--epochs", "2", "--session", "s")
    ended(sweep(*command, "--set", "train.test=false"))
    if changed:
        file.write_text("x,y\n" + "".join(f"{each},{each % 3}\n" for each in range(60)), encoding="utf-8")
    _, err = ended(sweep(*command, "--confirm", "2"))
    assert ("the data were changed after the search" in err) == changed
    assert len(session.runs()) == 2 + 4, "the search is not trained again"


@pytest.mark.slow
def test_runs_that_were_pruned_while_they_were_paused_are_not_waited_for(sweep: Sweep, session: Session) -> None:
    done = result(sweep(*SEARCH, "--epochs", "9", "--halving", "always", "--json"))
    ended(sweep("prune", "s", "--keep", "none", "--failed", "--yes"))
    paused = [str(each["values"]["model.hidden"][0]) for each in done["runs"] if each["paused_after"]]
    kept = session.path / "sweep.toml"
    kept.write_text(kept.read_text(encoding="utf-8").replace("4;5;6", ";".join(paused)), encoding="utf-8")
    again = result(sweep("sweep", "s", "--json"))  # without the best one another is to go on, which none of them can
    assert [each["paused_after"] for each in again["runs"]] == [1, 1]
    assert again["ended"]
