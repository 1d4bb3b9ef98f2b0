"""Fetches of an archive from a server of the tests: what they are given, and what they leave."""

from __future__ import annotations

import random
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from rnnlab.config import UsageError
from rnnlab.tasks.download.fetch import Fetched, fetch
from rnnlab.tasks.download.http import PATIENCE, Patience
from rnnlab.tasks.download.manifest import PublishedFiles
from tests.tasks.hostile import FILES, also
from tests.tasks.namefiles import described
from tests.tasks.webserver import Answer, Server

ARCHIVE = also(("data/noise.bin", random.Random(1).randbytes(300_000)))
HALF = len(ARCHIVE) // 2
LENGTH = f"Content-Length: {len(ARCHIVE)}"
PART = [".part-of-names/from.json", ".part-of-names/part"]


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


def headers(handler: BaseHTTPRequestHandler, *lines: str) -> None:
    handler.wfile.write("\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode())
