"""Servers that break off, dawdle, lie or never end, and the line that shows a download."""

from __future__ import annotations

import io
import resource
import socket
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from rnnlab.cli.data import TransferLine
from rnnlab.config import UsageError
from rnnlab.tasks.download.fetch import fetch
from rnnlab.tasks.download.http import Patience
from tests.tasks.hostile import FILES
from tests.tasks.misbehaving import MISBEHAVING
from tests.tasks.namefiles import described
from tests.tasks.transfers import ARCHIVE, HALF, LENGTH, get, headers, left, refused
from tests.tasks.webserver import Server, ranged

SHORT = Patience(seconds=0.3, slowest=5_000)
"""For servers that dawdle. The others get the usual: this machine may be busy."""


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
