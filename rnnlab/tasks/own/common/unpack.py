"""A user's file as a stream of UTF-8 or Latin-1 bytes: packed ones are unpacked, UTF-16 is written anew, others are refused.

A packed file is unpacked block by block and never held as a whole; no more than `MOST_UNPACKED` bytes are read of it.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import zipfile
import zlib
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, cast

from rnnlab.tasks.own.common.findings import Refusal

MOST_UNPACKED = 64 * 2**30
"""Maximum bytes of an unpacked file."""
_BLOCK = 2**20
_GZIP, _BZIP2, _XZ, _ZIP = b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"PK\x03\x04"
PACKED = (_GZIP, _BZIP2, _XZ, _ZIP)
"""First bytes of the files that are unpacked."""
_TABLES = (".csv", ".tsv", ".txt", ".dat", ".json", ".jsonl", ".ndjson", ".data", ".tab")
_ERRORS = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


class Readable(Protocol):
    """What is read block by block."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, fewer at the end, none after it."""
        ...


class Stream:
    """Bytes of a file, unpacked; `packed_bytes` counts those of the file itself that were read. A context manager."""

    def __init__(self, path: Path, name: str = "") -> None:
        self._name = name or path.name
        self._stack = ExitStack()
        self._file: BinaryIO = self._stack.enter_context(path.open("rb"))
        head = self._file.read(8)
        self._file.seek(0)
        self._packed = head.startswith(PACKED)
        self._inner: Readable = self._file
        self._read = 0
        try:
            if self._packed:
                self._inner = self._unpacked(head)
            first = self._inner.read(4)
        except Refusal:
            self._stack.close()
            raise
        except _ERRORS as error:
            self._stack.close()
            raise self._broken(error) from None
        self._kept = first
        self._decoder = None
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and first[:4] != codecs.BOM_UTF32_LE:
            self._decoder = codecs.getincrementaldecoder("utf-16")("replace")

    @property
    def utf16(self) -> bool:
        """Whether the file is UTF-16, which is written anew as UTF-8."""
        return self._decoder is not None

    @property
    def packed_bytes(self) -> int:
        """Bytes of the file itself that were read."""
        return self._file.tell()

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def read(self, size: int = _BLOCK) -> bytes:
        """About so many bytes, none at the end. Raises `Refusal` where the file is damaged or unpacks without end."""
        try:
            block = self._inner.read(max(size - len(self._kept), 1))
        except _ERRORS as error:
            if not self._packed:
                raise
            raise self._broken(error) from None
        block, self._kept = self._kept + block, b""
        self._read += len(block)
        if self._packed and self._read > MOST_UNPACKED:
            raise Refusal("large", f"{self._name} unpacks to more than {MOST_UNPACKED // 2**30} GiB; take a part")
        if self._decoder is None:
            return block
        text = self._decoder.decode(block, final=not block)
        # A block that is half a character long is no end.
        return text.encode("utf-8", "replace") if text or not block else self.read(size)

    def _broken(self, error: Exception) -> Refusal:
        what = "a zip archive or an Excel workbook" if isinstance(error, zipfile.BadZipFile) else "a packed file"
        return Refusal("binary", f"{self._name} is {what} that is damaged, and cannot be unpacked")

    def _unpacked(self, head: bytes) -> Readable:
        if head.startswith(_GZIP):
            return self._stack.enter_context(gzip.GzipFile(fileobj=self._file))
        if head.startswith(_BZIP2):
            return self._stack.enter_context(bz2.BZ2File(self._file))
        if head.startswith(_XZ):
            return self._stack.enter_context(lzma.LZMAFile(self._file))
        archive = self._stack.enter_context(zipfile.ZipFile(self._file))
        names = [
            info.filename
            for info in archive.infolist()
            if not info.is_dir() and not info.filename.startswith("__MACOSX") and "/." not in f"/{info.filename}"
        ]
        if any(name.startswith("xl/") for name in names):
            raise Refusal("binary", f"{self._name} is an Excel workbook; save the sheet as CSV")
        if len(names) != 1 or not names[0].lower().endswith(_TABLES):
            raise Refusal(
                "binary",
                f"{self._name} is a zip archive of {len(names):,} files, and not of one table alone; unpack it",
            )
        return cast(Readable, self._stack.enter_context(archive.open(names[0])))


def unpacked_size(path: Path) -> int:
    """Bytes of the file when unpacked, where that can be told without unpacking it; else ten times what it has.

    Of a file that is not packed its size; 0 where it is not there.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
            if head.startswith(_ZIP):
                with zipfile.ZipFile(file) as archive:
                    return sum(member.file_size for member in archive.infolist())
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return 0
    return 10 * size if head.startswith(PACKED) else size
