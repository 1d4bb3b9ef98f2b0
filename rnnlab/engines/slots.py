"""Slots: how many threads may train at once in all sessions of a folder, one a core of this machine; and how many runs on a GPU.

A slot is a file that is locked while it is taken. The lock goes to the trainer with the open file and is let go by the kernel
when the trainer dies, so that neither the runner's end nor a kill leaves a slot taken. The files lie in a folder beside the
sessions, one for each user, which nobody else may enter, or they could hold up that user's runs. They bear the machine's
name: machines that share the folder do not share the cores.
"""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

from rnnlab.cores import cores
from rnnlab.locks import Locked, acquire
from rnnlab.runs.folders import Session

GPU_RUNS = 2
"""Runs that train at once on one GPU, unless a session says otherwise. A small net leaves most of a GPU idle between its
kernels, so two get more out of it than one; each one more takes memory, which nobody can know beforehand."""


class NoSlot(Exception):
    """Too few slots are free."""


class NoLocks(Exception):
    """The folder of sessions takes no files, or no locks."""


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
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in range(total):
            if len(taken) == min(wanted, total):
                break
            if (file := _lock(folder / f"{machine}-{kind}{number}")) is not None:
                taken.append(file)
    except OSError:
        release(taken)
        raise NoLocks from None
    if len(taken) < min(wanted, total):
        release(taken)
        raise NoSlot
    return taken


def slots_folder(session: Session) -> Path:
    """The folder of this user's slots for all sessions beside this one."""
    return session.path.resolve().parent / f".slots-{os.geteuid()}"


def release(files: list[int]) -> None:
    """Close the files; a slot is free again when nobody has its file open."""
    for file in files:
        os.close(file)


def _lock(path: Path) -> int | None:
    try:
        return acquire(path, patience=0.0)
    except Locked:
        return None
