"""What runs on a Ray cluster: the owner of a session, a detached actor, and its pilots, tasks that it asks for.

Both are ordinary functions and classes here; `rnnlab.sweeps.processes.ray_submit` makes them Ray's. The owner keeps nothing in
mind: killed, and started again by Ray, it goes on from the session's folder. Ray retries nothing else: pilots resume runs, and
claims fence off what an earlier pilot may still do.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from rnnlab.claims import LEASE, Claim, Claimed, ClaimLost
from rnnlab.engines.allocation import RAY_CORES, RAY_PILOT
from rnnlab.engines.clusters.ray_engine import NAME, STATE, Kept, Pilots, RayOptions, kept_by, unseen
from rnnlab.engines.local import call_off_waiting
from rnnlab.engines.survey import Survey, marks_of
from rnnlab.errors import UsageError
from rnnlab.file_system import SHARED
from rnnlab.files import keep_others_from_writing
from rnnlab.machine import host
from rnnlab.runs.files import open_append, read_tail, write_atomically
from rnnlab.runs.folders import Session
from rnnlab.runs.liveness import made_here, standing
from rnnlab.sweeps.kept import is_stopped
from rnnlab.sweeps.processes.pilot import STOPPED
from rnnlab.sweeps.specification import specification_of

NAMESPACE = "rnnlab"
_POLL = 0.5
"""Seconds between two looks at the session."""
_QUICK = 10.0
"""Seconds: a pilot that fails within them has trained nothing."""
_MOST_FAILURES = 3
"""So many such pilots in a row, and no other one is asked for."""
_PAUSE = 2.0
"""Seconds until another pilot is asked for, after one was lost."""
_FENCE = LEASE + 15.0
"""Seconds to wait for the claim of an owner whose node was lost."""


@dataclass(frozen=True)
class Ended:
    """How a pilot ended: its exit code, how many seconds it took, and the sentence where it did not begin."""

    code: int
    seconds: float
    problem: str = ""


class Asked(msgspec.Struct, frozen=True):
    """What a pilot is asked for: the session's folder and identifier, the pilot's number and cores.

    `environment` is what it must know of the environment in which its runs were queued.
    """

    folder: str
    identifier: str
    number: int
    cpus: int
    environment: dict[str, str]


def pilot_task(asked: Asked, begun: Callable[[str], None]) -> Ended:
    """Carry out one pilot, in a process of its own, which ends when this task does. `begun` is told the node's name."""
    path = Path(asked.folder)
    with _environment(asked.environment):
        problem = unseen(Session(path), asked.identifier)
    if problem:
        return Ended(1, 0.0, problem)
    keep_others_from_writing()
    began = time.monotonic()
    log = open_append(path / log_name(asked.number), links="folder")
    lifeline, held = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnnlab.sweeps.processes.pilot", asked.folder],
            stdin=lifeline,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**_own(os.environ), **asked.environment, RAY_CORES: str(asked.cpus), RAY_PILOT: str(asked.number)},
            start_new_session=True,  # it ends by its standard input, once its runs are saved
        )
    finally:
        os.close(lifeline)
        os.close(log)
    try:
        begun(host())
        code = process.wait()
    finally:
        os.close(held)
    return Ended(code, time.monotonic() - began)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Environment variables of this process within: one of Ray's workers serves one session after the other."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name)
        os.environ.update(before)


def log_name(number: int) -> str:
    """The file of a session in which its pilot of this number says what it does."""
    return f"ray-{number}.log"


def _own(environment: os._Environ[str]) -> dict[str, str]:
    """The environment less what Ray tells its workers, tokens and addresses too: a pilot does not know of Ray."""
    return {name: value for name, value in environment.items() if not name.startswith("RAY_")}


class Owner:
    """Asks for a session's pilots until nothing is left to train, or a person has stopped it.

    `ask(number, kept)` asks Ray for a pilot and returns what it is known by; `gather(pilots)` returns those that have
    ended and how, None for one that was lost; `forget(pilot)` calls off one that has yet to begin; `room(options)` is how many
    pilots the cluster has room for; `end()` ends this actor for good.
    """

    def __init__(self, session: Session, ray: RayCalls) -> None:
        self._session = session
        self._ray = ray
        self._pilots: dict[Any, int] = {}
        """Pilots that wait or run, with their numbers."""
        self._begun: dict[int, str] = {}
        """The node of each pilot that has begun."""
        self._survey = Survey(session)
        self._failures = 0
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
                # A run that was queued after the last look, by a process that still saw the claim, is found.
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
            stopped = is_stopped(self._session)
            if stopped:
                self._forget_waiting()
            most = kept.options.array or max(1, self._ray.room(kept.options))
            if stopped or len(self._pilots) < most:
                waiting, live = self._count(most)
                wanted = 0 if stopped else max(waiting, int(self._adaptive and not self._settled))
                if not self._pilots and stopped:
                    call_off_waiting(self._session.runs())
                if not self._pilots and (self._problem or (not wanted and (stopped or not live))):
                    self._write()
                    return
                if not self._problem and time.monotonic() >= self._not_before:
                    for _ in range(min(most, wanted) - len(self._pilots)):
                        self._ask(kept)
            self._write()
            self._ray.wait(list(self._pilots), _POLL)

    def _ask(self, kept: Kept) -> None:
        number = next(each for each in range(len(self._pilots) + 1) if each not in self._pilots.values())
        self._begun.pop(number, None)
        self._pilots[self._ray.ask(number, kept)] = number

    def _gather(self) -> None:
        for pilot, ended in self._ray.gather(list(self._pilots)):
            number = self._pilots.pop(pilot)
            self._begun.pop(number, None)
            if ended is not None and ended.code == 0:
                self._failures, self._settled = 0, True
                continue
            self._settled = False
            self._not_before = time.monotonic() + _PAUSE
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
                elif stands.state in ("queued", "dead") and made_here(run):
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


class RayCalls:
    """What the owner asks of Ray, within the cluster: `handle` is the owner's own, as Ray has it."""

    def __init__(self, folder: str, environment: dict[str, str], name: str) -> None:
        self._folder = folder
        self._environment = {**environment, SHARED: "1"}
        self._name = name

    def ask(self, number: int, kept: Kept) -> Any:
        """Ask for a pilot; the reference to its outcome."""
        import ray

        owner = ray.get_actor(self._name, namespace=NAMESPACE)
        task = ray.remote(ray_pilot).options(
            num_cpus=kept.options.cpus,
            num_gpus=kept.options.gpus,
            max_retries=0,
            scheduling_strategy="SPREAD",
            name=f"rnnlab pilot {number}",
        )
        asked = Asked(self._folder, kept.identifier, number, kept.options.cpus, self._environment)
        return task.remote(asked, owner)

    def gather(self, pilots: list[Any]) -> list[tuple[Any, Ended | None]]:
        """The pilots that have ended, and how; None: lost."""
        import ray

        if not pilots:
            return []
        ended, _ = ray.wait(pilots, num_returns=len(pilots), timeout=0)
        found: list[tuple[Any, Ended | None]] = []
        for each in ended:
            try:
                found.append((each, ray.get(each)))
            except ray.exceptions.RayTaskError as error:  # the task's own fault
                found.append((each, Ended(1, 0.0, f"a pilot has failed: {error.cause}")))
            except ray.exceptions.RayError:
                found.append((each, None))
        return found

    def wait(self, pilots: list[Any], seconds: float) -> None:
        """Wait until a pilot ends, or so long."""
        import ray

        if pilots:
            ray.wait(pilots, num_returns=1, timeout=seconds)
        else:
            time.sleep(seconds)

    def forget(self, pilot: Any) -> None:
        """Call off a pilot that has yet to begin."""
        import ray

        ray.cancel(pilot, force=False)

    def room(self, options: RayOptions) -> int:
        """How many pilots the cluster has room for."""
        import ray

        there = ray.cluster_resources()
        found = int(there.get("CPU", 1) // options.cpus)
        return min(found, int(there.get("GPU", 0) // options.gpus)) if options.gpus else found

    def end(self) -> None:
        """End this actor for good."""
        import ray

        ray.kill(ray.get_actor(self._name, namespace=NAMESPACE), no_restart=True)


def ray_pilot(asked: Asked, owner: Any) -> Ended:
    """A task of Ray's: one pilot. `owner` is the handle of the owner."""

    def begun(node: str) -> None:
        owner.begun.remote(asked.number, node)

    return pilot_task(asked, begun)


class RayOwner:
    """An actor of Ray's: the owner of a session. `environment` is what its person's processes know."""

    def __init__(self, folder: str, identifier: str, name: str, environment: dict[str, str]) -> None:
        self._owner: Owner | None = None
        session = Session(Path(folder))
        os.environ.update({**environment, SHARED: "1"})
        keep_others_from_writing()
        self._problem = unseen(session, identifier)
        if not self._problem:
            self._owner = Owner(session, RayCalls(folder, environment, name))

    def ready(self) -> str:
        """Why the session is not carried out; empty once it is."""
        return self._owner.ready() if self._owner is not None else self._problem

    def begun(self, number: int, node: str) -> None:
        """Take note of the node on which a pilot has begun."""
        if self._owner is not None:
            self._owner.begun(number, node)
