"""A pilot: a runner in a job of a cluster, which eats a session's queue until nothing waits or its time is up.

Pilots share the queue without a lock on it: each starts what waits, and of two trainers of one run the claim on its log lets one
train (`rnnlab.claims`). A pilot sees to its own trainers; what others train is left to them for as long as their claims are
renewed. Shortly before its time is up it has its trainers save their state, queues their runs again, and asks for its job to be
put back into the cluster's queue.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from rnnlab.claims import RENEWAL, find_claim
from rnnlab.engines.allocation import RAY_PILOT, allocated_cores
from rnnlab.engines.runner import Due, Runner
from rnnlab.engines.turns import Turns
from rnnlab.runs.files import sweep_drafts
from rnnlab.runs.folders import RunFolder, Session
from rnnlab.runs.liveness import Standing

_POLL = 0.25
"""Seconds between two polls of the queue, which may lie on a slow file system; the end of a trainer is seen at once."""
FULL_POLL = 10.0
"""The same where there is no room for another run: a thousand pilots that poll the queue are a load for a file server."""
_ELSEWHERE = 2.0
"""Seconds between two readings of a run that another pilot trains."""
_IN_DOUBT = 2 * RENEWAL + 2.0
"""Seconds without a renewal after which another pilot's run may have lost its process."""


class Pilot(Runner):
    """Trains what waits in a session's queue in one job of a cluster.

    `decide` queues what a sweep is to do next, where that depends on its runs; it returns whether more may follow.
    """

    def __init__(self, session: Session, decide: Callable[[], bool] | None = None, *, index: int = 0) -> None:
        super().__init__(session)
        self._turns = Turns(session, self._print_once, allocated=allocated_cores())
        self._decide = decide
        self._index = index
        self._elsewhere: dict[Path, float] = {}
        """Runs that others train, and when each was read last."""

    def work(self) -> None:
        """Train until nothing waits and nothing is in doubt, or until a signal says that time is up."""
        sweep_drafts(self.session.runs_path)
        try:
            while not self.stopping and (
                self.poll() or self._in_doubt() or (self._decide is not None and self._decide())
            ):
                self._wait()
            if self.stopping:
                self.interrupt_trainers()
        finally:
            self._trainers.close()

    def _wait(self) -> None:
        """Wait until there is something to see to: an end of a trainer, a signal, a change of the queue."""
        until = time.monotonic() + (FULL_POLL if self.is_full else _POLL)
        while not self.stopping and not self._trainers.wait(_POLL) and time.monotonic() < until:
            pass

    @property
    def unfinished(self) -> bool:
        """Whether runs of the session have not ended."""
        return bool(self._survey.unfinished(anew=True))

    def in_turn(self, queued: list[RunFolder]) -> list[RunFolder]:
        """The runs that wait, from another one on in each pilot: they would all begin with the first."""
        start = self._index % len(queued) if queued else 0
        return queued[start:] + queued[:start]

    def trained_by_others(self, run: RunFolder, _stands: Standing) -> Due:
        """Nothing, for as long as its claim is renewed."""
        self._elsewhere[run.path] = time.monotonic()
        self._waiting.pop(run.path, None)
        return "nothing"

    def _unread(self, run: RunFolder) -> Due | None:
        if time.monotonic() - self._elsewhere.get(run.path, -_ELSEWHERE) < _ELSEWHERE:
            return "nothing"
        self._elsewhere.pop(run.path, None)
        return super()._unread(run)

    def _in_doubt(self) -> bool:
        """Whether a run that another pilot trained may have lost its process: this one stays until that is known."""
        return any(_is_in_doubt(RunFolder(path)) for path in self._elsewhere)


def _is_in_doubt(run: RunFolder) -> bool:
    try:
        found = find_claim(run.events_path)
    except OSError:
        return False
    if found is None or (found.owner is not None and found.owner.released):
        return False
    alive = found.owner.alive if found.owner is not None else None
    return alive is False or (alive is None and time.time() - found.renewed > _IN_DOUBT)


def index_of_pilot() -> int:
    """The number of this pilot among those of its session, from 0."""
    if (number := os.environ.get(RAY_PILOT, "")).isdecimal():
        return int(number)
    text = os.environ.get("SLURM_ARRAY_TASK_ID", "")
    return int(text) - 1 if text.isdecimal() and int(text) else 0
