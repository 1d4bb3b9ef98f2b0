"""Zip archives from untrusted sources, checked when opened.

Nothing is unpacked to the paths in an archive: its files are read by name, up to a maximum size.
"""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType

from rnnlab.config import UsageError
from rnnlab.tasks.download.archive_checks import OF_DATA_SETS, Limits, Refused, check_head, check_members, shown

_CHUNK = 2**20
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    ValueError,
    OverflowError,
)
"""Exceptions of zipfile for damaged archives; among them UnicodeDecodeError, a ValueError, for names."""


class Archive:
    """Zip archive, checked when it is opened; a context manager.

    `called` is its name in sentences. A `trusted` one is known by its sha256, and its table of contents is not checked.
    Everything raises `UsageError`: one sentence.
    """

    def __init__(
        self, path: Path, called: str | None = None, trusted: bool = False, limits: Limits = OF_DATA_SETS
    ) -> None:
        self.path = path
        self.called = called or str(path)
        with self._errors_as_sentences():
            check_head(path, limits)
            self._zip = zipfile.ZipFile(path)
        try:
            with self._errors_as_sentences():
                members = self._zip.infolist()
                if not trusted:
                    check_members(members, self._zip.start_dir, limits)
        except BaseException:
            self._zip.close()
            raise
        self.members = {str(PurePosixPath(member.filename)): member for member in members if not member.is_dir()}
        """The files by their path."""

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, piece by piece, as many as the table of contents says; checked by their CRC at the end."""
        member = self.members[name]
        with self._errors_as_sentences():
            read = 0
            # zipfile stops at the size that the table gives, so that no file is longer than was allowed.
            with self._zip.open(member) as stream:
                while chunk := stream.read(_CHUNK):
                    read += len(chunk)
                    yield chunk
            if read != member.file_size:
                raise Refused(f"was refused: it lies about the size of its member {shown(member.filename)}")

    @contextmanager
    def _errors_as_sentences(self) -> Iterator[None]:
        """Turns every error of the archive into a `UsageError`."""
        try:
            yield
        except Refused as reason:
            raise UsageError(f"{self.called} {reason}") from None
        except _DAMAGE as error:
            raise UsageError(f"{self.called} is damaged or not a zip archive: {_reason(error)}") from None
        except OSError as error:
            if error.errno == errno.EINVAL:  # seek to a negative offset
                raise UsageError(f"{self.called} is damaged or not a zip archive: its parts are not in place") from None
            raise UsageError(f"{self.called} cannot be read: {error.strerror or error}") from None


def _reason(error: Exception) -> str:
    text = str(error)
    if text.startswith("File is not a zip file"):
        return "its table of contents is missing, as it is where a download was cut short"
    if text.startswith("Bad CRC-32"):
        return "a file in it is not what was packed (its CRC differs)"
    if text.startswith("File name in directory"):
        return "a file in it has two names"
    if isinstance(error, UnicodeDecodeError):
        return "a name in it is no text"
    if isinstance(error, zlib.error):
        return "the packed bytes of a file in it make no sense"
    if isinstance(error, EOFError):
        return "a file in it ends too soon"
    printable = "".join(character if character.isprintable() else "�" for character in text[:120])
    return printable.rstrip(".") or type(error).__name__
