"""A pilot on Ray: a process that a task of Ray's starts on its node, and that ends with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rnnlab.engines.allocation import RAY_CORES, RAY_PILOT
from rnnlab.engines.clusters.ray_engine import unseen
from rnnlab.files import keep_others_from_writing
from rnnlab.machine import host
from rnnlab.runs.files import open_append
from rnnlab.runs.folders import Session


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
    """Carry out one pilot, in a process of its own, which ends when this task does. `begun` is called with the node's name."""
    path = Path(asked.folder)
    with environment_of(asked.environment):
        problem = unseen(Session(path), asked.identifier)
    if problem:
        return Ended(1, 0.0, problem)
    keep_others_from_writing()
    began = time.monotonic()
    with started_pilot(Session(path), asked, asked.environment) as process:
        begun(host())
        code = process.wait()
    return Ended(code, time.monotonic() - began)


@contextmanager
def started_pilot(session: Session, asked: Asked, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A pilot that carries the session out, in a process that saves its runs and ends when this one does, or the context."""
    log = open_append(session.path / log_name(asked.number), links="folder")
    lifeline, held = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnnlab.sweeps.processes.pilot", os.fspath(session.path)],
            stdin=lifeline,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**_own(os.environ), **variables, RAY_CORES: str(asked.cpus), RAY_PILOT: str(asked.number)},
            start_new_session=True,  # it ends by its standard input, once its runs are saved
        )
    finally:
        os.close(lifeline)
        os.close(log)
    try:
        yield process
    finally:
        os.close(held)


@contextmanager
def environment_of(variables: dict[str, str]) -> Iterator[None]:
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
