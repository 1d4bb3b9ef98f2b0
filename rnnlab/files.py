"""Opening files that a stranger may have put there: no links, no pipes, no devices, and not more bytes than were expected."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Literal

Links = Literal["refuse", "folder", "follow"]
"""Which symbolic links may be gone through: none; one that is the file's folder; any."""

_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_WRITING = os.O_WRONLY | os.O_RDWR


class NotOpened(OSError):
    """What stands at a path is not a plain file of a size to be expected, so it was not opened, or not read."""


def keep_others_from_writing() -> None:
    """Let nothing that this process or its children make be writable for others, whatever the umask they were given."""
    os.umask(os.umask(0o022) | 0o022)


def open_regular(path: Path, flags: int, mode: int = 0o644, *, links: Links = "refuse") -> int:
    """The file at `path`, opened as `os.open` does, where it is a plain file.

    Nothing else is opened even for an instant: opening a pipe waits, opening a device may act. A file to be written has no
    second name (a hard link), for what is written would reach another folder. Nothing is truncated, and `O_TRUNC` is not for
    this function. Raises `NotOpened`, `FileNotFoundError`, or another `OSError`.
    """
    if links == "refuse":
        refuse_link(path.parent)
    try:
        found = path.stat() if links == "follow" else path.lstat()
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
    else:
        _check(found, path, flags)
    file = os.open(
        path,
        flags | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | (0 if links == "follow" else os.O_NOFOLLOW),
        mode,
    )
    try:
        _check(os.fstat(file), path, flags)  # it may be another one by now
    except BaseException:
        os.close(file)
        raise
    return file


def read_regular(path: Path, limit: int, *, links: Links = "refuse") -> bytes:
    """All bytes of the plain file at `path`. Raises `NotOpened`, also where there are more than `limit`, or `OSError`."""
    with os.fdopen(open_regular(path, os.O_RDONLY, links=links), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(limit + 1) if size <= limit else b""
    if max(size, len(data)) > limit:
        raise NotOpened(
            errno.EOVERFLOW, f"it is larger than the {limit:,} bytes that are read of such a file", str(path)
        )
    return data


def open_to_read(path: Path) -> BufferedReader:
    """A person's own file, which may be a link, opened for reading.

    Raises `NotOpened` for a pipe or a device, which would keep the reader waiting or never end, and other `OSError`s.
    """
    return os.fdopen(open_regular(path, os.O_RDONLY, links="follow"), "rb")


def sync_folder(path: Path) -> None:
    """Wait until what was made and renamed in a folder would survive a loss of power. Some file systems cannot."""
    with contextlib.suppress(OSError):
        file = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def rename_durably(path: Path, target: Path) -> None:
    """Give a file or folder, whose contents are safe already, another name that survives a loss of power. Raises `OSError`."""
    path.rename(target)
    for folder in {target.parent, path.parent}:
        sync_folder(folder)


def refuse_link(path: Path) -> None:
    """Raise `NotOpened` where a symbolic link stands at `path`."""
    if path.is_symlink():
        raise NotOpened(errno.ELOOP, "it is a symbolic link, and nothing in a session is opened through one", str(path))


def _check(found: os.stat_result, path: Path, flags: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = next((kind for is_kind, kind in _KINDS if is_kind(found.st_mode)), "no file")
        code = errno.ELOOP if stat.S_ISLNK(found.st_mode) else errno.ENODEV
        raise NotOpened(code, f"it is {kind}, not a plain file", str(path))
    if flags & _WRITING and found.st_nlink > 1:
        raise NotOpened(
            errno.EMLINK, "it has a second name (a hard link); copy the folder without such links", str(path)
        )
