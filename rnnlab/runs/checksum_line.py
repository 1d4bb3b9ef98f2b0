"""One line of an append-only file: JSON whose last field is the CRC-32 of all that stands before it.

`{"seq":7,…,"crc":"89abcdef"}`. The line stays valid JSON for any reader, and a flipped bit or a cut is noticed by this one.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

_TAIL = len(',"crc":"00000000"}\n')


def seal(body: bytes) -> bytes:
    """The line for `body`, a JSON object with at least one field."""
    head = body[:-1]
    return b'%b,"crc":"%08x"}\n' % (head, zlib.crc32(head))


def unseal(line: bytes) -> bytes | None:
    """The JSON object that was sealed in `line` (with its newline), or None where the line is damaged."""
    head = line[:-_TAIL]
    return head + b"}" if line.endswith(b',"crc":"%08x"}\n' % zlib.crc32(head)) else None


def all_sealed(lines: Sequence[bytes]) -> bool:
    """Whether every line (with its newline) is as it was sealed: for many lines quicker than `unseal` of each."""
    tails = b',"crc":"%08x"}\n' * len(lines) % tuple([zlib.crc32(line[:-_TAIL]) for line in lines])
    return tails == b"".join([line[-_TAIL:] for line in lines])
