"""A run whose log is silent though it is not over: for how long, and what its process is doing meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable

from rnnlab.machine import boot_id, host, process_state
from rnnlab.runs.events import RunResumed, RunStarted
from rnnlab.runs.state import RunState

SILENT = 4.0
"""Seconds without an event after which a run is called silent; signs of life come every second. It is reported within five."""
SILENT_ELSEWHERE = 10.0
"""The same for a run of another machine, whose events a shared folder may show late."""
_UNITS = ((1, "s"), (60, "min"), (3600, "h"), (86_400, "d"))
_EVERY = 1.0
"""Seconds between two checks of the process."""


def speaks(state: RunState) -> bool:
    """Whether a run in this state writes to its log every second."""
    return not state.ended and state.status not in ("queued", "interrupted")


def silence_text(seconds: float, process: str, *, elsewhere: bool = False) -> str:
    """`silent for 34 s (process 1234 is stopped)`; of a run `elsewhere`, on another machine, `last event 34 s ago (on n7)`.

    Empty where the run is not called silent after so many seconds.
    """
    if seconds < (SILENT_ELSEWHERE if elsewhere else SILENT):
        return ""
    text = f"last event {rounded(seconds)} ago" if elsewhere else f"silent for {rounded(seconds)}"
    return text + (f" ({process})" if process else "")


def rounded(seconds: float) -> str:
    """`34 s`, `12 min`, `5 h`, `9 d`: a duration that grows, in one unit."""
    size, unit = next((each for each in _UNITS if seconds < 100 * each[0]), _UNITS[-1])
    return f"{int(seconds // size)} {unit}"


def process_text(started: RunStarted | RunResumed | None) -> str:
    """The process that trains a run, and what it is doing where this machine knows; `on HOST` for another machine's."""
    if started is None or not started.pid:
        return ""
    if is_elsewhere(started):
        return f"on {started.host}"
    return f"process {started.pid} {process_state(started.pid)}".rstrip()


def is_elsewhere(started: RunStarted | RunResumed | None) -> bool:
    """Whether the process that began so is one of another machine, or of another start of this one."""
    if started is None or not started.host:
        return False
    return started.boot != boot_id() if started.boot else started.host != host()


class SilenceWatch:
    """Tells how long a run that is read as it grows has been silent."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seq = -1
        self._heard = clock()
        self._looked = 0.0
        self._process = ""

    def text(self, state: RunState) -> str:
        """As `silence_text`; empty while the run speaks, or has no reason to."""
        now = self._clock()
        if state.last_seq != self._seq:
            self._seq, self._heard = state.last_seq, now
        silence = now - self._heard
        if silence < SILENT or not speaks(state):
            return ""
        if now - self._looked >= _EVERY:
            self._looked, self._process = now, process_text(state.started)
        return silence_text(silence, self._process, elsewhere=is_elsewhere(state.started))
