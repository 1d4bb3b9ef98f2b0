"""Pipes, sockets and devices where a data set's files should be: refused, for opening one may wait for ever."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rnnlab.config import UsageError
from rnnlab.tasks.download.archives import Archive
from rnnlab.tasks.download.filesets import files_in
from rnnlab.tasks.download.sources import digest_of
from rnnlab.tasks.published.textfile import read_lines


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


PLACE: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "socket": _socket,
    "endless device": lambda path: path.symlink_to("/dev/zero"),
    "terminal": lambda path: path.symlink_to("/dev/tty"),
}


@pytest.fixture(params=PLACE)
def special(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    PLACE[request.param](Path("x.txt"))
    signal.alarm(10)
    yield Path("x.txt")
    signal.alarm(0)


def test_a_text_file_is_a_plain_file(special: Path) -> None:
    with pytest.raises(UsageError, match="not a plain file"):
        read_lines(special)


def test_so_is_each_of_a_set_of_files(special: Path) -> None:
    with pytest.raises(UsageError, match="not a plain file"):
        list(files_in(special.parent, re.compile(r"x\.txt")))


def test_so_is_an_archive(special: Path) -> None:
    with pytest.raises(UsageError, match=r"x\.txt"):
        Archive(special)


def test_so_is_what_a_digest_is_taken_of(special: Path) -> None:
    with pytest.raises(OSError, match="not a plain file"):
        digest_of(special)
