"""What a web server answers, at the pace of whoever reads it.

Servers are believed in nothing: not in sizes, not in pieces, not in where they send one on to, not that they ever end.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    import requests

_CHUNK = 16 * 2**10
_AHEAD = 64
"""Chunks read ahead of the disk: a mebibyte."""
_MOST_REDIRECTS = 10


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


class BrokenOff(Exception):
    """The connection ended before the file did."""


@dataclass(frozen=True)
class Head:
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


class Answer:
    """A request that is answered in a thread of its own: a server that trickles, in its headers even, holds nobody up."""

    def __init__(self, address: str, headers: Mapping[str, str], patience: Patience) -> None:
        self._items: queue.Queue[Head | bytes | Exception | None] = queue.Queue(_AHEAD)
        self._left = threading.Event()
        self._patience = patience
        threading.Thread(target=self._work, args=(address, dict(headers)), name="transfer", daemon=True).start()

    def head(self) -> Head:
        item = self._next(f"did not answer within {self._patience.seconds:g} seconds")
        assert isinstance(item, Head)
        return item

    def chunks(self) -> Iterator[bytes]:
        while (item := self._next(f"sent next to nothing for {self._patience.seconds:g} seconds")) is not None:
            assert isinstance(item, bytes)
            yield item

    def leave(self) -> None:
        """Nobody listens any more."""
        self._left.set()

    def _next(self, silence: str) -> Head | bytes | None:
        try:
            item = self._items.get(timeout=self._patience.seconds)
        except queue.Empty:
            raise TransferFailed(silence) from None
        if isinstance(item, Exception):
            raise item
        return item

    def _put(self, item: Head | bytes | Exception | None) -> None:
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
                        self._put(Head(response.status_code, response.reason or "", response.headers))
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
        return BrokenOff()
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
