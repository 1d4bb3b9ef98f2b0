"""The app ended from outside, by a signal or with its terminal: the terminal is given back as it was."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import termios
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
"""Those that would end the process at once and leave the terminal to its modes."""
GRACE = 3.0
"""Seconds in which the app has to close by itself; a thread that hangs on a dead disk would never let it."""
_MODES_OFF = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l"  # bracketed paste off, lines wrap, no reports of size
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # no mouse
    b"\x1b[?2026l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"  # keyboard as it was, main screen, cursor, no focus reports
)
"""What undoes all that Textual's driver switches on."""


class Ending:
    """The handlers of `SIGNALS` for an app in the terminal `fileno`. Made before the app runs, in the main thread.

    A terminal that is gone counts as a SIGHUP also where that signal is ignored, or was sent to others only: the app would
    read its end for ever. `exit_code` is 128 + the signal's number once one has come.
    """

    def __init__(self, app: App[Any], fileno: int) -> None:
        self.exit_code: int | None = None
        self._app = app
        self._fileno = fileno
        self._attributes = termios.tcgetattr(fileno)
        for each in SIGNALS:
            # What was ignored before (`nohup`) stays ignored.
            if signal.getsignal(each) != signal.SIG_IGN:
                signal.signal(each, self._end)
        self._gone = False
        threading.Thread(target=self._await_hangup, name="rnnlab-hangup", daemon=True).start()

    def _await_hangup(self) -> None:
        terminal = select.poll()
        terminal.register(self._fileno, 0)  # no events: only that it was hung up
        if any(event & select.POLLHUP for _, event in terminal.poll()):
            self._gone = True
            # Handled in the main thread, which knows the app's loop.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        if self.exit_code is not None:
            return
        self.exit_code = 128 + (signal.SIGHUP if self._gone else number)
        watchdog = threading.Timer(GRACE, self._force)
        watchdog.daemon = True
        watchdog.start()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            # Before the first frame, or after the last one: the terminal is as it was.
            raise SystemExit(self.exit_code) from None
        loop.call_soon_threadsafe(self._app.exit, None, self.exit_code)

    def _force(self) -> None:
        """Give the terminal back and end the process, past everything that does not end by itself."""
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(self._fileno, termios.TCSANOW, self._attributes)
        with contextlib.suppress(OSError, ValueError):
            # Nobody may be reading: then nothing can be given back, and the process ends all the same.
            if select.select([], [self._fileno], [], 0.5)[1]:
                os.write(self._fileno, _MODES_OFF)
        os._exit(self.exit_code or 1)
