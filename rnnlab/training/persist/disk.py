"""Writing to a disk that may be full: the run is paused, its log says why, and it is resumed when there is room."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from typing import Protocol

from rnnlab.runs.log import LogWriter
from rnnlab.runs.room import full_text, is_full, probe
from rnnlab.training.observe.progress import ProgressMeter
from rnnlab.training.persist.insist import Result

RETRY = 0.5
"""Seconds between two attempts to write."""
POLL = 0.1
"""Seconds between two checks, while the run waits, whether it is asked to stop."""


class StopRequests(Protocol):
    """Where a run is asked to stop; `training.commands.LiveCommands` is one."""

    @property
    def stop_asked(self) -> bool:
        """Whether anybody has ever asked for a stop."""

    def request_stop(self) -> None:
        """Ask for a stop. Safe in another thread."""


class StoppedWhileFull(Exception):
    """The run was asked to stop while it waited for room; the message says for what."""


class DiskGuard:
    """Has the writes of one run wait for room. `meter` is set once the run has one."""

    def __init__(self, log: LogWriter, commands: StopRequests) -> None:
        self.meter: ProgressMeter | None = None
        self._log = log
        self._commands = commands
        self._suspected = False

    def insist(self, write: Callable[[], Result], *, last: bool = False) -> Result:
        """What `write` returns, which is called again for as long as the disk is full.

        The log records the pause, but not that of its `last` event, which nothing may follow. Raises `StoppedWhileFull` where the
        run is asked to stop meanwhile, and every `OSError` that room does not help.
        """
        reason = ""
        while True:
            try:
                if self._suspected:
                    probe(self._log.path.parent)
                    self._suspected = False
                    if self.meter is not None:
                        self.meter.waits_for("")
                result = write()
            except OSError as error:
                if not is_full(error):
                    raise
                if not reason:
                    phase = self.meter.phase if self.meter else "loading"
                reason = self._pause(error, reason, recorded=not last)
                self._wait(reason)
            else:
                if reason and self.meter is not None and not last:
                    self.meter.enter(phase)
                    self._record_pause(urgent=False)
                return result

    def request_stop(self) -> None:
        """Have the run stop at its next update, or end its pause. Safe in another thread."""
        self._commands.request_stop()

    def check(self) -> None:
        """Find out whether the disk has become full, and record it; another thread calls this, once a second."""
        if self._suspected:
            return
        try:
            probe(self._log.path.parent)
        except OSError as error:
            if is_full(error) and self.meter is not None:
                # The next write of the training thread waits; a long update or evaluation may be under way before that.
                self.meter.waits_for(full_text(error))
                self._suspected = True
                self._record_pause(urgent=True)

    def _pause(self, error: OSError, before: str, *, recorded: bool) -> str:
        reason = full_text(error)
        if reason != before and self.meter is not None and recorded:
            self.meter.enter("paused", reason)
            self._record_pause(urgent=not before)
        return reason

    def _wait(self, reason: str) -> None:
        deadline = time.monotonic() + RETRY
        while (left := deadline - time.monotonic()) > 0:
            if self._commands.stop_asked:
                raise StoppedWhileFull(reason)
            time.sleep(min(POLL, left))
        with contextlib.suppress(OSError):
            os.utime(self._log.path)  # the only sign of life for which a full disk has room

    def _record_pause(self, *, urgent: bool) -> None:
        assert self.meter is not None
        with contextlib.suppress(OSError):
            self._log.append(self.meter.sign_of_life(), urgent=urgent)
