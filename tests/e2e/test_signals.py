"""The app and what draws in place, ended by signals: the terminal is as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

import benchmarks.terminal
from benchmarks.terminal import modes_left
from tests.recorded import record
from tests.terminal import Terminal


def assert_given_back(received: bytes) -> None:
    """Every mode that was switched on was switched off last, and the cursor is seen."""
    assert modes_left(received) == []


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2]
)
def test_the_app_gives_the_terminal_back(number: signal.Signals, tmp_path: Path) -> None:
    with Terminal(cwd=tmp_path, columns=100, rows=30) as terminal:
        before = termios.tcgetattr(terminal._main)
        terminal.see("Surnames")
        assert termios.tcgetattr(terminal._main) != before, "the app has its own modes"
        os.kill(terminal.process.pid, number)
        assert terminal.end() == 128 + number
        assert termios.tcgetattr(terminal._main) == before
    assert b"\x1b[?1049h" in terminal.bytes
    assert_given_back(bytes(terminal.bytes))


def test_over_a_dialog_too(tmp_path: Path) -> None:
    with Terminal(cwd=tmp_path, columns=100, rows=30) as terminal:
        before = termios.tcgetattr(terminal._main)
        terminal.see("Surnames")
        terminal.press("?")
        terminal.see("esc closes")
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.end() == 143
        assert termios.tcgetattr(terminal._main) == before
    assert_given_back(bytes(terminal.bytes))


def test_before_its_first_frame_too(tmp_path: Path) -> None:
    for delay in (0.0, 0.05, 0.1, 0.2, 0.3):
        with Terminal(cwd=tmp_path, columns=100, rows=30) as terminal:
            before = termios.tcgetattr(terminal._main)
            terminal.look(delay)
            os.kill(terminal.process.pid, signal.SIGTERM)
            assert terminal.end() in (143, -signal.SIGTERM)
            assert termios.tcgetattr(terminal._main) == before
        assert_given_back(bytes(terminal.bytes))


STUCK = """
import sys, time
from rnnlab.ui.app import RnnlabApp
from rnnlab.ui.ending import Ending

class Stuck(RnnlabApp):
    def on_key(self, event):
        print("stuck", file=open(sys.argv[1], "w"))
        while True:
            time.sleep(0.1)

app = Stuck()
ending = Ending(app, 0)
app.run()
"""


def test_an_app_that_hangs_is_ended_all_the_same(tmp_path: Path) -> None:
    mark = tmp_path / "stuck"
    with Program(sys.executable, "-c", STUCK, str(mark), cwd=tmp_path) as terminal:
        before = termios.tcgetattr(terminal._main)
        terminal.see("Surnames")
        terminal.press("f5", "z")
        deadline = time.monotonic() + 60
        while not mark.exists():
            terminal.look()
            assert time.monotonic() < deadline, "no key has come"
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.end() == 143
        assert termios.tcgetattr(terminal._main) == before
    assert_given_back(bytes(terminal.bytes))


@pytest.mark.parametrize("hears", [True, False])
def test_a_terminal_that_is_gone_ends_the_app(hears: bool, tmp_path: Path) -> None:
    """Also where SIGHUP is ignored: it would read the end of its input for ever, on a core of its own."""
    trap = "" if hears else 'trap "" HUP; '
    terminal = Program("sh", "-c", f'{trap}exec "$0" -m rnnlab', sys.executable, cwd=tmp_path)
    terminal.see("Surnames")
    os.close(terminal._main)
    try:
        assert terminal.process.wait(60) == 129
    finally:
        terminal.process.kill()


def test_what_nohup_ignores_stays_ignored(tmp_path: Path) -> None:
    with Program("sh", "-c", 'trap "" HUP; exec "$0" -m rnnlab', sys.executable, cwd=tmp_path) as terminal:
        terminal.see("Surnames")
        os.kill(terminal.process.pid, signal.SIGHUP)
        terminal.press("?")
        terminal.see("esc closes")
        terminal.press("escape", "ctrl+q")
        assert terminal.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_replay_shows_the_cursor_again(number: signal.Signals, tmp_path: Path) -> None:
    run = record(tmp_path, "finished")
    with Terminal("replay", str(run), "--speed", "0.001", cwd=tmp_path, columns=100, rows=30) as terminal:
        terminal.see("loss")
        assert b"\x1b[?25l" in terminal.bytes
        os.kill(terminal.process.pid, number)
        assert terminal.end() == 128 + number
    assert_given_back(bytes(terminal.bytes))


def test_without_a_terminal_to_draw_on_it_says_so(tmp_path: Path) -> None:
    """It draws on standard error; with that closed or elsewhere nobody would see it."""
    for streams in ("2>&-", "2>/dev/null"):
        with Program("sh", "-c", f'exec "$0" -m rnnlab {streams}', sys.executable, cwd=tmp_path) as terminal:
            assert terminal.end() == 2
        assert b"the app needs a terminal" in terminal.bytes
    closed = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m rnnlab <&- >&-'], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert closed.returncode in (1, 2)
    assert closed.stderr.count("\n") == 1


class Program(Terminal):
    """Another program than rnnlab's in a terminal."""

    def __init__(self, *command: str, cwd: Path) -> None:
        self.bytes = bytearray()
        settings: dict[str, str | None] = {"PYTHONPATH": str(Path.cwd())}
        benchmarks.terminal.Terminal.__init__(self, list(command), columns=100, lines=30, environment=settings, cwd=cwd)
