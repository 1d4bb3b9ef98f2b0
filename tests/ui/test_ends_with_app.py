"""What the app has begun for itself ends with it, also where the app is killed and can end nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from rnnlab.runs.log_reader import read_state
from tests.command_line import clean_environment

ASKS = """
import asyncio, sys
from rnnlab.ui.queries.subprocess_query import run_query
print("begun", flush=True)
asyncio.run(run_query(*sys.argv[1:]))
"""
"""A program that asks as the app does."""


def ask(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    environment = clean_environment() | {"RNNLAB_SESSIONS": str(folder / "sessions")}
    return subprocess.Popen([sys.executable, "-c", ASKS, *command], env=environment, stdout=subprocess.PIPE)


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_tuning_ends_when_the_app_is_killed(tmp_path: Path) -> None:
    asks = ask(tmp_path, "tune", "binary", "--hidden", "4", "--seconds", "30", "--json")
    try:
        program = psutil.Process(asks.pid)
        wait_for(lambda: any(child.cpu_times().user > 1 for child in program.children()))
        begun = program.children(recursive=True)
        asks.kill()
        assert psutil.wait_procs(begun, 30)[1] == []
    finally:
        asks.kill()
        asks.communicate()


def test_a_range_test_is_stopped_when_the_app_is_killed(tmp_path: Path) -> None:
    asks = ask(tmp_path, "lr-range", "pixels", "--hidden", "512", "--json")
    try:
        wait_for(lambda: any(tmp_path.glob("sessions/*/runs/*/events.jsonl")))
        (log,) = tmp_path.glob("sessions/*/runs/*/events.jsonl")
        wait_for(lambda: read_state(log)[0].step > 0)
        begun = psutil.Process(asks.pid).children()
        asks.kill()
        assert psutil.wait_procs(begun, 30)[1] == []
        wait_for(lambda: bool(read_state(log)[0].ended))
        assert read_state(log)[0].status == "stopped"
    finally:
        asks.kill()
        asks.communicate()
