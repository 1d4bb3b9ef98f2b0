"""The compiled functions of `c/recurrent.c`, loaded, and the choice of kernels for recurrent layers on the CPU in this process.

It is the quickest that this machine has, or that which the environment variable `RNNLAB_KERNELS` names: `avx512`,
`avx2` or `neon` (compiled), `numpy`, or `torch`, PyTorch's own layers. Trainings by different kernels differ in their last
digits, so the log records which they were.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rnnlab.config import UsageError

VARIABLE = "RNNLAB_KERNELS"
_NUMBERS = ("cell", "steps", "batch", "size", "padded", "width", "slice", "keep", "given")
WEIGHTS = ("w", "u", "bias", "recurrent_bias")
_FIELDS = (
    *_NUMBERS,
    *WEIGHTS,
    *("tokens", "values", "step_stride", "row_stride"),
    *("levels", "parents"),
    *("table", "turned", "biases"),
    *("states", "cells", "bent", "gates"),
    *("d_states", "ends", "d_h", "d_c", "d_values", "flow"),
    *("part_u", "part_w", "part_bias"),
    *("d_u", "d_w", "d_bias", "d_recurrent_bias"),
)


class LayerStruct(ctypes.Structure):
    """`LayerStruct` of `c/recurrent.h`: every field a whole number or an address, 64 bits each."""

    _fields_ = [(name, ctypes.c_int64) for name in _FIELDS]


class Kernels(NamedTuple):
    """Kernels in use: a name of `available`, and floats in a vector register where they are compiled, else 0."""

    name: str
    lanes: int


@cache
def available() -> tuple[str, ...]:
    """Values of `RNNLAB_KERNELS` on this machine, the quickest first."""
    return (*filter(None, _compiled()), "numpy", "torch")


@cache
def in_use() -> Kernels:
    """The kernels of this process, fixed by the first call. Raises `UsageError` where this machine lacks those named."""
    name = os.environ.get(VARIABLE) or available()[0]
    if name not in available():
        raise UsageError(
            f"{VARIABLE} = {name!r}, which this machine has no kernels for; name one of {', '.join(available())}, or leave it "
            "unset for the quickest"
        )
    loaded = library()
    return Kernels(name, int(loaded.rnnlab_use(_compiled().index(name))) if loaded and name in _compiled() else 0)


@cache
def library() -> ctypes.CDLL | None:
    """The compiled functions; None where they were not built for this machine. `in_use` comes before the first call."""
    # The name that is built now comes before those with a version of Python in them, which may be older.
    for path in sorted(Path(__file__).parent.glob("_recurrent*"), reverse=True):
        try:
            library = ctypes.CDLL(str(path))
            library.rnnlab_layer.restype = library.rnnlab_use.restype = ctypes.c_int64
            if library.rnnlab_layer() != ctypes.sizeof(LayerStruct):
                continue
            library.rnnlab_kind.argtypes = library.rnnlab_use.argtypes = (ctypes.c_int64,)
            library.rnnlab_kind.restype = ctypes.c_char_p
            for name in ("turn", "stack", "onward", "read_tree", "back", "collect"):
                function = getattr(library, f"rnnlab_{name}")
                function.argtypes = (ctypes.POINTER(LayerStruct), ctypes.c_int64, ctypes.c_int64)
                function.restype = ctypes.c_int if name in ("read_tree", "back") else None
        except (OSError, AttributeError):  # of another machine, or of an older source
            continue
        return library
    return None


@cache
def _compiled() -> tuple[str, ...]:
    """The instructions that functions were compiled for, the best first; empty texts for those that this processor lacks."""
    found: list[str] = []
    if (loaded := library()) is not None:
        while (name := loaded.rnnlab_kind(len(found))) is not None:
            found.append(name.decode())
    return tuple(found)
