"""Commands of a run as its trainer reads them."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnlab.runs.commands import Command, CommandCursor
from rnnlab.runs.folders import RunFolder
from rnnlab.training.commands import LiveCommands


def test_commands_for_an_earlier_process_are_skipped_even_where_they_were_read(tmp_path: Path) -> None:
    """A full disk has the file polled for a stop before the resumed run knows what was meant for it."""
    run = RunFolder(tmp_path)
    run.send("set", "optim.lr", 0.1)
    run.send("stop")
    commands = LiveCommands(run.commands_path)
    asked = [commands.stop_asked]
    commands.skip(run.commands_path.stat().st_size)
    asked.append(commands.stop_asked)
    assert asked == [True, False]
    assert commands.read(0) == []
    run.send("save")
    fresh = LiveCommands(run.commands_path)
    assert [each.command for each in fresh.read(0)] == ["set", "stop", "save"]


def test_a_signal_is_not_skipped(tmp_path: Path) -> None:
    commands = LiveCommands(RunFolder(tmp_path).commands_path)
    commands.request_stop()
    commands.skip(0)
    assert commands.stop_asked
    assert [each.command for each in commands.read(0)] == ["stop"]


class Clock:
    """A clock that goes on where time is spent. `reads`: when each read of the commands began."""

    def __init__(self, seconds_a_read: float) -> None:
        self.now, self.seconds_a_read, self.reads = 100.0, seconds_a_read, list[float]()

    def read(self) -> list[Command]:
        self.reads.append(self.now)
        self.now += self.seconds_a_read
        return []


@pytest.fixture
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(request.param)
    monkeypatch.setattr("rnnlab.training.commands.time", SimpleNamespace(monotonic=lambda: clock.now, time=time.time))
    monkeypatch.setattr(CommandCursor, "read", lambda _cursor: clock.read())
    return clock


@pytest.mark.parametrize("clock", [0.3], indirect=True)
def test_a_slow_file_server_leaves_training_four_fifths_of_the_time(tmp_path: Path, clock: Clock) -> None:
    """Each `stat` on a mount that caches nothing asks once for every folder of the path."""
    commands = LiveCommands(RunFolder(tmp_path).commands_path)
    began, updates = clock.now, 0
    while clock.now < began + 60:
        commands.read(updates)
        clock.now += 0.01
        updates += 1
    assert updates * 0.01 > 0.75 * 60
    assert len(clock.reads) > 30


@pytest.mark.parametrize("clock", [30.0], indirect=True)
def test_a_file_server_that_hung_is_asked_again_soon(tmp_path: Path, clock: Clock) -> None:
    commands = LiveCommands(RunFolder(tmp_path).commands_path)
    for update in range(2):
        commands.read(update)
        clock.now += 2.5
    assert len(clock.reads) == 2
