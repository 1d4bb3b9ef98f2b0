"""Taking the files of a data set out of a zip archive that somebody else made.

Nothing is unpacked to where an archive says: the wanted files are found by name, read under a bound, and handed back.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from rnnlab.config import UsageError

LARGEST_FILE = 64 * 2**20
"""Bytes of one file once unpacked: far more than any, far less than a bomb."""
MOST_MEMBERS = 100_000


def read_archive(archive: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """The bytes of each wanted file that the archive holds, in whatever folder. Raises `UsageError` in one sentence."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            if len(members) > MOST_MEMBERS:
                raise UsageError(f"{archive} lists {len(members):,} files, which no data set does; it was left alone")
            found: dict[str, zipfile.ZipInfo] = {}
            for member in members:
                _refuse_climbing(archive, member)
                path = PurePosixPath(member.filename)
                # macOS adds shadow copies, __MACOSX/names/._Arabic.txt.
                if member.is_dir() or path.name not in wanted or path.parts[0] == "__MACOSX":
                    continue
                if path.name in found:
                    raise UsageError(f"{archive} holds {path.name} twice, in two folders; it was left alone")
                found[path.name] = member
            return {name: _read_member(archive, opened, member) for name, member in found.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UsageError(f"{archive} is damaged or not a zip archive: {_reason(archive, error)}") from None
    except OSError as error:
        raise UsageError(f"{archive} cannot be read: {error.strerror or error}") from None


def _refuse_climbing(archive: Path, member: zipfile.ZipInfo) -> None:
    """Raises `UsageError` for a member that would land outside its folder, or is a link."""
    # The name as it stands in the archive: ZipFile has already made a tamer one of `filename`.
    path = PurePosixPath(member.orig_filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or any(":" in part for part in path.parts[:1]):
        raise UsageError(f"{archive} was refused: its member {member.orig_filename!r} climbs out of the folder")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UsageError(f"{archive} was refused: its member {member.orig_filename!r} is a link")


def _read_member(archive: Path, opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    # The size in the directory may lie, so that what is read is bounded as well.
    with opened.open(member) as stream:
        data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise UsageError(
            f"{archive} was refused: its member {member.filename!r} unpacks to more than {LARGEST_FILE // 2**20} MiB"
        )
    return data


def is_web_page(path: Path) -> bool:
    """Whether the file is HTML: what a server sends that has something else to say."""
    with path.open("rb") as stream:
        head = stream.read(512).lstrip().lower()
    return head.startswith((b"<!doctype", b"<html", b"<?xml", b"<head"))


def _reason(archive: Path, error: Exception) -> str:
    if is_web_page(archive):
        return "it is a web page (an error or a log-in page, most likely)"
    if isinstance(error, RuntimeError) and "password" in str(error):
        return "it is encrypted"
    return str(error).rstrip(".") or type(error).__name__
