"""The end of a log: its last sound record, and the healing of a line that was torn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rnnlab.errors import UsageError
from rnnlab.runs.checksum_line import split_damaged, unseal, whole_in_tail
from rnnlab.runs.codec import DamagedLine, UnknownEvent, decode
from rnnlab.runs.events import Record
from rnnlab.runs.files import LINE_LIMIT, open_log

_CHUNK = 1 << 18
_FIRST = b'{"seq":0,'
"""How every log begins, also one whose first line was cut."""


class NewerLog(UsageError):
    """The log was written by a newer version."""


class DamagedLog(UsageError):
    """The log is not empty and no line of it is what was written: nothing is known of the run, and nothing is written."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is damaged from its first line to its last; put it back as it was, or delete the run")


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
        return _last_record(file, size, _last_end(file, size), path)[1]
    finally:
        os.close(file)


def heal(file: int, path: Path) -> tuple[int, int, Record | None]:
    """Make the log end with a whole line and its newline. Returns its length, the next `seq`, and the last sound record."""
    size = os.fstat(file).st_size
    end = _last_end(file, size)
    seq, last = _last_record(file, size, end, path)
    torn = os.pread(file, LINE_LIMIT + 1, end) if size > end else b""
    if torn and len(torn) <= LINE_LIMIT and unseal(torn + b"\n") is not None:
        os.pwrite(file, b"\n", size)
        size += 1
        seq, last = _last_record(file, size, size, path)
        return size, seq, last
    if torn:
        os.ftruncate(file, end)
    if end and os.pread(file, 1, end - 1) != b"\n":
        os.pwrite(file, b"\n", end - 1)
    return end, seq, last


def _last_end(file: int, size: int) -> int:
    """How many of the file's bytes are whole lines, those that a damaged newline ended among them."""
    end = _last_newline(file, size)
    return end if size - end > LINE_LIMIT else end + whole_in_tail(os.pread(file, size - end, end))


def _last_newline(file: int, size: int) -> int:
    """How many of the file's bytes end with its last newline."""
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
    for line in _split_from_the_end(file, end):
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


def _split_from_the_end(file: int, end: int) -> Iterator[bytes | None]:
    """The lines of `_lines_from_the_end`, each that a damaged newline joined for itself."""
    for line in _lines_from_the_end(file, end):
        if line is None or unseal(line) is not None:
            yield line
        else:
            yield from reversed(split_damaged(line))


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
