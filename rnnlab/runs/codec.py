"""Records to lines and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from rnnlab.runs.checksum_line import all_sealed, seal, unseal
from rnnlab.runs.events import EVENT_NAMES, LOG_FORMAT, AnyEvent, Evaluated, Progress, Record

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
    if not _is_square(record.data):
        raise DamagedLine("a confusion matrix is not square")
    return record


def decode_all(lines: Sequence[bytes]) -> list[Record] | None:
    """The records in lines (with their newlines), as `decode` gives them but quicker; None where one of them is not sound."""
    if not all_sealed(lines):
        return None
    try:
        # The checksum stands in the object as a field that a record does not have, and is passed over.
        records = list(map(_decoder.decode, lines))
    except (msgspec.DecodeError, RecursionError):
        return None
    others = [event for record in records if type(event := record.data) is not Progress]
    return records if all(map(_is_square, others)) else None


def _is_square(event: AnyEvent) -> bool:
    """Whether the confusion matrix of an evaluation has as many columns as rows; nothing else has one."""
    if type(event) is not Evaluated or event.confusion is None:
        return True
    size = len(event.confusion)
    return all(len(row) == size for row in event.confusion)


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
