"""What the app has begun for itself ends with it, also where the app is killed and can end nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from rnnlab.runs.log_reader import read_state
from rnnlab.ui.queries.subprocess_query import RUNNING, run_query
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


async def test_a_command_is_gone_also_where_its_end_is_not_waited_for() -> None:
    for _ in range(3):
        asked = asyncio.create_task(run_query("doctor", "--json"))
        while not RUNNING:
            await asyncio.sleep(0.005)
        (process,) = RUNNING
        asked.cancel()  # as when its screen is left,
        for _ in range(5):
            await asyncio.sleep(0)
        asked.cancel()  # and the app at the same moment
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert process.returncode is not None
        assert not RUNNING


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
