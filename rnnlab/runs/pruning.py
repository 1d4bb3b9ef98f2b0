"""Pruning: which weights of a run that has ended stay on disk (`runtime.keep`, `rnnlab prune`).

What is removed is first written to `pruned.json`, so that a run never lacks a file without saying why; log, configuration and
predictions always stay. A run that may still be resumed keeps what that needs, unless a person says otherwise.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from typing import Literal

import msgspec

from rnnlab.errors import UsageError
from rnnlab.files import read_regular, refuse_link, sync_folder
from rnnlab.locks import Locked, held
from rnnlab.runs.events import RunFailed, RunFinished
from rnnlab.runs.files import write_atomically
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.liveness import standing
from rnnlab.runs.log import lock_path
from rnnlab.runs.log_tail import DamagedLog, NewerLog, read_last

Keep = Literal["all", "best", "none"]
"""As `runtime.keep`: all weights and the state to resume from; the best weights; no weights."""
By = Literal["runtime.keep", "rnnlab prune", "rnnlab pack"]

FINAL = ("completed", "early-stopped", "diverged")
"""Outcomes after which nothing is left to train: resuming such a run needs more epochs, or is refused."""

REMOVED: dict[Keep, tuple[str, ...]] = {
    "all": (),
    "best": ("last.safetensors", "last.json", "resume.safetensors"),
    "none": ("last.safetensors", "last.json", "resume.safetensors", "best.safetensors"),
}
NAME = "pruned.json"
_LIMIT = 1 << 16


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """What was removed from a run's folder: bytes by file name, what is kept, by what, and when (Unix time)."""

    format: int = 1
    keep: Keep
    by: By
    wall: float = 0.0
    files: dict[str, int] = {}


class NotPruned(Exception):
    """The run keeps its files; the message says why, as the end of a sentence."""


def pruned_of(run: RunFolder) -> Pruned | None:
    """What was removed from the run's folder; None where nothing was, or what stands there cannot be read."""
    try:
        return msgspec.json.decode(read_regular(run.path / NAME, _LIMIT), type=Pruned)
    except (OSError, msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def pruned_text(run: RunFolder, name: str) -> str:
    """Why the file `name` is not in the run's folder, as a sentence; empty where it was not pruned."""
    pruned = pruned_of(run)
    if pruned is None or name not in pruned.files or os.path.lexists(run.path / name):
        return ""
    what = "the state to resume it from" if name == run.resume_path.name else "its weights"
    lasting = "all" if name == run.resume_path.name else "best"
    return f"{run.name} does not keep {what} ({cause_of(pruned)}); train it again with runtime.keep={lasting}"


def cause_of(pruned: Pruned) -> str:
    """What removed the files, in the words of the setting or the command."""
    commands = {"rnnlab prune": f"rnnlab prune --keep {pruned.keep}", "rnnlab pack": "rnnlab pack --no-weights"}
    return commands.get(pruned.by, f"runtime.keep = {pruned.keep}")


def removable(run: RunFolder, keep: Keep) -> dict[str, int]:
    """The files that go where only `keep` stays, with their bytes; links and what is no plain file are left alone.

    Raises `OSError` where a link stands in place of the run's folder or of the session's folder of runs.
    """
    refuse_link(run.path)
    refuse_link(run.path.parent)
    found = {}
    for name in REMOVED[keep]:
        with contextlib.suppress(FileNotFoundError):
            there = (run.path / name).lstat()
            if stat.S_ISREG(there.st_mode):
                found[name] = there.st_size
    return found


def remove_weights(run: RunFolder, keep: Keep, by: By) -> int:
    """Remove what `keep` does not keep of a run that has ended, whose log the caller holds; the bytes freed.

    Raises `OSError`.
    """
    files = removable(run, keep)
    if not files:
        return 0
    before = pruned_of(run)
    all_files = (before.files if before else {}) | files
    pruned = Pruned(keep=keep, by=by, wall=round(time.time(), 3), files=all_files)
    write_atomically(run.path / NAME, msgspec.json.encode(pruned) + b"\n")
    for name in files:
        (run.path / name).unlink(missing_ok=True)
    sync_folder(run.path)
    return sum(files.values())


def check_prunable(run: RunFolder, *, failed: bool) -> None:
    """Raise `NotPruned` where the run has not ended, or, without `failed`, may still be resumed."""
    try:
        stands = standing(run)
    except OSError as error:
        raise NotPruned(f"its log cannot be read ({error.strerror})") from None
    if stands.state != "ended" or stands.last is None:
        reason = {
            "queued": "it waits to be trained",
            "dead": "its process is gone, and it may be resumed",
            "damaged": f"its log cannot be read ({stands.problem})",
        }.get(stands.state, f"it is being trained{f' on {stands.host}' if stands.host else ''}")
        raise NotPruned(reason)
    event = stands.last.data
    if not failed and not (isinstance(event, RunFinished) and event.outcome in FINAL):
        how = event.outcome if isinstance(event, RunFinished) else "failed"
        raise NotPruned(f"it {'was stopped' if how == 'stopped' else how} and can be resumed; --failed prunes it, too")


def prune(run: RunFolder, keep: Keep, *, failed: bool) -> int:
    """Remove what `keep` does not keep of a run that has ended; the bytes freed.

    Raises `NotPruned` as `check_prunable`, and where another process holds its log; `OSError`, `UsageError`.
    """
    check_prunable(run, failed=failed)
    if not removable(run, keep):
        return 0
    try:
        with held(lock_path(run.events_path)):
            try:
                last = read_last(run.events_path)  # somebody may have had it resumed in between
            except (DamagedLog, NewerLog) as problem:
                raise UsageError(str(problem)) from None
            if last is None or not isinstance(last.data, RunFinished | RunFailed):
                raise NotPruned("it is being trained")
            return remove_weights(run, keep, "rnnlab prune")
    except Locked:
        raise NotPruned("it is being trained") from None
