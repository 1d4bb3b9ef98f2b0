"""When each record of a log is played, and which one ends an epoch.

Both are found in one pass that keeps few bytes a record: a log may hold a million.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise

from rnnlab.errors import UsageError
from rnnlab.runs.events import Evaluated, Progress, Record, RunFailed, RunFinished, RunResumed

_OTHER, _EVALUATED, _UPDATES, _END = range(4)
LONGEST_GAP = 0.1
"""A pause is played in at most this share of the whole."""


def end_of_epoch(records: Iterable[Record], epoch: int) -> int:
    """The `seq` of the last record that belongs to `epoch` or to one before.

    That is its evaluations and checkpoints, nothing of the next epoch nor of the run's end. Raises `UsageError` where that
    epoch was not finished.
    """
    seqs, epochs, kinds = array("q"), array("q"), array("b")
    first = 0
    for record in records:
        event = record.data
        if isinstance(event, RunResumed):
            # What came after the point that the run was resumed from is void.
            kept = bisect_right(seqs, event.after)
            del seqs[kept:], epochs[kept:], kinds[kept:]
        first = first if seqs else record.seq
        seqs.append(record.seq)
        epochs.append(getattr(event, "epoch", 0))
        kinds.append(_kind(event))
    finished = sorted({each for each, kind in zip(epochs, kinds, strict=True) if kind == _EVALUATED})
    if epoch not in finished:
        there = (
            "it has not finished one"
            if not finished
            else f"it has epoch {finished[0]} alone"
            if len(finished) == 1
            else f"it has epochs {finished[0]} to {finished[-1]}"
        )
        raise UsageError(f"--at {epoch}: the run has no finished epoch {epoch}; {there}")
    last = first
    for seq, each, kind in zip(seqs, epochs, kinds, strict=True):
        if kind == _END or (kind == _UPDATES and each > epoch):
            break
        if each <= epoch:
            last = seq
    return last


def _kind(event: object) -> int:
    if isinstance(event, Evaluated):
        return _END if event.final else _EVALUATED
    if isinstance(event, RunFinished | RunFailed):
        return _END
    return _UPDATES if isinstance(event, Progress) and event.steps else _OTHER


def play_times(records: Iterable[Record]) -> array[float]:
    """When each record is played, in seconds of the run from its first.

    The clock never goes back, and no pause is longer than a tenth of the time trained.
    """
    walls = array("d")
    trained = 0.0
    for record in records:
        walls.append(record.wall)
        if isinstance(record.data, Progress | RunFinished):
            trained = max(trained, record.data.seconds)
    gaps = array("d", [0.0])
    gaps.extend(max(0.0, after - before) for before, after in pairwise(walls))
    longest = max(1.0, (trained or sum(gaps)) * LONGEST_GAP)
    at, times = 0.0, array("d")
    for gap in gaps[: len(walls)]:
        at += min(gap, longest)
        times.append(at)
    return times
