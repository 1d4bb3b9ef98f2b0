"""Slots: how many threads may train at once in all sessions of a folder, one a core of this machine; and how many runs on a GPU.

A slot is a file that is locked while it is taken. The lock goes to the trainer with the open file and is let go by the kernel
when the trainer dies, so that neither the runner's end nor a kill leaves a slot taken. The files lie in a folder beside the
sessions, one for each user, which nobody else may enter, or they could hold up that user's runs: a folder or a file of
another user, or one that others may open, is not used. They bear the machine's name: machines that share the folder do not
share the cores.
"""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import re
import stat
from pathlib import Path

from rnnlab.cores import cores
from rnnlab.errors import UsageError
from rnnlab.files import NotOpened, refuse_link
from rnnlab.locks import Locked, acquire
from rnnlab.runs.folders import Session

GPU_RUNS = 2
"""Runs that train at once on one GPU, unless a session says otherwise. A small net leaves most of a GPU idle between its
kernels, so two get more out of it than one; each one more takes memory, which nobody can know beforehand."""


class NoSlot(Exception):
    """Too few slots are free."""


class NoLocks(Exception):
    """The folder of slots takes no files or no locks, or it is not this user's alone. The message is `slots_problem`'s."""


def take_slots(session: Session, wanted: int) -> list[int]:
    """Lock so many slots (at most all there are) and return their open files, to be passed on and closed.

    Raises `NoSlot` where fewer are free, and `NoLocks`; then none is taken.
    """
    return _take(session, "", cores(), wanted)


def take_gpu(session: Session, gpu: str, runs: int | None) -> list[int]:
    """Lock one of so many slots (None: `GPU_RUNS`) of a GPU of this machine. Raises as `take_slots` does."""
    return _take(session, re.sub(r"[^\w.-]", "-", gpu) + "-", runs or GPU_RUNS, 1)


def _take(session: Session, kind: str, total: int, wanted: int) -> list[int]:
    folder = slots_folder(session)
    machine = re.sub(r"[^\w.-]", "-", platform.node()) or "machine"
    taken: list[int] = []
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        _check_private(folder)
        for number in range(total):
            if len(taken) == min(wanted, total):
                break
            if (file := _lock(folder / f"{machine}-{kind}{number}")) is not None:
                taken.append(file)
    except OSError as error:
        release(taken)
        raise NoLocks(_unusable(folder, error)) from None
    if len(taken) < min(wanted, total):
        release(taken)
        raise NoSlot
    return taken


def slots_folder(session: Session) -> Path:
    """The folder of this user's slots for all sessions beside this one."""
    return session.path.resolve().parent / f".slots-{os.geteuid()}"


def slots_problem(session: Session) -> str:
    """Why this user's sessions do not share the cores, and what to do, in one sentence; empty where they do."""
    folder = slots_folder(session)
    try:
        if session.info().slots is not None:
            return ""  # it has slots of its own
    except UsageError:
        pass
    try:
        _check_private(folder)
        for file in folder.iterdir():
            _check_private(file)
    except FileNotFoundError:
        return ""  # it is made for the first run
    except OSError as error:
        return _unusable(folder, error)
    return ""


def release(files: list[int]) -> None:
    """Close the files; a slot is free again when nobody has its file open."""
    for file in files:
        os.close(file)


def _lock(path: Path) -> int | None:
    with contextlib.suppress(FileNotFoundError):
        _check_private(path)
    try:
        return acquire(path, patience=0.0)
    except Locked:
        return None


def _check_private(path: Path) -> None:
    """Raise `NotOpened` where another user owns what stands at `path`, or may open it: they could hold its lock for ever."""
    refuse_link(path)
    found = path.lstat()
    if found.st_uid != os.geteuid():
        raise NotOpened(errno.EPERM, "it belongs to another user", str(path))
    if stat.S_IMODE(found.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise NotOpened(errno.EPERM, "other users may open it", str(path))


def _unusable(folder: Path, error: OSError) -> str:
    return (
        f"{error.filename or folder} is not used ({error.strerror}): each session keeps to the cores by itself, beside what "
        f"other sessions train; to have them take turns, delete {folder}"
    )
