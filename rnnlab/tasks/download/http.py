"""HTTP responses, streamed in a thread and read with a time limit.

Nothing that a server says is trusted: sizes, ranges, redirections, nor that it ever ends.
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
    """Time limit and minimum rate of a transfer."""

    seconds: float = 30.0
    """Time limit of the response head; and the time over which the rate is measured."""
    slowest: float = 1024.0
    """Minimum rate, in bytes a second."""


PATIENCE = Patience()


class TransferFailed(Exception):
    """Reason why a transfer failed, as the end of a sentence after the address. `kept`: bytes from which it can be resumed."""

    def __init__(self, reason: str, kept: int = 0) -> None:
        super().__init__(reason)
        self.kept = kept


class ConnectionLost(Exception):
    """The connection ended before the file was complete."""


@dataclass(frozen=True)
class Head:
    """Status line and headers of a response."""

    status: int
    reason: str
    headers: Mapping[str, str]

    @property
    def encoded(self) -> bool:
        """Whether the body is compressed on the way."""
        return self.headers.get("Content-Encoding", "identity").lower() not in ("", "identity")

    @property
    def length(self) -> int:
        """Content length in bytes; 0 where it is unknown, or the body is compressed."""
        length = self.headers.get("Content-Length", "")
        return int(length) if re.fullmatch(r"[0-9]{1,15}", length) and not self.encoded else 0

    @property
    def validator(self) -> str:
        """Validator for a range request: a strong entity tag, else the date (RFC 9110, 13.1.5)."""
        tag = self.headers.get("ETag", "")
        return tag if tag.startswith('"') else self.headers.get("Last-Modified", "")

    def content_range(self) -> tuple[int, int]:
        """First byte of a partial response and length of the whole (0: unknown); (-1, n) where it has no first byte."""
        found = re.fullmatch(r"bytes (?:(\d{1,15})-\d{1,15}|\*)/(\d{1,15}|\*)", self.headers.get("Content-Range", ""))
        if not found:
            return -1, 0
        return int(found[1]) if found[1] else -1, int(found[2]) if found[2] != "*" else 0


class StreamedResponse:
    """Response that is received in a thread of its own, so that a slow server never blocks beyond the time limit."""

    def __init__(self, address: str, headers: Mapping[str, str], patience: Patience) -> None:
        self._items: queue.Queue[Head | bytes | Exception | None] = queue.Queue(_AHEAD)
        self._closed = threading.Event()
        self._patience = patience
        threading.Thread(target=self._work, args=(address, dict(headers)), name="transfer", daemon=True).start()

    def head(self) -> Head:
        """Status and headers. Raises `TransferFailed`, also after the time limit."""
        item = self._next(f"did not answer within {self._patience.seconds:g} seconds")
        assert isinstance(item, Head)
        return item

    def chunks(self) -> Iterator[bytes]:
        """Body in pieces. Raises `TransferFailed`, `ConnectionLost`."""
        while (item := self._next(f"sent next to nothing for {self._patience.seconds:g} seconds")) is not None:
            assert isinstance(item, bytes)
            yield item

    def close(self) -> None:
        """Ends the thread at its next chunk."""
        self._closed.set()

    def _next(self, silence: str) -> Head | bytes | None:
        try:
            item = self._items.get(timeout=self._patience.seconds)
        except queue.Empty:
            raise TransferFailed(silence) from None
        if isinstance(item, Exception):
            raise item
        return item

    def _put(self, item: Head | bytes | Exception | None) -> None:
        while not self._closed.is_set():
            try:
                self._items.put(item, timeout=0.1)
                return
            except queue.Full:
                pass

    def _work(self, address: str, headers: dict[str, str]) -> None:
        headed = False
        try:
            with _session() as session:
                # Redirections are followed here, as requests follows any.
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
                            if self._closed.is_set():
                                return
                            self._put(chunk)
                        self._put(None)
                        return
            raise TransferFailed(f"sent on more than {_MOST_REDIRECTS} times, in a circle most likely")
        except Exception as error:
            self._put(error if isinstance(error, TransferFailed) else _as_failure(error, headed))


def _session() -> requests.Session:
    import requests

    class Session(requests.Session):
        """Session that resolves no redirection itself: it would read its body first, however long."""

        def resolve_redirects(self, *_: Any, **__: Any) -> Generator[requests.Response, None, None]:
            yield from ()

    return Session()


def _onward(address: str, onward: str) -> str:
    """Target of a redirection. Raises `TransferFailed` where it is not followed."""
    target = urljoin(address, onward)
    scheme = urlsplit(target).scheme
    if scheme not in ("http", "https"):
        raise TransferFailed(f"sent on to {plain(target, 60)}, which is no web address; that is not followed")
    if scheme == "http" and urlsplit(address).scheme == "https":
        raise TransferFailed("sent on from https to plain http; that is not followed")
    return target


def _as_failure(error: Exception, headed: bool) -> Exception:
    """A network error as `TransferFailed` or `ConnectionLost`."""
    import requests.exceptions as failures

    if isinstance(error, failures.ContentDecodingError):
        return TransferFailed("says that what it sends is packed once more, and it is not")
    if isinstance(error, failures.ChunkedEncodingError) or (headed and isinstance(error, failures.ConnectionError)):
        if "Read timed out" in str(error):
            return TransferFailed("stopped sending")
        return ConnectionLost()
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
