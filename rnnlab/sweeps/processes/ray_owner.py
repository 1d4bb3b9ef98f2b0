"""The owner of a session on Ray: it asks for the session's pilots.

It keeps nothing in mind: killed, and started again by Ray, it goes on from the session's folder.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any, Protocol

import msgspec

from rnnlab.claims import LEASE, Claim, Claimed, ClaimLost
from rnnlab.engines.clusters.ray_engine import NAME, STATE, Kept, Pilots, RayOptions, kept_by
from rnnlab.engines.local import call_off_waiting
from rnnlab.engines.survey import Survey, marks_of
from rnnlab.errors import UsageError
from rnnlab.runs.files import read_tail, write_atomically
from rnnlab.runs.folders import Session
from rnnlab.runs.liveness import made_here, queued_here, standing
from rnnlab.sweeps.kept import is_stopped
from rnnlab.sweeps.processes.pilot import STOPPED
from rnnlab.sweeps.processes.ray_home import Home
from rnnlab.sweeps.processes.ray_pilot import Ended, log_name
from rnnlab.sweeps.specification import specification_of

_POLL = 0.5
"""Seconds between two polls of the session."""
_QUICK = 10.0
"""Seconds: a pilot that fails within them has trained nothing."""
_MOST_FAILURES = 3
"""So many such pilots in a row, and no other one is asked for."""
_PAUSE = 2.0
"""Seconds until another pilot is asked for, after one was lost."""
_FENCE = LEASE + 15.0
"""Seconds to wait for the claim of an owner whose node was lost."""


class Calls(Protocol):
    """What an owner asks of Ray."""

    def ask(self, number: int, kept: Kept) -> Any:
        """Ask for a pilot; what it is known by."""

    def gather(self, pilots: list[Any]) -> list[tuple[Any, Ended | None]]:
        """The pilots that have ended, and how; None: lost."""

    def wait(self, pilots: list[Any], seconds: float) -> None:
        """Wait until a pilot ends, or so long."""

    def forget(self, pilot: Any) -> None:
        """Call off a pilot that has yet to begin."""

    def room(self, options: RayOptions) -> int:
        """How many pilots the cluster has room for."""

    def end(self) -> None:
        """End the actor for good."""


class Owner:
    """Asks for a session's pilots until nothing is left to train, or a person has stopped it."""

    def __init__(self, session: Session, ray: Calls) -> None:
        self._session = session
        self._ray = ray
        self._pilots: dict[Any, int] = {}
        """Pilots that wait or run, with their numbers."""
        self._begun: dict[int, str] = {}
        """The node of each pilot that has begun."""
        self._survey = Survey(session)
        self.home = Home(session)
        """For nodes that do not see the session's folder."""
        self._failures = 0
        self._passed_over = self._waited = 0
        """Pilots that have found nothing to do since the number of runs that wait has changed; that number."""
        self._settled = False
        """Whether a pilot has found nothing left to do since the last one was lost."""
        self._not_before = 0.0
        self._written = Pilots(problem="?")
        self._problem = ""
        self._ready = threading.Event()
        self._taken = False
        specification = specification_of(session)
        self._adaptive = specification is not None and specification.adaptive
        threading.Thread(target=self._work, name="owner", daemon=True).start()

    def ready(self) -> str:
        """Why the session is not carried out; empty once it is."""
        self._ready.wait(_FENCE + 5)
        return self._problem or ("" if self._taken else "another process carries the session out")

    def begun(self, number: int, node: str) -> None:
        """Take note of the node on which a pilot has begun."""
        self._begun[number] = node

    def _work(self) -> None:
        try:
            kept: Kept | None = None
            while kept is None or (not self._problem and self._has_more(kept)):
                # A run that was queued after the last poll, by a process that still saw the claim, is found.
                claim = self._take()
                try:
                    kept = kept_by(self._session)
                    if kept is None:
                        self._problem = f"{NAME} is gone"
                        return
                    self._taken = True
                    self._ready.set()
                    self._carry_out(kept, claim)
                finally:
                    claim.release()
        except Claimed:
            self._taken = False
        except (ClaimLost, UsageError, OSError) as error:
            self._problem = str(error)
        finally:
            self.home.close()
            self._ready.set()
            time.sleep(_POLL)  # whoever waits for it to be ready has the answer
            self._ray.end()

    def _take(self) -> Claim:
        deadline = time.monotonic() + _FENCE
        while True:
            try:
                return Claim(self._session.path / STATE)
            except Claimed:
                if self._taken or time.monotonic() > deadline:
                    raise
                time.sleep(_POLL)

    def _has_more(self, kept: Kept) -> bool:
        waiting, live = self._count(1)
        return bool(waiting or live) and not is_stopped(self._session) and kept_by(self._session) == kept

    def _carry_out(self, kept: Kept, claim: Claim) -> None:
        while True:
            claim.check()
            self._gather()
            stopped, lends = is_stopped(self._session), self.home.lends()
            if stopped:
                self._forget_waiting()
            most = kept.options.array or max(1, self._ray.room(kept.options))
            if stopped or len(self._pilots) < most:
                waiting, live = self._count(most)
                self._check_passed_over(waiting)
                wanted = 0 if stopped else max(waiting, int(self._adaptive and not self._settled))
                if not self._pilots and stopped:
                    call_off_waiting(self._session.runs())
                if not self._pilots and not lends and (self._problem or (not wanted and (stopped or not live))):
                    self._write()
                    return
                if not self._problem and time.monotonic() >= self._not_before:
                    for _ in range(min(most, wanted) - len(self._pilots)):
                        self._ask(kept)
            self._write()
            self._ray.wait(list(self._pilots), _POLL)

    def _check_passed_over(self, waiting: int) -> None:
        """Give up on runs that every pilot leaves alone, for a reason that the owner does not see."""
        if waiting != self._waited:
            self._waited, self._passed_over = waiting, 0
        if waiting and not self._pilots and self._passed_over >= _MOST_FAILURES:
            self._problem = (
                f"pilots leave {waiting} run{'s' if waiting > 1 else ''} alone: see {self._session.path / log_name(0)}"
            )

    def _ask(self, kept: Kept) -> None:
        number = next(each for each in range(len(self._pilots) + 1) if each not in self._pilots.values())
        self._begun.pop(number, None)
        self._pilots[self._ray.ask(number, kept)] = number

    def _gather(self) -> None:
        for pilot, ended in self._ray.gather(list(self._pilots)):
            number = self._pilots.pop(pilot)
            self._begun.pop(number, None)
            self.home.lost(number)
            self._not_before = time.monotonic() + _PAUSE
            if ended is not None and ended.code == 0:
                self._failures, self._settled = 0, True
                self._passed_over += 1
                continue
            self._settled = False
            if ended is None or ended.code == STOPPED or ended.code < 0:
                continue  # its node or its process was lost
            self._failures = self._failures + 1 if ended.seconds < _QUICK else 1
            if self._failures >= _MOST_FAILURES:
                self._problem = ended.problem or self._why(number)

    def _why(self, number: int) -> str:
        path = self._session.path / log_name(number)
        lines = read_tail(path).strip().splitlines()
        return f"pilots end as soon as they are started ({lines[-1][:200] if lines else 'no message'}): see {path}"

    def _forget_waiting(self) -> None:
        for pilot, number in list(self._pilots.items()):
            if number not in self._begun:
                self._ray.forget(pilot)

    def _count(self, most: int) -> tuple[int, int]:
        """How many runs wait for a pilot, as many as matter; and how many are trained."""
        waiting = live = 0
        for run in list(self._survey.unfinished()):
            marks = marks_of(run)
            try:
                stands = standing(run)
                if stands.alive:
                    live += 1
                elif (
                    queued_here(run, stands.last)
                    if stands.state == "queued"
                    else stands.state == "dead" and made_here(run)
                ):
                    waiting += 1
                else:
                    self._survey.end(run, marks)
            except OSError:
                continue
            if waiting >= most:
                break
        return waiting, live

    def _write(self) -> None:
        nodes = tuple(self._begun[number] for number in sorted(self._pilots.values()) if number in self._begun)
        now = Pilots(nodes=nodes, waiting=len(self._pilots) - len(nodes), problem=self._problem)
        if now != self._written:
            self._written = now
            with contextlib.suppress(OSError):
                write_atomically(self._session.path / STATE, msgspec.json.encode(now) + b"\n")
