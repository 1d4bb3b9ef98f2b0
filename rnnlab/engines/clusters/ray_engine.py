"""The Ray engine: a session's queue is carried out by pilots, tasks of a Ray cluster, that an actor of the cluster asks for.

The actor, the *owner* (`rnnlab.sweeps.processes.ray_owner`), outlives the program that began it. It holds the claim on
`ray.json`, where it says which pilots run: so everybody who sees the session's folder knows how it stands, and nothing here
imports Ray. The session keeps `ray.toml`, how pilots are asked for, which nobody but its owner can read.
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import msgspec

from rnnlab.claims import is_claimed
from rnnlab.engines.clusters.program import answer_of
from rnnlab.engines.clusters.signed import Signed, read_signed, write_signed
from rnnlab.errors import UsageError
from rnnlab.files import read_regular
from rnnlab.machine import host
from rnnlab.runs.folders import Session
from rnnlab.text.sanitise import plain

NAME, STATE = "ray.toml", "ray.json"
REFUSED = 2
"""The exit code of the program that asks for the owner where it has said why there is none."""
_LIMIT = 1 << 16
_ANSWER = 180.0
"""Seconds that Ray may take to answer: where it is started for this, as long as its imports on a busy machine."""
_ADDRESS = re.compile(r"auto|(ray://)?[\w.-]{1,253}(:\d{1,5})?|(ray://)?\[[0-9a-fA-F:.]{2,45}\]:\d{1,5}")
NOT_INSTALLED = "Ray is not installed here; install it with: pip install 'rnnlab[ray]'"


class RayOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How pilots are asked for: cores and GPUs of one, and most at once (0: as many as the cluster has room for).

    `address` is that of a cluster; empty: one that is started on this machine.
    """

    address: str = ""
    cpus: int = 1
    gpus: float = 0.0
    array: int = 0


class Kept(Signed, frozen=True, omit_defaults=True):
    """The contents of `ray.toml`: the options, and a random identifier, by which a node knows that it sees this very folder."""

    options: RayOptions
    identifier: str = ""

    def about(self) -> list[object]:
        """What is signed."""
        return ["rnnlab ray", self.options, self.identifier]


class Pilots(msgspec.Struct, frozen=True, omit_defaults=True):
    """The contents of `ray.json`: the nodes on which pilots run, how many wait for room, and what goes wrong."""

    nodes: tuple[str, ...] = ()
    waiting: int = 0
    problem: str = ""


def ray_installed() -> bool:
    """Whether the extra is there, found out without importing it."""
    return importlib.util.find_spec("ray") is not None


def check_options(options: RayOptions) -> RayOptions:
    """The options. Raises `UsageError` for what Ray could not take, and where it is not installed."""
    if options.address and not _ADDRESS.fullmatch(options.address):
        raise UsageError(
            "--ray-address is HOST:PORT of the cluster's head, ray://HOST:PORT, or auto on one of its nodes"
        )
    if options.gpus > 1 and options.gpus != int(options.gpus):
        raise UsageError(f"--gpus {options.gpus:g}: Ray shares one GPU, such as 0.5, or gives whole ones")
    if not ray_installed():
        raise UsageError(NOT_INSTALLED)
    return options


def kept_by(session: Session) -> Kept | None:
    """What the session keeps; None where it is carried out otherwise, or this person did not say so. Raises `UsageError`."""
    return read_signed(session.path / NAME, Kept)


def kept_options(session: Session) -> RayOptions | None:
    """How the session's pilots are asked for; None as in `kept_by`. Raises `UsageError`."""
    kept = kept_by(session)
    return kept.options if kept is not None else None


def unseen(session: Session, identifier: str) -> str:
    """Why this node cannot carry the session of this identifier out, in a sentence; empty where it can."""
    who = f"the node {host()}"
    try:
        kept = kept_by(session)
    except UsageError as error:
        return f"{who}: {error}"
    if kept is None and (session.path / NAME).exists():
        return f"{who} does not have your secret: the folder of RNNLAB_STATE must be one that all nodes share"
    if kept is None or kept.identifier != identifier:
        return (
            f"{who} does not see {session.path}: a node of the cluster must see the folder of sessions at that path "
            "(RNNLAB_SESSIONS)"
        )
    return ""


def keep_options(session: Session, options: RayOptions | None) -> None:
    """Have the session carried out by pilots that are asked for so; None: not by Ray. Raises `UsageError`."""
    if options is None:
        (session.path / NAME).unlink(missing_ok=True)
        return
    before = kept_by(session)
    identifier = before.identifier if before is not None else secrets.token_hex(8)
    write_signed(session.path / NAME, Kept(check_options(options), identifier))


def owner_alive(session: Session) -> bool:
    """Whether the actor lives that owns the session."""
    return is_claimed(session.path / STATE) is True


_asked: set[Path] = set()
"""Sessions whose owner this process has asked for."""


def ensure_owner(session: Session) -> None:
    """Have the cluster start the session's owner unless it lives. Returns once it does.

    Raises `UsageError` where Ray is not there or refuses; where this process asked before, also where that owner gave up.
    """
    if owner_alive(session):
        return
    if not ray_installed():
        raise UsageError(NOT_INSTALLED)
    if session.path in _asked and (problem := pilots_of(session).problem):
        _asked.discard(session.path)
        raise UsageError(f"Ray: {problem}")
    _asked.add(session.path)
    command = [sys.executable, "-P", "-m", "rnnlab.sweeps.processes.ray_submit", os.fspath(session.path.resolve())]
    try:
        done = answer_of(command, _ANSWER)
    except subprocess.TimeoutExpired:
        raise UsageError(f"Ray has not answered for {_ANSWER:.0f} seconds: is its cluster up?") from None
    if done.returncode:
        lines = plain(done.stderr).strip().splitlines() or [f"exit code {done.returncode}"]
        text = lines[-1] if done.returncode == REFUSED else f"Ray could not be asked: {lines[-1]}"
        raise UsageError(text[:500])


def pilots_of(session: Session) -> Pilots:
    """What the session's owner last said of its pilots."""
    try:
        return msgspec.json.decode(read_regular(session.path / STATE, _LIMIT, links="folder"), type=Pilots)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return Pilots()


def pilots_text(session: Session) -> str:
    """`Ray: 2 pilots run on n1, n2; 1 waits for room`."""
    found = pilots_of(session)
    problem = f"; {plain(found.problem)}" if found.problem else ""
    if not owner_alive(session):
        return f"Ray: no pilot waits or runs{problem}"
    parts = []
    if running := len(found.nodes):
        nodes = ", ".join(sorted({plain(node) for node in found.nodes}))
        parts.append(f"{running} {'pilots run' if running > 1 else 'pilot runs'} on {nodes}")
    if found.waiting:
        parts.append(f"{found.waiting} {'wait' if found.waiting > 1 else 'waits'} for room")
    return f"Ray: {'; '.join(parts) or 'its pilots are about to start'}{problem}"
