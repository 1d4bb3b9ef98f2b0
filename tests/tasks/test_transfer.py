"""Servers that break off, dawdle, lie or never end, and the line that shows a download."""

from __future__ import annotations

import gzip
import io
import resource
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from rnnlab.cli.data import TransferLine
from rnnlab.config import UsageError
from rnnlab.tasks.download.fetch import fetch
from rnnlab.tasks.download.http import Patience
from tests.tasks.hostile import FILES
from tests.tasks.namefiles import described
from tests.tasks.transfers import ARCHIVE, HALF, LENGTH, get, headers, left, refused
from tests.tasks.webserver import Answer, Server, ranged, redirect

SHORT = Patience(seconds=0.3, slowest=5_000)
"""For servers that dawdle. The others get the usual: this machine may be busy."""


def raw(*lines: str, body: bytes = b"") -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        headers(handler, *lines)
        handler.wfile.write(body)
        handler.close_connection = True

    return answer


def flood(*lines: str, piece: bytes = b"\0" * 65_536) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        headers(handler, *lines)
        while True:
            handler.wfile.write(piece)

    return answer


def speak(handler: BaseHTTPRequestHandler, words: bytes) -> None:
    handler.wfile.write(words)
    handler.close_connection = True


def status(code: int, reason: str = "") -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(f"HTTP/1.1 {code} {reason}\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))

    return answer


TOO_MUCH = "sends more than 1 MiB, so not this data set"
MISBEHAVING: dict[str, tuple[Answer, str]] = {
    "not there": (status(404, "Not Found"), "answered 404 Not Found"),
    "not allowed": (status(403, "\x1b[31mForbidden\x07"), "answered 403 ␛[31mForbidden"),
    "an error": (status(500, "Internal Server Error"), "answered 500 Internal"),
    "busy": (status(503, "Slow Down"), "answered 503"),
    "no content": (status(204, "No Content"), "answered 204"),
    "a range that was not asked for": (status(416), "answered 416"),
    "a web page": (b"<!DOCTYPE html><title>Sign in</title>", "a web page instead of the data"),
    "nothing": (b"", "sent nothing"),
    "another file": (ARCHIVE[:-1] + b"x", "its sha256 differs"),
    "a circle": (redirect("/data.zip"), "more than 10 times"),
    "away to a file": (redirect("file:///etc/passwd"), "file:///etc/passwd, which is no web address"),
    "away to ftp": (redirect("ftp://127.0.0.1/data.zip"), "no web address"),
    "away to nowhere": (redirect("http://["), "could not be"),
    "away to nobody": (redirect("http://127.0.0.1:1/"), "could not be reached"),
    "away, with an escape sequence": (redirect("evil:\x1b[2J"), "no web address"),
    "cut short": (raw(LENGTH, body=ARCHIVE[:100]), "broke off in the middle"),
    "a length too great": (raw("Content-Length: 500000", body=ARCHIVE), "broke off in the middle"),
    "a length too small": (raw("Content-Length: 1000", body=ARCHIVE), "its sha256 differs"),
    "a length of gigabytes": (raw("Content-Length: 99999999999"), TOO_MUCH),
    "a length beyond all": (raw(f"Content-Length: {'9' * 5000}"), "sent nothing"),
    "a length that is none": (raw("Content-Length: many", body=b"PK"), "its sha256 differs"),
    "two lengths": (raw("Content-Length: 10", "Content-Length: 20", body=b"PK"), "could not be fetched"),
    "a length below nothing": (raw("Content-Length: -5", body=b"PK"), "its sha256 differs"),
    "no end": (flood(), TOO_MUCH),
    "no end in pieces": (flood("Transfer-Encoding: chunked", piece=b"1000\r\n" + b"\0" * 4096 + b"\r\n"), TOO_MUCH),
    "one endless piece": (flood("Transfer-Encoding: chunked", "", "FFFFFFFFFFFF"), TOO_MUCH),
    "pieces that are none": (raw("Transfer-Encoding: chunked", body=b"zz\r\n\r\n"), "broke off in the middle"),
    "endless headers": (lambda handler: headers(handler, *["X-A: " + "a" * 1000] * 1000), "could not be reached"),
    "an endless header": (lambda handler: headers(handler, "X-A: " + "a" * 10**6), "could not be reached"),
    "not a word": (lambda handler: handler.wfile.flush(), "could not be reached"),
    "another protocol": (lambda handler: speak(handler, b"SSH-2.0-OpenSSH\r\n"), "could not be reached"),
    "packed once more, falsely": (raw("Content-Encoding: gzip", LENGTH, body=ARCHIVE), "and it is not"),
    "a bomb of gzip": (
        raw("Content-Encoding: gzip", body=gzip.compress(bytes(64 * 2**20), 1)),
        TOO_MUCH,
    ),
}


@pytest.mark.parametrize("what", MISBEHAVING)
def test_servers_that_misbehave(what: str, tmp_path: Path, server: Server) -> None:
    answer, words = MISBEHAVING[what]
    assert words in refused(server, tmp_path / "data", answer)
    if words != "broke off in the middle":
        assert not (tmp_path / "data").exists()


def test_a_redirection_is_followed_and_its_body_is_not_read(tmp_path: Path, server: Server) -> None:
    def away(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /there.zip\r\n\r\n")
        while not server.over.is_set():
            handler.wfile.write(b"\0" * 65_536)

    server.answers |= {"/data.zip": away, "/there.zip": ARCHIVE}
    assert get(server, tmp_path).differing == ()


@pytest.mark.parametrize("before", ["anything", "the end of its headers", "its bytes", "the end"])
def test_a_server_that_falls_silent(before: str, tmp_path: Path, server: Server) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if before != "anything":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if before in ("its bytes", "the end"):
            handler.wfile.write(f"{LENGTH}\r\n\r\n".encode())
        if before == "the end":
            handler.wfile.write(ARCHIVE[:HALF])
        server.over.wait(30)

    # Half of the archive has to come before the patience ends, or there is nothing to keep.
    patience = Patience(seconds=1.5) if before == "the end" else SHORT
    began = time.monotonic()
    words = refused(server, tmp_path / "data", answer, patience=patience)
    assert "did not answer" in words or "stopped sending" in words or "sent next to nothing" in words
    assert time.monotonic() - began < 20
    assert (tmp_path / "data").exists() == (before == "the end")


@pytest.mark.parametrize("where", ["headers", "bytes", "pieces"])
def test_a_server_that_trickles(where: str, tmp_path: Path, server: Server) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if where == "pieces":
            headers(handler, "Transfer-Encoding: chunked")
        elif where == "bytes":
            headers(handler, LENGTH)
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: ")
        while not server.over.wait(0.02):
            handler.wfile.write(b"1\r\na\r\n" if where == "pieces" else b"a")

    began = time.monotonic()
    words = refused(server, tmp_path, answer, patience=SHORT)
    assert "did not answer" in words or "next to nothing" in words or "less than 5,000 bytes a second" in words
    assert time.monotonic() - began < 20


def test_a_full_disk_is_not_kept_full(tmp_path: Path, server: Server) -> None:
    server.answers["/data.zip"] = ranged(ARCHIVE)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (HALF, hard))
    try:
        with pytest.raises(UsageError, match="cannot be written: File too large; make room there"):
            get(server, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert left(tmp_path) == []


def test_nobody_listens(tmp_path: Path, server: Server) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        manifest = described(FILES, ARCHIVE, f"http://127.0.0.1:{unused.getsockname()[1]}/data.zip")
        with pytest.raises(UsageError, match="could not be reached"):
            fetch("names", root=tmp_path / "data", manifest=manifest)
    assert not (tmp_path / "data").exists()


class Screen(io.StringIO):
    """A terminal, or a file, that keeps what is written to it."""

    def __init__(self, live: bool) -> None:
        super().__init__()
        self.live = live

    def isatty(self) -> bool:
        return self.live


@pytest.mark.parametrize("live", [True, False])
def test_the_line_says_how_much_how_fast_and_how_long_still(live: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    screen, now = Screen(live), 0.0
    line = TransferLine(screen, clock=lambda: now)
    line.show(20_000_000, 60_000_000)
    for second in range(1, 21):
        now = float(second)
        line.show(20_000_000 + second * 1_000_000, 60_000_000)
    line.close()
    text = screen.getvalue()
    assert text.startswith("resuming at 20.0 MB\n")
    assert "30.0 MB of 60.0 MB   50%  1.0 MB/s  left 0:30" in text
    assert text.endswith("\n")
    assert text.count("\n") == (2 if live else 3)
    assert ("\x1b" in text) == live
