"""Cache of parsed data sets, as arrays in the cache folder (`RNNLAB_CACHE`, else the system's).

A cache only saves time: one that is missing, damaged or of another source is rebuilt, and one that cannot be written is not
needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnlab.files import sync_folder
from rnnlab.runs.thread_cache import cache_root

Arrays = dict[str, NDArray[np.generic]]

_KEPT = 3
"""Maximum number of caches of one task; the oldest are removed."""
_END = 64 * 2**10
"""Bytes of a file's end that its digest covers: a zip archive has the sizes and CRCs of all its files there."""


def cached(name: str, version: int, source: Path, build: Callable[[], Arrays]) -> Arrays:
    """Arrays that `build` makes of `source` (a file, or a folder with all in it), from the cache where possible.

    `version` is that of `build`: another one makes another cache.
    """
    path = cache_root() / f"{name}-{_digest(name, version, source)}.npz"
    held = _read(path)
    if held is not None:
        return held
    arrays = build()
    # A full disk or a folder that may not be written to costs time, not the run.
    with contextlib.suppress(OSError):
        _write(path, arrays)
        _tidy(path.parent, name)
    return arrays


def _digest(name: str, version: int, source: Path) -> str:
    digest = hashlib.blake2b(f"{name} {version}".encode(), digest_size=12)
    for path in [source] if source.is_file() else _files(source):
        about = path.stat()
        line = f"\0{path.relative_to(source)} {about.st_size} {about.st_mtime_ns}"
        digest.update(line.encode(errors="surrogateescape"))  # a name need not be UTF-8
    if source.is_file():
        with source.open("rb") as stream:
            stream.seek(max(0, source.stat().st_size - _END))
            digest.update(stream.read())
    return digest.hexdigest()


def _files(folder: Path) -> Iterable[Path]:
    for where, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(where, name) for name in sorted(names))


def _read(path: Path) -> Arrays | None:
    try:
        # Opened here, as NumPy would leave the file of a damaged archive open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            # zipfile compares each array's CRC with its bytes.
            return {key: held[key] for key in held.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        return None


def _write(path: Path, arrays: Arrays) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
        sync_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _tidy(folder: Path, name: str) -> None:
    held = sorted(folder.glob(f"{name}-*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in held[_KEPT:]:
        path.unlink()
