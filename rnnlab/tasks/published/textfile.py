"""Text files of published data sets, with a sentence for each problem."""

from __future__ import annotations

from pathlib import Path

from rnnlab.config import UsageError
from rnnlab.files import open_to_read

LARGEST = 64 * 2**20
"""Maximum bytes of a file; the largest of the data sets has a thousandth of it."""


def read_lines(path: Path) -> list[str]:
    """Lines of a UTF-8 file without their ends and without a byte order mark.

    Raises `UsageError` for a file that cannot be read, is empty, too large, binary or in another encoding.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise UsageError(
                f"{path} holds {size / 2**20:,.0f} MiB, which no file of this data set does; fetch it again"
            )
        with open_to_read(path) as stream:
            data = stream.read()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; check its permissions, or fetch it again") from None
    if b"\0" in data:
        raise UsageError(f"{path} is not a text file: it holds zero bytes; fetch it again")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path} is not UTF-8 text: line {line} holds the byte 0x{data[error.start]:02x}; "
            f"if it is Latin-1, convert it with `iconv -f latin1 -t utf-8`"
        ) from None
    if not text.strip():
        raise UsageError(f"{path} is empty; fetch it again")
    # splitlines would also break at form feeds and other separators inside a line.
    return [line.removesuffix("\r") for line in text.split("\n")]
