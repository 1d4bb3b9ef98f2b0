"""Servers that break off, dawdle, lie or never end; and downloads that go on where they ended."""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from rnnlab.cli.data import TransferLine
from rnnlab.config import UsageError
from rnnlab.tasks.download.fetch import Fetched, fetch
from rnnlab.tasks.download.http import PATIENCE, Patience
from rnnlab.tasks.download.manifest import PublishedFiles
from tests.tasks.hostile import FILES, also
from tests.tasks.namefiles import described
from tests.tasks.webserver import Answer, Server, asked_from, ranged, redirect, reset, send, serving

ARCHIVE = also(("data/noise.bin", random.Random(1).randbytes(300_000)))
HALF = len(ARCHIVE) // 2
SHORT = Patience(seconds=0.3, slowest=5_000)
"""For servers that dawdle. The others get the usual: this machine may be busy."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as known:
        yield known


def manifest_of(server: Server) -> dict[str, PublishedFiles]:
    return described(FILES, ARCHIVE, server.address + "/data.zip")


def get(server: Server, root: Path, source: str | None = None, patience: Patience = PATIENCE) -> Fetched:
    return fetch("names", source, root=root, manifest=manifest_of(server), patience=patience)


def refused(
    server: Server,
    root: Path,
    answer: Answer | None = None,
    source: str | None = None,
    patience: Patience = PATIENCE,
) -> str:
    """The sentence that a fetch from the published address ends with."""
    if answer is not None:
        server.answers["/data.zip"] = answer
    with pytest.raises(UsageError) as raised:
        get(server, root, source, patience)
    words = str(raised.value)
    assert words.isprintable()
    assert "by hand: download" in words
    return words


def left(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


PART = [".part-of-names/from.json", ".part-of-names/part"]


class TestGoingOn:
    def test_a_download_that_was_cut_goes_on_from_there(self, tmp_path: Path, server: Server) -> None:
        server.answers["/data.zip"] = lambda handler: cut(handler, tag='"one"')
        words = refused(server, tmp_path)
        assert "broke off in the middle" in words
        assert "the same command resumes there" in words
        assert left(tmp_path) == PART
        here = (tmp_path / PART[1]).stat().st_size
        assert 0 < here <= HALF
        server.answers["/data.zip"] = ranged(ARCHIVE)
        server.ranges.clear()
        told: list[tuple[int, int]] = []
        fetch("names", root=tmp_path, manifest=manifest_of(server), report=lambda *now: told.append(now))
        assert server.ranges == [f"bytes={here}-"]
        assert (told[0], told[-1]) == ((here, len(ARCHIVE)), (len(ARCHIVE), len(ARCHIVE)))
        assert left(tmp_path) == sorted(f"names/{name}" for name in FILES)

    def test_a_line_that_drops_again_and_again_is_taken_up_at_once(self, tmp_path: Path, server: Server) -> None:
        server.answers["/data.zip"] = ranged(ARCHIVE, most=len(ARCHIVE) // 3)
        get(server, tmp_path)
        assert 3 <= len(server.asked) <= 5
        assert [asked is None for asked in server.ranges] == [True] + [False] * (len(server.ranges) - 1)

    def test_a_server_that_cannot_go_on_starts_over(self, tmp_path: Path, server: Server) -> None:
        part_of(server, tmp_path, ARCHIVE[:HALF])
        server.answers["/data.zip"] = ARCHIVE
        assert get(server, tmp_path).differing == ()
        assert server.ranges == [f"bytes={HALF}-"]

    def test_a_file_that_changed_meanwhile_starts_over(self, tmp_path: Path, server: Server) -> None:
        part_of(server, tmp_path, b"\0" * HALF, tag='"old"')
        server.answers["/data.zip"] = ranged(ARCHIVE, tag='"new"')
        assert get(server, tmp_path).differing == ()
        assert len(server.asked) == 1

    def test_two_halves_that_do_not_fit_are_fetched_once_more(self, tmp_path: Path, server: Server) -> None:
        part_of(server, tmp_path, b"\0" * HALF)
        server.answers["/data.zip"] = ranged(ARCHIVE)
        assert get(server, tmp_path).differing == ()
        assert server.ranges == [f"bytes={HALF}-", None]

    def test_a_complete_part_is_only_looked_at(self, tmp_path: Path, server: Server) -> None:
        part_of(server, tmp_path, ARCHIVE)
        server.answers["/data.zip"] = ranged(ARCHIVE)
        assert get(server, tmp_path).differing == ()
        assert server.ranges == [f"bytes={len(ARCHIVE)}-"]

    def test_a_part_longer_than_the_file_starts_over(self, tmp_path: Path, server: Server) -> None:
        part_of(server, tmp_path, ARCHIVE + b"more")
        server.answers["/data.zip"] = ranged(ARCHIVE)
        assert get(server, tmp_path).differing == ()

    @pytest.mark.parametrize(
        "content_range",
        [
            "bytes 0-9/10",
            "bytes 5-*/7",
            "nonsense",
            f"bytes {HALF}-{HALF + 1}/999999",
            "bytes 99999999999999999999-1/2",
            "",
        ],
    )
    def test_pieces_that_were_not_asked_for(self, tmp_path: Path, server: Server, content_range: str) -> None:
        part_of(server, tmp_path, ARCHIVE[:HALF])

        def answer(handler: BaseHTTPRequestHandler) -> None:
            if asked_from(handler):
                send(handler, ARCHIVE[HALF:], 206, Content_Range=content_range)
            else:
                send(handler, ARCHIVE)

        server.answers["/data.zip"] = answer
        assert get(server, tmp_path).differing == ()
        always = lambda handler: send(handler, ARCHIVE, 206, Content_Range=content_range)  # noqa: E731
        assert "pieces that do not fit together" in refused(server, tmp_path / "again", always)
        assert not (tmp_path / "again").exists()

    @pytest.mark.parametrize(
        "note", ["", "{", "[]", '{"address": 1}', '{"address": "http://other/", "total": 3}', "null"]
    )
    def test_a_part_of_something_else_starts_over(self, tmp_path: Path, server: Server, note: str) -> None:
        part_of(server, tmp_path, ARCHIVE[:HALF])
        (tmp_path / PART[0]).write_text(note)
        server.answers["/data.zip"] = ranged(ARCHIVE)
        assert get(server, tmp_path).differing == ()
        assert server.ranges == [None]

    def test_from_another_address_only_where_the_server_can_tell_its_files_apart(
        self, tmp_path: Path, server: Server
    ) -> None:
        source = server.address + "/other.zip"
        for tag, kept in (('"one"', PART), ("", []), ('W/"weak"', [])):
            server.answers["/other.zip"] = partial(cut, tag=tag)
            refused(server, tmp_path / (tag or "none"), source=source)
            assert left(tmp_path / (tag or "none")) == kept

    def test_a_later_success_takes_the_part_away(self, tmp_path: Path, server: Server) -> None:
        part_of(server, tmp_path / "data", ARCHIVE[:HALF])
        (tmp_path / "n.zip").write_bytes(ARCHIVE)
        get(server, tmp_path / "data", str(tmp_path / "n.zip"))
        assert left(tmp_path / "data") == sorted(f"names/{name}" for name in FILES)

    def test_two_at_once(self, tmp_path: Path, server: Server) -> None:
        begun, may_end = threading.Event(), threading.Event()

        def slow(handler: BaseHTTPRequestHandler) -> None:
            begun.set()
            may_end.wait(10)
            send(handler, ARCHIVE)

        server.answers["/data.zip"] = slow
        first = threading.Thread(target=get, args=(server, tmp_path))
        first.start()
        begun.wait(10)
        try:
            assert "by another process already" in refused(server, tmp_path)
        finally:
            may_end.set()
            first.join()
        assert left(tmp_path) == sorted(f"names/{name}" for name in FILES)

    def test_what_a_killed_fetch_left_is_swept(self, tmp_path: Path, server: Server) -> None:
        old, new = tmp_path / ".fetching-names-old", tmp_path / ".fetching-names-new"
        for folder in (old, new):
            folder.mkdir()
            (folder / "x").write_bytes(b"x")
        os.utime(old, (1, 1))
        server.answers["/data.zip"] = ARCHIVE
        get(server, tmp_path)
        assert (old.exists(), new.exists()) == (False, True)


def cut(handler: BaseHTTPRequestHandler, tag: str = "") -> None:
    """Half of the archive, always the first."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(ARCHIVE)))
    if tag:
        handler.send_header("ETag", tag)
    handler.end_headers()
    handler.wfile.write(ARCHIVE[:HALF])
    reset(handler)


def part_of(server: Server, root: Path, data: bytes, tag: str = '"one"') -> None:
    """What an earlier fetch left."""
    folder = root / ".part-of-names"
    folder.mkdir(parents=True)
    (folder / "part").write_bytes(data)
    note = {"address": f"{server.address}/data.zip", "validator": tag, "total": len(ARCHIVE)}
    (folder / "from.json").write_text(json.dumps(note))


def headers(handler: BaseHTTPRequestHandler, *lines: str) -> None:
    handler.wfile.write("\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode())


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
LENGTH = f"Content-Length: {len(ARCHIVE)}"
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


def test_what_is_packed_on_its_way_is_unpacked_and_never_gone_on_from(tmp_path: Path, server: Server) -> None:
    packed = gzip.compress(ARCHIVE)
    server.answers["/data.zip"] = lambda handler: send(handler, packed, Content_Encoding="gzip", ETag='"one"')
    assert get(server, tmp_path / "whole").differing == ()

    def half(handler: BaseHTTPRequestHandler) -> None:
        headers(handler, "Content-Encoding: gzip", f"Content-Length: {len(packed)}", 'ETag: "one"')
        handler.wfile.write(packed[:HALF])
        reset(handler)

    assert "broke off" in refused(server, tmp_path / "half", half)
    assert not (tmp_path / "half").exists()


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


@pytest.mark.parametrize("key", [signal.SIGINT, signal.SIGKILL])
def test_a_fetch_that_is_stopped_goes_on_when_typed_again(key: signal.Signals, tmp_path: Path, server: Server) -> None:
    half_sent = threading.Event()

    def dawdle(handler: BaseHTTPRequestHandler) -> None:
        if asked_from(handler):
            ranged(ARCHIVE)(handler)
            return
        headers(handler, LENGTH, 'ETag: "one"')
        handler.wfile.write(ARCHIVE[:HALF])
        half_sent.set()
        server.over.wait(30)

    server.answers["/big.zip"] = dawdle
    command = [sys.executable, "-m", "rnnlab", "data", "fetch", "names", "--from", server.address + "/big.zip"]
    environment = {**os.environ, "RNNLAB_DATA": str(tmp_path)}
    part = tmp_path / PART[1]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while not (half_sent.is_set() and part.exists() and part.stat().st_size):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        process.send_signal(key)
        said = process.communicate(timeout=30)[1]
    if key == signal.SIGINT:
        assert process.returncode == 130, said
        assert "are kept, and the same command resumes there" in said
        assert "Traceback" not in said
        assert left(tmp_path) == PART
    again = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert again.returncode == 0, again.stderr
    assert "resuming at" in again.stderr
    assert (tmp_path / "names" / "Arabic.txt").exists()
    assert not part.exists()


class Screen:
    """A terminal that keeps what is written to it."""

    def __init__(self, live: bool) -> None:
        self.live = live
        self.written: list[str] = []

    def isatty(self) -> bool:
        return self.live

    def write(self, text: str) -> int:
        self.written.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


@pytest.mark.parametrize("live", [True, False])
def test_the_line_says_how_much_how_fast_and_how_long_still(live: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    screen, now = Screen(live), 0.0
    line = TransferLine(screen, clock=lambda: now)  # type: ignore[arg-type]
    line.show(20_000_000, 60_000_000)
    for second in range(1, 21):
        now = float(second)
        line.show(20_000_000 + second * 1_000_000, 60_000_000)
    line.close()
    text = "".join(screen.written)
    assert text.startswith("resuming at 20.0 MB\n")
    assert "30.0 MB of 60.0 MB   50%  1.0 MB/s  left 0:30" in text
    assert text.endswith("\n")
    assert text.count("\n") == (2 if live else 3)
    assert ("\x1b" in text) == live
