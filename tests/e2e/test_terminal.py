"""The whole way in a real terminal: pick, train, watch, quit, come back, replay."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.engines.local import run_alive, runner_alive
from rnnlab.runs.find import find_run, list_sessions
from rnnlab.runs.folders import RunFolder, SessionInfo
from rnnlab.runs.log_reader import read_state
from tests.engines.running import soon, until, until_saved
from tests.terminal import Terminal


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Path]:
    """An empty folder to start the app in; whatever trains in it at the end is stopped."""
    yield tmp_path
    deadline = time.monotonic() + 60
    sessions = list_sessions(tmp_path / "sessions")
    for run in [run for session in sessions for run in session.runs()]:
        run.send("stop")
    while any(runner_alive(s) or any(map(run_alive, s.runs())) for s in sessions) and time.monotonic() < deadline:
        time.sleep(0.05)


def only_run(lab: Path) -> RunFolder:
    (run,) = [run for session in list_sessions(lab / "sessions") for run in session.runs()]
    return run


def rnnlab(lab: Path, *arguments: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RNNLAB_")}
    command = [sys.executable, "-m", "rnnlab", *arguments]
    return subprocess.run(command, cwd=lab, env=kept, capture_output=True, text=True, check=True, timeout=120).stdout


def choose_binary(terminal: Terminal) -> None:
    """By keys alone: down the list until the command line at the foot is that of the task."""
    command = re.search(r"rnnlab train (\w+)", terminal.see("Surnames", "Train", r"rnnlab train \w+"))
    while command is not None and command[1] != "binary":
        # The next key only once the app has drawn what this one brought, so that none is one too many.
        terminal.press("down")
        command = re.search(r"rnnlab train (\w+)", terminal.see(rf"rnnlab train (?!{command[1]}\b)\w+"))


def train_for_long(terminal: Terminal) -> None:
    """Start the default task with so many epochs that, however quick the machine, the run does not end by itself."""
    terminal.see("Surnames")
    terminal.press("/", *"epochs", "enter")
    terminal.see("▸ epochs")
    terminal.press(*"2000", "enter")
    terminal.see("--epochs 2000")
    terminal.press("ctrl+r")
    terminal.see("training", "ex/s")


def test_a_run_from_the_first_key_to_the_replay(lab: Path) -> None:
    with Terminal(cwd=lab) as terminal:
        choose_binary(terminal)
        terminal.press("ctrl+r")
        terminal.see("epoch")
        screen = terminal.see("completed|early", seconds=120)
        run = only_run(lab)
        assert run.name[:3] in screen
        # The figures on the screen are those of the log.
        state, damaged = read_state(run.events_path)
        assert damaged == 0
        assert state.best is not None
        mae = float(state.best.metrics["mae"])
        shown = re.search(r"best ([\d.e-]+) @", screen)
        assert shown is not None
        assert float(shown[1]) == pytest.approx(mae, rel=0.01)
        terminal.press("ctrl+q")
        assert terminal.end() == 0
    assert b"\x1b[?1049l" in terminal.bytes, "the terminal is given back"
    told = json.loads(rnnlab(lab, "replay", "latest", "--json"))
    assert told["digest"] == state.digest()
    assert told["status"] == state.status
    text = rnnlab(lab, "replay", "latest", "--instant")
    assert "mean absolute error" in text
    assert "\x1b" not in text

    # Opened again, the run is there.
    with Terminal(cwd=lab, columns=80, rows=24) as terminal:
        terminal.see("Train")
        terminal.press("f3")
        terminal.see(run.name, state.status)
        terminal.press("enter")
        terminal.see(state.status)
        terminal.press("ctrl+q")
        assert terminal.end() == 0


def test_leaving_a_run_training_and_coming_back(lab: Path) -> None:
    with Terminal(cwd=lab) as terminal:
        train_for_long(terminal)
        terminal.press("ctrl+q")
        terminal.see("Leave running")
        terminal.press("enter")
        assert terminal.end() == 0
    run = only_run(lab)
    step = read_state(run.events_path)[0].step
    with Terminal(cwd=lab) as terminal:
        terminal.see("Surnames")
        terminal.press("f3")
        terminal.see(run.name)
        terminal.press("enter")
        terminal.see("training", "ex/s")
        assert read_state(run.events_path)[0].step > step, "it trained on while nobody watched"
        terminal.press("]")
        terminal.see(r"▾ lr ")
        terminal.press("p")
        terminal.see("paused")
        terminal.press("p")
        terminal.see("training")
        terminal.press("s", "s")
        terminal.see("stopped")
        terminal.press("ctrl+q")
        assert terminal.end() == 0
    state, _ = read_state(run.events_path)
    assert [mark.command for mark in state.applied_commands] == ["set", "pause", "resume", "stop"]
    assert state.applied_commands[0].before
    # Twice the rate that was shown: the schedule has lowered it a little by the time the command arrives.
    assert state.applied_commands[0].value == pytest.approx(2 * state.applied_commands[0].before, rel=1e-3)
    assert state.status == "stopped"


def test_the_app_killed_loses_nothing_and_the_run_goes_on(lab: Path) -> None:
    with Terminal(cwd=lab) as terminal:
        train_for_long(terminal)
        terminal.kill()
    run = only_run(lab)
    step = read_state(run.events_path)[0].step
    until(lambda: read_state(run.events_path)[0].step > step, "the run goes on")
    state, damaged = read_state(run.events_path)
    assert (damaged, state.missing) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("attempts", [0, None])
def test_a_trainer_killed_under_the_app_is_shown_as_failed_within_five_seconds_or_goes_on(
    lab: Path, attempts: int | None
) -> None:
    with Terminal(cwd=lab) as terminal:
        train_for_long(terminal)
        run = only_run(lab)
        until_saved(run)
        started = read_state(run.events_path)[0].started
        assert started is not None
        limit = soon()
        session = find_run("latest", lab / "sessions").session
        session.write_info(SessionInfo(session.name, attempts=attempts))
        os.kill(int(session.lock_path.read_text()), 9)
        os.kill(started.pid, 9)
        if attempts == 0:
            terminal.see("failed", "killed|gone", seconds=limit)
        else:
            terminal.see("queued|loading", seconds=limit)
            terminal.see("● training", "ex/s")
            (mark,) = read_state(run.events_path)[0].applied_commands
            assert mark.command == "resumed"
            terminal.press("ctrl+q")
            terminal.see("Leave running")
            terminal.press("s")
            assert terminal.end() == 0
            return
        terminal.press("ctrl+q")
        assert terminal.end() == 0


def test_a_terminal_too_small_is_told_in_a_sentence_and_recovers(lab: Path) -> None:
    with Terminal(cwd=lab, columns=20, rows=5) as terminal:
        terminal.see("enlarge it")
        terminal.resize(140, 45)
        terminal.see("Surnames", "Train")
        terminal.press("ctrl+q")
        assert terminal.end() == 0
