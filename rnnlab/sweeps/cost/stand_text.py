"""How a sweep stands, in words: what is done, what trains, what is to come."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from rnnlab.cores import cores
from rnnlab.runs.summary import WHOLE, RunSummary
from rnnlab.sweeps.sweep import Stand
from rnnlab.sweeps.trials import Carried
from rnnlab.text.numbers import count, time_text

_UNDERWAY = ("training", "evaluating", "saving", "loading", "paused")


def counts_text(stand: Stand, *, with_time: bool = True) -> str:
    """`14 of 48 runs done, 2 training, 32 queued, 1 failed · about 3 min left`; of a sweep that is stopped without the time."""
    trials = stand.trials
    over = stand.over
    held = Counter(_kind(each, over) for each in trials)
    parts = [f"{count(held['done'])} of {count(stand.planned)} runs done"]
    parts += [f"{count(held[kind])} {kind}" for kind in _KINDS if held[kind]]
    left = seconds_left(trials) if with_time else 0.0
    return ", ".join(parts) + (f" · {time_text(left)} left" if left else "")


_KINDS = (
    "training",
    "queued",
    "to be queued",
    "paused at a rung",
    "dropped at a rung",
    "stopped",
    "failed",
    "diverged",
)


def _kind(each: Carried, over: bool) -> str:
    summary = each.summary
    if each.status in WHOLE:
        return "done"
    if each.status in _UNDERWAY:
        return "training"
    if summary is not None and summary.paused_after:
        return "dropped at a rung" if over else "paused at a rung"
    return {"new": "to be queued", "unreadable": "failed", "interrupted": "queued"}.get(each.status, each.status)


def seconds_left(trials: Sequence[Carried], parallel: int | None = None) -> float:
    """Seconds until all trials have ended, by what those that have ended took; 0: not known, or nothing is left."""
    done = [each.summary.seconds for each in trials if each.summary is not None and each.status in WHOLE]
    left = [each for each in trials if not each.ended]
    if not done or not left:
        return 0.0
    mean = math.fsum(done) / len(done)
    shares = [1.0 - _share_done(each.summary) for each in left]
    return mean * math.fsum(shares) / min(parallel or cores(), len(left))


def _share_done(summary: RunSummary | None) -> float:
    if summary is None or not summary.epochs:
        return 0.0
    return min(1.0, summary.epoch / summary.epochs)
