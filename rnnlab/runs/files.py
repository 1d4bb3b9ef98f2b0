"""Opening, reading and replacing the files of a session: the one module that does.

A session may come from a stranger: no link is followed, nothing but plain files is opened, and no more is read than such a file
holds. What is written can be changed by nobody but its owner, whatever the umask.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from rnnlab.files import Links, NotOpened, open_regular, read_regular, refuse_link, sync_folder
from rnnlab.runs.room import allocate

FILE_MODE = 0o644
FOLDER_MODE = 0o755
TOML_LIMIT = 1 << 20
"""Bytes of a `session.toml` or `run.toml`; written ones have some thousands."""
WEIGHTS_LIMIT = 2 << 30
"""Bytes of a checkpoint, or of the state a run is resumed from: five times a net of a hundred million parameters."""
PREDICTIONS_LIMIT = 256 << 20
"""Bytes of a run's predictions; what a run writes has at most a quarter of that."""
LINE_LIMIT = 4 << 20
"""Bytes of a line of a log; a longer one is damaged. An evaluation of 200 classes has about 250,000."""
LOG_LIMIT = 4 << 30
"""Bytes of a log; a million events have about 330 million."""
_TEMPORARY = re.compile(r"\.[\w.-]+\.\d+\.tmp")
_DRAFT = re.compile(r"\.new-\w+")
_DRAFT_AGE = 3600.0
"""Seconds after which a half-made run is litter; making one takes milliseconds."""


def read_text(path: Path, *, links: Links = "refuse") -> str:
    """The UTF-8 text of a TOML file. Raises `OSError`, `UnicodeDecodeError`."""
    return read_regular(path, TOML_LIMIT, links=links).decode()


def read_weights(path: Path, digests: Collection[str], limit: int = WEIGHTS_LIMIT) -> tuple[bytes, str]:
    """The bytes of a checkpoint, saved state or predictions, and their sha256, where that is one of the `digests`; else no bytes.

    Raises `OSError`.
    """
    with os.fdopen(open_regular(path, os.O_RDONLY), "rb") as file:
        if (size := os.fstat(file.fileno()).st_size) > limit:
            raise NotOpened(errno.EOVERFLOW, f"it has {size:,} bytes, and no more than {limit:,} are read", str(path))
        # First in pieces: a file that is another one may be large.
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest not in digests:
            return b"", digest
        file.seek(0)
        data = file.read()
    return data, hashlib.sha256(data).hexdigest()


def open_log(path: Path, flags: int = os.O_RDONLY) -> int:
    """An open log. Raises `NotOpened`, also for one beyond `LOG_LIMIT`, and other `OSError`s."""
    file = open_regular(path, flags, FILE_MODE)
    if os.fstat(file).st_size > LOG_LIMIT:
        os.close(file)
        raise NotOpened(errno.EOVERFLOW, f"it is larger than the {LOG_LIMIT:,} bytes that are read of a log", str(path))
    return file


def open_append(path: Path, *, links: Links = "refuse") -> int:
    """A file to append to, made where it is not there. Raises `OSError`."""
    return open_regular(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE, links=links)


def read_tail(path: Path, size: int = 2000) -> str:
    """The last `size` bytes of a text file; empty where it cannot be read."""
    try:
        file = open_regular(path, os.O_RDONLY)
    except OSError:
        return ""
    try:
        return os.pread(file, size, max(0, os.fstat(file).st_size - size)).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(file)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, so that they survive a loss of power.

    Raises `NotOpened` where a link stands there, `OSError`.
    """
    refuse_link(path)
    missing = [each for each in (path, *path.parents) if not each.is_dir()]
    for each in reversed(missing):
        each.mkdir(mode=FOLDER_MODE, exist_ok=True)
        sync_folder(each.parent)


def write_atomically(path: Path, data: bytes, *, mode: int = FILE_MODE) -> None:
    """Put `data` at `path`, whole or not at all, and safe from a loss of power. Raises `OSError` naming the file."""
    for left in (1, 0):
        temporary = write_beside(path, data, mode=mode)
        try:
            put_in_place(temporary, path)
            break
        except FileNotFoundError:  # a trainer that starts in this run's folder may just have swept it away
            if not left:
                raise
        finally:
            temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_beside(path: Path, data: bytes | Sequence[bytes | memoryview], *, mode: int = FILE_MODE) -> Path:
    """Write `data`, which may be in pieces, safely to the disk beside `path`, to a temporary file, whose path this returns.

    Raises `OSError` naming `path`; then nothing is left.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    pieces = [data] if isinstance(data, bytes) else data
    try:
        temporary.unlink(missing_ok=True)  # of a process that had this number before
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        with os.fdopen(file, "wb") as stream:
            # A disk without so much room reports it before it is filled up.
            allocate(file, 0, sum(map(len, pieces)))
            for each in pieces:
                stream.write(each)
            stream.flush()
            os.fsync(file)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        # The error of a refused write does not name the file.
        raise OSError(error.errno, error.strerror, str(path)) from None
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def put_in_place(temporary: Path, path: Path) -> None:
    """Rename what `write_beside` wrote to `path`; `sync_folder` makes that durable.

    Raises `OSError` naming `path`; the temporary file stays then.
    """
    try:
        temporary.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def sweep_temporaries(folder: Path) -> None:
    """Remove what processes killed after `write_beside` left in a run's folder; nobody may be writing there now."""
    _sweep(folder, _TEMPORARY, 0.0)


def sweep_drafts(folder: Path) -> None:
    """Remove half-made runs that a killed process left in a session's folder of runs."""
    _sweep(folder, _DRAFT, _DRAFT_AGE)


def _sweep(folder: Path, names: re.Pattern[str], age: float) -> None:
    import shutil

    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if names.fullmatch(entry.name) and time.time() - entry.stat(follow_symlinks=False).st_mtime >= age:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    Path(entry.path).unlink(missing_ok=True)
