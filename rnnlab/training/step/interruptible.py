"""Computations that another thread may take over from: an update's gradient, an evaluation."""

from __future__ import annotations

import threading
from types import TracebackType


class Interruptible:
    """`with` it, a thread computes what can be given up: another one that takes over meanwhile is never given back to."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._busy.acquire()

    def __enter__(self) -> None:
        self._busy.release()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._busy.acquire()

    def take_over(self, patience: float) -> bool:
        """Whether the other thread was found within, or came within so many seconds; it does not get beyond then."""
        return self._busy.acquire(timeout=patience)
