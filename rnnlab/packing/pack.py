"""A session as one zip archive: the same session gives the same bytes.

Names are sorted, times left out. Weights are stored as they are, for they hardly shrink; logs are deflated.
"""

from __future__ import annotations

import errno
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rnnlab.errors import UsageError
from rnnlab.files import NotOpened, open_regular, refuse_link, sync_folder
from rnnlab.packing.session_files import OF_SESSIONS, session_in, size_limit
from rnnlab.runs.folders import RunFolder, Session, check_name
from rnnlab.runs.log_tail import DamagedLog, NewerLog, read_last
from rnnlab.runs.pruning import NAME as PRUNED
from rnnlab.runs.pruning import REMOVED, Pruned, pruned_of
from rnnlab.runs.trash import PATIENCE, check_idle
from rnnlab.tasks.download.archive_checks import HIGHEST_RATIO
from rnnlab.tasks.download.archives import Archive

_CHUNK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip archive can name."""
_NOT_PACKED = re.compile(r".*\.lock|.*\.claim-\d+|slurm\.toml|slurm-.*\.log|job\.sh|ray\.(toml|json)|ray-.*\.log|\..*")
"""Files of the processes that carry a session out, and hidden ones: nobody misses them."""


@dataclass(frozen=True)
class Packed:
    """An archive that was written: how many runs and files, their bytes, and the archive's."""

    path: Path
    runs: int
    files: int
    unpacked: int
    packed: int
    left_out: tuple[str, ...] = ()
    """What lies in the session's folder and is no file of a session."""


def pack_session(session: Session, target: Path, *, weights: bool = True, replace: bool = False) -> Packed:
    """Write the session to the zip archive `target`, whole or not at all; without `weights` its logs and predictions alone.

    Raises `UsageError` while a run of it is trained, where one of its files cannot be read, and where `target` is there and
    `replace` does not allow it, or cannot be written.
    """
    check_name(session.name, "session")
    check_idle(session, "pack the session", PATIENCE)
    session.info()  # one that a newer rnnlab wrote is not packed half understood
    if os.path.lexists(target) and not replace:
        raise UsageError(f"{target} is there already; choose another place with -o, or replace it with --force")
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}; make it first, or choose another place with -o")
    found, left_out = _files(session, weights)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        sizes = _write(session, found, temporary, weights)
        _check(session, temporary)
        temporary.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise UsageError(f"{error.filename or target}: {error.strerror}; nothing was packed") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return Packed(target, len(session.runs()), len(sizes), sum(sizes), target.stat().st_size, tuple(left_out))


def _check(session: Session, path: Path) -> None:
    """Raise `UsageError` for an archive that `unpack_session` would refuse, of too many files say; its table alone is read."""
    try:
        with Archive(path, called="the archive", limits=OF_SESSIONS) as archive:
            session_in(archive.members, archive.called)
    except UsageError as error:
        raise UsageError(f"{session.name} cannot be packed so that rnnlab unpack takes it: {error}") from None


def _files(session: Session, weights: bool) -> tuple[list[str], list[str]]:
    """The files to pack by their path in the session, sorted, and what else lies there."""
    found: list[str] = []
    left_out: list[str] = []
    gone = () if weights else REMOVED["none"]
    for path in sorted(_paths(session)):
        name = path.rpartition("/")[2]
        if size_limit(path) is None:
            if not _NOT_PACKED.fullmatch(name):
                left_out.append(path)
        elif name not in gone and not (name == PRUNED and not weights):
            found.append(path)
    return found, left_out


def _paths(session: Session) -> Iterator[str]:
    try:
        refuse_link(session.runs_path)
        for entry in os.scandir(session.path):
            if entry.name != "runs":
                yield entry.name
        for run in session.runs():
            refuse_link(run.path)
            for entry in os.scandir(run.path):
                yield f"runs/{run.name}/{entry.name}"
    except OSError as error:
        raise UsageError(f"{error.filename or session.path} cannot be read: {error.strerror}") from None


def _write(session: Session, paths: list[str], temporary: Path, weights: bool) -> list[int]:
    """Write the archive; the bytes of each file."""
    sizes = []
    file = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    with os.fdopen(file, "w+b") as stream:
        with zipfile.ZipFile(stream, "w", allowZip64=True) as archive:
            for path in paths:
                sizes.append(_add(archive, session, path))
            for run in [] if weights else session.runs():
                if held := _unpacked_weights(run):
                    archive.writestr(_member(session, f"runs/{run.name}/{PRUNED}"), held)
                    sizes.append(len(held))
        stream.flush()
        os.fsync(stream.fileno())
    if sum(sizes) > OF_SESSIONS.total:
        raise UsageError(
            f"{session.name} holds more than an archive may ({OF_SESSIONS.total >> 30} GiB); try --no-weights"
        )
    return sizes


def _add(archive: zipfile.ZipFile, session: Session, path: str) -> int:
    """Add one file, a piece in memory at a time; its bytes."""
    # The session's own folder may be a link: a person keeps it on another disk.
    source = session.path / path
    with os.fdopen(open_regular(source, os.O_RDONLY, links="folder" if "/" not in path else "refuse"), "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > (size_limit(path) or 0):
            raise NotOpened(
                errno.EFBIG, f"it is larger than the {size_limit(path):,} bytes that such a file has", str(source)
            )
        member = _member(session, path)
        if not path.endswith(".safetensors") and _shrinks(stream.read(_CHUNK)):
            member.compress_type = zipfile.ZIP_DEFLATED
        stream.seek(0)
        written = 0
        with archive.open(member, "w", force_zip64=size > 1 << 31) as target:
            while written < size and (chunk := stream.read(min(_CHUNK, size - written))):
                target.write(chunk)
                written += len(chunk)
    return written


def _shrinks(head: bytes) -> bool:
    """Whether a file that begins so is deflated: not one so even that the archive would look like a bomb."""
    return len(zlib.compress(head)) * (HIGHEST_RATIO // 2) > len(head)


def _member(session: Session, path: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(f"{session.name}/{path}", _EPOCH)
    member.create_system = 3
    member.external_attr = 0o100644 << 16
    return member


def _unpacked_weights(run: RunFolder) -> bytes:
    """What `pruned.json` says in the archive of a run whose weights are not packed; empty where it has none."""
    before = pruned_of(run)
    files = dict(before.files) if before else {}
    for name in REMOVED["none"]:
        with suppress(OSError):
            files[name] = (run.path / name).lstat().st_size
    if not files:
        return b""
    wall = before.wall if before else round(_ended(run), 3)
    return msgspec.json.encode(Pruned(keep="none", by="rnnlab pack", wall=wall, files=files)) + b"\n"


def _ended(run: RunFolder) -> float:
    """When the run's last event was logged, so that the same session gives the same bytes wherever it lies; 0 without one."""
    with suppress(OSError, DamagedLog, NewerLog):
        if (last := read_last(run.events_path)) is not None:
            return last.wall
    return 0.0
