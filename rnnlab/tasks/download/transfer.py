"""Download of a file, resumed where an earlier attempt ended, with a time limit.

The bytes received are in a folder of its own, with a note of their address, until the file is complete; so whatever ends a
transfer, the next one can resume it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rnnlab.locks import is_at, try_lock
from rnnlab.tasks.download.http import ConnectionLost, Patience, StreamedResponse, TransferFailed
from rnnlab.text.sanitise import plain
from rnnlab.version import __version__

Report = Callable[[int, int], None]
"""Callback with the number of bytes received and expected (0: unknown)."""

_MOST_ATTEMPTS = 5


class _Busy(TransferFailed):
    """Another process transfers the same file."""


class _StartOver(Exception):
    """The bytes received do not fit what the server has."""


@dataclass(frozen=True)
class _Note:
    """Address, validator and size of a partly received file."""

    address: str
    validator: str = ""
    """Entity tag or date by which the server knows whether it has the same file."""
    total: int = 0


class Transfer:
    """Transfer of the file at an address into `folder`. `pinned`: its sha256 is known, so that any part can be resumed."""

    def __init__(
        self, address: str, folder: Path, *, pinned: bool, largest: int, report: Report, patience: Patience
    ) -> None:
        self.address = address
        self.folder = folder
        self.resumed = False
        """Whether an earlier attempt was resumed."""
        self._part = folder / "part"
        self._note_path = folder / "from.json"
        self._pinned = pinned
        self._largest = largest
        self._report = report
        self._patience = patience

    def run(self, target: Path) -> None:
        """Downloads the whole file to `target`, on the same disk as the folder. Raises `TransferFailed`.

        The folder is then removed, unless the transfer can be resumed from it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with _locked(self._part) as stream:
                try:
                    self._complete(stream)
                    self._part.rename(target)
                except TransferFailed:
                    raise
                except OSError:  # the disk is full, most likely: the part would keep it so
                    self.discard()
                    raise
                finally:
                    if not self._worth_keeping(self._part.stat().st_size if self._part.exists() else 0):
                        self.discard()
        except _Busy:
            raise
        except TransferFailed as failure:
            raise TransferFailed(str(failure), kept(self.folder)) from None

    def discard(self) -> None:
        """Removes the folder with the bytes received."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _worth_keeping(self, size: int) -> bool:
        note = self._read_note()
        return size > 0 and note is not None and (self._pinned or bool(note.validator))

    def _complete(self, stream: BinaryIO) -> None:
        """Attempts, as long as each receives something."""
        before = _size(stream)
        fresh = self._read_note() is None or not self._worth_keeping(before)
        started_over = False
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            try:
                return self._attempt(stream, fresh)
            except _StartOver:
                if started_over:
                    raise TransferFailed("answers with pieces that do not fit together") from None
                started_over = fresh = True
            except ConnectionLost:
                stream.flush()
                here = _size(stream)
                if here <= before or attempt == _MOST_ATTEMPTS or not self._worth_keeping(here):
                    raise TransferFailed("broke off in the middle") from None
                before, fresh = here, False
        raise TransferFailed("broke off in the middle")

    def _attempt(self, stream: BinaryIO, fresh: bool) -> None:
        note = None if fresh else self._read_note()
        here = _size(stream) if note else 0
        headers = {"User-Agent": f"rnnlab/{__version__}", "Accept-Encoding": "identity"}
        if note and here:
            headers["Range"] = f"bytes={here}-"
            if note.validator:
                headers["If-Range"] = note.validator
        response = StreamedResponse(self.address, headers, self._patience)
        try:
            head = response.head()
            if head.status == 416 and note:
                if head.content_range()[1] == here:
                    return  # it was complete, and only not yet checked
                raise _StartOver
            if head.status == 206:
                begins, whole = head.content_range()
                if not note or begins != here or head.encoded or (note.total and whole and whole != note.total):
                    raise _StartOver
                self.resumed = True
            elif head.status == 200:
                here, whole = 0, head.length
            else:
                raise TransferFailed(f"answered {head.status} {plain(head.reason, 60)}".rstrip())
            if max(whole, here + head.length) > self._largest:
                raise self._too_large()
            stream.truncate(here)
            stream.seek(here)
            # Without a note nothing is resumed: nor are compressed bodies.
            self._write_note(None if head.encoded else _Note(self.address, head.validator, whole))
            self._receive(response, stream, here, whole)
        finally:
            response.close()
            stream.flush()

    def _receive(self, response: StreamedResponse, stream: BinaryIO, here: int, whole: int) -> None:
        self._report(here, whole)
        marked, since = here, time.monotonic()
        for chunk in response.chunks():
            stream.write(chunk)
            here += len(chunk)
            if here > self._largest:
                self.discard()
                raise self._too_large()
            self._report(here, whole)
            passed = time.monotonic() - since
            if passed > self._patience.seconds:
                if (here - marked) / passed < self._patience.slowest:
                    raise TransferFailed(f"sent less than {self._patience.slowest:,.0f} bytes a second")
                marked, since = here, time.monotonic()
        if here < whole:
            raise ConnectionLost
        if not here:
            raise TransferFailed("sent nothing")

    def _too_large(self) -> TransferFailed:
        return TransferFailed(f"sends more than {max(1, self._largest // 2**20)} MiB, so not this data set")

    def _read_note(self) -> _Note | None:
        try:
            note = _Note(**json.loads(self._note_path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        sound = isinstance(note.validator, str) and note.validator.isprintable() and isinstance(note.total, int)
        return note if sound and note.address == self.address else None

    def _write_note(self, note: _Note | None) -> None:
        if note is None:
            self._note_path.unlink(missing_ok=True)
        else:
            self._note_path.write_text(json.dumps(note.__dict__), encoding="utf-8")


def kept(folder: Path) -> int:
    """Number of bytes of a file in the folder of its transfer."""
    try:
        return (folder / "part").stat().st_size
    except OSError:
        return 0


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The part, opened for reading and writing by this process alone."""
    with path.open("a+b") as opened:
        try:
            ours = try_lock(opened.fileno()) and is_at(opened.fileno(), path)
        except OSError:
            ours = False
        if not ours:
            raise _Busy("is being fetched by another process already")
        # In append mode every write goes to the end of the file.
        with path.open("r+b") as stream:
            yield stream


def _size(stream: BinaryIO) -> int:
    return os.fstat(stream.fileno()).st_size
