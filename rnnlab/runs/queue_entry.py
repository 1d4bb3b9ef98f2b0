"""`queued.json` in a run's folder: who queued the run, with which settings, signed with a secret of the person's.

A folder from elsewhere has no entry that this person's secret made on this machine, so nothing in it is trained unasked. The
signature is over the settings, not over a place: a session may be moved or copied. Settings that were changed since are others
than those that were signed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rnnlab.catalog.models.own_cells import chosen_cell, known
from rnnlab.config.changed import changed_settings
from rnnlab.config.tree import RunConfig
from rnnlab.errors import UsageError
from rnnlab.files import read_regular
from rnnlab.machine import machine_id
from rnnlab.runs.commit import commit_of
from rnnlab.runs.files import write_atomically
from rnnlab.runs.secret import secret

CELL_LIMIT = 1 << 20
"""Bytes of a person's file of cells."""
NAME = "queued.json"
QUEUED_ON = "RNNLAB_QUEUED_ON"
"""In a job that a person submitted to a cluster: the identifier of the machine where they queued its runs. It is no secret, and
signs nothing without the person's own."""
_LIMIT = 1 << 18
_ARGUMENTS, _LENGTH = 200, 1000
"""Words of a command line that are kept, and characters of each."""
_ADDRESS = "--ray-address"
_LEFT_OUT = "runtime.threads"
"""Where it is left to rnnlab, the number found out stands in the log."""


class QueuedCell(msgspec.Struct, frozen=True):
    """The file of a person's own that defines the run's cell: its absolute path, and its SHA-256 when the run was queued."""

    path: str
    sha256: str


class QueueEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who queued the run, and as what.

    `config` is the digest of the settings, `argv` the command that queued the run, `commit` what git had checked out where it
    was given, `wall` Unix time. `pause_after` is the epoch after which its sweep has it pause; 0: it trains to its end.
    """

    config: str
    argv: tuple[str, ...] = ()
    commit: str = ""
    wall: float = 0.0
    pause_after: int = 0
    before: str = ""
    """The digest of its settings before it was asked to train further; empty where they are those of `config`."""
    cell: QueuedCell | None = None
    """The one file that the run's trainer imports; None: its cell comes with rnnlab."""
    signature: str = ""


def write_entry(folder: Path, config: RunConfig, *, before: RunConfig | None = None, pause_after: int = 0) -> None:
    """Say in the run's folder that this person queued it here with these settings; `pause_after` as in `QueueEntry`.

    `before`: what it was trained with, where it is to be trained further: it goes by that again where that does not begin.

    Raises `UsageError`, `OSError`.
    """
    entry = QueueEntry(
        config=digest(config),
        argv=_own_command(),
        commit=_commit_here(),
        wall=round(time.time(), 3),
        pause_after=pause_after,
        before="" if before is None or digest(before) == digest(config) else digest(before),
        cell=cell_of(config),
    )
    signed = msgspec.structs.replace(entry, signature=_signature(entry))
    write_atomically(folder / NAME, msgspec.json.encode(signed) + b"\n")


def cell_of(config: RunConfig) -> QueuedCell | None:
    """The file of the run's cell, where it is a person's own and they chose the file.

    Raises `UsageError` where they did not, and where the file was changed since.
    """
    cell = known(config.model.name)
    if cell is None:
        return None
    chosen = chosen_cell(cell)
    try:
        found = hashlib.sha256(read_regular(chosen.path, CELL_LIMIT, links="follow")).hexdigest()
    except OSError as error:
        raise UsageError(f"{chosen.path} cannot be read: {error.strerror}") from None
    if found != chosen.cell.sha256:
        raise UsageError(f"{chosen.path} was changed since it was read: start rnnlab again")
    return QueuedCell(str(chosen.path), found)


def read_entry(folder: Path) -> QueueEntry | None:
    """The entry in the run's folder; None where there is none that this person made on this machine."""
    try:
        entry = msgspec.json.decode(read_regular(folder / NAME, _LIMIT), type=QueueEntry)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None
    unsigned = msgspec.structs.replace(entry, signature="")
    try:
        return entry if hmac.compare_digest(_signature(unsigned), entry.signature) else None
    except (UnicodeError, TypeError, UsageError):  # a signature that is none; nowhere to keep a secret
        return None


def is_queued_as(entry: QueueEntry, config: RunConfig) -> bool:
    """Whether the entry is for these settings, or they are those that it had before it was to be trained further."""
    return digest(config) in (entry.config, entry.before)


def digest(config: RunConfig) -> str:
    """SHA-256 of the settings that are not at their defaults: one that a later version adds changes nothing."""
    changed = {key: value for key, value in changed_settings(config).items() if key != _LEFT_OUT}
    return hashlib.sha256(msgspec.json.encode(changed)).hexdigest()


def _signature(unsigned: QueueEntry) -> str:
    machine = os.environ.get(QUEUED_ON) or machine_id()
    about = msgspec.json.encode(["rnnlab queue entry", machine, unsigned])
    return hmac.new(secret(), about, hashlib.sha256).hexdigest()


def _own_command() -> tuple[str, ...]:
    """The command line of this process where it is rnnlab's; another program's may hold anything, and is left out."""
    program = Path(sys.argv[0]) if sys.argv else Path()
    if program.name == "__main__.py":
        program = program.parent
    if program.name != "rnnlab":
        return ()
    arguments = ("rnnlab", *_without_address(sys.argv[1 : _ARGUMENTS + 1]))
    return tuple(argument[:_LENGTH].encode("utf-8", "backslashreplace").decode() for argument in arguments)


def _without_address(words: list[str]) -> Iterator[str]:
    """The words less the address of a cluster, where whoever reaches it may run programs: no log shows it."""
    left_out = False
    for word in words:
        if not left_out and not word.startswith(_ADDRESS):
            yield word
        left_out = not left_out and word == _ADDRESS


def _commit_here() -> str:
    try:
        return commit_of(Path(os.getcwd()))  # noqa: PTH109 - it may have been removed
    except OSError:
        return ""
