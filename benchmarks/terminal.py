"""A program in a real pseudo-terminal, its output kept with the moment each piece arrived.

The output is fed to a terminal emulator (pyte) in the pauses, so that emulating costs the measured program nothing.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

_PROTOCOLS = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;$]*[a-z]|\x1bP.*?\x1b\\")

_MODES = (1049, 1000, 1003, 1004, 1006, 1015, 2004)
"""Main screen, no mouse, no reports of the focus, no bracketed paste."""

PAUSE = 0.02
"""Seconds without output after which a program is not in the middle of a frame."""


class Terminal:
    """`command` in a pseudo-terminal of `columns` × `lines`; ended when the block is left.

    `environment` goes over this process's own; None takes a variable away.
    """

    def __init__(
        self,
        command: list[str],
        *,
        columns: int = 80,
        lines: int = 24,
        environment: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._main, terminal = pty.openpty()
        self._set_size(columns, lines)
        names: dict[str, str | None] = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "RNNLAB_TOUR": "0"}
        # A size in the environment would outlast a change of size.
        names |= {"COLUMNS": None, "LINES": None}
        settings = {**os.environ, **names, **(environment or {})}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={key: value for key, value in settings.items() if value is not None},
            cwd=cwd,
            start_new_session=True,
            # It becomes the program's own terminal, so that Ctrl-C and a change of size reach it as signals.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(terminal)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._main, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns: int, lines: int) -> None:
        """Make the terminal another size, as a person does who drags its corner."""
        self._set_size(columns, lines)
        self.screen.resize(lines, columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self._main)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self.screen.display)

    def cursor_styles(self) -> int:
        """What of the screen is bold, coloured or reversed, as a hash: a cursor that moves changes no text."""
        return hash(
            tuple(
                (line, column, cell.fg, cell.bg, cell.bold, cell.reverse)
                for line, row in self.screen.buffer.items()
                for column, cell in row.items()
            )
        )

    def send(self, keys: str) -> float:
        """Types `keys`; returns the moment."""
        moment = time.perf_counter()
        os.write(self._main, keys.encode())
        return moment

    def read(self, timeout: float) -> tuple[float, bytes] | None:
        """The next output and when it came, or None when nothing came within `timeout` seconds."""
        ready, _, _ = select.select([self._main], [], [], max(timeout, 0.0))
        if not ready:
            return None
        try:
            data = os.read(self._main, 1 << 16)
        except OSError:  # the program has ended
            return None
        return (time.perf_counter(), data) if data else None

    def skip(self, seconds: float) -> None:
        """Read what comes within `seconds` and emulate none of it, which is slow; `resize` has all drawn anew."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0 and self.read(left) is not None:
            pass

    def wait_for(self, *words: str, timeout: float = 10.0) -> float:
        """Seconds since the start until the screen shows all `words`. Raises TimeoutError, with the screen.

        What comes is emulated only in a pause: a program that writes faster than it is read has to wait.
        """
        return self._wait(lambda text: all(word in text for word in words), f"{words}", timeout)

    def wait_without(self, *words: str, timeout: float = 10.0) -> float:
        """The same until the screen shows none of them."""
        return self._wait(lambda text: not any(word in text for word in words), f"a screen without {words}", timeout)

    def _wait(self, is_there: Callable[[str], bool], wanted: str, timeout: float) -> float:
        end = time.perf_counter() + timeout
        while (piece := self.read(end - time.perf_counter())) is not None:
            pieces = [piece]
            while (piece := self.read(PAUSE)) is not None:
                pieces.append(piece)
            found = None
            for moment, data in pieces:
                self.feed(data)  # all that was read: a screen with a hole in it is no screen any more
                if found is None and is_there(self.text):
                    found = moment
            if found is not None:
                return found - self.started
        raise TimeoutError(f"waited for {wanted}; the screen shows:\n{self.text}")

    def settle(self, quiet: float, timeout: float = 10.0, *, first: float | None = None) -> None:
        """Reads until nothing has come for `quiet` seconds; the first output may take `first` seconds."""
        end = time.perf_counter() + timeout
        patience = quiet if first is None else first
        while time.perf_counter() < end and (piece := self.read(patience)) is not None:
            self.feed(piece[1])
            patience = quiet

    def feed(self, data: bytes) -> None:
        """Shows `data`, read before, on the emulated screen."""
        # The emulator does not know the keyboard and mouse protocols the app asks for, and would print their letters.
        self._stream.feed(_PROTOCOLS.sub(b"", data))


def modes_left(received: bytes) -> list[str]:
    """Modes of the terminal that a program, which wrote `received` in all, switched on and did not switch off last."""
    left = [f"mode {mode}" for mode in _MODES if _last(received, rb"\x1b\[\?%d([hl])" % mode) == b"h"]
    left += ["no cursor"] if _last(received, rb"\x1b\[\?25([hl])") == b"l" else []
    left += ["no wrapping"] if _last(received, rb"\x1b\[\?7([hl])") == b"l" else []
    keyboard = b"\x1b[>" in received and received.rfind(b"\x1b[<u") < received.rfind(b"\x1b[>")
    return left + (["the keyboard"] if keyboard else [])


def _last(received: bytes, mode: bytes) -> bytes:
    found = re.findall(mode, received)
    return bytes(found[-1]) if found else b""
