"""Downloads that were cut off, changed or killed, and go on where they ended."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from rnnlab.tasks.download.fetch import fetch
from tests.tasks.hostile import FILES
from tests.tasks.transfers import ARCHIVE, HALF, LENGTH, PART, get, headers, left, manifest_of, refused
from tests.tasks.webserver import Server, asked_from, ranged, reset, send


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

        def always(handler: BaseHTTPRequestHandler) -> None:
            send(handler, ARCHIVE, 206, Content_Range=content_range)

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
