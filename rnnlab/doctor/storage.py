"""Folders that rnnlab writes to: sessions, data, what it keeps; whether there is room and whether locks hold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.doctor.finding import Finding
from rnnlab.errors import UsageError
from rnnlab.file_system import SHARED, is_shared, kind_of
from rnnlab.locks import try_lock
from rnnlab.runs.folders import sessions_root
from rnnlab.runs.secret import state_root
from rnnlab.tasks.download.data_folders import data_root, is_here
from rnnlab.text.numbers import figure

_LITTLE = 1 << 30
"""Bytes free under which a warning is given: a session of a hundred runs has about as many."""
_HOLDER = (
    "import fcntl,sys\nfile=open(sys.argv[1],'r+')\nfcntl.flock(file,fcntl.LOCK_EX|fcntl.LOCK_NB)\nprint('held',flush=True)\n"
    "sys.stdin.read()"
)
"""Program that holds a lock until it is ended."""
_SECONDS = 10.0


def sessions() -> Finding:
    """Whether runs can be kept where they would be, and how much room there is."""
    try:
        root = sessions_root().absolute()
    except UsageError as error:
        return Finding(
            "sessions", "problem", str(error), "no run can be started or listed", "set RNNLAB_SESSIONS to a folder"
        )
    there = existing(root)
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"x")
            file.flush()
        free = shutil.disk_usage(there).free
    except OSError as error:
        return Finding(
            "sessions", "problem", f"{there} cannot be written ({error.strerror or error})", "no run can be started here",
            "choose another folder with RNNLAB_SESSIONS=FOLDER, or make room",
        )  # fmt: skip
    found = f"{root}{'' if root.is_dir() else ' (made with the first run)'}, {figure(free / 1e9)} GB free"
    if free < _LITTLE:
        return Finding(
            "sessions", "warning", found, "runs wait when the disk is full, and go on when there is room again",
            "rnnlab prune --help: weights of runs that have ended",
        )  # fmt: skip
    return Finding("sessions", "ok", found)


def locks() -> Finding:
    """Whether the file system of the sessions keeps locks between processes, tried with another process."""
    try:
        there = existing(sessions_root().absolute())
    except UsageError:
        return Finding("locks", "warning", "not tried: there is no folder for sessions")
    system = kind_of(there) or "this file system"
    claims = "a log has one writer by a claim beside it; a run whose machine is lost goes on after 30 s"
    try:
        holds, frees = _try_locks(there)
    except (OSError, subprocess.SubprocessError) as error:
        why = getattr(error, "strerror", None) or error
        return Finding("locks", "warning", f"{there} ({system}): no lock can be taken ({why})", claims)
    if not (holds and frees):
        what = "a lock that one process holds is given to another" if not holds else "a lock outlives its process"
        if is_shared(there):
            return Finding("locks", "warning", f"{there} ({system}): {what}", claims)
        return Finding(
            "locks", "problem", f"{there} ({system}): {what}", "two processes could train one run and spoil its log",
            f"set {SHARED}=1, or keep sessions on another disk: RNNLAB_SESSIONS=FOLDER",
        )  # fmt: skip
    if is_shared(there):
        return Finding("locks", "ok", f"hold between processes on {system}, which machines may share: {claims}")
    return Finding("locks", "ok", f"hold between processes on {system}")


def _try_locks(folder: Path) -> tuple[bool, bool]:
    """Whether a lock of another process holds, and whether it goes with the process. Raises `OSError`, `SubprocessError`."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".rnnlab-doctor-") as file:
        holder = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _HOLDER, file.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        with holder:
            try:
                assert holder.stdout is not None
                if holder.stdout.readline() != b"held\n":
                    assert holder.stderr is not None
                    last = holder.stderr.read().decode(errors="replace").strip().splitlines()
                    raise OSError(last[-1] if last else "the process that should hold it ended")
                holds = not try_lock(file.fileno())
            finally:
                holder.kill()
                holder.wait(_SECONDS)
        return holds, try_lock(file.fileno())


def data() -> Finding:
    """Which of the data sets that have to be fetched are here."""
    fetched = [card for card in TASKS.values() if card.found_by]
    try:
        root = data_root().absolute()
        here = [card.name for card in fetched if is_here(card)]
    except (UsageError, OSError) as error:
        return Finding(
            "data", "problem", str(error), "tasks with data sets cannot be trained", "set RNNLAB_DATA to a folder"
        )
    missing = [card.name for card in fetched if card.name not in here]
    if not here:
        return Finding(
            "data", "warning", f"none of {len(fetched)} data sets in {root}",
            f"tasks whose data are made here need none ({len(TASKS) - len(fetched)} of {len(TASKS)})",
            "rnnlab data fetch names, or say where they are: RNNLAB_DATA=FOLDER",
        )  # fmt: skip
    found = f"{', '.join(here)} in {root}"
    if missing:
        return Finding("data", "ok", found, f"not here: {', '.join(missing)} (rnnlab data fetch NAME)")
    return Finding("data", "ok", found)


def state() -> Finding:
    """Whether the secret that signs queued runs can be kept: without it runs of before are a stranger's."""
    try:
        root = state_root()
    except (OSError, RuntimeError) as error:
        return Finding(
            "state", "problem", str(error), "no run can be queued", "set RNNLAB_STATE to a folder of your own"
        )
    there = existing(root.absolute())
    if os.access(there, os.W_OK | os.X_OK):
        return Finding("state", "ok", str(root))
    return Finding(
        "state", "warning", f"{there} cannot be written",
        "the secret that signs queued runs is kept in the folder for temporary files: after a restart of the machine runs that "
        "wait have to be confirmed",
        "set RNNLAB_STATE to a folder of your own",
    )  # fmt: skip


def existing(path: Path) -> Path:
    """The path itself or the nearest folder above it that is there."""
    while not path.is_dir() and path != path.parent:
        path = path.parent
    return path
