"""How a trainer ended is reported as what it was, and nothing half-written stays behind."""

from __future__ import annotations

import signal

import pytest

from benchmarks.reliability.ends import diverged, memory_group, starved, stopped
from benchmarks.reliability.kills import LONG
from benchmarks.reliability.promise import Plan, Skipped
from benchmarks.reliability.saved_files import litter
from rnnlab.runs.folders import Session, SessionInfo
from tests.engines.running import kill, saved, starts, state_of, until


def test_a_crash_says_where_it_was(session: Session) -> None:
    run = saved(session, LONG)
    kill(run, signal.SIGSEGV)
    until(lambda: state_of(run).ended, "its end is in the log")
    assert "Fatal Python error: Segmentation fault" in state_of(run).detail
    assert "Fatal Python error" in run.trainer_log_path.read_text()


def test_what_a_killed_trainer_was_writing_is_taken_away(session: Session) -> None:
    session.write_info(SessionInfo("lab", attempts=0))
    run = saved(session, LONG)
    half = run.path / f".resume.safetensors.{starts(run)[-1].pid}.tmp"
    half.write_bytes(bytes(1000))
    kill(run)
    until(lambda: state_of(run).ended, "its end is in the log")
    assert litter(run) == []


@pytest.mark.slow
def test_memory_that_runs_out_is_told_as_such() -> None:
    try:
        group = memory_group()
    except Skipped as reason:
        pytest.skip(str(reason))
    group.rmdir()
    (found,) = starved(Plan([0], quick=True))
    assert found.problem == ""


@pytest.mark.slow
@pytest.mark.parametrize("part", [diverged, stopped])
def test_a_run_that_diverges_or_is_stopped_is_told_within_five_seconds(part: object) -> None:
    assert callable(part)
    (found,) = part(Plan([1], quick=True))
    assert found.problem == ""
