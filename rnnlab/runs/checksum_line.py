"""One line of an append-only file: JSON whose last field is the CRC-32 of all that stands before it.

`{"seq":7,…,"crc":"89abcdef"}`. The line stays valid JSON for any reader, and a flipped bit or a cut is noticed by this one.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

_TAIL = len(',"crc":"00000000"}\n')
_DAMAGED_NEWLINE = re.compile(rb'"crc":"[0-9a-f]{8}"\}[^\n](?=\{"|\Z)', re.DOTALL)
"""The end of a line, with another byte where its newline was: a line follows, or the file ends there. No text of an event looks
so, as its quotation marks are escaped."""


def seal(body: bytes) -> bytes:
    """The line for `body`, a JSON object with at least one field."""
    head = body[:-1]
    return b'%b,"crc":"%08x"}\n' % (head, zlib.crc32(head))


def unseal(line: bytes) -> bytes | None:
    """The JSON object that was sealed in `line` (with its newline), or None where the line is damaged."""
    if not line.endswith(b'"}\n'):
        return None  # quick: a stranger's log may hold many lines without a checksum
    head = line[:-_TAIL]
    return head + b"}" if line.endswith(b',"crc":"%08x"}\n' % zlib.crc32(head)) else None


def all_sealed(lines: Sequence[bytes]) -> bool:
    """Whether every line (with its newline) is as it was sealed: for many lines quicker than `unseal` of each."""
    tails = b',"crc":"%08x"}\n' * len(lines) % tuple([zlib.crc32(line[:-_TAIL]) for line in lines])
    return tails == b"".join([line[-_TAIL:] for line in lines])


def split_damaged(line: bytes) -> list[bytes]:
    """The lines in `line`, which is not as it was sealed: a newline of which a bit flipped joins two.

    Each that ended so has its newline again. `line` itself where that is not what happened to it.
    """
    if b'"crc":"' not in line:
        return [line]
    ends = [each.end() for each in _DAMAGED_NEWLINE.finditer(line)]
    lines = [line[start : end - 1] + b"\n" for start, end in zip([0, *ends], ends, strict=False)]
    rest = line[ends[-1] :] if ends else line
    return [*lines, rest] if rest else lines


def whole_in_tail(tail: bytes) -> int:
    """How many bytes of a `tail` without a newline are whole lines: those that a damaged newline ended."""
    return sum(len(line) for line in split_damaged(tail) if line.endswith(b"\n"))
