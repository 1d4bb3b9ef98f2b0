"""Commands of a person, or of a signal, to a running training: read from a file, or from the record of an earlier run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from rnnlab.config import FIELDS, ConfigError
from rnnlab.runs.commands import LIVE_SETTINGS, SIGNAL_ID, Command, CommandCursor
from rnnlab.runs.events import CommandApplied

POLL = 0.1
"""Seconds between two reads of the file where a read takes no time: a command is applied within one step or half a second."""
_PAUSE_FACTOR = 4.0
"""Where a read takes long, as from a slow file server, the next one comes this many times as long after it: training goes on."""
_LONGEST_PAUSE = 2.0
"""Seconds: a server that hung once must not have the commands wait for minutes."""


class CommandSource(Protocol):
    """Where commands come from: a file, a record, or nowhere."""

    def read(self, step: int) -> Sequence[Command]:
        """The commands that came since the last call, to be applied after update `step`."""


class NoCommands:
    """The source of a run that nobody commands."""

    def read(self, step: int) -> Sequence[Command]:
        """Always empty."""
        return ()


class LiveCommands:
    """Commands as they are appended to the run's file, and a stop on request of a signal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cursor = CommandCursor(path)
        self._next = 0.0
        self._stop = False
        self._unread: list[Command] = []
        self._stop_asked = False

    def read(self, step: int) -> Sequence[Command]:
        """What was appended since the last call; the file is read every `POLL` seconds, or later where reading takes long."""
        began = time.monotonic()
        if began < self._next and not self._stop:
            return ()
        self._poll()
        ended = time.monotonic()
        self._next = max(began + POLL, ended + min(_PAUSE_FACTOR * (ended - began), _LONGEST_PAUSE))
        commands, self._unread = self._unread, []
        if self._stop:
            self._stop = False
            commands.append(Command(SIGNAL_ID, time.time(), "stop"))
        return commands

    @property
    def stop_asked(self) -> bool:
        """Whether anybody has ever asked for a stop, be the command carried out or not."""
        self._poll()
        return self._stop_asked

    def _poll(self) -> None:
        commands = self._cursor.read()
        self._unread += commands
        self._stop_asked = self._stop_asked or self._stop or any(each.command == "stop" for each in commands)

    def skip(self, size: int) -> None:
        """Leave out the first `size` bytes of the file: they were meant for a process that is gone."""
        self._cursor = CommandCursor(self._path, size)
        self._unread, self._stop_asked = [], self._stop

    def request_stop(self) -> None:
        """Stop cleanly at the next read. Safe in a signal handler and in another thread."""
        self._stop = self._stop_asked = True


class RecordedCommands:
    """The commands that changed the course of an earlier run, each after the update it was applied after.

    Pauses change no number and are left out, refused commands likewise.
    """

    def __init__(self, applied: Iterable[CommandApplied]) -> None:
        self._left = [event for event in applied if event.command not in ("pause", "resume") and not event.error]

    def read(self, step: int) -> Sequence[Command]:
        """The commands that were applied up to update `step` and not returned yet."""
        if not self._left or self._left[0].step > step:
            return ()
        ready = [event for event in self._left if event.step <= step]
        self._left = self._left[len(ready) :]
        return [Command(event.command_id, 0.0, event.command, event.key, event.value) for event in ready]


class ReplayedCommands:
    """The commands that a run was given beyond the point from which it is resumed, and then new ones."""

    def __init__(self, recorded: RecordedCommands, live: CommandSource) -> None:
        self._recorded = recorded
        self._live = live

    def read(self, step: int) -> Sequence[Command]:
        """The recorded commands that are due, and the new ones."""
        return [*self._recorded.read(step), *self._live.read(step)]


def new_value(command: Command) -> float | None:
    """Value of a `set` command. Raises `ConfigError` where it is not allowed or sets what cannot change while a run trains."""
    if command.key not in LIVE_SETTINGS:
        raise ConfigError(
            command.key, command.value, f"left alone; while a run trains, only {', '.join(LIVE_SETTINGS)} can be set"
        )
    value = FIELDS[command.key].check(command.value)
    return None if value is None else float(value)
