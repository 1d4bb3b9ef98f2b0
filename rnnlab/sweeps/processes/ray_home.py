"""Runs that nodes train which do not see the session's folder: they are lent, and what comes of them is taken home.

The owner of the session lends a run with the files that its training starts from. The node's pilot sends the lines of its log in
batches, and each event is appended once, by its number; files come in chunks, before the last event. Each time that a run is
lent its attempt has a number of its own, kept in the run's folder: what an earlier attempt still sends is refused, also by an
owner that was killed and started again. Ray ends the pilots of such an owner, and their runs begin again.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from rnnlab.engines.final_event import resume_or_fail
from rnnlab.files import open_regular, read_regular, sync_folder
from rnnlab.runs.codec import decode
from rnnlab.runs.files import write_atomically
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.liveness import made_here, queued_here, standing
from rnnlab.runs.log import LogBusy, LogWriter
from rnnlab.runs.queue_entry import read_entry
from rnnlab.sweeps.kept import is_stopped

CHUNK = 4 << 20
"""Bytes of a file that are sent at once, at most."""
BATCH = 1 << 20
"""Bytes of a log that are sent at once, unless one event is longer."""
SENT = re.compile(r"[\w-]{1,80}\.(safetensors|json|log)")
"""Names of files that come home."""
KEPT_HERE = ("queued.json", "lent.json")
"""Those that say who may train a run, and are never taken from elsewhere."""
_LENT = "lent.json"
_SILENT = 60.0
"""Seconds without a batch, of which one comes a second, after which a run is another one's to train."""
_LIMIT = 1 << 12


class Lent(msgspec.Struct, frozen=True):
    """A run that is lent: its name, the number of the attempt, its files with their sizes."""

    run: str
    attempt: int
    files: tuple[tuple[str, int], ...] = ()
    pause_after: int = 0


class Taken(msgspec.Struct, frozen=True):
    """What came of a batch: whether the attempt still counts, the number of the event that is next, and new commands."""

    counts: bool
    next_seq: int = 0
    commands: bytes = b""


class _Attempt(msgspec.Struct):
    attempt: int = 0


@dataclass
class _Open:
    """A run that is lent now, the pilot that has it, and the time of its last batch."""

    attempt: int
    log: LogWriter
    pilot: int
    last_batch: float = field(default_factory=time.monotonic)


class Home:
    """Lends a session's runs, and takes home what comes of them. Safe to call from several threads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._open: dict[str, _Open] = {}
        self._guard = threading.RLock()

    def lend(self, pilot: int) -> Lent | None:
        """A run that waits, for the pilot of this number; None: there is none."""
        with self._guard:
            if is_stopped(self._session):
                return None
            for run in self._session.runs():
                with contextlib.suppress(OSError, LogBusy):
                    if (lent := self._lend(run, pilot)) is not None:
                        return lent
            return None

    def _lend(self, run: RunFolder, pilot: int) -> Lent | None:
        """The run, lent, where it waits for somebody who trains it."""
        stands = standing(run)
        if run.name in self._open or stands.alive or stands.state in ("ended", "damaged"):
            return None
        attempt = _attempt_of(run)
        if stands.state == "dead":
            if not made_here(run) or not resume_or_fail(run, None):
                return None
        elif not queued_here(run, stands.last):
            return None
        self._open[run.name] = _Open(attempt + 1, LogWriter(run.events_path), pilot)
        _keep_attempt(run, attempt + 1)
        entry = read_entry(run.path)
        return Lent(run.name, attempt + 1, _files(run), entry.pause_after if entry is not None else 0)

    def fetch(self, run: str, attempt: int, name: str, offset: int) -> bytes:
        """A chunk of one of the run's files; empty at its end, and for an attempt that does not count."""
        with self._guard:
            if self._of(run, attempt) is None or name not in dict(_files(self._folder(run))):
                return b""
            file = open_regular(self._folder(run).path / name, os.O_RDONLY)
            try:
                return os.pread(file, CHUNK, offset)
            finally:
                os.close(file)

    def take(self, run: str, attempt: int, lines: bytes, commands_at: int) -> Taken:
        """Append what of a batch is not in the log yet. `commands_at`: bytes of the run's commands that its pilot has."""
        with self._guard:
            found = self._of(run, attempt)
            if found is None:
                return Taken(False)
            for line in lines.splitlines(keepends=True):
                record = decode(line)
                if record.seq > found.log.next_seq:
                    break  # a batch between was lost; it is sent again
                if record.seq == found.log.next_seq:
                    found.log.take(record)
            return Taken(True, found.log.next_seq, _commands(self._folder(run), commands_at))

    def put(self, run: str, attempt: int, name: str, offset: int, data: bytes, last: bool) -> bool:
        """Write a chunk of a file, which is in place with its last one. Whether the attempt still counts."""
        with self._guard:
            if self._of(run, attempt) is None or SENT.fullmatch(name) is None or name in KEPT_HERE:
                return False
            folder = self._folder(run).path
            draft = folder / f".{name}.{attempt}.tmp"
            file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
            try:
                if not offset:
                    os.ftruncate(file, 0)
                os.pwrite(file, data, offset)
                if last:
                    os.fsync(file)
            finally:
                os.close(file)
            if last:
                draft.replace(folder / name)
                sync_folder(folder)
            return True

    def done(self, run: str, attempt: int) -> None:
        """End an attempt: the run is another one's now, unless it has ended."""
        with self._guard:
            if self._of(run, attempt) is not None:
                self._end(run)

    def lost(self, pilot: int) -> None:
        """End what the pilot of this number had: it has ended, or its node was lost."""
        with self._guard:
            for run in [run for run, found in self._open.items() if found.pilot == pilot]:
                self._end(run)

    def lends(self) -> bool:
        """Whether a run is lent now; an attempt that sends nothing for long is ended."""
        with self._guard:
            late = time.monotonic() - _SILENT
            for run in [run for run, found in self._open.items() if found.last_batch < late]:
                self._end(run)
            return bool(self._open)

    def close(self) -> None:
        """Let go of every log."""
        with self._guard:
            for found in self._open.values():
                found.log.close()
            self._open.clear()

    def _end(self, run: str) -> None:
        found = self._open.pop(run)
        with contextlib.suppress(OSError):
            _keep_attempt(self._folder(run), found.attempt + 1)  # whatever it still sends does not count
        found.log.close()

    def _of(self, run: str, attempt: int) -> _Open | None:
        """The run, where this attempt has it; None where it does not count any more."""
        if (found := self._open.get(run)) is not None:
            if found.attempt != attempt:
                return None
            found.last_batch = time.monotonic()
            return found
        return None

    def _folder(self, run: str) -> RunFolder:
        return RunFolder(self._session.runs_path / Path(run).name)


def _attempt_of(run: RunFolder) -> int:
    """The number of the last attempt for which the run was lent; 0: none."""
    try:
        return msgspec.json.decode(read_regular(run.path / _LENT, _LIMIT), type=_Attempt).attempt
    except (OSError, msgspec.MsgspecError):
        return 0


def _keep_attempt(run: RunFolder, attempt: int) -> None:
    write_atomically(run.path / _LENT, msgspec.json.encode(_Attempt(attempt)) + b"\n")


def _files(run: RunFolder) -> tuple[tuple[str, int], ...]:
    """What a training of the run starts from: its settings, log, commands, states and weights."""
    found = []
    with os.scandir(run.path) as entries:
        for each in entries:
            wanted = each.name in ("run.toml", "events.jsonl", "commands.jsonl") or SENT.fullmatch(each.name)
            if wanted and each.name not in KEPT_HERE and each.is_file(follow_symlinks=False):
                found.append((each.name, each.stat(follow_symlinks=False).st_size))
    return tuple(sorted(found))


def _commands(run: RunFolder, offset: int) -> bytes:
    try:
        file = open_regular(run.commands_path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.pread(file, CHUNK, offset)
    finally:
        os.close(file)
