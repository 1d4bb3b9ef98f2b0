"""A file from an address to the disk: going on where an earlier attempt ended, and patient only so long.

What has come lies in a folder of its own, with a note of where it is from, until it is complete; so whatever ends a transfer,
the next one may go on from there. Servers are believed in nothing: not in sizes, not in pieces, not that they ever end.
"""

from __future__ import annotations

import fcntl
import json
import os
import queue
import re
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urljoin, urlsplit

from rnnlab import __version__
from rnnlab.plots.plain import plain

if TYPE_CHECKING:
    import requests

Report = Callable[[int, int], None]
"""Called as bytes arrive with how many are here, and how many are expected (0: unknown)."""

_CHUNK = 16 * 2**10
_AHEAD = 64
"""Chunks read ahead of the disk: a mebibyte."""
_MOST_REDIRECTS = 10
_MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for."""

    seconds: float = 30.0
    """For its answer; and the time over which its pace is measured."""
    slowest: float = 1024.0
    """Bytes a second."""


PATIENCE = Patience()


class TransferFailed(Exception):
    """Why nothing came, to follow the address. `kept`: how many bytes are there to go on from."""

    def __init__(self, reason: str, kept: int = 0) -> None:
        super().__init__(reason)
        self.kept = kept


class _Busy(TransferFailed):
    """Another process is at it."""


class _BrokenOff(Exception):
    """The connection ended before the file did."""


class _StartOver(Exception):
    """What is here does not fit what the server has."""


@dataclass(frozen=True)
class _Note:
    """What is known of the file that a part is of."""

    address: str
    validator: str = ""
    """The entity tag or date by which the server tells whether it still has the same file."""
    total: int = 0


@dataclass(frozen=True)
class _Head:
    """How the server answered."""

    status: int
    reason: str
    headers: Mapping[str, str]

    @property
    def encoded(self) -> bool:
        return self.headers.get("Content-Encoding", "identity").lower() not in ("", "identity")

    @property
    def length(self) -> int:
        """What it says it sends, in bytes; 0 where it does not say, or sends something to be unpacked."""
        said = self.headers.get("Content-Length", "")
        return int(said) if re.fullmatch(r"[0-9]{1,15}", said) and not self.encoded else 0

    @property
    def validator(self) -> str:
        """A strong entity tag, else the date (RFC 9110, 13.1.5)."""
        tag = self.headers.get("ETag", "")
        return tag if tag.startswith('"') else self.headers.get("Last-Modified", "")

    def piece(self) -> tuple[int, int]:
        """Where a partial answer begins, and how long the whole is (0: unknown); (-1, n) where it does not begin."""
        found = re.fullmatch(r"bytes (?:(\d{1,15})-\d{1,15}|\*)/(\d{1,15}|\*)", self.headers.get("Content-Range", ""))
        if not found:
            return -1, 0
        return int(found[1]) if found[1] else -1, int(found[2]) if found[2] != "*" else 0


class Transfer:
    """A file at an address on its way into `folder`. `pinned`: its sha256 is known, so that any part may be gone on from."""

    def __init__(
        self, address: str, folder: Path, *, pinned: bool, largest: int, report: Report, patience: Patience
    ) -> None:
        self.address = address
        self.folder = folder
        self.resumed = False
        """Whether it went on from an earlier attempt."""
        self._part = folder / "part"
        self._note_path = folder / "from.json"
        self._pinned = pinned
        self._largest = largest
        self._report = report
        self._patience = patience

    def bring(self, target: Path) -> None:
        """Puts the whole file at `target`, on the same disk as the folder. Raises `TransferFailed`.

        The folder is gone then, unless there is something in it to go on from.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with _locked(self._part) as stream:
                try:
                    self._complete(stream)
                    self._part.rename(target)
                except TransferFailed:
                    raise
                except OSError:  # the disk is full, most likely: what came would keep it so
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
        shutil.rmtree(self.folder, ignore_errors=True)

    def _worth_keeping(self, size: int) -> bool:
        note = self._read_note()
        return size > 0 and note is not None and (self._pinned or bool(note.validator))

    def _complete(self, stream: BinaryIO) -> None:
        """One attempt after another, as long as each brings something."""
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
            except _BrokenOff:
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
        answer = _Answer(self.address, headers, self._patience)
        try:
            head = answer.head()
            if head.status == 416 and note:
                if head.piece()[1] == here:
                    return  # it was complete, and only not yet looked at
                raise _StartOver
            if head.status == 206:
                begins, whole = head.piece()
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
            # Without a note nothing is gone on from: not where bytes are unpacked on their way.
            self._write_note(None if head.encoded else _Note(self.address, head.validator, whole))
            self._receive(answer, stream, here, whole)
        finally:
            answer.leave()
            stream.flush()

    def _receive(self, answer: _Answer, stream: BinaryIO, here: int, whole: int) -> None:
        self._report(here, whole)
        marked, since = here, time.monotonic()
        for chunk in answer.chunks():
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
            raise _BrokenOff
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
    """How many bytes of a file are in the folder of its transfer."""
    try:
        return (folder / "part").stat().st_size
    except OSError:
        return 0


class _Answer:
    """A request that is answered in a thread of its own: a server that trickles, in its headers even, holds nobody up."""

    def __init__(self, address: str, headers: Mapping[str, str], patience: Patience) -> None:
        self._items: queue.Queue[_Head | bytes | Exception | None] = queue.Queue(_AHEAD)
        self._left = threading.Event()
        self._patience = patience
        threading.Thread(target=self._work, args=(address, dict(headers)), name="transfer", daemon=True).start()

    def head(self) -> _Head:
        item = self._next(f"did not answer within {self._patience.seconds:g} seconds")
        assert isinstance(item, _Head)
        return item

    def chunks(self) -> Iterator[bytes]:
        while (item := self._next(f"sent next to nothing for {self._patience.seconds:g} seconds")) is not None:
            assert isinstance(item, bytes)
            yield item

    def leave(self) -> None:
        """Nobody listens any more."""
        self._left.set()

    def _next(self, silence: str) -> _Head | bytes | None:
        try:
            item = self._items.get(timeout=self._patience.seconds)
        except queue.Empty:
            raise TransferFailed(silence) from None
        if isinstance(item, Exception):
            raise item
        return item

    def _put(self, item: _Head | bytes | Exception | None) -> None:
        while not self._left.is_set():
            try:
                self._items.put(item, timeout=0.1)
                return
            except queue.Full:
                pass

    def _work(self, address: str, headers: dict[str, str]) -> None:
        headed = False
        try:
            with _session() as session:
                # Redirections are followed here: requests would go anywhere.
                for _ in range(_MOST_REDIRECTS):
                    with session.get(
                        address, headers=headers, stream=True, timeout=self._patience.seconds, allow_redirects=False
                    ) as response:
                        if (onward := session.get_redirect_target(response)) is not None:
                            address = _onward(address, onward)
                            continue
                        self._put(_Head(response.status_code, response.reason or "", response.headers))
                        headed = True
                        for chunk in response.iter_content(_CHUNK):
                            if self._left.is_set():
                                return
                            self._put(chunk)
                        self._put(None)
                        return
            raise TransferFailed(f"sent on more than {_MOST_REDIRECTS} times, in a circle most likely")
        except Exception as error:
            self._put(error if isinstance(error, TransferFailed) else _told(error, headed))


def _session() -> requests.Session:
    import requests

    class Session(requests.Session):
        """One that looks at no redirection itself, since it would read its body first, however long, even if told not to."""

        def resolve_redirects(self, *_: Any, **__: Any) -> Generator[requests.Response, None, None]:
            yield from ()

    return Session()


def _onward(address: str, onward: str) -> str:
    """Where a redirection leads. Raises `TransferFailed` for what is not fetched."""
    target = urljoin(address, onward)
    scheme = urlsplit(target).scheme
    if scheme not in ("http", "https"):
        raise TransferFailed(f"sent on to {plain(target, 60)}, which is no web address; that is not followed")
    if scheme == "http" and urlsplit(address).scheme == "https":
        raise TransferFailed("sent on from https to plain http; that is not followed")
    return target


def _told(error: Exception, headed: bool) -> Exception:
    """What went wrong on the network, in words."""
    import requests.exceptions as failures

    if isinstance(error, failures.ContentDecodingError):
        return TransferFailed("says that what it sends is packed once more, and it is not")
    if isinstance(error, failures.ChunkedEncodingError) or (headed and isinstance(error, failures.ConnectionError)):
        if "Read timed out" in str(error):
            return TransferFailed("stopped sending")
        return _BrokenOff()
    if isinstance(error, failures.Timeout):
        return TransferFailed("did not answer in time")
    if isinstance(error, failures.SSLError):
        return TransferFailed("could not be reached safely (its certificate was not accepted)")
    if isinstance(error, failures.ProxyError):
        return TransferFailed("could not be reached through the proxy")
    if isinstance(error, failures.ConnectionError):
        return TransferFailed("could not be reached or broke off")
    if isinstance(error, failures.InvalidURL | failures.InvalidSchema | failures.MissingSchema):
        return TransferFailed("could not be fetched: it is no web address")
    return TransferFailed(f"could not be fetched ({type(error).__name__})")


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The part, open for reading and writing, for this process alone."""
    with path.open("a+b") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            same = path.exists() and path.stat().st_ino == os.fstat(opened.fileno()).st_ino
        except OSError:
            same = False
        if not same:
            raise _Busy("is being fetched by another process already")
        # Appending, a file is written at its end whatever was sought.
        with path.open("r+b") as stream:
            yield stream


def _size(stream: BinaryIO) -> int:
    return os.fstat(stream.fileno()).st_size
