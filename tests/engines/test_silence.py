"""A trainer that is stopped (a real SIGSTOP) is called silent wherever one looks, until it speaks again (SIGCONT)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.reliability.kills import LONG
from rnnlab.cli.sessions import read_runs
from rnnlab.config import RunConfig
from rnnlab.engines.local import ensure_runner, run_alive, runner_alive
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.silence import SILENT, SilenceWatch
from rnnlab.runs.state import initial_state
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.run.following.follow import RunFollower
from rnnlab.ui.sessions.listing import ListedRun, Listing
from rnnlab.ui.sessions.run_cells import doing
from tests.engines.running import state_of, suspend, until
from tests.terminal import Terminal
from tests.ui.opened import open_run, text_of
from tests.ui.opened import until as until_shown


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[tuple[RunFolder, int]]:
    """A run that trains, its process stopped."""
    session = create_session("lab", root=tmp_path / "sessions")
    run = session.create_run(RunConfig.from_settings(LONG))
    ensure_runner(session)
    until(lambda: state_of(run).step > 0, "it trains")
    started = state_of(run).started
    assert started is not None
    suspend(started.pid)
    yield run, started.pid
    os.kill(started.pid, signal.SIGCONT)
    run.send("stop")
    until(lambda: not runner_alive(session) and not run_alive(run), "everything has ended")


def row(run: RunFolder) -> ListedRun:
    (listed,) = Listing().read(run.session).runs
    return listed


async def test_silence_is_told_and_goes(stopped: tuple[RunFolder, int], monkeypatch: pytest.MonkeyPatch) -> None:
    run, pid = stopped
    words = f"process {pid} is stopped"
    async with RnnlabApp().run_test(size=(140, 45)) as pilot:
        await open_run(pilot, run.path)
        await until_shown(lambda: f"({words})" in text_of(pilot.app))
        head = text_of(pilot.app).splitlines()[1]
        assert "◌ silent for " in head
        assert "ex/s" not in head
        assert "left" not in head
        assert "training" not in head
        # The table and the list say so, too, and that it lives.
        assert doing(row(run))[:1] == ("◌",)
        assert doing(row(run))[1].startswith("silent ")
        assert words in row(run).summary.message
        (listed,) = read_runs(run.session)
        assert words in listed.message
        assert run_alive(run)
        shown = text_of(pilot.app)
        await until_shown(lambda: text_of(pilot.app) != shown)  # it counts on
        os.kill(pid, signal.SIGCONT)
        await until_shown(lambda: "training" in text_of(pilot.app).splitlines()[1])
        assert "silent" not in text_of(pilot.app)
        assert "ex/s" in text_of(pilot.app).splitlines()[1]
    until(lambda: not row(run).silent, "the table forgets it")


async def test_a_run_that_was_silent_before_it_was_opened_says_for_how_long(stopped: tuple[RunFolder, int]) -> None:
    run, _ = stopped
    until(lambda: time.time() - state_of(run).last_wall > SILENT + 2, "it has been silent for a while")
    follower = RunFollower(run)
    await follower._open()
    before = time.time() - state_of(run).last_wall
    await follower._check_process()
    assert before <= follower.silence <= time.time() - state_of(run).last_wall
    assert "is stopped" in follower.silence_text


def test_a_watch_counts_by_its_clock(stopped: tuple[RunFolder, int]) -> None:
    run, pid = stopped
    now = [0.0]
    watch = SilenceWatch(clock=lambda: now[0])
    state = state_of(run)
    assert watch.text(state) == ""
    now[0] = 34.5
    assert watch.text(state) == f"silent for 34 s (process {pid} is stopped)"
    now[0] = 25 * 60
    assert watch.text(state).startswith("silent for 25 min")
    assert watch.text(initial_state()) == "", "who waits need not speak"


def test_the_progress_line_says_it(tmp_path: Path) -> None:
    with Terminal("train", "binary", "--hidden", "8", "--epochs", "100000", cwd=tmp_path) as terminal:
        terminal.see("ex/s", "left")
        (run,) = [RunFolder(path) for path in (tmp_path / "sessions").glob("*/runs/*")]
        started = state_of(run).started
        assert started is not None
        os.kill(started.pid, signal.SIGSTOP)
        try:
            terminal.see(rf"silent for \d+ s \(process {started.pid} is stopped\)", seconds=30)
            assert "ex/s" not in terminal.look()
            assert "left " not in terminal.look()
        finally:
            os.kill(started.pid, signal.SIGCONT)
        terminal.see("ex/s", "left")
        terminal.press("ctrl+c")
        assert terminal.end() == 130
