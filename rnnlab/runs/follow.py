"""Waiting for runs to end, reading their logs as they grow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import LogCursor
from rnnlab.runs.reduce import reduce_all
from rnnlab.runs.state import RunState, initial_state


class RunLost(Exception):
    """A run cannot be followed any more; the message is the reason, in one sentence."""


_DELETED_WITHIN = 1.0
"""Seconds that the deletion of a folder may take from its log on, so that the folder is named and not the log."""


def lost_text(run: RunFolder, cursor: LogCursor) -> str:
    """Why what `cursor` reads is no longer the run's log, in one sentence; empty where it is, or has yet to begin."""
    if not (cursor.replaced or cursor.missing):
        return ""
    if not run.path.is_dir():
        return f"the run's folder was deleted or moved away: {run.path}"
    if cursor.replaced:
        return f"the run's log was replaced by another file while it was read: {run.events_path}"
    return f"the run's log was deleted: {run.events_path}" if cursor.begun else ""


def follow(run: RunFolder, every: float = 0.1) -> Iterator[RunState]:
    """The run's state each time it may have changed, at least every `every` seconds, until it has ended.

    The state is the same object each time. Raises `NewerLog`, and `RunLost` where the log or its folder is deleted or replaced.
    """
    for states in follow_all([run], every):
        yield states[0]


def follow_all(runs: Sequence[RunFolder], every: float = 0.1) -> Iterator[list[RunState]]:
    """The states of several runs, in their order, until all have ended; else as `follow`."""
    cursors = [LogCursor(run.events_path) for run in runs]
    states = [initial_state() for _ in runs]

    def over(index: int) -> bool:
        # An event that was the last one may be followed by more.
        return states[index].ended and cursors[index].caught_up

    while True:
        for index, (run, cursor, state) in enumerate(zip(runs, cursors, states, strict=True)):
            if not over(index):
                reduce_all(state, cursor.read())
                if lost_text(run, cursor):
                    # A folder that is being deleted loses its files first, and who ends the run may put a log there again.
                    until = time.monotonic() + _DELETED_WITHIN
                    while run.path.is_dir() and time.monotonic() < until:
                        time.sleep(every)
                    raise RunLost(lost_text(run, cursor) or f"the run's log was deleted: {run.events_path}")
        yield states
        if all(map(over, range(len(runs)))):
            return
        if all(cursor.caught_up for cursor in cursors):
            time.sleep(every)
