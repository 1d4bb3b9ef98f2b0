"""A real pseudo-terminal with an emulator behind it: what a person would see and type."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f5": "\x1b[15~",
    "backspace": "\x7f",
} | {f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"}


class Terminal:
    """A program in a terminal of `columns`×`rows` characters. `bytes` keeps everything it wrote."""

    def __init__(
        self,
        *arguments: str,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        columns: int = 140,
        rows: int = 45,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.bytes = b""
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("RNNLAB_", "TEXTUAL", "NO_COLOR"))
        }
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "rnnlab", *arguments],
            cwd=str(cwd),
            env=kept
            | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            | dict(environment or {}),
            dimensions=(rows, columns),
            timeout=30,
        )

    @property
    def pid(self) -> int:
        return int(self.process.pid)

    def look(self, seconds: float = 0.05) -> str:
        """The screen as text, after reading what came within `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                data = self.process.read_nonblocking(65536, timeout=max(0.0, deadline - time.monotonic()))
            except (pexpect.TIMEOUT, pexpect.EOF):
                break
            self.bytes += data
            # The emulator does not know the keyboard and mouse protocols the app asks for, and would print their letters.
            self._stream.feed(re.sub(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;$]*[a-z]|\x1bP.*?\x1b\\", b"", data))
            if time.monotonic() > deadline:
                break
        return "\n".join(self._screen.display)

    def press(self, *keys: str) -> None:
        """Send keys, by name or as they are, one after another as a person does."""
        for key in keys:
            assert key in KEYS or len(key) == 1, f"no such key: {key}"
            self.process.send(KEYS.get(key, key))
            self.look(0.05)

    def wait_for(self, *words: str, seconds: float = 60) -> str:
        """The screen, once all of `words` (regular expressions) stand on it. Fails with the screen otherwise."""
        deadline = time.monotonic() + seconds
        while True:
            screen = self.look()
            missing = [word for word in words if not re.search(word, screen)]
            if not missing:
                return screen
            assert time.monotonic() < deadline, f"{missing} not within {seconds} s on:\n{screen}"
            assert self.process.isalive() or self.look(0.2) != screen, f"the program ended; {missing} not on:\n{screen}"

    def end(self, seconds: float = 20) -> int:
        """Wait until the program has ended by itself; its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.isalive():
            self.look(0.05)
            assert time.monotonic() < deadline, f"still running:\n{self.look()}"
        read = -1
        while read != len(self.bytes):  # on a busy machine the last words come in several helpings
            read = len(self.bytes)
            self.look(0.1)
        self.process.close()
        return int(self.process.exitstatus if self.process.exitstatus is not None else -self.process.signalstatus)

    def kill(self) -> None:
        """End the program with -9, as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.close(force=True)
