"""A real pseudo-terminal with an emulator behind it: what a person would see and type."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import benchmarks.terminal

KEYS = {
    "enter": "\r",
    # As a terminal with the keyboard protocol that the app asks for sends it: a bare ESC begins the keys that follow, too.
    "escape": "\x1b[27u",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "backspace": "\x7f",
} | {f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"}


class Terminal(benchmarks.terminal.Terminal):
    """`rnnlab` in a terminal of `columns`×`rows` characters, typed to by the names of keys. `bytes` keeps what it wrote.

    `command_prefix` stands before its command line: a program that carries it out elsewhere, such as on another machine.
    """

    def __init__(
        self,
        *arguments: str,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        command_prefix: Sequence[str] = (),
        columns: int = 140,
        rows: int = 45,
    ) -> None:
        self.bytes = bytearray()
        # As on a machine where nobody has set anything.
        unset = {key: None for key in os.environ if key.startswith(("RNNLAB_", "TEXTUAL", "NO_COLOR"))}
        super().__init__(
            [*command_prefix, sys.executable, "-m", "rnnlab", *arguments],
            columns=columns,
            lines=rows,
            environment={**unset, "LANG": "C.UTF-8", "RNNLAB_TOUR": "0", **(environment or {})},
            cwd=cwd,
        )

    def feed(self, data: bytes) -> None:
        self.bytes += data
        super().feed(data)

    def look(self, seconds: float = 0.05) -> str:
        """The screen as text, after reading what came within `seconds`."""
        deadline = time.monotonic() + seconds
        while (piece := self.read(deadline - time.monotonic())) is not None:
            self.feed(piece[1])
            if time.monotonic() > deadline:
                break
        return self.text

    def press(self, *keys: str) -> None:
        """Send keys, by name or as they are, one after another as a person does."""
        for key in keys:
            assert key in KEYS or len(key) == 1, f"no such key: {key}"
            self.send(KEYS.get(key, key))
            self.look(0.05)

    def see(self, *words: str, seconds: float = 60) -> str:
        """The screen, once all of `words` (regular expressions) stand on it. Fails with the screen otherwise."""
        deadline = time.monotonic() + seconds
        while True:
            ended = self.process.poll() is not None
            screen = self.look(0.2 if ended else 0.05)
            missing = [word for word in words if not re.search(word, screen)]
            if not missing:
                return screen
            assert time.monotonic() < deadline, f"{missing} not within {seconds} s on:\n{screen}"
            assert not ended, f"the program ended; {missing} not on:\n{screen}"

    def end(self, seconds: float = 60) -> int:
        """Wait until the program has ended by itself; its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            self.look(0.05)
            assert time.monotonic() < deadline, f"still running:\n{self.look()}"
        while (piece := self.read(0.1)) is not None:  # on a busy machine the last words come in several helpings
            self.feed(piece[1])
        return self.process.returncode

    def kill(self) -> None:
        """End the program with -9, as a crash would."""
        self.process.kill()
        self.process.wait()
