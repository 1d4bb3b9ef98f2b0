"""Commands of a run as its trainer reads them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rnnlab.runs.commands import Command, CommandCursor
from rnnlab.runs.folders import RunFolder
from rnnlab.training.commands import POLL, LiveCommands


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


def test_a_slow_file_server_leaves_the_training_most_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each `stat` on a mount that caches nothing asks once for every folder of the path."""
    reading = 0.0

    def slow_read(self: CommandCursor) -> list[Command]:
        nonlocal reading
        began = time.monotonic()
        time.sleep(2 * POLL)
        reading += time.monotonic() - began
        return read(self)

    read = CommandCursor.read
    monkeypatch.setattr(CommandCursor, "read", slow_read)
    commands = LiveCommands(RunFolder(tmp_path).commands_path)
    began = time.monotonic()
    while time.monotonic() - began < 20 * POLL:
        commands.read(0)
    assert reading < 0.5 * (time.monotonic() - began)
