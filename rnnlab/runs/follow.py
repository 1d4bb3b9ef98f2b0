"""Waiting for a run to end, reading its log as it grows."""

from __future__ import annotations

import time
from collections.abc import Iterator

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log import LogCursor
from rnnlab.runs.state import RunState, initial_state, reduce


def follow(run: RunFolder, every: float = 0.1) -> Iterator[RunState]:
    """The run's state each time it may have changed, at least every `every` seconds, until it has ended.

    The state is the same object each time. Raises `NewerLog`.
    """
    cursor = LogCursor(run.events_path)
    state = initial_state()
    while not state.ended:
        for record in cursor.read():
            reduce(state, record)
        yield state
        if cursor.caught_up and not state.ended:
            time.sleep(every)
