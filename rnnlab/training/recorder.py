"""Puts a run's events into its log, and a sign of life between them when a step, a look or a pause is long."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from rnnlab.runs.events import Event, Progress, RunResumed, RunStarted
from rnnlab.runs.log import LogWriter
from rnnlab.training.progress import SIGN_OF_LIFE, ProgressMeter


class Recorder:
    """A log that is never silent for a second while it is open.

    The thread waits; it costs nothing between two signs. PyTorch lets other threads run while it computes.
    """

    def __init__(self, log: LogWriter, meter: ProgressMeter) -> None:
        self._log = log
        self._meter = meter
        self._started = False
        self._error: OSError | None = None
        self._heard = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="signs of life", daemon=True)

    def append(self, event: Event) -> None:
        """Write the event. Raises `OSError`, also for a sign of life that could not be written before."""
        if self._error is not None:
            raise self._error
        self._log.append(event)
        if isinstance(event, Progress):
            self._heard.set()
        elif isinstance(event, RunStarted | RunResumed):
            self._started = True
            self._heard.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """No sign of life comes after this, so that the last word is the last."""
        self._closed.set()
        self._heard.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._closed.is_set():
            if self._heard.wait(SIGN_OF_LIFE):
                self._heard.clear()
            elif self._started:
                try:
                    self._log.append(self._meter.sign_of_life())
                except OSError as error:
                    self._error = error
                    return
