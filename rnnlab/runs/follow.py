"""Waiting for runs to end, reading their logs as they grow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log import LogCursor
from rnnlab.runs.state import RunState, initial_state, reduce


def follow(run: RunFolder, every: float = 0.1) -> Iterator[RunState]:
    """The run's state each time it may have changed, at least every `every` seconds, until it has ended.

    The state is the same object each time. Raises `NewerLog`.
    """
    for states in follow_all([run], every):
        yield states[0]


def follow_all(runs: Sequence[RunFolder], every: float = 0.1) -> Iterator[list[RunState]]:
    """The states of several runs, in their order, until all have ended; else as `follow`."""
    cursors = [LogCursor(run.events_path) for run in runs]
    states = [initial_state() for _ in runs]

    def over(place: int) -> bool:
        # A word that was the last one once may stand before more.
        return states[place].ended and cursors[place].caught_up

    while True:
        for place, (cursor, state) in enumerate(zip(cursors, states, strict=True)):
            if not over(place):
                for record in cursor.read():
                    reduce(state, record)
        yield states
        if all(map(over, range(len(runs)))):
            return
        if all(cursor.caught_up for cursor in cursors):
            time.sleep(every)
