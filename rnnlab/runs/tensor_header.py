"""Header of a safetensors file, checked before a library reads the tensors: what overflows or takes minutes is refused here."""

from __future__ import annotations

from typing import Any

import msgspec

_HEADER_LIMIT = 16 << 20
"""Bytes; that of a saved state, which holds all but its tensors, has some ten thousands."""
_MOST_TENSORS = 20_000
_MOST_VALUES = 1 << 40
"""Values of a tensor, a dimension of none counted as one: strides are worked out of it all the same."""
_METADATA = "__metadata__"


class DamagedTensors(ValueError):
    """Bytes that are no safetensors file, or one that rnnlab does not write."""


def checked_metadata(data: bytes) -> dict[str, Any]:
    """What stands in the header beside the tensors. Raises `DamagedTensors`."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8:
        raise DamagedTensors("its header is cut short")
    if length > _HEADER_LIMIT:
        raise DamagedTensors(f"its header has {length:,} bytes, and no more than {_HEADER_LIMIT:,} are read")
    try:
        header = msgspec.json.decode(data[8 : 8 + length], type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise DamagedTensors(f"its header cannot be read: {error}") from None
    metadata = header.pop(_METADATA, None)
    if len(header) > _MOST_TENSORS:
        raise DamagedTensors(f"it lists {len(header):,} tensors, and no more than {_MOST_TENSORS:,} are read")
    for name, about in header.items():
        _check(name, about.get("shape") if isinstance(about, dict) else None)
    return metadata if isinstance(metadata, dict) else {}


def _check(name: str, shape: object) -> None:
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise DamagedTensors(f"the tensor {name[:40]!r} has no shape")
    values = 1
    for size in shape:
        values *= max(size, 1)
        if values > _MOST_VALUES:
            raise DamagedTensors(f"the tensor {name[:40]!r} would have more than {_MOST_VALUES:,} values")
