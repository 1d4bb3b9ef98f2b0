"""`rnnlab serve` in a process of its own, on a free port."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass
class Served:
    """The process, what it printed at first, and the address that it printed."""

    process: subprocess.Popen[str]
    printed: str
    address: str

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 0

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return urlsplit(self.address).query.removeprefix("token=")


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[Served]:
    """The server, ended as by Ctrl-C; that it ends is asserted."""
    unset = ("RNNLAB_DATA", "TEXTUAL", "NO_COLOR")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(unset)}
    process = subprocess.Popen(
        [sys.executable, "-m", "rnnlab", "serve", "--port", "0", *arguments],
        cwd=folder,
        env=environment | {"RNNLAB_SESSIONS": str(folder / "sessions")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "Ctrl-C" in line:
                break
        found = re.search(r"http://\S+", printed)
        assert found is not None, printed
        yield Served(process, printed, found[0])
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
