"""Files of a data set in any source: an archive, an archive within it, a folder, a single file."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from rnnlab.config import UsageError
from rnnlab.files import open_to_read
from rnnlab.tasks.download.archive_checks import LARGEST_FILE, is_web_page, shown
from rnnlab.tasks.download.archives import Archive
from rnnlab.tasks.download.manifest import PublishedFiles

_CHUNK = 2**20
_MOST_ENTRIES = 100_000
"""Maximum number of files and folders below a folder that a person names; a home folder holds more."""


@dataclass(frozen=True)
class Piece:
    """One file: its path in its source, and its bytes, read on demand."""

    path: str
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class Found:
    """Files of a data set by their published names. `archive` holds them, where one does."""

    called: str
    pieces: Mapping[str, Piece] = field(default_factory=dict)
    archive: Path | None = None
    published: bool = False
    """Whether the bytes of `archive` are known by their sha256."""

    def missing(self, wanted: PublishedFiles) -> list[str]:
        """Names of the published files that were not found."""
        names = [name for name in wanted.files if name not in self.pieces]
        return names if self.pieces or wanted.files else [f"every one matching {wanted.pattern}"]


def find(wanted: PublishedFiles, path: Path, called: str, stack: ExitStack, temporary: Path) -> Found:
    """Files in the archive, folder or file at `path`; `called` is its name in sentences.

    What has to be closed goes on `stack`, an archive taken out of another into `temporary`. Raises `UsageError`.
    """
    if path.is_dir():
        return _in_folder(wanted, path, stack, temporary)
    with open_to_read(path) as stream:
        head = stream.read(512)
    if len(wanted.files) == 1 and head and not head.startswith(b"PK"):
        return _as_file(wanted, path, called, head)
    return _in_archive(wanted, path, called, stack, temporary, within=0)


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with open_to_read(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def contents_digest(digests: Mapping[str, str]) -> str:
    """One SHA-256 for many files (name → SHA-256): that of the output of `sha256sum`, in the order of their names."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def differing(wanted: PublishedFiles, digests: Mapping[str, str]) -> tuple[str, ...]:
    """Files that are missing or not as published; for a data set with one digest its archive, where that differs."""
    if wanted.contents:
        only = {name: digest for name, digest in digests.items() if name not in wanted.extras}
        return () if contents_digest(only) == wanted.contents else (wanted.keep or wanted.name,)
    return tuple(name for name, digest in wanted.files.items() if digests.get(name) != digest)


def _in_archive(
    wanted: PublishedFiles, path: Path, called: str, stack: ExitStack, temporary: Path, within: int
) -> Found:
    if path.stat().st_size > max(wanted.largest_bytes, LARGEST_FILE):
        raise UsageError(f"{called} holds {path.stat().st_size / 2**20:,.0f} MiB, more than {wanted.name} ever had")
    published = digest_of(path) in wanted.pinned
    archive = stack.enter_context(Archive(path, called, trusted=published))
    found = Found(called, _matched(wanted, _pieces(archive), called), path, published)
    inner = [name for name in archive.members if wanted.inner and PurePosixPath(name).name == wanted.inner]
    if not found.missing(wanted) or not inner:
        return found
    if within:
        raise UsageError(f"{called} was refused: it is an archive within an archive that holds a third one")
    taken = temporary / "inner.zip"
    with taken.open("wb") as stream:
        for chunk in archive.chunks(inner[0]):
            stream.write(chunk)
    return _in_archive(wanted, taken, f"{wanted.inner} in {called}", stack, temporary, within=1)


def _pieces(archive: Archive) -> dict[str, Piece]:
    def reader(name: str) -> Callable[[], Iterator[bytes]]:
        return lambda: archive.chunks(name)

    return {name: Piece(name, reader(name)) for name in archive.members}


def _in_folder(wanted: PublishedFiles, folder: Path, stack: ExitStack, temporary: Path) -> Found:
    """Files in `folder` or anywhere below it, as an unpacked archive has them; else in a zip archive in it."""
    near = [path for path in (folder, folder / wanted.name, folder / "data" / wanted.name) if path.is_dir()]
    for parent in near:
        at_once = {
            name: _on_disk(parent / name, name) for name in (*wanted.files, *wanted.extras) if (parent / name).is_file()
        }
        if any(name in at_once for name in wanted.files):
            return Found(str(folder), at_once)
    found = Found(str(folder), _matched(wanted, _below(folder), str(folder)))
    if not found.missing(wanted):
        return found
    for parent in near:
        for archive in sorted(parent.glob("*.zip")):
            inside = _in_archive(wanted, archive, str(archive), stack, temporary, within=0)
            if not inside.missing(wanted):
                return inside
    return found


def _below(folder: Path) -> dict[str, Piece]:
    pieces: dict[str, Piece] = {}
    seen = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        seen += len(folders) + len(files)
        if seen > _MOST_ENTRIES:
            raise UsageError(
                f"{folder} holds more than {_MOST_ENTRIES:,} files; name the folder of the data set itself"
            )
        for name in files:
            path = Path(parent, name)
            if path.is_file():
                inside = path.relative_to(folder).as_posix()
                pieces[inside] = _on_disk(path, inside)
    return pieces


def _on_disk(path: Path, inside: str) -> Piece:
    def chunks() -> Iterator[bytes]:
        try:
            size = path.stat().st_size
            if size > LARGEST_FILE:
                raise UsageError(f"{path} is larger than {LARGEST_FILE // 2**20} MiB, which no file of a data set is")
            with open_to_read(path) as stream:
                yield from iter(lambda: stream.read(_CHUNK), b"")
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}; check its permissions") from None

    return Piece(inside, chunks)


def _as_file(wanted: PublishedFiles, path: Path, called: str, head: bytes) -> Found:
    """The only file of a data set, under any name."""
    if is_web_page(head):
        raise UsageError(f"{called} is a web page, not {wanted.name} (an error or a log-in page, most likely)")
    (name,) = wanted.files
    return Found(called, {name: _on_disk(path, path.name)})


def _matched(wanted: PublishedFiles, pieces: Mapping[str, Piece], called: str) -> dict[str, Piece]:
    """Pieces that are files of the data set, in any folder. Raises `UsageError` where one is there twice."""
    names = {name: name for name in (*wanted.files, *wanted.extras)} | dict(wanted.aliases)
    depths = {name.count("/") + 1 for name in names}
    pattern = re.compile(rf"(?:.*/)?({wanted.pattern})") if wanted.pattern else None
    matched: dict[str, Piece] = {}
    for path, piece in pieces.items():
        parts = path.split("/")
        # macOS adds shadow copies, __MACOSX/names/._Arabic.txt.
        if parts[0] == "__MACOSX" or parts[-1].startswith("._"):
            continue
        tails = ("/".join(parts[-depth:]) for depth in depths if depth <= len(parts))
        name = next((names[tail] for tail in tails if tail in names), None)
        if name is None and pattern is not None and (found := pattern.fullmatch(path)):
            name = found[1]
        if name is None or (name in wanted.extras and name in matched):
            continue
        if name in matched:
            other = shown(matched[name].path)
            raise UsageError(f"{called} holds {shown(name)} twice, as {other} and as {shown(path)}; it was left alone")
        matched[name] = piece
    return matched
