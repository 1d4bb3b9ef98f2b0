"""A trainer whose log is deleted or replaced ends, and who watches the run is informed: nothing trains into a file that nobody
can read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from benchmarks.reliability.kills import LONG
from rnnlab.engines.local import runner_alive
from rnnlab.runs.find import list_sessions
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.follow import RunLost, follow
from rnnlab.runs.log import lock_path
from rnnlab.runs.log_reader import read_records
from tests.engines.running import queued, starts, state_of, until
from tests.recorded import record


def ended(pid: int) -> bool:
    """Whether the process is gone, or waits for its parent to take note."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def remove(folder: Path) -> None:
    """As `rm -rf` does, again while a process puts files there."""

    def removed() -> bool:
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()

    until(removed, f"{folder} is deleted")


def trains(session: Session) -> tuple[RunFolder, int]:
    """A run that trains, and its trainer."""
    run = queued(session, LONG)
    until(lambda: state_of(run).step > 0, "it trains")
    return run, starts(run)[-1].pid


def replace_log(run: RunFolder, other: RunFolder) -> None:
    """As `rsync` and `sed -i` do."""
    new = run.path / "new"
    shutil.copyfile(other.events_path, new)
    new.replace(run.events_path)


@pytest.mark.parametrize("paused", [False, True], ids=["training", "paused"])
def test_a_trainer_ends_when_its_folder_is_deleted(session: Session, paused: bool) -> None:
    run, trainer = trains(session)
    if paused:
        run.send("pause")
        until(lambda: state_of(run).status == "paused", "it is paused")
    remove(run.path)
    until(lambda: ended(trainer), "its trainer ends")
    until(lambda: not runner_alive(session), "its runner goes")
    assert not run.path.exists()


def test_a_trainer_ends_when_its_folder_is_moved_and_the_run_can_be_resumed(session: Session) -> None:
    run, trainer = trains(session)
    run.path.rename(session.path / "elsewhere")
    until(lambda: ended(trainer), "its trainer ends")
    log = session.path / "elsewhere" / "trainer.log"
    assert "the run's folder was deleted or moved away: training ends" in log.read_text()


def test_a_trainer_ends_when_its_log_is_replaced_and_leaves_the_new_one(session: Session, tmp_path: Path) -> None:
    run, trainer = trains(session)
    other = RunFolder(record(tmp_path / "others", "finished"))
    replace_log(run, other)
    until(lambda: ended(trainer) and not runner_alive(session), "its trainer ends")
    assert "replaced by another file while the run was trained" in run.trainer_log_path.read_text()
    assert run.events_path.read_bytes() == other.events_path.read_bytes()


@pytest.mark.parametrize("which", ["log", "lock"])
def test_a_trainer_ends_when_its_log_or_its_lock_is_deleted(session: Session, which: str) -> None:
    run, trainer = trains(session)
    (run.events_path if which == "log" else lock_path(run.events_path)).unlink()
    until(lambda: ended(trainer) and not runner_alive(session), "its trainer ends")
    assert "deleted while the run was trained" in run.trainer_log_path.read_text()
    state = state_of(run)
    assert (state.status, "trainer.log" in state.hint) == ("failed", True)
    assert read_records(run.events_path)[1] == 0


def deleted_run(run: RunFolder) -> None:
    remove(run.path)


def deleted_session(run: RunFolder) -> None:
    remove(run.session.path)


def deleted_log(run: RunFolder) -> None:
    run.events_path.unlink()


def replaced_log(run: RunFolder) -> None:
    replace_log(run, RunFolder(record(run.session.path.parent.parent / "others", "finished")))


ONE: list[str] = []
REPEATS = ["--seeds", "2"]


@pytest.mark.parametrize(
    ("seeds", "harm", "words"),
    [
        (ONE, deleted_run, "the run's folder was deleted or moved away"),
        (ONE, deleted_session, "the run's folder was deleted or moved away"),
        (ONE, deleted_log, "the run's log was deleted"),
        (ONE, replaced_log, "the run's log was replaced by another file"),
        (REPEATS, deleted_session, "the run's folder was deleted or moved away"),
        (REPEATS, replaced_log, "the run's log was replaced by another file"),
    ],
)
def test_rnnlab_train_says_what_became_of_the_run(
    tmp_path: Path, seeds: list[str], harm: Callable[[RunFolder], None], words: str
) -> None:
    root = tmp_path / "sessions"
    create_session("a", root=root)
    command = [sys.executable, "-m", "rnnlab", "train", "binary", "--hidden", "8", "--epochs", "100000", *seeds]
    with subprocess.Popen(
        [*command, "--session", "a"],
        env=os.environ | {"RNNLAB_SESSIONS": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        (session,) = list_sessions(root)
        until(lambda: bool(session.runs()) and all(state_of(run).step > 0 for run in session.runs()), "it trains")
        runs = session.runs()
        trainers = [starts(run)[-1].pid for run in runs]
        harm(runs[0])
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1, errors
    assert words in errors, errors
    until(lambda: ended(trainers[0]), "its trainer ends")
    for run in session.runs():
        run.send("stop")
    until(lambda: all(map(ended, trainers)) and not runner_alive(session), "everything has ended")


def test_a_folder_whose_log_was_put_there_again_while_it_is_deleted_is_said_to_be_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who ends a run opens its log once more; deleting a folder of many files takes longer than that."""
    run = RunFolder(record(tmp_path, "running"))
    states = follow(run, 0.01)
    next(states)
    other = run.path / "other"
    other.write_bytes(run.events_path.read_bytes())
    other.replace(run.events_path)
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:  # the first is for the next event; in the second the other log has been seen
            shutil.rmtree(run.path)

    monkeypatch.setattr("rnnlab.runs.follow.time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
    with pytest.raises(RunLost, match="the run's folder was deleted or moved away"):
        next(states)
