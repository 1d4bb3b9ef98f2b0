"""Recorder of a run's events in its log.

They are safe from a loss of power within a second, wait where the disk is full, and have a sign of life between them when an
update, an evaluation or a pause is long.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rnnlab.runs.events import (
    CheckpointSaved,
    CommandApplied,
    Event,
    PredictionsSaved,
    Progress,
    RunResumed,
    RunStarted,
)
from rnnlab.runs.log import LogLost, LogWriter
from rnnlab.runs.room import is_full
from rnnlab.training.observe.progress import SIGN_OF_LIFE, ProgressMeter
from rnnlab.training.persist.disk import DiskGuard, StoppedWhileFull

SYNC_EVERY = 0.4
"""Seconds from the beginning of a sync of the log to that of the next. An event that came just after one had begun is safe when
the next has ended: within a second where a sync takes less than 0.5 s; it usually takes some milliseconds."""
CHECK_EVERY = 0.8
"""Seconds between two questions whether the disk is full."""
_AT_ONCE = (RunStarted, RunResumed, CheckpointSaved, PredictionsSaved, CommandApplied)
"""Events that are safe from a loss of power before anything follows from them: a checkpoint, or a file of predictions, takes
its place only once the log is sure to hold its record."""


class Recorder:
    """A log that is never silent for a second while it is open.

    The threads wait; they cost nothing between two signs. PyTorch lets other threads run while it computes.
    """

    def __init__(self, log: LogWriter, meter: ProgressMeter, guard: DiskGuard) -> None:
        self._log = log
        self._meter = meter
        self._guard = guard
        self._turn = threading.Lock()
        self._started = False
        self._last_progress = time.monotonic()
        self._error: OSError | None = None
        self._closed = threading.Event()
        self._threads = [
            threading.Thread(target=self._give_signs, name="signs of life", daemon=True),
            # A thread of its own: a slow disk may take seconds over it.
            threading.Thread(target=self._keep_safe, name="sync", daemon=True),
        ]

    def append(self, event: Event) -> None:
        """Write the event.

        Raises `OSError`, also for a sync that failed before (`LogLost`: the log is not there any more), and `StoppedWhileFull`.
        """
        with self._turn:
            if self._error is not None:
                raise self._error
            self._guard.insist(lambda: self._log.append(event))
            if isinstance(event, Progress):
                self._last_progress = time.monotonic()
            elif isinstance(event, _AT_ONCE):
                self._started = True
                self._guard.insist(self._log.sync)

    def end(self, event: Event, patience: float = -1) -> None:
        """Write the run's last event; who appends after that waits for ever, for the process is about to end.

        After `patience` seconds (-1: any number) nobody is waited for, and no room on a full disk: for some file systems write
        nothing there even where room was set aside. Raises `OSError`, `StoppedWhileFull`.
        """
        self._closed.set()
        if not self._turn.acquire(timeout=patience) and self._log.last and isinstance(self._log.last.data, type(event)):
            return
        self._join(None if patience < 0 else patience)
        self._insist_at_end(lambda: self._log.append(event), patience)
        with contextlib.suppress(StoppedWhileFull):  # the event stands in the log: only a loss of power could take it
            self._insist_at_end(self._log.sync, patience)

    def _insist_at_end(self, write: Callable[[], object], patience: float) -> None:
        try:
            write()  # before anything is asked of the disk: there is room set aside
        except OSError as error:
            if patience >= 0 or not is_full(error):
                raise
            self._guard.insist(write, last=True)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """No sign of life comes after this, so that the last event is the last."""
        self._closed.set()
        self._join(None)

    def _join(self, patience: float | None) -> None:
        for thread in self._threads:
            thread.join(patience)

    def _give_signs(self) -> None:
        while not self._closed.wait(max(0.0, self._last_progress + SIGN_OF_LIFE - time.monotonic())):
            if time.monotonic() - self._last_progress < SIGN_OF_LIFE:
                continue
            self._last_progress = time.monotonic()
            if self._started:
                try:
                    self._log.append(self._meter.sign_of_life())
                except OSError as error:
                    self._note(error)

    def _keep_safe(self) -> None:
        checked = due = time.monotonic()
        while not self._closed.wait(max(0.0, due - time.monotonic())):
            due = time.monotonic() + SYNC_EVERY
            try:
                self._log.sync()
            except OSError as error:
                self._note(error)
            if self._started and time.monotonic() - checked >= CHECK_EVERY:
                checked = time.monotonic()
                self._guard.check()

    def _note(self, error: OSError) -> None:
        if not is_full(error):  # for want of room the training thread waits, at its next event
            self._error = error
        if isinstance(error, LogLost):
            self._guard.request_stop()  # a paused run has no next event
