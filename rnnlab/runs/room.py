"""Room on a disk that may be full: setting it aside for a file, and telling whether there is any."""

from __future__ import annotations

import contextlib
import errno
import os
from functools import cache
from pathlib import Path
from typing import Any

RESERVE = 16 << 10
"""Bytes set aside beyond a log's end. A last event has at most about 10,000: a failure with the end of its traceback."""
_BLOCK = 4096
_KEEP_SIZE = 1
"""`FALLOC_FL_KEEP_SIZE`: the file does not become longer."""
_NOT_HERE = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.ENODEV, errno.EPERM, errno.ESPIPE)

NO_ROOM = "the disk is full"
FULL = {errno.ENOSPC: NO_ROOM, errno.EDQUOT: "the disk quota is used up"}
"""Refusals that end when somebody makes room."""


def is_full(error: OSError) -> bool:
    """Whether a write was refused for want of room, so that it may succeed later."""
    return error.errno in FULL


def full_text(error: OSError) -> str:
    """`the disk is full (resume.safetensors)`."""
    name = f" ({Path(os.fsdecode(error.filename)).name})" if error.filename else ""
    return FULL[error.errno or errno.ENOSPC] + name


def has_room(folder: Path) -> bool:
    """Whether a log could be begun in the folder; True where that cannot be known, as on some network file systems."""
    try:
        found = os.statvfs(folder)
    except (OSError, AttributeError):
        return True
    free = found.f_bfree if os.geteuid() == 0 else found.f_bavail
    return not found.f_blocks or free * found.f_frsize >= RESERVE + _BLOCK


def probe(folder: Path) -> None:
    """Raise `OSError` where the disk of the folder is full: its free space and then a write must agree."""
    if has_room(folder):
        return
    path = folder / f".probe.{os.getpid()}.tmp"
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            write_all(file, bytes(_BLOCK), 0)
        finally:
            os.close(file)
    except OSError as error:
        if is_full(error):
            raise OSError(error.errno, error.strerror) from None
    finally:
        path.unlink(missing_ok=True)


def write_all(file: int, data: bytes, at: int) -> None:
    """Write all of `data` from byte `at` on. A full disk takes a part first and refuses only then: raises `OSError`."""
    written = 0
    while written < len(data):
        written += os.pwrite(file, data[written:], at + written)


def allocate(file: int, start: int, size: int) -> bool:
    """Set `size` bytes of the disk aside for an open file from byte `start` on; its length stays as it is.

    False where the file system, or the operating system, cannot. Raises `OSError` where there is no room.
    """
    call = _fallocate()
    if call is None:
        return False
    while call(file, _KEEP_SIZE, start, size) != 0:
        code = _errno()
        if code in _NOT_HERE:
            return False
        if code != errno.EINTR:
            raise OSError(code, os.strerror(code))
    return True


@cache
def _fallocate() -> Any:
    # Python's `os.posix_fallocate` makes the file longer, which its readers would see.
    try:
        import ctypes

        call = ctypes.CDLL(None, use_errno=True).fallocate64
        call.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    except (ImportError, OSError, AttributeError):
        return None
    return call


def _errno() -> int:
    import ctypes

    return ctypes.get_errno()


class Reserve:
    """Room that a log holds beyond its end, so that its last event can be written on a full disk.

    Where the file system cannot set room aside, a file of that size stands beside the log and is removed when the room is
    needed; another process may then be quicker.
    """

    def __init__(self, file: int, path: Path) -> None:
        self._file = file
        self._spare = path.with_suffix(".spare")
        self._held = 0
        """Up to which byte of the file there is room."""
        self._allocates = True

    def ensure(self, end: int) -> None:
        """See that there is room up to byte `end`, and the reserve beyond it. Raises `OSError`: then nothing was written."""
        wanted = end + RESERVE
        if wanted <= self._held:
            return
        if wanted > _size_limit():
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        until = -(-wanted // _BLOCK) * _BLOCK
        start = max(self._held, os.fstat(self._file).st_size)
        self._allocates = self._allocates and allocate(self._file, start, until - start)
        if not self._allocates:
            self._keep_spare()
        self._held = until

    def lost(self) -> None:
        """What was held is gone: the file was truncated."""
        self._held = 0

    def spend(self) -> bool:
        """Give up the file beside the log for what is to be written now; whether there was one."""
        self._held = 0
        try:
            self._spare.unlink()
        except OSError:
            return False
        return True

    def release(self, end: int) -> None:
        """Give back what lies beyond byte `end`, where the file ends."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, end)
            self._spare.unlink()

    def _keep_spare(self) -> None:
        try:
            file = os.open(self._spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            return
        try:
            write_all(file, bytes(RESERVE), 0)
        except OSError:
            self._spare.unlink(missing_ok=True)
            raise
        finally:
            os.close(file)


def _size_limit() -> float:
    """Bytes that a file of this process may have (`ulimit -f`)."""
    try:
        import resource
    except ImportError:
        return float("inf")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return float("inf") if limit == resource.RLIM_INFINITY else limit
