"""Commands to a training process: an append-only file of commands, read by the trainer between two steps."""

from __future__ import annotations

import contextlib
import errno
import os
import time
import uuid
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Literal

import msgspec

from rnnlab.file_system import is_shared
from rnnlab.files import open_regular, sync_folder
from rnnlab.runs.checksum_line import seal, split_damaged, unseal
from rnnlab.runs.files import open_append
from rnnlab.runs.room import allocate

Verb = Literal["pause", "resume", "stop", "set", "evaluate", "save", "rollback"]


READ_LIMIT = 1 << 20
"""Bytes of the file that are read at once; a command has less than 200."""
_AHEAD = 4096
"""Bytes of the disk set aside for further commands, so that a run can be stopped on a full disk."""
_SIZE_MAX_AGE = 1.0
"""Seconds after which a file of a shared folder is opened to know its size: its mount may show an old one for a minute."""


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """One command. `key` and `value` belong to `set`: a setting that may change while a run trains, and what to (None: none).

    `evaluate` and `save` mean at once; `rollback` means back to the best weights so far.
    """

    id: str
    wall: float
    command: Verb
    key: str = ""
    value: float | None = None


_decoder = msgspec.json.Decoder(Command)
LIVE_SETTINGS = ("optim.lr", "optim.clip_norm", "model.dropout")
"""The settings that `set` takes."""


def new_command(verb: Verb, key: str = "", value: float | None = None) -> Command:
    """A command of now, with an id of its own, which nobody has been sent yet."""
    return Command(uuid.uuid4().hex[:12], round(time.time(), 6), verb, key, value)


def send_command(path: Path, command: Command) -> None:
    """Append a command to the file at `path` by one write, which cannot mix with another's, and sync it. Raises `OSError`.

    What is recorded of commands is where they end in the file: after a loss of power it must not be shorter.
    """
    line = seal(msgspec.json.encode(command))
    file = open_append(path)
    try:
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":
            line = b"\n" + line  # close what a crash left torn
        if os.write(file, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        _set_room_aside(file)
        os.fsync(file)
        if not size:
            sync_folder(path.parent)
    finally:
        os.close(file)


SIGNAL_ID = "signal"
"""The id of a stop that a signal asked for."""


def size_of(path: Path) -> int:
    """How many bytes the file has, 0 where it is not there. It is opened, as a mount may keep an old size. Raises `OSError`."""
    try:
        file = open_regular(path, os.O_RDONLY)
    except FileNotFoundError:
        return 0
    try:
        return os.fstat(file).st_size
    finally:
        os.close(file)


def size_until(path: Path, ids: Set[str]) -> int:
    """How many bytes of the file end with the last of the commands with these ids. Raises `OSError`."""
    size = end = 0
    try:
        file = open_regular(path, os.O_RDONLY)
    except FileNotFoundError:
        return 0
    with os.fdopen(file, "rb") as stream:
        while line := stream.readline(READ_LIMIT):
            for length, command in _commands_in(line):
                size += length
                if command is not None and command.id in ids:
                    end = size
    return end


def _commands_in(line: bytes) -> Iterator[tuple[int, Command | None]]:
    """The command of a line and its bytes, None for a damaged one; several where a damaged newline joined lines."""
    for each in [line] if unseal(line) is not None else split_damaged(line):
        body = unseal(each)
        try:
            yield len(each), None if body is None else _decoder.decode(body)
        except msgspec.DecodeError:
            yield len(each), None


def make_room_for_commands(path: Path) -> None:
    """Set room aside for the first commands, where there is any."""
    with contextlib.suppress(OSError):
        file = open_append(path)
        try:
            _set_room_aside(file)
        finally:
            os.close(file)


def _set_room_aside(file: int) -> None:
    with contextlib.suppress(OSError):
        allocate(file, os.fstat(file).st_size, _AHEAD)


class CommandCursor:
    """Reads commands as they are added, from `offset` bytes on. A damaged line is skipped and counted in `damaged`."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.damaged = 0
        self._offset = offset
        self._is_shared = is_shared(path.parent)
        self._opened = 0.0

    def read(self) -> list[Command]:
        """The commands added since the last call. One `stat` where there are none; on a shared folder one `open` a second."""
        try:
            if self.path.stat().st_size <= self._offset and not self._may_be_old():
                return []
            file = open_regular(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return []
        try:
            data = os.pread(file, READ_LIMIT, self._offset)
        finally:
            os.close(file)
        end = data.rfind(b"\n") + 1
        if not end and len(data) == READ_LIMIT:
            end = READ_LIMIT  # no command is that long
            self.damaged += 1
        self._offset += end
        commands = []
        for line in data[:end].split(b"\n"):
            if not line:
                continue
            found = [command for _, command in _commands_in(line + b"\n")]
            commands += [command for command in found if command is not None]
            self.damaged += found.count(None)
        return commands

    def _may_be_old(self) -> bool:
        """Whether the file has to be opened, which asks the file server, to know its size."""
        if not self._is_shared or (now := time.monotonic()) - self._opened < _SIZE_MAX_AGE:
            return False
        self._opened = now
        return True
