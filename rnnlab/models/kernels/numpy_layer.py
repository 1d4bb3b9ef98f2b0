"""A recurrent layer in NumPy, forward and backward written out, over the steps of a batch: what all cells have in common.

Arrays are (gates, steps, batch, hidden_size): each gate is one block, so its nonlinearity works on contiguous memory, and
a product with a gate's weights is an ordinary one. Steps come in chunks of about `CHUNK` rows. In each, the sums from below
are one product, the steps follow in place, and on the way back the weights' gradients are one product a gate, while all of
it is still in the cache. The step before the first is skipped where its state is zero.

`sums` is a gate's part from below, W x + b, then its whole argument, then its value. `d_x` is the gradient of the
loss by `x`. σ(x) = ½ tanh(½ x) + ½: NumPy's tanh is vectorised, PyTorch's takes six times as long; the inner ½ is in the
weights, which have to be turned round anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[Any]

CHUNK = 256
"""Rows (steps times batch) of a chunk: enough for full speed of the products, few enough that a chunk stays in the cache."""


class Weights(NamedTuple):
    """One layer's parameters, gate by gate as PyTorch stacks them."""

    w: Array
    """W, of the layer's input, (gates · hidden_size, input_size)."""
    u: Array
    """Recurrent, (gates · hidden_size, hidden_size)."""
    bias: Array | None = None
    """(gates · hidden_size,), added to W x."""
    recurrent_bias: Array | None = None
    """(gates · hidden_size,), added to U h."""


class ArrayGradients(NamedTuple):
    """Gradients of the loss by the layer's input, by the weights, by the states before the first step."""

    below: Array | None
    weights: Weights
    first: tuple[Array, ...]


class NumPyLayer:
    """One pass of a layer over a batch: `forward` once, then `backward` any number of times.

    `below`: the inputs, (steps, batch, input_size), or tokens (steps, batch), which pick columns of W. `first`: the states
    (batch, hidden_size) before the first step; none: zeros. Without `keep` there is no backward pass.
    """

    halved: tuple[float, ...] = (1.0,)
    """Factor of each gate's argument before its tanh: ½ makes it a σ."""

    def __init__(self, weights: Weights, below: Array, first: tuple[Array, ...] = (), *, keep: bool = True) -> None:
        self.weights = weights
        self.below = below
        self.first = first
        self.keep = keep
        self.gates = len(self.halved)
        self.steps, self.batch = below.shape[:2]
        self.hidden_size = weights.u.shape[1]
        self.kind = weights.u.dtype
        self._chunk = min(self.steps, max(1, CHUNK // self.batch))
        self._sums: list[Array] = []
        self.states = self._space(self.steps + 1)
        """(steps + 1, batch, hidden_size), from the state before the first step on."""
        self.states[0] = first[0] if first else 0.0

    @np.errstate(all="ignore")  # the loop reports a loss that is not finite
    def forward(self) -> Array:
        """The states after each step, (steps, batch, hidden_size)."""
        scale, _ = sigmoid_scale(self.halved, self.kind.char)
        self._turned = self._turn(self.weights.u, scale)
        table, bias = self._turn(self.weights.w, scale), self._bias(scale)
        self._begin()
        sums: Array | None = None
        for start, end in self._chunks():
            if sums is None or self.keep or end - start != sums.shape[1]:
                sums = self._room(start, end)
            self._read_below(table, bias, start, end, sums)
            self._forward(start, sums)
            if self.keep:
                self._sums.append(sums)
        return self.states[1:]

    @np.errstate(all="ignore")
    def backward(self, d_states: Array, *, by_below: bool) -> ArrayGradients:
        """The gradients, from that by the outputs, (steps, batch, hidden_size)."""
        weights, gates, hidden_size = self.weights, self.gates, self.hidden_size
        input_size = weights.w.shape[1]
        self._d_h = np.zeros((self.batch, hidden_size), self.kind)
        """By the state after the current step, through the steps after it."""
        self._turned_back = weights.u.reshape(gates, hidden_size, hidden_size)
        self._by_step = np.empty((gates, self.batch, hidden_size), self.kind)
        self._begin_backward()
        d_sums = np.empty((gates, self._chunk, self.batch, hidden_size), self.kind)
        d_u = np.zeros((gates, hidden_size, hidden_size), self.kind)
        tokens = self.below.ndim == 2
        d_w = np.zeros((gates, input_size, hidden_size) if tokens else (gates, hidden_size, input_size), self.kind)
        d_bias, d_recurrent_bias = np.zeros((2, gates, hidden_size), self.kind)
        d_below = np.empty_like(self.below) if by_below else None
        for (start, end), sums in zip(reversed(list(self._chunks())), reversed(self._sums), strict=True):
            rows = (end - start) * self.batch
            d = d_sums[:, : end - start]
            d_products = self._backward(start, end, sums, d_states, d)
            flat = d.reshape(gates, rows, hidden_size)
            self._gather_below(start, end, flat, d_w)
            if weights.bias is not None:
                by_bias = np.add.reduce(flat, 1)
                d_bias += by_bias
                d_recurrent_bias += (
                    by_bias if d_products is d else np.add.reduce(d_products.reshape(gates, rows, hidden_size), 1)
                )
            if by_below:
                assert d_below is not None
                parts = np.matmul(flat, weights.w.reshape(gates, hidden_size, input_size))
                np.add.reduce(parts.reshape(gates, end - start, self.batch, input_size), 0, out=d_below[start:end])
            skip = 1 if start == 0 and not self.first else 0
            if end - start > skip:
                turned = d_products[:, skip:].reshape(gates, -1, hidden_size).transpose(0, 2, 1)
                d_u += np.matmul(turned, self.states[start + skip : end].reshape(-1, hidden_size))
        if tokens:
            d_w = np.ascontiguousarray(d_w.transpose(0, 2, 1))
        biases = (None, None) if weights.bias is None else (d_bias.reshape(-1), d_recurrent_bias.reshape(-1))
        d_weights = Weights(
            d_w.reshape(gates * hidden_size, input_size), d_u.reshape(gates * hidden_size, hidden_size), *biases
        )
        return ArrayGradients(d_below, d_weights, self._d_first() if self.first else ())

    def _chunks(self) -> Iterator[tuple[int, int]]:
        """First step and the step after the last of each chunk."""
        for start in range(0, self.steps, self._chunk):
            yield start, min(start + self._chunk, self.steps)

    def _read_below(self, table: Array, bias: Array | None, start: int, end: int, sums: Array) -> None:
        """Write W x + b of a chunk into `sums`. `table`: W turned, (gates, input_size, hidden_size)."""
        gates, hidden_size = self.gates, self.hidden_size
        flat = sums.reshape(gates, -1, hidden_size)
        below = self.below[start:end]
        if below.ndim == 2:
            tokens = below.reshape(-1)
            for gate in range(gates):
                # Tokens are within the table: they come from the task's own alphabet. "clip" spares a copy.
                np.take(table[gate], tokens, axis=0, out=flat[gate], mode="clip")
        else:
            np.matmul(below.reshape(-1, below.shape[2]), table, out=flat)
        if bias is not None:
            np.add(flat, bias, out=flat)

    def _gather_below(self, start: int, end: int, d: Array, d_w: Array) -> None:
        """Add a chunk's share to W's gradient, (gates, hidden_size, input_size); for tokens the last two axes are swapped."""
        below = self.below[start:end]
        if below.ndim == 2:
            rows = torch.from_numpy(np.ascontiguousarray(below).reshape(-1))
            torch.from_numpy(d_w).index_add_(1, rows, torch.from_numpy(d))
        else:
            d_w += np.matmul(d.transpose(0, 2, 1), below.reshape(-1, below.shape[2]))

    def _turn(self, stacked: Array, scale: Array) -> Array:
        """(gates · hidden_size, input_size) → (gates, input_size, hidden_size), each gate times its scale."""
        input_size = stacked.shape[1]
        turned = np.empty((self.gates, input_size, self.hidden_size), self.kind)
        np.multiply(stacked.reshape(self.gates, self.hidden_size, input_size).transpose(0, 2, 1), scale, out=turned)
        return turned

    def _bias(self, scale: Array) -> Array | None:
        """The sum of the biases, (gates, 1, hidden_size)."""
        if self.weights.bias is None:
            return None
        assert self.weights.recurrent_bias is not None
        both: Array = (self.weights.bias + self.weights.recurrent_bias).reshape(self.gates, 1, self.hidden_size)
        return both * scale

    def _room(self, start: int, end: int) -> Array:
        return np.empty((self.gates, end - start, self.batch, self.hidden_size), self.kind)

    def _space(self, steps: int) -> Array:
        return np.empty((steps, self.batch, self.hidden_size), self.kind)

    def _product_back(self, d_product: Array, out: Array) -> None:
        """Write Uᵀ d, (batch, hidden_size), summed over the gates."""
        np.matmul(d_product, self._turned_back, self._by_step)
        np.add.reduce(self._by_step, 0, out=out)

    def _begin(self) -> None:
        """Allocate what `_forward` keeps from step to step."""

    def _begin_backward(self) -> None:
        """Allocate what `_backward` keeps from step to step."""

    def _forward(self, start: int, sums: Array) -> None:
        """The states of a chunk from its `sums` (gates, steps, batch, hidden_size), which are overwritten with the gates."""
        raise NotImplementedError

    def _backward(self, start: int, end: int, sums: Array, d_states: Array, d_sums: Array) -> Array:
        """Write a chunk's `d_sums`; returns them or, where it is another, the gradient by U h + c."""
        raise NotImplementedError

    def _d_first(self) -> tuple[Array, ...]:
        """The gradients by the states before the first step, once `_backward` has reached it."""
        return (self._d_h,)


@cache
def sigmoid_scale(halved: tuple[float, ...], kind: str) -> tuple[Array, Array]:
    """Scale and offset (gates, 1, 1) with which tanh gives σ where a gate is halved, and stays tanh elsewhere."""
    scale = np.array(halved, dtype=kind).reshape(-1, 1, 1)
    return scale, (1.0 - scale).astype(kind)
