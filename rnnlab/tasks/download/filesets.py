"""Files of a data set in a folder, a zip archive, or an archive within one."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rnnlab.catalog.task_card import TaskCard
from rnnlab.config import RunConfig, UsageError
from rnnlab.files import open_to_read
from rnnlab.tasks.download.archives import Archive
from rnnlab.tasks.download.data_folders import MissingData, data_root

_LARGEST = 256 * 2**20
"""Maximum size of a file, in bytes: far above those of the data sets, and small enough to be held in memory."""


def find_source(card: TaskCard, config: RunConfig) -> Path:
    """Archive or folder that holds the task's files. Reads none. Raises `MissingData`."""
    root = data_root(config)
    if root.suffix == ".zip" and root.is_file():
        return root
    for pattern in card.found_by:
        found = min(root.glob(pattern), default=None)
        if found is not None:
            return found if found.suffix == ".zip" else found.parent
    raise MissingData(card.name, (root / card.name,))


def files_in(source: Path, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """Each file whose path ends with a match of `wanted`: that end and its bytes, in the order of the paths.

    An archive within the archive is read where the outer one has no such file. Raises `UsageError`.
    """
    if source.is_dir():
        yield from _in_folder(source, wanted)
    else:
        yield from _in_archive(source, str(source), wanted)


def _in_folder(folder: Path, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    found: dict[str, Path] = {}
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(where, name)
            if key := _key(path.relative_to(folder).as_posix(), wanted):
                found.setdefault(key, path)
    for key in sorted(found):
        yield key, _read(found[key])


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} holds more than {_LARGEST // 2**20} MiB, which no file of this data set does")
        with open_to_read(path) as stream:
            return stream.read()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; check its permissions, or fetch it again") from None


def _in_archive(path: Path, called: str, wanted: re.Pattern[str], depth: int = 0) -> Iterator[tuple[str, bytes]]:
    with Archive(path, called) as archive:
        found: dict[str, str] = {}
        for name in sorted(archive.members):
            # macOS adds shadow copies, __MACOSX/._y_train.txt.
            if (key := _key(name, wanted)) and not name.startswith("__MACOSX"):
                found.setdefault(key, name)
        for key in sorted(found):
            if archive.members[found[key]].file_size > _LARGEST:
                raise UsageError(
                    f"{called} was refused: its file {found[key]!r} is larger than {_LARGEST // 2**20} MiB"
                )
            yield key, b"".join(archive.chunks(found[key]))
        inner = [name for name in sorted(archive.members) if name.endswith(".zip") and not name.startswith("__MACOSX")]
        if found or depth or not inner:
            return
        for name in inner:
            with tempfile.TemporaryDirectory(prefix="rnnlab-") as folder:
                unpacked = Path(folder, "inner.zip")
                with unpacked.open("wb") as stream:
                    for chunk in archive.chunks(name):
                        stream.write(chunk)
                yield from _in_archive(unpacked, f"{name} in {called}", wanted, depth + 1)


def _key(path: str, wanted: re.Pattern[str]) -> str:
    """End of the path that `wanted` matches, made of whole names; empty where none does."""
    match = wanted.search(path)
    if match is None or match.end() != len(path) or (match.start() and path[match.start() - 1] != "/"):
        return ""
    return match[0]
