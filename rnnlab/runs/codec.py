"""Records to lines and back."""

from __future__ import annotations

from typing import Any

import msgspec

from rnnlab.runs.checksum_line import seal, unseal
from rnnlab.runs.events import EVENT_NAMES, LOG_FORMAT, Evaluated, Record

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Record)
_loose = msgspec.json.Decoder(dict[str, Any])


class DamagedLine(ValueError):
    """A line that is not what was written: cut, a flipped bit, or values that no trainer writes."""


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
        record = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _unfit(body, error) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise DamagedLine(str(error)) from None
    event = record.data
    if type(event) is Evaluated and event.confusion is not None:
        size = len(event.confusion)
        if any(len(row) != size for row in event.confusion):
            raise DamagedLine("a confusion matrix is not square")
    return record


def event_of(line: bytes) -> dict[str, Any]:
    """The fields of a line's event, unchecked; empty where the line is damaged or holds none."""
    return _event_in(unseal(line) or b"{}")


def _event_in(body: bytes) -> dict[str, Any]:
    try:
        data = _loose.decode(body).get("data")
    except (msgspec.DecodeError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _unfit(body: bytes, error: msgspec.ValidationError) -> DamagedLine | UnknownEvent:
    """A known event whose values are out of bounds is damage; any other is one of a newer version."""
    event = _event_in(body)
    version = event.get("log_format", LOG_FORMAT)
    newer = isinstance(version, int) and version > LOG_FORMAT
    if not event or (event.get("event") in EVENT_NAMES and not newer):
        return DamagedLine(str(error))
    return UnknownEvent(str(error))
