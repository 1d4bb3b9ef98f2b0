"""A run's log on disk: one writer, any number of readers, no event lost that was acknowledged.

An event is acknowledged when `append` has returned: its line is then in the kernel's hands, by a single write, and survives
the death of every process. The writer holds a lock on the file for as long as it lives, so that a log without a last word
whose lock is free belongs to a dead trainer.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from rnnlab.config.errors import UsageError
from rnnlab.runs.codec import DamagedLine, UnknownEvent, decode, encode
from rnnlab.runs.events import LOG_FORMAT, Event, Record, RunStarted
from rnnlab.runs.lines import unseal
from rnnlab.runs.state import RunState, initial_state, reduce

_CHUNK = 1 << 18
_LOCK_PATIENCE = 0.5
"""Seconds a writer insists on the lock: a reader that asks `is_held` holds it for an instant."""


class LogBusy(Exception):
    """Another process holds the log: the run is being trained."""


class NewerLog(UsageError):
    """The log was written by a newer version."""


class LogWriter:
    """Appends events to a log, numbering them without gaps. Safe to call from several threads.

    Opening heals a torn tail: a line whose newline alone is missing is completed, anything shorter is cut off, for it was
    never acknowledged. Raises `LogBusy` where another writer holds the log, `OSError` where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _lock(self._file)
            self._end, self.next_seq, self.last = _heal(self._file)
        except BaseException:
            os.close(self._file)
            raise

    @property
    def empty(self) -> bool:
        return self._end == 0

    def append(self, event: Event, wall: Callable[[], float] = time.time) -> Record:
        """Write `event` and return it in its place. Raises `OSError` (a full disk) with the log left whole."""
        with self._guard:
            record = Record(self.next_seq, round(wall(), 6), round(time.monotonic(), 6), event)  # type: ignore[arg-type]
            line = encode(record)
            written = 0
            try:
                while written < len(line):
                    # A full disk takes a part of the line first and refuses only then.
                    written += os.pwrite(self._file, line[written:], self._end + written)
            except OSError:
                os.ftruncate(self._file, self._end)
                raise
            self._end += len(line)
            self.next_seq += 1
            self.last = record
            return record

    def sync(self) -> None:
        """Wait until what was appended would survive a loss of power."""
        os.fdatasync(self._file) if hasattr(os, "fdatasync") else os.fsync(self._file)

    def close(self) -> None:
        """Let the log go; closing twice is harmless."""
        with self._guard:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def is_held(path: Path) -> bool:
    """Whether a living process writes this log."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.EAGAIN, errno.EACCES)
    finally:
        os.close(file)
    return False


def read_last(path: Path) -> Record | None:
    """The last sound record of a log, without reading the rest; None where there is none or no log."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return _last_record(file, os.fstat(file).st_size)[1]
    finally:
        os.close(file)


class LogCursor:
    """Reads a log from its start and then what is added to it, one bounded helping at a time.

    A line without its newline is left for later: it is being written, or was torn. A damaged line is skipped and counted,
    once. `damaged` and `unknown` (kinds of a newer version) are for showing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = 0
        self.unknown = 0
        self._offset = 0
        self._lines: list[bytes] = []
        self._at = 0
        self.caught_up = False
        """Whether the last `read` came to the end of what is there."""
        self.torn = False
        """Whether an unfinished line stands there."""

    def read(self, max_records: int = 2000, max_seconds: float = 0.05) -> list[Record]:
        """The next records, oldest first; empty when there is nothing new. A log that is not there yet is empty.

        Raises `NewerLog` for a log whose format this version does not know.
        """
        deadline = time.perf_counter() + max_seconds
        records: list[Record] = []
        self.caught_up = False
        while len(records) < max_records:
            if self._at == len(self._lines) and not self._fill():
                self.caught_up = True
                break
            stop = min(len(self._lines), self._at + min(256, max_records - len(records)))
            for line in self._lines[self._at : stop]:
                record = self._decode(line)
                if record is not None:
                    records.append(record)
            self._at = stop
            if time.perf_counter() > deadline:
                break
        return records

    def _decode(self, line: bytes) -> Record | None:
        try:
            record = decode(line)
        except DamagedLine:
            self.damaged += 1
            return None
        except UnknownEvent:
            _refuse_newer(line, self.path)
            self.unknown += 1
            return None
        if type(record.data) is RunStarted and record.data.log_format > LOG_FORMAT:
            raise _newer(self.path, record.data.log_format)
        return record

    def _fill(self) -> bool:
        """Read one more chunk of whole lines; whether there is any.

        What stands behind the last newline is read again the next time: it is being written, or was torn, and healing
        may put other bytes there.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                chunk = file.read(_CHUNK)
                end = chunk.rfind(b"\n") + 1
                while not end and (more := file.read(_CHUNK)):
                    chunk += more
                    end = chunk.rfind(b"\n") + 1
        except FileNotFoundError:
            return False
        self.torn = end < len(chunk)
        self._offset += end
        self._lines, self._at = _split(chunk[:end]), 0
        return end > 0


def _split(data: bytes) -> list[bytes]:
    """Lines by newline alone; `bytes.splitlines` also breaks at the carriage returns a damaged line may hold."""
    if b"\r" not in data:
        return data.splitlines(keepends=True)
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _newer(path: Path, version: object) -> NewerLog:
    return NewerLog(
        f"{path} has log format {version}, this rnnlab reads up to {LOG_FORMAT}; open it with the newer rnnlab that wrote it"
    )


def _refuse_newer(line: bytes, path: Path) -> None:
    """Raise `NewerLog` where an event this version cannot read is the start of a newer log."""
    import msgspec

    body = unseal(line)
    data = msgspec.json.decode(body).get("data") if body else None
    if isinstance(data, dict) and data.get("event") == "RunStarted":
        version = data.get("log_format", 1)
        if isinstance(version, int) and version > LOG_FORMAT:
            raise _newer(path, version)


def read_records(path: Path) -> tuple[list[Record], int]:
    """All records of a log and the number of damaged lines. Raises `NewerLog`."""
    cursor = LogCursor(path)
    records: list[Record] = []
    while not cursor.caught_up:
        records += cursor.read(1 << 30, 60.0)
    return records, cursor.damaged


def read_state(path: Path) -> tuple[RunState, int]:
    """The state a log adds up to and the number of damaged lines. Raises `NewerLog`."""
    records, damaged = read_records(path)
    state = initial_state()
    for record in records:
        reduce(state, record)
    return state, damaged


def _lock(file: int) -> None:
    deadline = time.monotonic() + _LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            if time.monotonic() > deadline:
                raise LogBusy from None
            time.sleep(0.01)


def _heal(file: int) -> tuple[int, int, Record | None]:
    """Make the log end with a whole line. Returns its length, the next `seq`, and the last sound record."""
    size = os.fstat(file).st_size
    tail = b""
    start = size
    while start > 0 and b"\n" not in tail:
        step = min(start, _CHUNK)
        start -= step
        tail = os.pread(file, step, start) + tail
    cut = tail.rfind(b"\n") + 1
    torn = tail[cut:]
    if torn and unseal(torn + b"\n") is not None:
        os.pwrite(file, b"\n", size)
        size += 1
    elif torn:
        size -= len(torn)
        os.ftruncate(file, size)
    seq, last = _last_record(file, size)
    return size, seq, last


def _last_record(file: int, size: int) -> tuple[int, Record | None]:
    """The `seq` to go on with and the last sound record, looking backwards from the end of whole lines."""
    damaged = 0
    tail, start = b"", size
    while True:
        step = min(start, _CHUNK)
        start -= step
        tail = os.pread(file, step, start) + tail
        lines = _split(tail)
        if start > 0:
            tail, lines = lines[0], lines[1:]  # the first may begin in the chunk before
        for line in reversed(lines):
            try:
                record = decode(line)
            except (DamagedLine, UnknownEvent):
                damaged += 1
                continue
            return record.seq + 1 + damaged, record
        if start == 0:
            return damaged, None
