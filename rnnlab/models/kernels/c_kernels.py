"""Recurrent layers by the compiled functions of `c/recurrent.c`, where they were built and are the kernels in use.

The equations are those of `rnnlab.models.kernels.numpy_kernels`; the functions keep sums and gates in registers. Results depend
neither on the number of threads nor on the other sequences of a batch: the batch is divided into slices by its size alone,
threads take whole slices, and the slices' gradients are added up in order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from rnnlab.cores import cores
from rnnlab.models.kernels.library import WEIGHTS, LayerStruct, in_use, library

CELLS = ("elman", "rectified elman", "lstm", "gru")
"""In the order of their numbers in the header."""

MOST_THREADS = 8
"""Most threads that read one tree."""


class Gradients(NamedTuple):
    """Gradients of the loss by the inputs, by w, u and the two biases, by the states before the first step."""

    below: Tensor | None
    weights: tuple[Tensor, ...]
    first: tuple[Tensor, ...]


class Tree(NamedTuple):
    """Steps of which several may follow the same one. Each thread takes whole slices."""

    parents: Tensor
    """int64 (nodes,): 1 + the node that each follows, 0 for the first steps."""
    levels: Tensor
    """int64 (slices, steps + 1): the first node of each level of a slice, and where its last level ends."""
    widest: int
    """Nodes of the widest level."""


_threads = 1


def use_threads(count: int) -> None:
    """Set how many threads work on a layer, in this whole process."""
    global _threads
    _threads = count


def lanes() -> int:
    """Floats in a vector register of the compiled functions; 0: they are not in use."""
    return in_use().lanes


class _Work:
    """A layer's weights and the memory that the compiled functions work in."""

    def __init__(self, cell: str, weights: Sequence[Tensor], below: Tensor) -> None:
        self._cell = cell
        self._weights = weights
        self._below = below = below.long() if not below.is_floating_point() else below
        width, size = weights[0].shape[1], weights[1].shape[1]
        units = lanes() if cell in ("lstm", "gru") else 4 * lanes()
        self._panel = panel = 4 * lanes()
        self._panels = -(-size // units)
        self._d_row = -(-size // panel) * panel
        self._rooms: dict[str, Tensor] = {}
        layer = self._layer = LayerStruct(cell=CELLS.index(cell), size=size, padded=self._panels * units, width=width)
        for name, weight in zip(WEIGHTS, weights, strict=False):
            setattr(layer, name, weight.data_ptr())
        setattr(layer, "values" if below.is_floating_point() else "tokens", below.data_ptr())
        self._room("table", self._panels * panel * -(-width // panel) * panel)
        self._room("turned", self._panels * panel * self._d_row)
        self._room("biases", self._panels * panel)

    def _room(self, name: str, *shape: int) -> Tensor:
        room = self._rooms[name] = torch.empty(*shape)
        setattr(self._layer, name, room.data_ptr())
        return room

    def _fill(self, states: Tensor, first: Tensor | None) -> None:
        states.zero_()
        if first is not None:
            states[..., : first.shape[-1]] = first


class CompiledPass(_Work):
    """One pass of a layer over a batch: `forward` once, then `backward` any number of times.

    `cell`: one of `CELLS`. `weights`: w, u and the two biases if there are any, as PyTorch has them, float32 and contiguous.
    `below`: values (steps, batch, input_size) or tokens (steps, batch). `first`: the states (batch, hidden_size) before the first
    step; none: zeros. Without `keep` there is no backward pass. With `watched` the backward pass records the `flow`.
    """

    def __init__(
        self,
        cell: str,
        weights: Sequence[Tensor],
        below: Tensor,
        first: tuple[Tensor, ...] = (),
        *,
        keep: bool = True,
        watched: bool = False,
    ) -> None:
        super().__init__(cell, weights, below if below.dim() == 2 or below.stride(2) == 1 else below.contiguous())
        steps, batch = below.shape[:2]
        layer = self._layer
        layer.steps, layer.batch, layer.keep, layer.given = steps, batch, keep, bool(first)
        layer.step_stride, layer.row_stride = self._below.stride()[:2]
        # Two threads find work in a small batch, more in a large one; with fewer sequences a slice, weights are read too often.
        layer.slice = min(64, max(16, -(-batch // 2)))
        self._slices = -(-batch // layer.slice)
        self.states = self._room("states", steps + 1, batch, layer.padded)
        self._fill(self.states[0], first[0] if first else None)
        if cell == "lstm":
            cells = self._room("cells", steps + 1 if keep else 2, batch, layer.padded)
            self._fill(cells[0], first[1] if first else None)
        self._watched = watched
        if keep and cell in ("lstm", "gru"):
            self._room("gates", batch * steps * self._panels * self._panel)
            if cell == "lstm":
                self._room("bent", steps, batch, layer.padded)

    def forward(self) -> Tensor:
        """The states after each step, (steps, batch, hidden_size)."""
        _share("turn", self._layer, self._panels, 1)
        _share("onward", self._layer, self._slices, _threads)
        return self.outputs

    def backward(self, d_states: Tensor, *, by_below: bool, ends: Tensor | None = None) -> Gradients:
        """The gradients, from that by the outputs, (steps, batch, hidden_size).

        With `ends` (batch,) from that by the outputs after so many steps of each sequence alone, (batch, hidden_size).
        """
        layer, panel = self._layer, self._panel
        steps, batch, size, padded, width = layer.steps, layer.batch, layer.size, layer.padded, layer.width
        if padded != size:
            wide = torch.zeros(*d_states.shape[:-1], padded)
            wide[..., :size] = d_states
            d_states = wide
        else:
            d_states = d_states.contiguous()
        ends = None if ends is None else ends.long().contiguous()
        layer.d_states, layer.ends = d_states.data_ptr(), 0 if ends is None else ends.data_ptr()
        d_h = self._room("d_h", batch, self._d_row).zero_()
        d_c = self._room("d_c", batch, padded).zero_()
        self._room("part_u", self._slices * self._panels * size * panel)
        self._room("part_w", self._slices * self._panels * width * panel)
        self._room("part_bias", self._slices * self._panels * panel)
        d_below = torch.empty(steps, batch, width) if by_below else None
        layer.d_values = d_below.data_ptr() if d_below is not None else 0
        if self._watched:
            self._room("flow", steps, batch, padded)
        d_weights = tuple(torch.empty_like(weight) for weight in self._weights)
        for name, weight in zip(("d_w", "d_u", "d_bias", "d_recurrent_bias"), d_weights, strict=False):
            setattr(layer, name, weight.data_ptr())
        blocks = -(-max(size, width if by_below else 0) // panel)
        _share("stack", layer, blocks, 1)
        _share("back", layer, self._slices, _threads)
        _share("collect", layer, self._panels, _threads)
        first = (d_h[:, :size], d_c[:, :size])[: 2 if self._cell == "lstm" else 1] if layer.given else ()
        return Gradients(d_below, d_weights, first)

    @property
    def outputs(self) -> Tensor:
        """The states after each step, (steps, batch, hidden_size)."""
        return self.states[1:, :, : self._layer.size]

    def cell_states(self) -> list[Tensor]:
        """An LSTM's c after each step, (steps, batch, hidden_size); none of another cell, or where nothing was kept."""
        if not (self._cell == "lstm" and self._layer.keep):
            return []
        return [self._rooms["cells"][1:, :, : self._layer.size]]

    @property
    def flow(self) -> Tensor:
        """After `backward`: the gradient by the state after each step, through later ones too, (steps, batch, hidden_size)."""
        return self._rooms["flow"][..., : self._layer.size]

    def gates(self) -> Tensor:
        """An LSTM's i, f, g and o, or a GRU's r, z and n, at every step, (gates, steps, batch, hidden_size)."""
        layer, panels = self._layer, self._panels
        slices = torch.split(self._rooms["gates"], layer.slice * layer.steps * panels * self._panel)
        parts = [part.view(panels, layer.steps, -1, 4, lanes()).permute(3, 1, 2, 0, 4).flatten(3) for part in slices]
        return torch.cat(parts, dim=2)[: 4 if self._cell == "lstm" else 3, ..., : layer.size]


def read_tree(
    cell: str, weights: Sequence[Tensor], below: Tensor, tree: Tree, first: tuple[Tensor, ...] = ()
) -> Tensor:
    """Outputs of a layer at every node of a tree of steps, (nodes, hidden_size).

    `below`: values (nodes, input_size) or tokens (nodes,). `first`: the states (hidden_size,) before the first step; none: zeros.
    The rest is as `CompiledPass` has it, whose output after the same steps is bit for bit the same. All processors take part,
    however many threads PyTorch has: it takes some milliseconds, and the result does not depend on them.
    """
    work = _Work(cell, weights, below if below.dim() == 1 or below.stride(1) == 1 else below.contiguous())
    layer, nodes = work._layer, len(tree.parents)
    layer.steps, layer.batch, layer.given = tree.levels.shape[1] - 1, tree.widest, bool(first)
    layer.row_stride = work._below.stride()[0]
    layer.levels, layer.parents = tree.levels.data_ptr(), tree.parents.data_ptr()
    states = work._room("states", 1 + nodes, layer.padded)
    work._fill(states[0], first[0] if first else None)
    if cell == "lstm":
        work._fill(work._room("cells", 1 + nodes, layer.padded)[0], first[1] if first else None)
    _share("turn", layer, work._panels, 1)
    _share("read_tree", layer, len(tree.levels), min(cores(), MOST_THREADS))
    return states[1:, : layer.size]


def _share(name: str, layer: LayerStruct, count: int, threads: int) -> None:
    """Call the function for the pieces 0 to `count`; each thread takes the next one until none is left."""
    loaded = library()
    assert loaded is not None
    function: Callable[..., int | None] = getattr(loaded, f"rnnlab_{name}")
    pieces = iter(range(count))

    def take() -> bool:
        """Work on the next piece until none is left; whether all went well."""
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
        # A helper that has not begun by now is not waited for.
        well = all([well, *(helper.result() for helper in helpers if not helper.cancel())])
    if not well:
        raise MemoryError("there is no memory for a recurrent layer")


@cache
def _helpers(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, "recurrent layer")
