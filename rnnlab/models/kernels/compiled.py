"""Recurrent layers by the compiled functions of `c/recurrent.c`, where they were built and this processor is served.

What a layer is, is in `rnnlab.models.kernels.unrolled`; here the same numbers come from functions that keep sums and gates in
registers. Results depend neither on the number of threads nor on the batch a row stands in: the batch is divided into slices
by its size alone, threads take whole slices, and the slices' gradients are added up in order.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

CELLS = ("elman", "rectified elman", "lstm", "gru")
"""By their numbers in the header."""

_NUMBERS = ("cell", "steps", "batch", "size", "padded", "width", "slice", "keep", "given")
_WEIGHTS = ("w", "u", "bias", "recurrent_bias")
_FIELDS = (
    *_NUMBERS,
    *_WEIGHTS,
    *("tokens", "values", "step_stride", "row_stride"),
    *("table", "turned", "biases"),
    *("states", "cells", "bent", "gates"),
    *("d_states", "d_h", "d_c", "d_values"),
    *("part_u", "part_w", "part_bias"),
    *("d_u", "d_w", "d_bias", "d_recurrent_bias"),
)


class _Layer(ctypes.Structure):
    """`Layer` of `c/recurrent.h`: every field a whole number or an address, 64 bits each."""

    _fields_ = [(name, ctypes.c_int64) for name in _FIELDS]


class Gradients(NamedTuple):
    """Of the loss: by what was read from below, by w, u and the two biases, by the states before the first step."""

    below: Tensor | None
    weights: tuple[Tensor, ...]
    first: tuple[Tensor, ...]


@cache
def _library() -> ctypes.CDLL | None:
    for path in Path(__file__).parent.glob("_recurrent*"):
        try:
            library = ctypes.CDLL(str(path))
            library.rnnlab_lanes.restype = ctypes.c_int64
            library.rnnlab_kind.restype = ctypes.c_char_p
        except (OSError, AttributeError):
            continue
        for name in ("turn", "stack", "onward", "back", "collect"):
            function = getattr(library, f"rnnlab_{name}")
            function.argtypes = (ctypes.POINTER(_Layer), ctypes.c_int64, ctypes.c_int64)
            function.restype = ctypes.c_int if name == "back" else None
        return library
    return None


@cache
def lanes() -> int:
    """Floats of a vector that the compiled functions work with; 0: there are none for this machine."""
    library = _library()
    return int(library.rnnlab_lanes()) if library is not None else 0


def kind() -> str:
    """The instructions that the compiled functions use here, `avx2`, `avx512` or `neon`; `none` where there are none."""
    library = _library()
    return library.rnnlab_kind().decode() if library is not None and lanes() else "none"


class Unrolled:
    """One layer, one batch: `onward` once, then `back` as often as is wanted.

    `cell`: one of `CELLS`. `weights`: w, u and, unless there are none, the two biases, as
    PyTorch has them, float32 and in one piece. `below`: values (steps, batch, width) or tokens (steps, batch). `first`: the
    states (batch, size) before the first step; none: zeros. With `keep` false nothing is kept to go back through.
    """

    def __init__(
        self, cell: str, weights: Sequence[Tensor], below: Tensor, first: tuple[Tensor, ...] = (), *, keep: bool = True
    ) -> None:
        self._cell = cell
        self._weights = weights
        self._tokens = below.dim() == 2
        if self._tokens:
            below = below.long()
        elif below.stride(2) != 1:
            below = below.contiguous()
        self._below = below
        self._given = bool(first)
        width, size = weights[0].shape[1], weights[1].shape[1]
        steps, batch = below.shape[:2]
        vectors = lanes()
        units = vectors if cell in ("lstm", "gru") else 4 * vectors
        self._panels = -(-size // units)
        padded = self._panels * units
        # Two threads find work in a small batch, more in a large one; with fewer rows weights are read too often.
        rows = min(64, max(16, -(-batch // 2)))
        self._slices = -(-batch // rows)
        self._d_row = -(-size // (4 * vectors)) * 4 * vectors
        layer = self._layer = _Layer(CELLS.index(cell), steps, batch, size, padded, width, rows, keep, self._given)
        for name, weight in zip(_WEIGHTS, weights, strict=False):
            setattr(layer, name, weight.data_ptr())
        setattr(layer, "tokens" if self._tokens else "values", below.data_ptr())
        layer.step_stride, layer.row_stride = below.stride()[:2]
        panel = 4 * vectors
        columns = -(-width // panel) * panel
        self._rooms: dict[str, Tensor] = {}
        self._room("table", self._panels * panel * max(width, columns))
        self._room("turned", self._panels * panel * max(size, self._d_row))
        self._room("biases", self._panels * panel)
        self.states = self._room("states", steps + 1, batch, padded)
        self._fill(self.states[0], first[0] if first else None)
        if cell == "lstm":
            self._fill(self._room("cells", steps + 1 if keep else 2, batch, padded)[0], first[1] if first else None)
        if keep and cell in ("lstm", "gru"):
            self._room("gates", batch * steps * self._panels * panel)
            if cell == "lstm":
                self._room("bent", steps, batch, padded)

    def onward(self) -> Tensor:
        """The states after each step, (steps, batch, size)."""
        _share("turn", self._layer, self._panels, 1)
        _share("onward", self._layer, self._slices, torch.get_num_threads())
        return self.states[1:, :, : self._layer.size]

    def back(self, d_states: Tensor, *, by_below: bool) -> Gradients:
        """From the gradient (steps, batch, size) by the states as they are read from above."""
        layer, panel = self._layer, 4 * lanes()
        steps, batch, size, padded, width = layer.steps, layer.batch, layer.size, layer.padded, layer.width
        if padded != size:
            wide = torch.zeros(steps, batch, padded)
            wide[:, :, :size] = d_states
            d_states = wide
        else:
            d_states = d_states.contiguous()
        layer.d_states = d_states.data_ptr()
        d_h = self._room("d_h", batch, self._d_row).zero_()
        d_c = self._room("d_c", batch, padded).zero_()
        self._room("part_u", self._slices * self._panels * size * panel)
        self._room("part_w", self._slices * self._panels * width * panel)
        self._room("part_bias", self._slices * self._panels * panel)
        d_below = torch.empty(steps, batch, width) if by_below else None
        layer.d_values = d_below.data_ptr() if d_below is not None else 0
        d_weights = tuple(torch.empty_like(weight) for weight in self._weights)
        for name, weight in zip(("d_w", "d_u", "d_bias", "d_recurrent_bias"), d_weights, strict=False):
            setattr(layer, name, weight.data_ptr())
        blocks = -(-max(size, width if by_below else 0) // panel)
        _share("stack", layer, blocks, 1)
        _share("back", layer, self._slices, torch.get_num_threads())
        _share("collect", layer, self._panels, torch.get_num_threads())
        first = (d_h[:, :size], d_c[:, :size])[: 2 if self._cell == "lstm" else 1] if self._given else ()
        return Gradients(d_below, d_weights, first)

    def _room(self, name: str, *shape: int) -> Tensor:
        room = self._rooms[name] = torch.empty(*shape)
        setattr(self._layer, name, room.data_ptr())
        return room

    def _fill(self, states: Tensor, first: Tensor | None) -> None:
        states.zero_()
        if first is not None:
            states[:, : first.shape[1]] = first


def _share(name: str, layer: _Layer, count: int, threads: int) -> None:
    """Have the function work on the pieces 0 to `count`; each thread takes the next one until none is left."""
    library = _library()
    assert library is not None
    function: Callable[..., int | None] = getattr(library, f"rnnlab_{name}")
    pieces = iter(range(count))

    def take() -> bool:
        """Work on what comes next until nothing is left; whether all of it went well."""
        well = True
        # The next of an iterator is one step of the interpreter: no two threads get the same.
        for piece in pieces:
            well = not function(layer, piece, piece + 1) and well
        return well

    threads = min(threads, count)
    if threads == 1:
        well = not function(layer, 0, count)
    else:
        helpers = [_helpers(threads - 1).submit(take) for _ in range(threads - 1)]
        well = take()
        # Who has not begun by now is not waited for.
        well = all([well, *(helper.result() for helper in helpers if not helper.cancel())])
    if not well:
        raise MemoryError("there is no memory for the gradients of a recurrent layer")


@cache
def _helpers(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, "recurrent layer")
