"""Nothing is trained, resumed or written to that was not queued here by this person."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.config.files import to_toml
from rnnlab.engines.local import ensure_runner, runner_alive, settle_session
from rnnlab.engines.resume import is_ours, resume, start
from rnnlab.engines.runner import Runner
from rnnlab.machine import boot_id, host
from rnnlab.runs.current import current
from rnnlab.runs.events import RunFailed, RunResumed
from rnnlab.runs.folders import RunFolder, Session, SessionInfo, create_session
from rnnlab.runs.liveness import MARGIN, standing
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_tail import read_last
from rnnlab.runs.summary import summarise
from rnnlab.runs.trash import discard_run
from tests.engines.running import SHORT, state_of, until
from tests.foreign import copy_of, files_of, make_foreign, started_on
from tests.recorded import record


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = create_session("lab", root=tmp_path)
    yield session
    until(lambda: not runner_alive(session), "the runner goes")


def queued(session: Session, **settings: object) -> RunFolder:
    return session.create_run(RunConfig.from_settings(SHORT | settings))


def test_a_runner_trains_what_was_queued_here_and_leaves_the_rest(session: Session) -> None:
    foreign, ours = make_foreign(queued(session)), queued(session)
    changed, moved = queued(session), queued(session, **{"train.seed": 3})
    changed.config_path.write_text(to_toml(RunConfig.from_settings(SHORT | {"train.epochs": 1})))
    moved = RunFolder(moved.path.rename(moved.path.with_name("renamed")))
    before = [files_of(run.path) for run in (foreign, changed)]
    Runner(session).work()
    assert [state_of(run).status for run in (ours, moved)] == ["completed", "completed"]
    assert [files_of(run.path) for run in (foreign, changed)] == before
    assert "queued elsewhere" in current(foreign, summarise(foreign)).summary.message


def test_another_persons_proof_is_none(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("RNNLAB_STATE", str(tmp_path / "theirs"))
        run = queued(session)
        assert is_ours(run)
    assert not is_ours(run)
    before = files_of(run.path)
    Runner(session).work()
    assert files_of(run.path) == before
    start(run)
    until(lambda: state_of(run).ended, "it is trained, once that was said")
    assert state_of(run).status == "completed"


def test_settings_that_the_log_brings_are_not_those_that_were_queued(session: Session) -> None:
    """The log of a run that waits to be resumed says what is trained, whatever `run.toml` says."""
    run = queued(session)
    Runner(session).work()
    with LogWriter(run.events_path) as log:
        log.append(RunFailed(kind="killed", message="so that it can be resumed"))
    resume(run)
    until(lambda: state_of(run).ended, "it goes on")
    until(lambda: not runner_alive(session), "the runner goes")
    assert is_ours(run)
    text = run.events_path.read_bytes()
    other = copy_of(run, "900-other")
    from rnnlab.runs.codec import decode, encode

    lines = [decode(line) for line in text.splitlines(keepends=True)]
    lines[0].data.config["train"]["batch_size"] = 7  # type: ignore[union-attr]
    other.events_path.write_bytes(b"".join(map(encode, lines)))
    assert not is_ours(other)


def test_the_trainer_itself_refuses_what_was_not_queued_here(session: Session) -> None:
    run = make_foreign(queued(session))
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab.training", str(run.path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "queued elsewhere" in done.stderr
    assert read_last(run.events_path) is None


def test_a_dead_run_from_elsewhere_is_neither_settled_nor_gone_on_with(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    run.session.write_info(SessionInfo("names", attempts=0))
    before = files_of(run.path)
    assert settle_session(run.session) == []
    Runner(run.session).work()
    assert files_of(run.path) == before
    assert current(run, summarise(run)).summary.status == "interrupted"


def test_a_log_of_which_nothing_is_left_is_damaged_and_never_trained_over(session: Session) -> None:
    run = queued(session)
    Runner(session).work()
    run.events_path.write_bytes(run.events_path.read_bytes().replace(b"\n", b"\r\n"))
    before = files_of(run.path)
    assert standing(run).state == "damaged"
    Runner(session).work()
    with pytest.raises(UsageError, match="is damaged"):
        resume(run)
    row = current(run, summarise(run)).summary
    assert (row.status, "damaged" in row.problem) == (None, True)
    after = files_of(run.path)
    assert {name: after[name] for name in before if name != "events.lock"} == {
        name: before[name] for name in before if name != "events.lock"
    }


def test_a_run_that_lives_on_another_machine_is_left_to_it(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    run.session.write_info(SessionInfo("names", attempts=0))
    started_on(run, "elsewhere", "another-boot")
    assert (standing(run).state, standing(run).host) == ("training", "elsewhere")
    before = files_of(run.path)
    with pytest.raises(UsageError, match="is being trained on elsewhere"):
        resume(run)
    with pytest.raises(UsageError, match="is being trained on elsewhere"):
        discard_run(run)
    assert settle_session(run.session) == []
    Runner(run.session).work()
    assert files_of(run.path) == before
    with LogWriter(run.events_path):  # a lock says nothing of another machine
        long_ago = time.time() - MARGIN - 1
        os.utime(run.events_path, (long_ago, long_ago))
        assert standing(run).state == "dead"
    discard_run(run)


def test_a_process_of_an_earlier_start_of_this_machine_is_gone(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "running"))
    with LogWriter(run.events_path):
        assert standing(run).state == "training"
        started_on(run, host(), boot_id())
        assert standing(run).state == "training"
    started_on(run, host(), "an-earlier-boot")
    assert standing(run).state == "dead"


def test_a_run_named_by_nobody_is_not_started_with_another_of_its_session(session: Session) -> None:
    """As `rnnlab train` and `rnnlab resume` do in a session that holds a stranger's run."""
    foreign, ours = make_foreign(queued(session)), queued(session)
    before = files_of(foreign.path)
    ensure_runner(session)
    until(lambda: state_of(ours).ended, "ours is trained")
    resume(ours, {"train.epochs": 3})
    until(lambda: state_of(ours).epoch == 3 and state_of(ours).ended, "ours goes on")
    until(lambda: not runner_alive(session), "the runner goes")
    assert files_of(foreign.path) == before
    assert not any(isinstance(mark, RunResumed) for mark in state_of(foreign).applied_commands)
