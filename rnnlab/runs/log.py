"""A run's log on disk: one writer, any number of readers, no event lost that was acknowledged.

An event is acknowledged when `append` has returned: its line is then in the kernel's hands, by a single write, and survives
the death of every process; `sync` has it survive a loss of power too. The writer holds the lock `events.lock` beside the log
for as long as it lives, so that a log without a last event whose lock is free belongs to a dead trainer. In a folder that other
machines share it has a claim too (`rnnlab.claims`), as locks do not reach all of them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from rnnlab.claims import Claim, Claimed, ClaimLost, find_claim
from rnnlab.file_system import is_shared
from rnnlab.files import sync_folder
from rnnlab.locks import NO_LOCKS, Locked, acquire, is_at, is_locked
from rnnlab.runs.codec import encode
from rnnlab.runs.events import Event, Record, RunFailed, RunFinished
from rnnlab.runs.files import LINE_LIMIT, open_log
from rnnlab.runs.log_tail import DamagedLog, heal
from rnnlab.runs.room import Reserve, is_full, write_all

_LAST_SEQ = 2**52
"""No log gets this far; numbers beyond it could not be read again."""


class LogBusy(Exception):
    """Another process holds the log: the run is being trained."""


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
        self._lock, self._claim = _sole_writer(path)
        try:
            self._file = open_log(path, os.O_RDWR | os.O_CREAT)
            try:
                self._end, self.next_seq, self.last = heal(self._file, path)
                if self.next_seq > _LAST_SEQ:
                    raise DamagedLog(path)
            except BaseException:
                os.close(self._file)
                raise
        except BaseException:
            self._let_go()
            raise
        self._reserve = Reserve(self._file, path)
        self._synced = -1
        """Bytes that would survive a loss of power; -1: nobody has asked yet."""
        self._appended = False

    @property
    def empty(self) -> bool:
        """Whether no whole event stands in the log."""
        return self._end == 0

    def append(self, event: Event, wall: Callable[[], float] = time.time, *, urgent: bool = False) -> Record:
        """Write `event` and return its record. Raises `OSError` (a full disk) with the log left whole.

        Other events leave the log's reserve of room to its last one, and to what is `urgent`.
        """
        with self._guard:
            record = Record(self.next_seq, round(wall(), 6), round(time.monotonic(), 6), event)  # type: ignore[arg-type]
            return self._append(record, urgent=urgent)

    def take(self, record: Record) -> None:
        """Write the record of an event as another log of the run has it, the next by its number. Raises as `append` does."""
        with self._guard:
            if record.seq != self.next_seq:
                raise ValueError(f"the next event has the number {self.next_seq}, and not {record.seq}")
            self._append(record)

    def _append(self, record: Record, *, urgent: bool = False) -> Record:
        line, event = encode(record), record.data
        if len(line) > LINE_LIMIT:
            raise ValueError(f"an event of {len(line):,} bytes is longer than a line of a log may be ({LINE_LIMIT:,})")
        if self._claim is not None:
            self._check_claim(self._claim)
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
        if self._claim is not None:
            self._check_claim(self._claim)
        for file, path in ((self._file, self.path), (self._lock, lock_path(self.path))):
            if file < 0 or is_at(file, path):
                continue
            if not self.path.parent.is_dir():
                raise LogLost(errno.ESTALE, "the run's folder was deleted or moved away", str(self.path.parent))
            change = "replaced by another file" if os.path.lexists(path) else "deleted"
            raise LogLost(errno.ESTALE, f"it was {change} while the run was trained", str(path))

    def _check_claim(self, claim: Claim) -> None:
        try:
            claim.check()
        except ClaimLost as lost:
            raise LogLost(errno.ESTALE, f"{lost}, after this one was not heard of for long", str(self.path)) from None

    def _let_go(self) -> None:
        if self._claim is not None:
            with contextlib.suppress(OSError):  # a full disk: the claim expires
                self._claim.release()
        if self._lock >= 0:
            os.close(self._lock)

    def close(self) -> None:
        """Let the log go; closing twice is harmless."""
        with self._guard:
            if self._file >= 0:
                if self._appended and self.last and isinstance(self.last.data, RunFinished | RunFailed):
                    self._reserve.release(self._end)
                os.close(self._file)
                self._file = -1
                self._let_go()

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


def _sole_writer(path: Path) -> tuple[int, Claim | None]:
    """The open lock of the log (-1: its file system has none), and the claim on it where locks do not reach everybody.

    Raises `LogBusy`, `OSError`.
    """
    lock = -1
    try:
        lock = acquire(lock_path(path))
    except Locked:
        raise LogBusy from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
    try:
        if lock >= 0 and not is_shared(path.parent) and find_claim(path) is None:
            return lock, None
        return lock, Claim(path)
    except BaseException as error:
        if lock >= 0:
            os.close(lock)
        if isinstance(error, Claimed):
            raise LogBusy from None
        raise
