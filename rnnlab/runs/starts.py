"""The events with which a run's processes began, found without decoding the rest of its log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rnnlab.runs.codec import DamagedLine, UnknownEvent, decode
from rnnlab.runs.events import RunResumed, RunStarted
from rnnlab.runs.files import LINE_LIMIT, open_log

_CHUNK = 1 << 20
_MARKS = (b'"event":"RunStarted"', b'"event":"RunResumed"')
_KEPT = 1000


@dataclass(frozen=True)
class Starts:
    """The run's first start and, where it was resumed, the last time that it was."""

    started: RunStarted | None = None
    resumed: RunResumed | None = None

    @property
    def last(self) -> RunStarted | RunResumed | None:
        """The start of the process that writes the log, or wrote it last."""
        return self.resumed or self.started


@dataclass
class _Read:
    """How far a log was read, and what was found so far."""

    file: int
    offset: int
    starts: Starts


_read: dict[Path, _Read] = {}


def starts_of(path: Path) -> Starts:
    """The starts in a log; a log that grew is read on from where it was left. Raises `OSError`."""
    try:
        file = open_log(path)
    except FileNotFoundError:
        return Starts()
    try:
        found = os.fstat(file)
        before = _read.pop(path, None)
        if before is None or before.file != found.st_ino or before.offset > found.st_size:
            before = _Read(found.st_ino, 0, Starts())
        for lines, end in _whole_lines(file, before.offset):
            before.starts = _found_in(lines, before.starts)
            before.offset = end
    finally:
        os.close(file)
    if len(_read) >= _KEPT:
        del _read[next(iter(_read))]
    _read[path] = before
    return before.starts


def _whole_lines(file: int, offset: int) -> Iterator[tuple[bytes, int]]:
    """The log from `offset` on in pieces that end with a newline, and where each ends.

    A line beyond the limit is skipped.
    """
    rest = b""
    while chunk := os.pread(file, _CHUNK, offset + len(rest)):
        data = rest + chunk
        end = data.rfind(b"\n") + 1
        if not end and len(data) > LINE_LIMIT:
            end = len(data)
        if end:
            offset += end
            yield data[:end], offset
        rest = data[end:]


def _found_in(lines: bytes, starts: Starts) -> Starts:
    for mark in _MARKS:
        at = -1
        while (at := lines.find(mark, at + 1)) >= 0:
            end = lines.find(b"\n", at) + 1
            try:
                event = decode(lines[lines.rfind(b"\n", 0, at) + 1 : end]).data
            except (DamagedLine, UnknownEvent):
                continue
            if isinstance(event, RunStarted):
                starts = Starts(starts.started or event, starts.resumed)
            elif isinstance(event, RunResumed):
                starts = Starts(starts.started, event)
    return starts
