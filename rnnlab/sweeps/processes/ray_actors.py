"""What runs on a Ray cluster, as Ray has it: the owner of a session, a detached actor, and the tasks that are its pilots.

`rnnlab.sweeps.processes.ray_submit` starts the actor. Ray retries no task: pilots resume runs, and claims fence off what an
earlier pilot may still do.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from rnnlab.engines.clusters.ray_engine import Kept, RayOptions, unseen
from rnnlab.file_system import SHARED
from rnnlab.files import keep_others_from_writing
from rnnlab.runs.folders import Session
from rnnlab.sweeps.processes.ray_away import HomeLost, away_task
from rnnlab.sweeps.processes.ray_home import Lent, Taken
from rnnlab.sweeps.processes.ray_owner import Owner
from rnnlab.sweeps.processes.ray_pilot import Asked, Ended, environment_of, pilot_task

NAMESPACE = "rnnlab"
_OWNER_BACK = 120.0
"""Seconds that a node waits for an owner that was lost to be started again."""


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


def ray_sees(folder: str, identifier: str, environment: dict[str, str]) -> bool:
    """A task of Ray's: whether its node sees the session's folder."""
    with environment_of(environment):
        return not unseen(Session(Path(folder)), identifier)


def ray_pilot(asked: Asked, owner: Any) -> Ended:
    """A task of Ray's: one pilot. `owner` is the handle of the owner."""

    def begun(node: str) -> None:
        owner.begun.remote(asked.number, node)

    if ray_sees(asked.folder, asked.identifier, asked.environment):
        return pilot_task(asked, begun)
    return away_task(asked, begun, _HomeCalls(owner))


class _HomeCalls:
    """What a node that does not see the session's folder asks of its owner, which may be away while it is started again."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    def _ask(self, method: str, *arguments: Any) -> Any:
        import ray

        deadline = time.monotonic() + _OWNER_BACK
        while True:
            try:
                return ray.get(self._owner.home.remote(method, *arguments), timeout=_OWNER_BACK)
            except (ray.exceptions.RayActorError, ray.exceptions.GetTimeoutError) as error:
                if time.monotonic() > deadline:
                    raise HomeLost(f"the owner of the session does not answer ({type(error).__name__})") from None
                time.sleep(1.0)

    def lend(self, pilot: int) -> Lent | None:
        """A run that waits."""
        lent: Lent | None = self._ask("lend", pilot)
        return lent

    def fetch(self, run: str, attempt: int, name: str, offset: int) -> bytes:
        """A chunk of one of its files."""
        return bytes(self._ask("fetch", run, attempt, name, offset))

    def take(self, run: str, attempt: int, lines: bytes, commands_at: int) -> Taken:
        """Lines of its log."""
        taken: Taken = self._ask("take", run, attempt, lines, commands_at)
        return taken

    def put(self, run: str, attempt: int, name: str, offset: int, data: bytes, last: bool) -> bool:
        """A chunk of a file."""
        return bool(self._ask("put", run, attempt, name, offset, data, last))

    def done(self, run: str, attempt: int) -> None:
        """The end of the attempt."""
        self._ask("done", run, attempt)


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

    def home(self, method: str, *arguments: Any) -> Any:
        """What `Home` gives: for nodes that do not see the session's folder."""
        assert self._owner is not None
        return getattr(self._owner.home, method)(*arguments)
