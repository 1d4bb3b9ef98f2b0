"""Private parts of Textual that the app uses, all of them, each with the reason.

Written for Textual 8.2: check each before `pyproject.toml` allows a newer major version.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any, TypeVar

# There is no public way to the running app for what is made before it has a parent: a mode's screen is.
from textual._context import active_app
from textual.app import App
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.worker import WorkerFailed

from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    from collections.abc import Callable

WRITTEN = 0.02
"""Seconds after which a frame has been written."""

Mode = TypeVar("Mode", bound=Screen[Any])


def running_app() -> App[Any]:
    """The app in whose context the caller runs."""
    return active_app.get()


def styled_once(screen: Mode) -> Mode:
    """The screen, to be styled as it is mounted and not once more."""
    # Textual compares this count of style sheet changes with the app's, and would apply the whole sheet before the first frame.
    screen._css_update_count = running_app()._css_update_count
    return screen


class FirstScreen(Screen[None]):
    """The screen that the app starts with: nothing of it is drawn before all of it is there."""

    _drawn = False
    _waiting: Callable[[], object] | None = None

    def after_first_frame(self, callback: Callable[[], object]) -> None:
        """Call it once the screen stands in the terminal; of several that wait for the first frame, the last."""
        # `call_after_refresh` calls while the app starts, when nothing has been drawn.
        if self._drawn:
            self.call_after_refresh(callback)
        else:
            self._waiting = callback

    def _compositor_refresh(self) -> None:
        # What is drawn while the app starts Textual throws away, and then draws the rest piece by piece.
        if self.app._batch_count:
            return
        super()._compositor_refresh()
        if not self._drawn:
            self._drawn = True
            if self._waiting is not None:
                # A thread writes the frame, and has to have its turn first.
                self.set_timer(WRITTEN, self._waiting)


class OneLineFaultApp(App[None]):
    """An app that ends by a fault of its own with one line, or with `debug` a traceback; the exit code is 1."""

    def __init__(self, *, debug: bool = False) -> None:
        super().__init__()
        self._show_traceback = debug

    def _handle_exception(self, error: Exception) -> None:
        # Textual ends a worker a moment after the widgets that it writes to: what it lacks while the app closes is no fault.
        late = isinstance(error, WorkerFailed) and isinstance(error.error, NoMatches) and not self.is_running
        if not late:
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual prints a traceback of many lines with the values of all variables, and has no setting for it.
        from rich.text import Text

        error = self._exception
        if error is None:
            lines = ["rnnlab ended by a fault of its own"]
        elif self._show_traceback:
            lines = "".join(traceback.format_exception(error)).splitlines()
        else:
            text = " ".join(str(error).split())
            lines = [f"rnnlab: {type(error).__name__}: {text} (a fault of rnnlab's; rnnlab --debug shows where)"]
        self._exit_renderables.append(Text("\n".join(plain(line, 500) for line in lines)))
        self._close_messages_no_wait()
