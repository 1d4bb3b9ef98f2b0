"""Nested state as one safetensors file: tensors, and what holds them as JSON in the file's header. Nothing is ever unpickled.

What comes out is what went in, to the bit: dicts with keys of any kind, lists, tuples, text, bytes, whole numbers, floats
(also those that are no numbers), arrays and tensors.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from rnnlab.runs.event_numbers import number, real
from rnnlab.runs.tensor_header import checked_metadata
from rnnlab.training.persist.pieces import Pieces, safetensors_pieces

_TREE = "tree"


class DamagedState(ValueError):
    """Bytes that are no packed state."""


def pack(state: Any) -> bytes:
    """`state` as a safetensors file. Raises `TypeError` for what cannot be packed."""
    return pack_in_pieces(state).joined


def pack_in_pieces(state: Any) -> Pieces:
    """As `pack`, without a copy of the tensors: they must not change before it is written."""
    tensors: dict[str, Tensor | Pieces] = {}
    tree = _plain(state, tensors, {})
    return safetensors_pieces(tensors, {_TREE: json.dumps(tree, allow_nan=False)})


def unpack(data: bytes) -> Any:
    """What was packed, its tensors on the CPU. Raises `DamagedState`."""
    try:
        tree = json.loads(checked_metadata(data)[_TREE])
        return _built(tree, safetensors.torch.load(data))
    except (SafetensorError, KeyError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise DamagedState(str(error)) from None


def _plain(value: Any, tensors: dict[str, Tensor | Pieces], seen: dict[int, str]) -> Any:
    """`value` in JSON's terms. A mapping of one tag stands for what JSON cannot express."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else {"float": number(value)}
        case Tensor():
            return {"tensor": _put(value.detach().cpu().contiguous(), value, tensors, seen)}
        case np.ndarray():
            return {"array": _put(torch.from_numpy(np.array(value)), value, tensors, seen)}
        case Pieces():
            return {"bytes": _put(value, value, tensors, seen)}
        case bytes():
            return {"bytes": _put(torch.from_numpy(np.frombuffer(value, np.uint8).copy()), value, tensors, seen)}
        case list():
            return [_plain(each, tensors, seen) for each in value]
        case tuple():
            return {"tuple": [_plain(each, tensors, seen) for each in value]}
        case dict():
            return {"dict": [[_plain(key, tensors, seen), _plain(each, tensors, seen)] for key, each in value.items()]}
        case _:
            raise TypeError(f"a {type(value).__name__} cannot be packed")


def _put(held: Tensor | Pieces, owner: object, tensors: dict[str, Tensor | Pieces], seen: dict[int, str]) -> str:
    """The name under which the tensor is stored; what occurs several times is stored once."""
    name = seen.get(id(owner))
    if name is None:
        name = seen[id(owner)] = str(len(tensors))
        tensors[name] = held
    return name


def _built(tree: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(tree, list):
        return [_built(each, tensors) for each in tree]
    if not isinstance(tree, dict):
        return tree
    ((tag, inside),) = tree.items()
    match tag:
        case "float":
            return real(inside)
        case "tensor":
            return tensors[inside]
        case "array":
            return tensors[inside].numpy()
        case "bytes":
            return tensors[inside].numpy().tobytes()
        case "tuple":
            return tuple(_built(each, tensors) for each in inside)
        case "dict":
            return {_built(key, tensors): _built(each, tensors) for key, each in inside}
        case _:
            raise ValueError(f"a packed {tag} is not known")
