"""Locks between processes: an empty file beside what it guards, locked for as long as its holder lives.

The kernel lets a lock go when the process dies, however it dies. Lock files have mode 0600: whoever can open a
file can lock it, so a file that others may read would let them hold up its owner.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rnnlab.claims import Claim, Claimed, is_claimed
from rnnlab.file_system import is_shared
from rnnlab.files import Links, open_regular

PATIENCE = 0.5
"""Seconds to insist on a lock: a reader that asks `is_locked` holds it for an instant."""
_RETRY = 0.01
_TAKEN = (errno.EAGAIN, errno.EACCES)
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)
"""How a file system says that it has no locks."""


class Locked(Exception):
    """Another process holds the lock."""


def acquire(path: Path, patience: float = PATIENCE, *, links: Links = "refuse") -> int:
    """The open lock file at `path`, made where it is not there, locked; close it to let go.

    `links` is as in `open_regular`. Raises `Locked` where another process still holds it after `patience` seconds,
    `OSError` where the file cannot be opened or the file system has no locks.
    """
    deadline = time.monotonic() + patience
    while True:
        # Opened anew each time: the file may have been removed, or replaced, by whoever held it.
        file = open_regular(path, os.O_RDWR | os.O_CREAT, 0o600, links=links)
        try:
            _make_private(file)
            taken = try_lock(file)
            if taken and is_at(file, path):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)
        if not taken:
            if time.monotonic() > deadline:
                raise Locked
            time.sleep(_RETRY)


@contextmanager
def held(path: Path, patience: float = PATIENCE, *, links: Links = "refuse") -> Iterator[int]:
    """The lock at `path` is held within; its open file. Raises as `acquire` does.

    In a folder that other machines share there is a claim on it too, as locks do not reach all of them.
    """
    shared = is_shared(path.parent)
    try:
        file = acquire(path, patience, links=links)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        shared = True
        file = open_regular(path, os.O_RDWR | os.O_CREAT, 0o600, links=links)
    try:
        with claimed(path, patience) if shared else contextlib.nullcontext():
            yield file
    finally:
        os.close(file)


def is_enough(file: int, path: Path) -> bool:
    """Whether the lock on an open file that this process has locked keeps everybody else out; else a claim does."""
    try:
        return not is_shared(path.parent) and try_lock(file)
    except OSError:
        return False


@contextmanager
def claimed(path: Path, patience: float) -> Iterator[None]:
    """The claim on `path` is held within. Raises `Locked` where another one still has it after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            claim = Claim(path)
            break
        except Claimed:
            if time.monotonic() > deadline:
                raise Locked from None
            time.sleep(_RETRY)
    try:
        yield
    finally:
        claim.release()


def try_lock(file: int) -> bool:
    """Whether the open file could be locked at once. Raises `OSError` where the file system has no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


def is_locked(path: Path, *, links: Links = "refuse") -> bool:
    """Whether a living process holds the lock at `path`, or the claim on it.

    False where there is no such file, or none that may be opened.
    """
    return _is_locked(path, links) or is_claimed(path) is True


def _is_locked(path: Path, links: Links) -> bool:
    try:
        file = open_regular(path, os.O_RDONLY, links=links)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _TAKEN
    finally:
        os.close(file)
    return False


def _make_private(file: int) -> None:
    """Files of earlier versions were open to everybody."""
    found = os.fstat(file)
    if stat.S_IMODE(found.st_mode) != 0o600 and found.st_uid == os.geteuid():
        os.fchmod(file, 0o600)


def is_at(file: int, path: Path) -> bool:
    """Whether the open file is the one that stands at `path`."""
    try:
        return os.path.samestat(os.fstat(file), path.lstat())
    except OSError:
        return False
