"""Ctrl-C while a command watches what it started: once stops it, twice at once leaves it training."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GRACE = 1.5
"""Seconds after a Ctrl-C in which a second one leaves training what was started."""
ABOUT_TO_STOP = "about to be stopped (Ctrl-C again leaves it training)"
STOPPING = "stopping … (Ctrl-C again returns without waiting for it)"


class Interrupts:
    """Counts Ctrl-C."""

    def __init__(self) -> None:
        self.count = 0
        self.acted = False
        """Whether what was started has been told to stop, so that it is not left training any more."""
        self._first = 0.0

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count == 1:
            self._first = time.monotonic()

    @property
    def stops(self) -> bool:
        """Whether there was one, and a second is not waited for any more."""
        return bool(self.count) and time.monotonic() - self._first >= GRACE

    @property
    def notice(self) -> str:
        """What a Ctrl-C does, and what another one would; empty where there was none."""
        return "" if not self.count else STOPPING if self.stops else ABOUT_TO_STOP


@contextmanager
def counted_interrupts() -> Iterator[Interrupts]:
    """Ctrl-C is counted within, and ends nothing by itself."""
    found = Interrupts()
    before = signal.signal(signal.SIGINT, found)
    try:
        yield found
    finally:
        signal.signal(signal.SIGINT, before)
