"""Garbage collection of the app: a full one only while nobody types, as it holds up a key.

With 10,000 runs in memory a full collection takes a tenth of a second, and Python starts one in the midst of whatever made the
last object. Most of what the app makes goes without any collection.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

from textual.app import App

QUIET = 4.0
"""Seconds without a key or a mouse event after which a full collection is not likely to hold up one: people read a screen
that has just come for a second or two."""
_PAUSE = 1.5
"""Seconds after which nobody types, so far as an import may hold up a key for a few milliseconds."""
_EVERY = 1.0
_DUE, _OVERDUE = 10, 200
"""Collections of younger objects after which a full one is due, as Python has it; and after which it waits no longer."""
_NEVER = 1_000_000


class Collector:
    """Collections of the app, begun once its first frame stands: what is there by then stays."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._usual = gc.get_threshold()

    def start(self, app: App[Any]) -> None:
        """Take over from Python, which the app was started without."""
        gc.freeze()
        gc.set_threshold(*self._usual[:2], _NEVER)
        gc.enable()
        app.set_interval(_EVERY, self.collect_if_due)

    def keep(self) -> None:
        """Take what is there now, imported modules above all, out of all collections to come: it stays."""
        gc.collect()
        gc.freeze()

    def stop(self) -> None:
        """Leave collections to Python again."""
        gc.set_threshold(*self._usual)

    def note_input(self) -> None:
        """Somebody typed, or moved the mouse."""
        self._last = self._clock()

    def is_quiet(self) -> bool:
        """Whether nobody has typed for a while."""
        return self._since_input >= _PAUSE

    @property
    def _since_input(self) -> float:
        return self._clock() - self._last

    def collect_if_due(self) -> bool:
        """Collect all garbage where it is time; whether it was."""
        young = gc.get_count()[2]
        if young < (_DUE if self._since_input >= QUIET else _OVERDUE):
            return False
        gc.collect()
        return True
