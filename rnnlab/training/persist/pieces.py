"""Bytes of a file that is written in pieces, so that gigabytes of weights are nowhere copied together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

_DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
"""Types of numbers and their names in a safetensors file."""
_ALIGNMENT = 8


@dataclass(frozen=True, eq=False)
class Pieces:
    """The bytes of a file, one buffer after the other. Some are tensors' own memory: they change with them."""

    buffers: tuple[memoryview | bytes, ...]

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(len(each) for each in self.buffers)

    @property
    def joined(self) -> bytes:
        """One copy of all of them."""
        return b"".join(self.buffers)

    @cached_property
    def sha256(self) -> str:
        """Digest of the file, as hexadecimal digits."""
        digest = hashlib.sha256()
        for each in self.buffers:
            digest.update(each)
        return digest.hexdigest()


def safetensors_pieces(tensors: Mapping[str, Tensor | Pieces], metadata: Mapping[str, str] | None = None) -> Pieces:
    """A safetensors file of `tensors`; `Pieces` stand in it as a tensor of bytes. Raises `TypeError` for numbers of another type.

    Those on the CPU that are contiguous are not copied.
    """
    header: dict[str, object] = {} if metadata is None else {"__metadata__": dict(metadata)}
    buffers: list[memoryview | bytes] = []
    at = 0
    # Numbers of many bytes first, so that each begins at a multiple of its size.
    for name in sorted(tensors, key=lambda name: (-_size(tensors[name]), name)):
        held = tensors[name]
        if isinstance(held, Pieces):
            dtype, shape, size = "U8", [held.size], held.size
            buffers += held.buffers
        else:
            dtype, shape, size = _name(held), list(held.shape), held.nbytes
            flat = held.detach().cpu().contiguous().reshape(-1)
            if flat.stride(0) != 1:  # that of one number may be anything
                flat = torch.empty_strided(flat.shape, (1,), dtype=flat.dtype).copy_(flat)
            buffers.append(flat.view(torch.uint8).numpy().data)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return Pieces((len(text).to_bytes(8, "little") + text, *buffers))


def _size(held: Tensor | Pieces) -> int:
    return 1 if isinstance(held, Pieces) else held.element_size()


def _name(tensor: Tensor) -> str:
    try:
        return _DTYPES[tensor.dtype]
    except KeyError:
        raise TypeError(f"a tensor of {tensor.dtype} cannot be packed") from None
