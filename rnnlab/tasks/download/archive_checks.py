"""Checks of an archive's table of contents, before anything is unpacked.

Each check raises `Refused` with the end of a sentence that begins with the archive's name.
"""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rnnlab.files import open_to_read

LARGEST_FILE = 128 * 2**20
"""Maximum size of an unpacked file, in bytes: twice the largest of the data sets."""
LARGEST_TOTAL = 1024 * 2**20
"""Maximum size of all unpacked files, in bytes."""
MOST_MEMBERS = 20_000
"""Maximum number of files and folders; the largest data set has 3,421."""
LONGEST_NAME = 1024
LONGEST_PART = 255
"""Maximum bytes of a path and of one part of it: limits of file systems."""
DEEPEST = 32
HIGHEST_RATIO = 200
"""Maximum ratio of unpacked to packed bytes, of files above `_SMALL`. Signals and tables pack 2 to 7 times; zeros 1,000 times."""
_SMALL = 2**20


@dataclass(frozen=True)
class Limits:
    """What an archive may hold at most: bytes of an unpacked file, bytes in all, and files and folders."""

    file: int = LARGEST_FILE
    total: int = LARGEST_TOTAL
    members: int = MOST_MEMBERS


OF_DATA_SETS = Limits()
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_METHODS = {1: "shrunk", 6: "imploded", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz", 98: "ppmd"}
_LOCAL_HEADER = 30
_CENTRAL_SIGNATURE = b"PK\x01\x02"
_UNIX_EXTRA = 0x000D
"""PKWARE's extra field for Unix; after twelve bytes of times and owners follows the target of a link."""
_OTHER_FORMATS = (
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"version https://git-lfs", "a pointer to a file that Git keeps elsewhere (LFS)"),
)


class Refused(Exception):
    """Reason why the archive was not read, as the end of a sentence after its name."""


def check_head(path: Path, limits: Limits = OF_DATA_SETS) -> None:
    """Raises `Refused` for a file that is no zip archive by its first bytes, and for too many members."""
    with open_to_read(path) as stream:
        head = stream.read(512)
        if not head:
            raise Refused("is empty: it holds 0 bytes")
        if is_web_page(head):
            raise Refused("is a web page, not a zip archive (an error or a log-in page, most likely)")
        for magic, kind in _OTHER_FORMATS:
            if head.startswith(magic):
                raise Refused(f"is {kind}, not a zip archive")
        if head[257:262] == b"ustar":
            raise Refused("is a tar archive, not a zip archive")
        if not head.startswith(b"PK"):
            raise Refused("is damaged or not a zip archive: it does not begin as one")
        # Counted here, since the table of contents is read whole: a million entries are a gigabyte of memory.
        members, tail, block = 0, b"", head
        while block:
            seen = tail + block
            members += seen.count(_CENTRAL_SIGNATURE)
            if members > limits.members:
                raise Refused(_too_many(limits))
            tail = seen[-3:]
            block = stream.read(2**20)


def check_members(members: Sequence[zipfile.ZipInfo], end: int, limits: Limits = OF_DATA_SETS) -> None:
    """Raises `Refused` for a malicious or damaged table of contents; `end` is its first byte."""
    for member in members:
        _check_name(member)
        _check_kind(member)
        _check_packing(member, limits)
    _check_size(members, limits)
    _check_collisions(members)
    _check_overlap(members, end)


def is_web_page(head: bytes) -> bool:
    """Whether a file that begins with `head` is HTML, such as an error page."""
    return head[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith((b"<!", b"<html", b"<?xml", b"<head"))


def shown(name: str) -> str:
    """A member's name for a sentence: short, without control characters."""
    return repr(name if len(name) <= 60 else f"{name[:40]}…{name[-16:]}")


def _check_name(member: zipfile.ZipInfo) -> None:
    # The name as written in the archive too: ZipFile cuts it at a zero byte, and turns separators.
    for name in {member.orig_filename, member.filename}:
        parts = name.removesuffix("/").split("/")
        if not name.strip():
            raise Refused(f"was refused: one of its members has no name ({shown(name)})")
        if any(unicodedata.category(character) in ("Cc", "Cs", "Cf", "Zl", "Zp") for character in name):
            raise Refused(f"was refused: the name of its member {shown(name)} holds control characters")
        if name.startswith("/") or ".." in parts or "\\" in name or re.match(r"[A-Za-z]:", name):
            raise Refused(f"was refused: its member {shown(name)} climbs out of the folder")
        if len(name.encode()) > LONGEST_NAME or any(len(part.encode()) > LONGEST_PART for part in parts):
            raise Refused(f"was refused: the name of its member {shown(name)} is too long")
        if len(parts) > DEEPEST:
            raise Refused(f"was refused: its member {shown(name)} lies {len(parts)} folders deep")


def _check_kind(member: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK or _points_elsewhere(member.extra):
        raise Refused(f"was refused: its member {shown(member.filename)} is a link")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused(f"was refused: its member {shown(member.filename)} is a device, not a file")
    if (kind == stat.S_IFDIR) != member.is_dir() and kind != 0:
        raise Refused(f"was refused: its member {shown(member.filename)} is a folder by one sign and a file by another")
    if member.is_dir() and member.file_size:
        raise Refused(f"was refused: its folder {shown(member.filename)} holds bytes of its own")


def _points_elsewhere(extra: bytes) -> bool:
    """Whether an extra field makes the member a hard or symbolic link."""
    while len(extra) >= 4:
        tag, length = struct.unpack("<HH", extra[:4])
        if tag == _UNIX_EXTRA and length > 12:
            return True
        extra = extra[4 + length :]
    return False


def _check_packing(member: zipfile.ZipInfo, limits: Limits) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise Refused("is encrypted: it asks for a password")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        method = _METHODS.get(member.compress_type, f"method {member.compress_type}")
        raise Refused(f"packs {shown(member.filename)} in a way that is not read here ({method}); deflate is")
    if member.file_size > limits.file:
        raise Refused(
            f"was refused: its member {shown(member.filename)} unpacks to more than {limits.file // 2**20} MiB"
        )
    if member.file_size > max(_SMALL, HIGHEST_RATIO * member.compress_size):
        raise Refused(
            f"was refused: its member {shown(member.filename)} unpacks to more than {HIGHEST_RATIO} times its size"
        )
    if member.compress_type == zipfile.ZIP_STORED and member.file_size != member.compress_size:
        raise Refused(f"was refused: it lies about the size of its member {shown(member.filename)}")


def _check_size(members: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members:
        raise Refused(_too_many(limits))
    if sum(member.file_size for member in members) > limits.total:
        raise Refused(f"was refused: its files unpack to more than {limits.total // 2**20} MiB")


def _too_many(limits: Limits) -> str:
    of = "no data set does" if limits == OF_DATA_SETS else "none of its kind does"
    return f"was refused: it lists more than {limits.members:,} files, which {of}"


def _check_collisions(members: Sequence[zipfile.ZipInfo]) -> None:
    """Raises `Refused` for two members with one path: on every system, or where case and Unicode forms are folded."""
    known: dict[str, tuple[str, bool]] = {}
    listed: set[str] = set()
    for member in members:
        path = PurePosixPath(member.filename)
        if str(path) in listed:
            raise Refused(f"was refused: it holds {shown(str(path))} twice")
        listed.add(str(path))
        for each in (path, *path.parents[:-1]):
            folder = member.is_dir() or each is not path
            spelling, was_folder = known.setdefault(_folded(each), (str(each), folder))
            if spelling != str(each):
                raise Refused(
                    f"was refused: {shown(spelling)} and {shown(str(each))} in it are one place on some disks"
                )
            if was_folder != folder:
                raise Refused(f"was refused: {shown(spelling)} in it is both a file and a folder")


def _folded(path: PurePosixPath) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(path)).casefold())


def _check_overlap(members: Sequence[zipfile.ZipInfo], end: int) -> None:
    """Raises `Refused` for members that share bytes: a small archive that unpacks to a huge one (Fifield, 2019)."""
    free = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < 0:
            raise Refused("is damaged or not a zip archive: its parts are not in place")
        if member.header_offset < free:
            raise Refused(f"was refused: its member {shown(member.filename)} shares its bytes with another")
        # A lower bound: the header's own extra field is not counted.
        free = member.header_offset + _LOCAL_HEADER + len(member.orig_filename) + member.compress_size
        if free > end:
            raise Refused(f"was refused: its member {shown(member.filename)} reaches beyond the archive's files")
