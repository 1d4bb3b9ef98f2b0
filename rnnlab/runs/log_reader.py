"""Reading a log: from its start, and on as it grows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from rnnlab.runs.checksum_line import split_damaged, whole_in_tail
from rnnlab.runs.codec import DamagedLine, UnknownEvent, decode, decode_all, event_of
from rnnlab.runs.events import LOG_FORMAT, Record, RunStarted
from rnnlab.runs.files import LINE_LIMIT, open_log
from rnnlab.runs.log_tail import NewerLog
from rnnlab.runs.reduce import reduce_all
from rnnlab.runs.state import RunState, initial_state

_CHUNK = 1 << 18
_HELPING = 256
"""Records decoded at once: they are still in the processor's cache when they are reduced. Of 2,000, a log took a fifth longer."""


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
        self._at_end = False
        """Whether `_lines`, read by this call, end where the log ended."""
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
        self.caught_up = self._at_end = False
        while len(records) < max_records:
            if self._at == len(self._lines) and not self._fill():
                self.caught_up = True
                break
            stop = min(len(self._lines), self._at + min(_HELPING, max_records - len(records)))
            records += self._decode(self._lines[self._at : stop])
            self._at = stop
            # Not read again at once: on a slow file system, a log that grows meanwhile would never be read to its end.
            self.caught_up = self._at_end and stop == len(self._lines)
            if self.caught_up or time.perf_counter() > deadline:
                break
        return records

    def stream(self) -> Iterator[Record]:
        """The records up to the end of what is there, a helping in memory at a time. Raises as `read` does."""
        while True:
            yield from self.read(_HELPING)
            if self.caught_up:
                return

    def _decode(self, lines: list[bytes]) -> list[Record]:
        records = decode_all(lines) if max(map(len, lines)) <= LINE_LIMIT else None
        if records is None or any(type(record.data) is RunStarted for record in records):
            return [record for line in lines for record in self._decode_line(line)]
        return records

    def _decode_line(self, line: bytes) -> list[Record]:
        """The records in a line: one, none, or more where a damaged newline joined lines, which is one damage."""
        try:
            return self._decode_sound(line)
        except DamagedLine:
            lines = split_damaged(line) if len(line) <= LINE_LIMIT else [line]
        records: list[Record] = []
        damaged = 0
        for each in lines:
            try:
                records += self._decode_sound(each)
            except DamagedLine:
                damaged += 1
        self.damaged += max(1, damaged)
        return records

    def _decode_sound(self, line: bytes) -> list[Record]:
        """The record in a line, none for an event of a kind not known yet. Raises `DamagedLine`, `NewerLog`."""
        try:
            if len(line) > LINE_LIMIT:
                raise DamagedLine
            record = decode(line)
        except UnknownEvent:
            _refuse_newer(line, self.path)
            self.unknown += 1
            return []
        if type(record.data) is RunStarted and record.data.log_format > LOG_FORMAT:
            raise _newer(self.path, record.data.log_format)
        return [record]

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
            self._at_end = len(part) < _CHUNK
        data = b"".join(parts)
        lines = _split(data[:end])
        if (rest := size - end) and rest <= LINE_LIMIT and (whole := whole_in_tail(data[end:])):
            lines.append(data[end : end + whole])
            end += whole
        self.torn = end < size
        if not end:
            self._passed = size if size > LINE_LIMIT else 0
            return False
        self._lines, self._at = lines, 0
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


def read_records(path: Path) -> tuple[list[Record], int]:
    """All records of a log and the number of damaged lines. Raises `NewerLog`."""
    cursor = LogCursor(path)
    return list(cursor.stream()), cursor.damaged


def read_state(path: Path) -> tuple[RunState, int]:
    """The state a log adds up to and the number of damaged lines. Raises `NewerLog`, `OSError`."""
    cursor = LogCursor(path)
    return reduce_all(initial_state(), cursor.stream()), cursor.damaged


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
