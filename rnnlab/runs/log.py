"""A run's log on disk: one writer, any number of readers, no event lost that was acknowledged.

An event is acknowledged when `append` has returned: its line is then in the kernel's hands, by a single write, and survives
the death of every process; `sync` has it survive a loss of power too. The writer holds the lock `events.lock` beside the log
for as long as it lives, so that a log without a last word whose lock is free belongs to a dead trainer.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from rnnlab.errors import UsageError
from rnnlab.locks import Locked, acquire, is_at, is_locked
from rnnlab.runs.checksum_line import unseal
from rnnlab.runs.codec import DamagedLine, UnknownEvent, decode, encode, event_of
from rnnlab.runs.events import LOG_FORMAT, Event, Record, RunFailed, RunFinished, RunStarted
from rnnlab.runs.files import LINE_LIMIT, open_log, sync_folder
from rnnlab.runs.room import Reserve, is_full, write_all
from rnnlab.runs.state import RunState, initial_state, reduce

_CHUNK = 1 << 18
_HELPING = 256
"""Records decoded at once: they are still in the processor's cache when they are reduced. Of 2,000, a log took a fifth longer."""
_LAST_SEQ = 2**52
"""No log gets this far; numbers beyond it could not be read again."""
_FIRST = b'{"seq":0,'
"""How every log begins, also one whose first line was cut."""


class LogBusy(Exception):
    """Another process holds the log: the run is being trained."""


class NewerLog(UsageError):
    """The log was written by a newer version."""


class DamagedLog(UsageError):
    """The log is not empty and no line of it is what was written: nothing is known of the run, and nothing is written."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is damaged from its first line to its last; put it back as it was, or delete the run")


class LogLost(OSError):
    """The log that a process writes is not at its path any more: it was deleted, replaced, or moved away with its folder.

    What is written to it from then on, nobody reads.
    """


class LogWriter:
    """Appends events to a log, numbering them without gaps. Safe to call from several threads.

    Opening heals a torn tail: a line whose newline alone is missing is completed, anything shorter is cut off, for it was
    never acknowledged. Raises `LogBusy` where another writer holds the log, `DamagedLog` where it holds anything but events,
    `NewerLog`, and `OSError` where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.Lock()
        try:
            self._lock = acquire(lock_path(path))
        except Locked:
            raise LogBusy from None
        try:
            self._file = open_log(path, os.O_RDWR | os.O_CREAT)
            try:
                self._end, self.next_seq, self.last = _heal(self._file, path)
                if self.next_seq > _LAST_SEQ:
                    raise DamagedLog(path)
            except BaseException:
                os.close(self._file)
                raise
        except BaseException:
            os.close(self._lock)
            raise
        self._reserve = Reserve(self._file, path)
        self._synced = -1
        """Bytes that would survive a loss of power; -1: nobody has asked yet."""
        self._appended = False

    @property
    def empty(self) -> bool:
        return self._end == 0

    def append(self, event: Event, wall: Callable[[], float] = time.time, *, urgent: bool = False) -> Record:
        """Write `event` and return it in its place. Raises `OSError` (a full disk) with the log left whole.

        Other events leave the log's reserve of room to its last one, and to what is `urgent`.
        """
        with self._guard:
            record = Record(self.next_seq, round(wall(), 6), round(time.monotonic(), 6), event)  # type: ignore[arg-type]
            line = encode(record)
            if len(line) > LINE_LIMIT:
                raise ValueError(
                    f"an event of {len(line):,} bytes is longer than a line of a log may be ({LINE_LIMIT:,})"
                )
            try:
                if not urgent and not isinstance(event, RunFinished | RunFailed):
                    self._reserve.ensure(self._end + len(line))
                self._write(line)
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(self.path)) from None
            self._end += len(line)
            self.next_seq += 1
            self.last = record
            self._appended = True
            return record

    def _write(self, line: bytes) -> None:
        try:
            write_all(self._file, line, self._end)
        except OSError as error:
            os.ftruncate(self._file, self._end)
            if not is_full(error) or not self._reserve.spend():
                self._reserve.lost()
                raise
            self._write(line)

    def reserve(self) -> None:
        """Set room for the last event aside. Raises `OSError` where there is none."""
        with self._guard:
            try:
                self._reserve.ensure(self._end)
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(self.path)) from None

    def sync(self) -> None:
        """Wait until what was appended would survive a loss of power. Safe beside an `append` of another thread.

        Raises `LogLost`, and other `OSError`s.
        """
        self.check_in_place()
        end, first = self._end, self._synced < 0
        if end == self._synced:
            return
        os.fdatasync(self._file) if hasattr(os, "fdatasync") else os.fsync(self._file)
        if first:
            sync_folder(self.path.parent)
        self._synced = end

    def check_in_place(self) -> None:
        """Raise `LogLost` where another file, or none, stands at the path of the log or of its lock.

        Without its lock the log is no longer this process's alone.
        """
        for file, path in ((self._file, self.path), (self._lock, lock_path(self.path))):
            if is_at(file, path):
                continue
            if not self.path.parent.is_dir():
                raise LogLost(errno.ESTALE, "the run's folder was deleted or moved away", str(self.path.parent))
            change = "replaced by another file" if os.path.lexists(path) else "deleted"
            raise LogLost(errno.ESTALE, f"it was {change} while the run was trained", str(path))

    def close(self) -> None:
        """Let the log go; closing twice is harmless."""
        with self._guard:
            if self._file >= 0:
                if self._appended and self.last and isinstance(self.last.data, RunFinished | RunFailed):
                    self._reserve.release(self._end)
                os.close(self._file)
                os.close(self._lock)
                self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def lock_path(path: Path) -> Path:
    """The lock file of a log."""
    return path.with_suffix(".lock")


def is_held(path: Path) -> bool:
    """Whether a living process writes this log."""
    return is_locked(lock_path(path))


def read_last(path: Path) -> Record | None:
    """The last sound record of a log, without reading the rest; None where there is none yet, or no log.

    Raises `DamagedLog`, `NewerLog`, `OSError`.
    """
    try:
        file = open_log(path)
    except FileNotFoundError:
        return None
    try:
        size = os.fstat(file).st_size
        return _last_record(file, size, _last_newline(file, size), path)[1]
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
        self._passed = 0
        """Bytes of a line beyond `LINE_LIMIT`, from `_offset` on, that hold no newline."""
        self._read_at = (-1, -1)
        """Size and time of the log when nothing more was to be had of it."""
        self.caught_up = False
        """Whether the last `read` came to the end of what is there."""
        self.torn = False
        """Whether an unfinished line stands there."""
        self._identity: tuple[int, int] | None = None
        """The device and inode of the file that is read."""
        self.missing = False
        """Whether there was no log at the last `read`."""
        self.replaced = False
        """Whether another file has taken the log's place since it was read first. Nothing is read of that one: it need not go
        on where the first one ended."""

    @property
    def begun(self) -> bool:
        """Whether there has been a log."""
        return self._identity is not None

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
            stop = min(len(self._lines), self._at + min(_HELPING, max_records - len(records)))
            for line in self._lines[self._at : stop]:
                record = self._decode(line)
                if record is not None:
                    records.append(record)
            self._at = stop
            if time.perf_counter() > deadline:
                break
        return records

    def stream(self) -> Iterator[Record]:
        """The records up to the end of what is there, a helping in memory at a time. Raises as `read` does."""
        while True:
            yield from self.read(_HELPING)
            if self.caught_up:
                return

    def _decode(self, line: bytes) -> Record | None:
        try:
            if len(line) > LINE_LIMIT:
                raise DamagedLine
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

        What stands behind the last newline is read again once the file has changed: it is being written, or was torn, and
        healing may put other bytes there. Of a line beyond `LINE_LIMIT` nothing is kept, and no byte is read twice.
        """
        try:
            file = open_log(self.path)
        except FileNotFoundError:
            self.missing = True
            return False
        try:
            found = os.fstat(file)
            self.missing = False
            self.replaced = self._identity not in (None, (found.st_dev, found.st_ino))
            if self.replaced:
                return False
            self._identity = found.st_dev, found.st_ino
            if (found.st_size, found.st_mtime_ns) == self._read_at:
                return False
            if self._passed and not self._pass_over(file, found.st_size):
                self._read_at = found.st_size, found.st_mtime_ns
                return False
            if self._fill_lines(file):
                return True
            self._read_at = found.st_size, found.st_mtime_ns
            return self._passed > 0 and self._pass_over(file, found.st_size) and self._fill_lines(file)
        finally:
            os.close(file)

    def _fill_lines(self, file: int) -> bool:
        parts: list[bytes] = []
        size = end = 0
        while not end and size <= LINE_LIMIT and (part := os.pread(file, _CHUNK, self._offset + size)):
            if newline := part.rfind(b"\n") + 1:
                end = size + newline
            parts.append(part)
            size += len(part)
        self.torn = end < size
        if not end:
            self._passed = size if size > LINE_LIMIT else 0
            return False
        self._lines, self._at = _split(b"".join(parts)[:end]), 0
        self._offset += end
        return True

    def _pass_over(self, file: int, size: int) -> bool:
        """Find the end of a line that is too long; whether it is there."""
        if size < self._offset + self._passed:
            self._passed = 0  # it was unfinished, and was cut off
            return True
        while part := os.pread(file, _CHUNK, self._offset + self._passed):
            newline = part.find(b"\n") + 1
            self._passed += newline or len(part)
            if newline:
                self.damaged += 1
                self._offset += self._passed
                self._passed = 0
                return True
        return False


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
    event = event_of(line)
    version = event.get("log_format", 1)
    if event.get("event") == "RunStarted" and isinstance(version, int) and version > LOG_FORMAT:
        raise _newer(path, version)


def read_records(path: Path) -> tuple[list[Record], int]:
    """All records of a log and the number of damaged lines. Raises `NewerLog`."""
    cursor = LogCursor(path)
    return list(cursor.stream()), cursor.damaged


def read_state(path: Path) -> tuple[RunState, int]:
    """The state a log adds up to and the number of damaged lines. Raises `NewerLog`, `OSError`."""
    cursor = LogCursor(path)
    state = initial_state()
    for record in cursor.stream():
        reduce(state, record)
    return state, cursor.damaged


def _heal(file: int, path: Path) -> tuple[int, int, Record | None]:
    """Make the log end with a whole line. Returns its length, the next `seq`, and the last sound record."""
    size = os.fstat(file).st_size
    end = _last_newline(file, size)
    seq, last = _last_record(file, size, end, path)
    torn = os.pread(file, LINE_LIMIT + 1, end) if size > end else b""
    if torn and len(torn) <= LINE_LIMIT and unseal(torn + b"\n") is not None:
        os.pwrite(file, b"\n", size)
        size += 1
        seq, last = _last_record(file, size, size, path)
    elif torn:
        os.ftruncate(file, end)
        size = end
    return size, seq, last


def _last_newline(file: int, size: int) -> int:
    """How many of the file's bytes are whole lines."""
    start = size
    while start > 0:
        step = min(start, _CHUNK)
        start -= step
        if newline := os.pread(file, step, start).rfind(b"\n") + 1:
            return start + newline
    return 0


def _last_record(file: int, size: int, end: int, path: Path) -> tuple[int, Record | None]:
    """The `seq` to go on with and the last sound record of a log of `size` bytes, `end` of them whole lines.

    Raises `DamagedLog` where there are bytes but no event, and none was begun, and `NewerLog` where all are unknown.
    """
    behind = 0
    unknown = False
    for line in _lines_from_the_end(file, end):
        behind += 1
        try:
            if line is None:
                raise DamagedLine
            record = decode(line)
        except UnknownEvent:
            unknown = True
        except DamagedLine:
            pass
        else:
            return record.seq + behind, record
    if unknown:
        raise NewerLog(f"{path} holds only events that a newer rnnlab wrote; open it with that one")
    if behind or not _begins(file, size):
        raise DamagedLog(path)
    return 0, None


def _begins(file: int, size: int) -> bool:
    """Whether the file is empty, the beginning of a first event, or, as after a power cut, blank."""
    head = os.pread(file, len(_FIRST), 0)
    if _FIRST.startswith(head):
        return True
    return not any(os.pread(file, _CHUNK, at).strip(b"\0") for at in range(0, size, _CHUNK))


def _lines_from_the_end(file: int, end: int) -> Iterator[bytes | None]:
    """The lines of the first `end` bytes, the last one first; None for one beyond `LINE_LIMIT`. No byte is read twice."""
    pieces: list[bytes] = []
    length = 0  # of the line whose beginning is still to be found
    start = end - 1
    while start > 0:
        step = min(start, _CHUNK)
        start -= step
        before, *whole = os.pread(file, step, start).split(b"\n")
        for piece in reversed(whole):
            yield _joined([*pieces, piece], length + len(piece))
            pieces, length = [], 0
        length += len(before)
        pieces = [*pieces, before] if length <= LINE_LIMIT else []
    if end:
        yield _joined(pieces, length)


def _joined(pieces: list[bytes], length: int) -> bytes | None:
    return b"".join(reversed(pieces)) + b"\n" if length < LINE_LIMIT else None
