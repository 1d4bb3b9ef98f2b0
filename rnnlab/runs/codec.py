"""Records to lines and back."""

from __future__ import annotations

from typing import Any

import msgspec

from rnnlab.runs.events import Record
from rnnlab.runs.lines import seal, unseal

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Record)
_loose = msgspec.json.Decoder(dict[str, Any])


class DamagedLine(ValueError):
    """A line that is not what was written: cut, or a flipped bit."""


class UnknownEvent(ValueError):
    """A sound line of a kind this version does not know."""


def encode(record: Record) -> bytes:
    """The record's line, with its newline."""
    return seal(_encoder.encode(record))


def decode(line: bytes) -> Record:
    """The record in a line (with its newline). Raises `DamagedLine`, or `UnknownEvent` for a newer version's event."""
    body = unseal(line)
    if body is None:
        raise DamagedLine(line[:80])
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise UnknownEvent(str(error)) from None
    except msgspec.DecodeError as error:
        raise DamagedLine(str(error)) from None
