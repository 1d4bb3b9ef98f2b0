"""A recurrent layer over the steps of a batch, forwards and backwards by hand: the Elman, LSTM and GRU layers.

Arrays are (gates, steps, batch, size): each gate is one block, so what bends it goes over memory that lies together, and
a product with a gate's weights is an ordinary one. Steps come in chunks of about `CHUNK` rows. In each, the sums from below
are one product, the steps follow in place, and on the way back the weights' gradients are one product a gate, while all of
it is still in the cache. The step before the first is skipped where its state is zero.

`sums` is what a gate reads from below, W x + b, then its whole argument, then what it says. `d_x` is the gradient of the
loss by `x`. σ(x) = ½ tanh(½ x) + ½: NumPy's tanh is vectorised, PyTorch's takes six times as long; the inner ½ is in the
weights, which have to be turned round anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnlab.models.kernels import c_kernels as compiled

Array = NDArray[Any]

CHUNK = 256
"""Rows (steps times batch) of a chunk: enough for full speed of the products, few enough that a chunk stays in the cache."""


class Weights(NamedTuple):
    """One layer's parameters, gate by gate as PyTorch stacks them."""

    w: Array
    """From below, (gates · size, width)."""
    u: Array
    """Recurrent, (gates · size, size)."""
    bias: Array | None = None
    """(gates · size,), added to what comes from below."""
    recurrent_bias: Array | None = None
    """(gates · size,), added to U h."""


class ArrayGradients(NamedTuple):
    """Of the loss: by what was read from below, by the weights, by the states before the first step."""

    below: Array | None
    weights: Weights
    first: tuple[Array, ...]


class Unrolled:
    """One layer, one batch: `onward` once, then `back` as often as is wanted.

    `below`: what the layer reads, (steps, batch, width), or tokens (steps, batch), which pick columns of W. `first`: the
    states (batch, size) before the first step; none: zeros. With `keep` false nothing is kept to go back through.
    """

    halved: tuple[float, ...] = (1.0,)
    """What each gate's argument is multiplied with before its tanh: ½ makes it a σ."""

    def __init__(self, weights: Weights, below: Array, first: tuple[Array, ...] = (), *, keep: bool = True) -> None:
        self.weights = weights
        self.below = below
        self.first = first
        self.keep = keep
        self.gates = len(self.halved)
        self.steps, self.batch = below.shape[:2]
        self.size = weights.u.shape[1]
        self.kind = weights.u.dtype
        self._chunk = min(self.steps, max(1, CHUNK // self.batch))
        self._sums: list[Array] = []
        self.states = self._space(self.steps + 1)
        """(steps + 1, batch, size), from the state before the first step on."""
        self.states[0] = first[0] if first else 0.0

    @np.errstate(all="ignore")  # a loss that is no number is told of by the loop
    def onward(self) -> Array:
        """The states after each step, (steps, batch, size)."""
        scale, _ = _bend(self.halved, self.kind.char)
        self._turned = self._turn(self.weights.u, scale)
        table, bias = self._turn(self.weights.w, scale), self._bias(scale)
        self._begin()
        sums: Array | None = None
        for start, end in self._chunks():
            if sums is None or self.keep or end - start != sums.shape[1]:
                sums = self._room(start, end)
            self._read_below(table, bias, start, end, sums)
            self._onward(start, sums)
            if self.keep:
                self._sums.append(sums)
        return self.states[1:]

    @np.errstate(all="ignore")
    def back(self, d_states: Array, *, by_below: bool) -> ArrayGradients:
        """From the gradient (steps, batch, size) by the states as they are read from above."""
        weights, gates, size = self.weights, self.gates, self.size
        width = weights.w.shape[1]
        self._d_h = np.zeros((self.batch, size), self.kind)
        """By the state that the step at hand gives, through the steps after it."""
        self._turned_back = weights.u.reshape(gates, size, size)
        self._by_step = np.empty((gates, self.batch, size), self.kind)
        self._begin_back()
        d_sums = np.empty((gates, self._chunk, self.batch, size), self.kind)
        d_u = np.zeros((gates, size, size), self.kind)
        tokens = self.below.ndim == 2
        d_w = np.zeros((gates, width, size) if tokens else (gates, size, width), self.kind)
        d_bias, d_recurrent_bias = np.zeros((2, gates, size), self.kind)
        d_below = np.empty_like(self.below) if by_below else None
        for (start, end), sums in zip(reversed(list(self._chunks())), reversed(self._sums), strict=True):
            rows = (end - start) * self.batch
            d = d_sums[:, : end - start]
            d_products = self._back(start, end, sums, d_states, d)
            flat = d.reshape(gates, rows, size)
            self._gather_below(start, end, flat, d_w)
            if weights.bias is not None:
                by_bias = np.add.reduce(flat, 1)
                d_bias += by_bias
                d_recurrent_bias += (
                    by_bias if d_products is d else np.add.reduce(d_products.reshape(gates, rows, size), 1)
                )
            if by_below:
                assert d_below is not None
                parts = np.matmul(flat, weights.w.reshape(gates, size, width))
                np.add.reduce(parts.reshape(gates, end - start, self.batch, width), 0, out=d_below[start:end])
            skip = 1 if start == 0 and not self.first else 0
            if end - start > skip:
                turned = d_products[:, skip:].reshape(gates, -1, size).transpose(0, 2, 1)
                d_u += np.matmul(turned, self.states[start + skip : end].reshape(-1, size))
        if tokens:
            d_w = np.ascontiguousarray(d_w.transpose(0, 2, 1))
        biases = (None, None) if weights.bias is None else (d_bias.reshape(-1), d_recurrent_bias.reshape(-1))
        d_weights = Weights(d_w.reshape(gates * size, width), d_u.reshape(gates * size, size), *biases)
        return ArrayGradients(d_below, d_weights, self._d_first() if self.first else ())

    def _chunks(self) -> Iterator[tuple[int, int]]:
        """First step and the step after the last of each chunk."""
        for start in range(0, self.steps, self._chunk):
            yield start, min(start + self._chunk, self.steps)

    def _read_below(self, table: Array, bias: Array | None, start: int, end: int, sums: Array) -> None:
        """Write W x + b of a chunk into `sums`. `table`: W turned, (gates, width, size)."""
        gates, size = self.gates, self.size
        flat = sums.reshape(gates, -1, size)
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
        """Add to W's gradient what a chunk gives: (gates, size, width), or (gates, width, size) for tokens."""
        below = self.below[start:end]
        if below.ndim == 2:
            rows = torch.from_numpy(np.ascontiguousarray(below).reshape(-1))
            torch.from_numpy(d_w).index_add_(1, rows, torch.from_numpy(d))
        else:
            d_w += np.matmul(d.transpose(0, 2, 1), below.reshape(-1, below.shape[2]))

    def _turn(self, stacked: Array, scale: Array) -> Array:
        """(gates · size, width) as (gates, width, size), each gate by its scale."""
        width = stacked.shape[1]
        turned = np.empty((self.gates, width, self.size), self.kind)
        np.multiply(stacked.reshape(self.gates, self.size, width).transpose(0, 2, 1), scale, out=turned)
        return turned

    def _bias(self, scale: Array) -> Array | None:
        """What is added to what comes from below, (gates, 1, size)."""
        if self.weights.bias is None:
            return None
        assert self.weights.recurrent_bias is not None
        both: Array = (self.weights.bias + self.weights.recurrent_bias).reshape(self.gates, 1, self.size)
        return both * scale

    def _room(self, start: int, end: int) -> Array:
        return np.empty((self.gates, end - start, self.batch, self.size), self.kind)

    def _space(self, steps: int) -> Array:
        return np.empty((steps, self.batch, self.size), self.kind)

    def _product_back(self, d_product: Array, out: Array) -> None:
        """Write Uᵀ d, (batch, size), summed over the gates."""
        np.matmul(d_product, self._turned_back, self._by_step)
        np.add.reduce(self._by_step, 0, out=out)

    def _begin(self) -> None:
        """Make what `_onward` keeps from step to step."""

    def _begin_back(self) -> None:
        """Make what `_back` keeps from step to step."""

    def _onward(self, start: int, sums: Array) -> None:
        """The states of a chunk from its `sums` (gates, steps, batch, size), which are written over with the gates."""
        raise NotImplementedError

    def _back(self, start: int, end: int, sums: Array, d_states: Array, d_sums: Array) -> Array:
        """Write a chunk's `d_sums`; returns them or, where it is another, the gradient by U h + c."""
        raise NotImplementedError

    def _d_first(self) -> tuple[Array, ...]:
        """The gradients by the states before the first step, once `_back` came to it."""
        return (self._d_h,)


class Elman(Unrolled):
    """h = tanh(W x + b + U h' + c). The states are written where the sums stood."""

    def _room(self, start: int, end: int) -> Array:
        return self.states[np.newaxis, 1 + start : 1 + end]

    def onward(self) -> Array:
        """The states after each step, (steps, batch, size)."""
        self.keep = True  # there is nothing that could be spared
        return super().onward()

    def _onward(self, start: int, sums: Array) -> None:
        turned, product = self._turned[0], self._space(1)[0]
        bend = self._bend
        for step, state in enumerate(sums[0], start):
            if step or self.first:
                np.dot(self.states[step], turned, product)
                np.add(state, product, state)
            bend(state)

    def _bend(self, state: Array) -> None:
        np.tanh(state, state)

    def _slope(self, states: Array, out: Array) -> None:
        np.multiply(states, states, out)
        np.subtract(1.0, out, out)

    def _back(self, start: int, end: int, sums: Array, d_states: Array, d_sums: Array) -> Array:
        u, d_h = self.weights.u, self._d_h
        self._slope(sums[0], d_sums[0])
        for step in range(end - 1, start - 1, -1):
            d = d_sums[0, step - start]
            np.add(d_h, d_states[step], d_h)
            np.multiply(d, d_h, d)
            if step or self.first:
                np.dot(d, u, d_h)
        return d_sums


class RectifiedElman(Elman):
    """h = max(0, W x + b + U h' + c)."""

    def _bend(self, state: Array) -> None:
        np.maximum(state, 0.0, out=state)

    def _slope(self, states: Array, out: Array) -> None:
        np.greater(states, 0.0, out=out)


class LSTM(Unrolled):
    """Gates i, f, g, o: c = f ⊙ c' + i ⊙ g, h = o ⊙ tanh(c). `first`: h and c."""

    halved = (0.5, 0.5, 1.0, 0.5)

    def _begin(self) -> None:
        self.cells = self._space(self.steps + 1)
        self.cells[0] = self.first[1] if self.first else 0.0
        self.bent = self._space(self.steps)
        """tanh(c)."""

    def _onward(self, start: int, sums: Array) -> None:
        add, matmul, multiply, tanh = np.add, np.matmul, np.multiply, np.tanh
        turned, states, cells = self._turned, self.states, self.cells
        scale, offset = _bend(self.halved, self.kind.char)
        product, part = np.empty_like(turned, shape=(4, self.batch, self.size)), self._space(1)[0]
        for step, gates in enumerate(np.swapaxes(sums, 0, 1), start):
            inner = step or self.first
            if inner:
                matmul(states[step], turned, product)
                add(gates, product, gates)
            tanh(gates, gates)
            multiply(gates, scale, gates)
            add(gates, offset, gates)
            i, f, g, o = gates
            c, bent = cells[step + 1], self.bent[step]
            multiply(i, g, c)
            if inner:
                multiply(f, cells[step], part)
                add(c, part, c)
            tanh(c, bent)
            multiply(o, bent, states[step + 1])

    def _begin_back(self) -> None:
        self._d_c = np.zeros((self.batch, self.size), self.kind)

    def _back(self, start: int, end: int, sums: Array, d_states: Array, d_sums: Array) -> Array:
        add, multiply, subtract = np.add, np.multiply, np.subtract
        cells, bent = self.cells, self.bent[start:end]
        i, f, g, o = sums
        by_i, by_f, by_g, by_o = d_sums
        # What does not depend on the step after, for the whole chunk: by what d_c and d_h are multiplied.
        subtract(1.0, sums, d_sums)
        multiply(d_sums, sums, d_sums)
        multiply(by_i, g, by_i)
        multiply(by_f, cells[start:end], by_f)
        multiply(g, g, by_g)
        subtract(1.0, by_g, by_g)
        multiply(by_g, i, by_g)
        multiply(by_o, bent, by_o)
        h_to_c = bent * bent
        subtract(1.0, h_to_c, h_to_c)
        multiply(h_to_c, o, h_to_c)
        d_h, d_c, part = self._d_h, self._d_c, self._space(1)[0]
        for step in range(end - 1, start - 1, -1):
            place = step - start
            d = d_sums[:, place]
            add(d_h, d_states[step], d_h)
            multiply(d[3], d_h, d[3])
            multiply(h_to_c[place], d_h, part)
            add(d_c, part, d_c)
            multiply(d[:3], d_c, d[:3])
            if step or self.first:
                self._product_back(d, d_h)
                multiply(d_c, f[place], d_c)
        return d_sums

    def _d_first(self) -> tuple[Array, ...]:
        return self._d_h, self._d_c


class GRU(Unrolled):
    """Gates r, z, n: n = tanh(W x + b + r ⊙ (U h' + c)), h = n + z ⊙ (h' - n)."""

    halved = (0.5, 0.5, 1.0)

    def _bias(self, scale: Array) -> Array | None:
        """Those of r and z together; that of n's product stands inside the brackets."""
        if self.weights.bias is None:
            return None
        assert self.weights.recurrent_bias is not None
        bias = self.weights.bias.reshape(3, 1, self.size).copy()
        bias[:2] += self.weights.recurrent_bias.reshape(3, 1, self.size)[:2]
        bias *= scale
        return bias

    def _begin(self) -> None:
        self.products = self._space(self.steps)
        """U h' + c of n."""

    def _onward(self, start: int, sums: Array) -> None:
        add, matmul, multiply, subtract, tanh = np.add, np.matmul, np.multiply, np.subtract, np.tanh
        turned, states = self._turned, self.states
        bias = self.weights.recurrent_bias
        inner_bias = np.zeros(self.size, self.kind) if bias is None else bias[2 * self.size :]
        product, part = np.empty_like(turned, shape=(3, self.batch, self.size)), self._space(1)[0]
        for step, gates in enumerate(np.swapaxes(sums, 0, 1), start):
            both, n = gates[:2], gates[2]
            product_n, before = self.products[step], states[step]
            if step or self.first:
                matmul(before, turned, product)
                add(both, product[:2], both)
                add(product[2], inner_bias, product_n)
            else:
                product_n[:] = inner_bias
            tanh(both, both)
            multiply(both, 0.5, both)
            add(both, 0.5, both)
            r, z = both
            multiply(r, product_n, part)
            add(n, part, n)
            tanh(n, n)
            subtract(before, n, part)
            multiply(part, z, part)
            add(n, part, states[step + 1])

    def _begin_back(self) -> None:
        self._d_products = np.empty((3, self._chunk, self.batch, self.size), self.kind)

    def _back(self, start: int, end: int, sums: Array, d_states: Array, d_sums: Array) -> Array:
        add, multiply, subtract = np.add, np.multiply, np.subtract
        d_h = self._d_h
        r, z, n = sums
        n_to_r, by_z, by_n = d_sums
        d_products = self._d_products[:, : end - start]
        # By what d_n is multiplied to give d_r, and d_h to give d_z and d_n.
        subtract(1.0, r, n_to_r)
        multiply(n_to_r, r, n_to_r)
        multiply(n_to_r, self.products[start:end], n_to_r)
        subtract(1.0, z, by_n)
        subtract(self.states[start:end], n, by_z)
        multiply(by_z, z, by_z)
        multiply(by_z, by_n, by_z)
        slope = d_products[2]
        multiply(n, n, slope)
        subtract(1.0, slope, slope)
        multiply(by_n, slope, by_n)
        part = self._space(1)[0]
        for step in range(end - 1, start - 1, -1):
            place = step - start
            d, d_product = d_sums[:, place], d_products[:, place]
            add(d_h, d_states[step], d_h)
            multiply(d[1:], d_h, d[1:])
            multiply(d[0], d[2], d[0])
            d_product[:2] = d[:2]
            multiply(d[2], r[place], d_product[2])
            if step or self.first:
                self._product_back(d_product, part)
                multiply(d_h, z[place], d_h)
                add(d_h, part, d_h)
        return d_products


@cache
def _bend(halved: tuple[float, ...], kind: str) -> tuple[Array, Array]:
    """Scale and offset (gates, 1, 1) with which tanh gives σ where a gate is halved, and stays tanh elsewhere."""
    scale = np.array(halved, dtype=kind).reshape(-1, 1, 1)
    return scale, (1.0 - scale).astype(kind)


_CELLS: dict[str, type[Unrolled]] = {"elman": Elman, "rectified elman": RectifiedElman, "lstm": LSTM, "gru": GRU}


class NumPyPass:
    """The same from tensors to tensors, as `compiled.Unrolled` has it."""

    def __init__(
        self, cell: str, weights: Sequence[Tensor], below: Tensor, first: tuple[Tensor, ...] = (), *, keep: bool = True
    ) -> None:
        arrays = [weight.numpy() for weight in weights]
        states = tuple(state.numpy() for state in first)
        self._pass = _CELLS[cell](Weights(*arrays), below.numpy(), states, keep=keep)

    def onward(self) -> Tensor:
        return torch.from_numpy(self._pass.onward())

    def back(self, d_states: Tensor, *, by_below: bool, ends: Tensor | None = None) -> compiled.Gradients:
        if ends is not None:
            steps, batch = self._pass.steps, self._pass.batch
            every = d_states.new_zeros(steps, batch, d_states.shape[1])
            every[ends - 1, torch.arange(batch)] = d_states
            d_states = every
        d = self._pass.back(d_states.numpy(), by_below=by_below)
        below = None if d.below is None else torch.from_numpy(d.below)
        weights = tuple(torch.from_numpy(array) for array in d.weights if array is not None)
        return compiled.Gradients(below, weights, tuple(map(torch.from_numpy, d.first)))
