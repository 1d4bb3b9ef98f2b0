"""Archives that nobody should open, built as they are needed: each is sound and complete but for the one thing wrong."""

from __future__ import annotations

import io
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Mapping

from tests.tasks.namefiles import archive_of, name_files

FILES = name_files()
SOUND = archive_of(FILES)

_LOCAL = {"flags": (6, "<H"), "method": (8, "<H"), "crc": (14, "<I"), "packed": (18, "<I"), "size": (22, "<I")}
_CENTRAL = {
    "flags": (8, "<H"),
    "method": (10, "<H"),
    "crc": (16, "<I"),
    "packed": (20, "<I"),
    "size": (24, "<I"),
    "offset": (42, "<I"),
}
"""Fields of a member's two headers: where, and how wide."""


def also(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The sound archive with more members."""
    stream = io.BytesIO(SOUND)
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "a", method) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for member, data in members:
            archive.writestr(member, data)
    return stream.getvalue()


def instead(changes: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive with other contents in some files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in (FILES | dict(changes)).items():
            archive.writestr(f"names/{name}", data)
    return stream.getvalue()


def lying(name: str = "Arabic.txt", data: bytes = SOUND, both: bool = True, **fields: int) -> bytes:
    """The archive with other fields in the headers of one member; with `both` false in the table of contents alone."""
    changed = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = next(member for member in archive.infolist() if member.filename.endswith(name))
        central = _central_header(data, archive.start_dir, member.filename)
        for key, value in fields.items():
            place, form = _CENTRAL[key]
            struct.pack_into(form, changed, central + place, value)
            if both and key in _LOCAL:
                place, form = _LOCAL[key]
                struct.pack_into(form, changed, member.header_offset + place, value)
    return bytes(changed)


def _central_header(data: bytes, start: int, name: str) -> int:
    place = start
    while data[place : place + 4] == b"PK\x01\x02":
        lengths = struct.unpack_from("<HHH", data, place + 28)
        if data[place + 46 : place + 46 + lengths[0]] == name.encode():
            return place
        place += 46 + sum(lengths)
    raise AssertionError(f"{name} is not in the archive")


def of_kind(name: str, mode: int, extra: bytes = b"") -> zipfile.ZipInfo:
    """A member with a Unix mode."""
    member = zipfile.ZipInfo(name)
    member.create_system = 3
    member.external_attr = mode << 16
    member.extra = extra
    return member


def renamed(name: bytes, to: bytes, times: int = -1) -> bytes:
    """The sound archive with a member's name replaced, byte for byte: in both its headers, or the first alone."""
    assert len(name) == len(to)
    return SOUND.replace(name, to, times)


def not_utf8() -> bytes:
    return lying(flags=0x0800).replace(b"names/Arabic.txt", b"names/Ar\xff\xfeic.txt")


def crowded() -> bytes:
    """A table of contents of a hundred thousand empty files."""
    local = b"PK\x03\x04" + bytes(26)
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<HHH", 1, 0, 0) + bytes(12) + b"a"
    count = 100_000
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count & 0xFFFF, count & 0xFFFF, count * 47, len(local), 0)
    return local + entry * count + end


def overlapping() -> bytes:
    """One packed megabyte that ten members share: each entry of the table points to the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(f"names/{name}", data)
        for index in range(10):
            archive.writestr(f"names/{index}.bin", bytes(1000))
    data = stream.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first = archive.getinfo("names/0.bin").header_offset
    for index in range(1, 10):
        data = lying(f"names/{index}.bin", data, offset=first)
    return data


def quoting() -> bytes:
    """A member whose bytes are another member, header and all, which is listed as well (Fifield's overlap)."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("quoted.txt", b"\0" * 1000)
        length = archive.start_dir
    stream = io.BytesIO(SOUND)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("quoting.bin", inner.getvalue()[:length])
        archive.writestr("quoted.txt", b"\0" * 1000)
        start = archive.getinfo("quoting.bin").header_offset
    return lying("quoted.txt", stream.getvalue(), offset=start + 30 + len("quoting.bin"))


def reaching_beyond() -> bytes:
    """A member that says it holds the table of contents as well, as an archive that contains itself does."""
    return lying("eng-fra.txt", packed=len(SOUND), size=len(SOUND))


def much_together() -> bytes:
    """Sixteen files that are each allowed, and together two gigabytes."""
    data = also(*((f"many/{index}.bin", b"x") for index in range(16)))
    for index in range(16):
        data = lying(f"many/{index}.bin", data, size=127 * 2**20, packed=2**20)
    return data


def nested(times: int, name: str = "deep.zip") -> bytes:
    """Archives in archives in archives."""
    data = b"\0" * 1000
    for _ in range(times):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
        data = stream.getvalue()
    return data


def tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("names/Arabic.txt")
        member.type, member.linkname = tarfile.LNKTYPE, "/etc/passwd"
        archive.addfile(member)
    return stream.getvalue()


_UNIX_LINK = struct.pack("<HH", 0x000D, 12 + 11) + bytes(12) + b"/etc/passwd"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    # Out of the folder, or not a file at all.
    "climbs": (lambda: also(("../evil.txt", b"x")), "climbs out of the folder"),
    "climbs from within": (lambda: also(("data/names/../../../evil.txt", b"x")), "climbs out of the folder"),
    "absolute": (lambda: also(("/etc/cron.d/evil", b"x")), "climbs out of the folder"),
    "backslashes": (lambda: also(("..\\..\\evil.txt", b"x")), "climbs out of the folder"),
    "a backslash": (lambda: also(("names\\evil.txt", b"x")), "climbs out of the folder"),
    "a drive": (lambda: also(("C:/evil.txt", b"x")), "climbs out of the folder"),
    "a network share": (lambda: also(("//host/share/evil.txt", b"x")), "climbs out of the folder"),
    "a symbolic link": (lambda: also((of_kind("names/link", 0o120777), b"/etc/passwd")), "is a link"),
    "a hard link": (lambda: also((of_kind("names/link", 0o100644, _UNIX_LINK), b"")), "is a link"),
    "a device": (lambda: also((of_kind("names/zero", 0o020666), b"")), "is a device"),
    "a pipe": (lambda: also((of_kind("names/pipe", 0o010666), b"")), "is a device"),
    "a folder with bytes": (lambda: also(("names/sub/", b"hidden")), "holds bytes of its own"),
    "a file that is a folder": (lambda: also((of_kind("names/sub", 0o040755), b"x")), "a folder by one sign"),
    # Bombs.
    "zeros": (lambda: instead({"Arabic.txt": b"\0" * (4 * 2**20)}), "more than 200 times its size"),
    "a giant": (lambda: lying(size=129 * 2**20, packed=2**20), "unpacks to more than 128 MiB"),
    "many large files": (much_together, "unpack to more than 1024 MiB"),
    "a crowd": (crowded, "lists more than 20,000 files"),
    "shared bytes": (overlapping, "shares its bytes with another"),
    "a member in a member": (quoting, "shares its bytes with another"),
    "a member around the table": (reaching_beyond, "reaches beyond"),
    "archives in archives": (lambda: nested(6), "lacks Arabic.txt"),
    # Names.
    "a name twice": (lambda: also(("data/names/Arabic.txt", b"other")), "twice"),
    "a file twice": (lambda: also(("other/Arabic.txt", b"other")), "twice"),
    "capitals": (lambda: also(("data/names/ARABIC.TXT", b"other")), "one place on some disks"),
    "a folder's capitals": (lambda: also(("Data/names/more.txt", b"other")), "one place on some disks"),
    "accents": (lambda: also(("caf\u00e9.txt", b"1"), ("cafe\u0301.txt", b"2")), "one place on some disks"),
    "an escape sequence": (lambda: also(("names/\x1b[2Jevil.txt", b"x")), "control characters"),
    "a line break": (lambda: also(("names/a\nb.txt", b"x")), "control characters"),
    "a zero byte": (lambda: renamed(b"Arabic.txt", b"Arabic\0txt"), "control characters"),
    "a name turned round": (lambda: also(("names/\u202etxt.exe", b"x")), "control characters"),
    "a long name": (lambda: also(("names/" + "a" * 300, b"x")), "is too long"),
    "a long path": (lambda: also(("/".join(["a" * 100] * 12), b"x")), "is too long"),
    "a deep path": (lambda: also(("a/" * 40 + "b", b"x")), "folders deep"),
    "no name": (lambda: also((" ", b"x")), "has no name"),
    "a file that others are in": (lambda: also(("data/names/Arabic.txt/more.txt", b"x")), "both a file and a folder"),
    "a folder that is a file": (lambda: also(("data/names", b"x")), "both a file and a folder"),
    "two names for one": (lambda: renamed(b"Arabic.txt", b"Arabia.txt", times=1), "has two names"),
    "a name that is no text": (not_utf8, "a name in it is no text"),
    # Packing.
    "a password": (lambda: lying(flags=0x0001), "asks for a password"),
    "strong encryption": (lambda: lying(flags=0x0041), "asks for a password"),
    "lzma": (lambda: instead({}, zipfile.ZIP_LZMA), "not read here (lzma)"),
    "bzip2": (lambda: instead({}, zipfile.ZIP_BZIP2), "not read here (bzip2)"),
    "deflate64": (lambda: lying(method=9), "not read here (deflate64)"),
    "an unknown method": (lambda: lying(method=777), "not read here (method 777)"),
    "patched data": (lambda: lying(flags=0x0020), "damaged"),
    # Lies and damage.
    "more than it holds": (lambda: lying(size=100_000), "lies about the size"),
    "less than it holds": (lambda: lying(size=10), "its CRC differs"),
    "stored, and yet smaller": (
        lambda: lying(data=instead({}, zipfile.ZIP_STORED), size=10),
        "lies about the size",
    ),
    "packed into less": (lambda: lying(packed=10), "its CRC differs"),
    "another checksum": (lambda: lying(crc=1), "its CRC differs"),
    "a table elsewhere": (lambda: SOUND[:-6] + struct.pack("<I", 2**31) + SOUND[-2:], "its parts are not in place"),
    "a member elsewhere": (lambda: lying(offset=7), "shares its bytes with another"),
    "no member at all": (lambda: lying("eng-fra.txt", offset=len(SOUND)), "reaches beyond"),
    "damaged data": (lambda: SOUND[:60] + b"\xff\xff\xff\xff" + SOUND[64:], "damaged"),
    "cut at its end": (lambda: SOUND[:-40], "cut short"),
    "cut in half": (lambda: SOUND[: len(SOUND) // 2], "cut short"),
    "cut at its beginning": (lambda: SOUND[100:], "does not begin as one"),
    "a page in front": (lambda: b"<html>" + SOUND, "web page"),
    "a program in front": (lambda: b"MZ" + bytes(1000) + SOUND, "does not begin as one"),
    "an empty file": (lambda: instead({"Arabic.txt": b""}), "Arabic.txt' is empty"),
    "no members": (lambda: b"PK\x05\x06" + bytes(18), "lacks Arabic.txt"),
    # Something else.
    "nothing": (lambda: b"", "is empty"),
    "a web page": (lambda: b"\xef\xbb\xbf \n<!doctype html><title>Sign in</title>", "is a web page"),
    "gzip": (lambda: b"\x1f\x8b\x08" + bytes(30), "is a gzip file"),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(30), "is a 7z archive"),
    "rar": (lambda: b"Rar!\x1a\x07\x01" + bytes(30), "is a rar archive"),
    "tar with a hard link": (tar, "is a tar archive"),
    "Git LFS": (lambda: b"version https://git-lfs.github.com/spec/v1\n", "Git keeps elsewhere"),
    "noise": (lambda: bytes(range(256)) * 4, "does not begin as one"),
}
"""What is wrong → how such an archive is made, and words of the sentence it is refused with."""
