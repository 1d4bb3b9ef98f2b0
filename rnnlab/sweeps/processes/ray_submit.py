"""The program that asks a Ray cluster for the owner of a session: `python -m rnnlab.sweeps.processes.ray_submit SESSION`.

It is a process of its own, so that neither the app nor a command imports Ray, and returns once the owner lives. Exit code
`REFUSED`, and a sentence on stderr, where there is none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import sys
import time
from pathlib import Path
from typing import Any

from rnnlab.engines.clusters.ray_engine import REFUSED, RayOptions, kept_by
from rnnlab.engines.clusters.ray_head import local_address, own_environment
from rnnlab.errors import UsageError
from rnnlab.files import keep_others_from_writing
from rnnlab.machine import machine_id
from rnnlab.paths import CELLS
from rnnlab.runs.folders import Session
from rnnlab.runs.queue_entry import QUEUED_ON
from rnnlab.sweeps.processes.ray_actors import NAMESPACE, RayOwner, ray_sees

_VARIABLES = ("RNNLAB_DATA", "RNNLAB_STATE", "RNNLAB_CACHE", "XDG_STATE_HOME", "XDG_CACHE_HOME", CELLS)
"""What a pilot must know of the environment in which its runs were queued."""
_HOST_AND_PORT = re.compile(r"(ray://)?(?P<host>.+):(?P<port>\d+)")
_REACHED = 10.0
"""Seconds in which a cluster's head must take a connection."""
_TRIES = 3
_MOST_NODES = 8
"""Nodes that are asked whether they see the session's folder."""
_SEEN = 60.0
"""Seconds that they may take to say so: their first worker starts."""
_ANSWER = 120.0
"""Seconds that the owner may take to begin: it waits for the claim of one whose node was lost."""


def name_of(session: Session) -> str:
    """The name of the session's owner among the actors of a cluster."""
    about = f"{machine_id()} {session.path.resolve()}"
    return f"rnnlab-{hashlib.sha256(about.encode('utf-8', 'surrogateescape')).hexdigest()[:24]}"


def ensure(session: Session, identifier: str) -> None:
    """Have the owner live in the cluster that this process is connected to. Raises `UsageError` with the reason.

    Where some nodes do not see the session's folder it lives on one that does, and on no other.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    name = name_of(session)
    environment = {QUEUED_ON: machine_id()} | {key: os.environ[key] for key in _VARIABLES if os.environ.get(key)}
    seeing, others = _nodes_that_see(os.fspath(session.path), identifier, environment)
    there = NodeAffinitySchedulingStrategy(seeing[0], soft=False) if seeing and others else "DEFAULT"
    actor = ray.remote(RayOwner).options(
        name=name,
        namespace=NAMESPACE,
        lifetime="detached",
        get_if_exists=True,
        num_cpus=0,
        max_restarts=-1,
        max_task_retries=0,
        max_concurrency=8,
        scheduling_strategy=there,
    )
    for attempt in range(_TRIES):
        owner = actor.remote(os.fspath(session.path), identifier, name, environment)
        try:
            problem = ray.get(owner.ready.remote(), timeout=_ANSWER)
        except ray.exceptions.RayActorError as error:
            # It has just found nothing left to do, or its node was lost.
            if attempt == _TRIES - 1:
                raise UsageError(f"Ray cannot start the owner of the session: {_first_line(error)}") from None
            time.sleep(1.0)
            continue
        if problem:
            ray.kill(owner, no_restart=True)
            raise UsageError(f"Ray: {problem}")
        return


def _nodes_that_see(folder: str, identifier: str, environment: dict[str, str]) -> tuple[list[str], list[str]]:
    """Of the nodes, this one first, those that see the session's folder, and those that do not, or do not say."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = ray.get_runtime_context().get_node_id()
    nodes = sorted((str(each["NodeID"]) for each in ray.nodes() if each["Alive"]), key=lambda each: each != here)
    asked = {}
    for node in nodes[:_MOST_NODES]:
        there = NodeAffinitySchedulingStrategy(node, soft=False)
        task = ray.remote(ray_sees).options(num_cpus=0, max_retries=0, scheduling_strategy=there)
        asked[task.remote(folder, identifier, environment)] = node
    answered, _ = ray.wait(list(asked), num_returns=len(asked), timeout=_SEEN)
    seeing = []
    for each in answered:
        with contextlib.suppress(ray.exceptions.RayError):  # the node was lost
            if ray.get(each):
                seeing.append(asked[each])
    return sorted(seeing, key=lambda each: each != here), [each for each in asked.values() if each not in seeing]


def connect(options: RayOptions) -> Any:
    """Connect this process to the cluster, which is started where none is named. Raises `UsageError`."""
    address = options.address
    if not address:
        own = own_environment()
        os.environ.clear()
        os.environ.update(own)
        address = local_address()
    elif (found := _HOST_AND_PORT.fullmatch(address)) is not None:
        _check_reached(found["host"].strip("[]"), int(found["port"]))
    import ray

    # A client of `ray://` takes no other arguments.
    quiet = {} if address.startswith("ray://") else {"log_to_driver": False, "configure_logging": False}
    try:
        return ray.init(address=address, namespace=NAMESPACE, **quiet)
    except ImportError as error:
        raise UsageError(
            f"{_first_line(error)}: pip install 'ray[client]', or give the address without ray://"
        ) from None
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        # The address is left out: what is printed may be kept in a log.
        reason = _first_line(error).replace(address, "its address")
        raise UsageError(f"no Ray cluster answers: {reason}") from None


def _check_reached(host: str, port: int) -> None:
    """Raise `UsageError` where nothing listens there: Ray itself takes minutes to say so."""
    try:
        socket.create_connection((host, port), timeout=_REACHED).close()
    except OSError as error:
        raise UsageError(f"no Ray cluster answers at its address: {error.strerror or error}") from None


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__


def main(arguments: list[str]) -> int:
    """Ask for the owner of the session named on the command line."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m rnnlab.sweeps.processes.ray_submit SESSION\n")
        return 1
    keep_others_from_writing()
    session = Session(Path(arguments[0]))
    try:
        kept = kept_by(session)
        if kept is None:
            raise UsageError(f"{session.path} is not carried out by Ray")
        connect(kept.options)
        ensure(session, kept.identifier)
    except (UsageError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
