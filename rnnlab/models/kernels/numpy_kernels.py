"""The Elman, LSTM and GRU layers in NumPy, for machines without compiled kernels and for double precision."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from rnnlab.models.kernels.c_kernels import Gradients
from rnnlab.models.kernels.numpy_layer import Array, NumPyLayer, Weights, sigmoid_scale


class Elman(NumPyLayer):
    """h = tanh(W x + b + U h' + c). The states overwrite the sums."""

    def _room(self, start: int, end: int) -> Array:
        return self.states[np.newaxis, 1 + start : 1 + end]

    def forward(self) -> Array:
        """The states after each step, (steps, batch, hidden_size)."""
        self.keep = True  # nothing could be spared
        return super().forward()

    def _forward(self, start: int, sums: Array) -> None:
        turned, product = self._turned[0], self._space(1)[0]
        activate = self._activate
        for step, state in enumerate(sums[0], start):
            if step or self.first:
                np.dot(self.states[step], turned, product)
                np.add(state, product, state)
            activate(state)

    def _activate(self, state: Array) -> None:
        np.tanh(state, state)

    def _slope(self, states: Array, out: Array) -> None:
        np.multiply(states, states, out)
        np.subtract(1.0, out, out)

    def _backward(self, start: int, end: int, sums: Array, d_states: Array, d_sums: Array) -> Array:
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

    def _activate(self, state: Array) -> None:
        np.maximum(state, 0.0, out=state)

    def _slope(self, states: Array, out: Array) -> None:
        np.greater(states, 0.0, out=out)


class LSTM(NumPyLayer):
    """Gates i, f, g, o: c = f ⊙ c' + i ⊙ g, h = o ⊙ tanh(c). `first`: h and c."""

    halved = (0.5, 0.5, 1.0, 0.5)

    def _begin(self) -> None:
        self.cells = self._space(self.steps + 1)
        self.cells[0] = self.first[1] if self.first else 0.0
        self.tanh_cells = self._space(self.steps)
        """tanh(c)."""

    def _forward(self, start: int, sums: Array) -> None:
        add, matmul, multiply, tanh = np.add, np.matmul, np.multiply, np.tanh
        turned, states, cells = self._turned, self.states, self.cells
        scale, offset = sigmoid_scale(self.halved, self.kind.char)
        product, part = np.empty_like(turned, shape=(4, self.batch, self.hidden_size)), self._space(1)[0]
        for step, gates in enumerate(np.swapaxes(sums, 0, 1), start):
            inner = step or self.first
            if inner:
                matmul(states[step], turned, product)
                add(gates, product, gates)
            tanh(gates, gates)
            multiply(gates, scale, gates)
            add(gates, offset, gates)
            i, f, g, o = gates
            c, tanh_cells = cells[step + 1], self.tanh_cells[step]
            multiply(i, g, c)
            if inner:
                multiply(f, cells[step], part)
                add(c, part, c)
            tanh(c, tanh_cells)
            multiply(o, tanh_cells, states[step + 1])

    def _begin_backward(self) -> None:
        self._d_c = np.zeros((self.batch, self.hidden_size), self.kind)

    def _backward(self, start: int, end: int, sums: Array, d_states: Array, d_sums: Array) -> Array:
        add, multiply, subtract = np.add, np.multiply, np.subtract
        cells, tanh_cells = self.cells, self.tanh_cells[start:end]
        i, f, g, o = sums
        by_i, by_f, by_g, by_o = d_sums
        # Factors of d_c and d_h, which do not depend on the step after, for the whole chunk.
        subtract(1.0, sums, d_sums)
        multiply(d_sums, sums, d_sums)
        multiply(by_i, g, by_i)
        multiply(by_f, cells[start:end], by_f)
        multiply(g, g, by_g)
        subtract(1.0, by_g, by_g)
        multiply(by_g, i, by_g)
        multiply(by_o, tanh_cells, by_o)
        h_to_c = tanh_cells * tanh_cells
        subtract(1.0, h_to_c, h_to_c)
        multiply(h_to_c, o, h_to_c)
        d_h, d_c, part = self._d_h, self._d_c, self._space(1)[0]
        for step in range(end - 1, start - 1, -1):
            index = step - start
            d = d_sums[:, index]
            add(d_h, d_states[step], d_h)
            multiply(d[3], d_h, d[3])
            multiply(h_to_c[index], d_h, part)
            add(d_c, part, d_c)
            multiply(d[:3], d_c, d[:3])
            if step or self.first:
                self._product_back(d, d_h)
                multiply(d_c, f[index], d_c)
        return d_sums

    def _d_first(self) -> tuple[Array, ...]:
        return self._d_h, self._d_c


class GRU(NumPyLayer):
    """Gates r, z, n: n = tanh(W x + b + r ⊙ (U h' + c)), h = n + z ⊙ (h' - n)."""

    halved = (0.5, 0.5, 1.0)

    def _bias(self, scale: Array) -> Array | None:
        """Those of r and z together; that of n's product is inside the brackets."""
        if self.weights.bias is None:
            return None
        assert self.weights.recurrent_bias is not None
        bias = self.weights.bias.reshape(3, 1, self.hidden_size).copy()
        bias[:2] += self.weights.recurrent_bias.reshape(3, 1, self.hidden_size)[:2]
        bias *= scale
        return bias

    def _begin(self) -> None:
        self.products = self._space(self.steps)
        """U h' + c of n."""

    def _forward(self, start: int, sums: Array) -> None:
        add, matmul, multiply, subtract, tanh = np.add, np.matmul, np.multiply, np.subtract, np.tanh
        turned, states = self._turned, self.states
        bias = self.weights.recurrent_bias
        inner_bias = np.zeros(self.hidden_size, self.kind) if bias is None else bias[2 * self.hidden_size :]
        product, part = np.empty_like(turned, shape=(3, self.batch, self.hidden_size)), self._space(1)[0]
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

    def _begin_backward(self) -> None:
        self._d_products = np.empty((3, self._chunk, self.batch, self.hidden_size), self.kind)

    def _backward(self, start: int, end: int, sums: Array, d_states: Array, d_sums: Array) -> Array:
        add, multiply, subtract = np.add, np.multiply, np.subtract
        d_h = self._d_h
        r, z, n = sums
        n_to_r, by_z, by_n = d_sums
        d_products = self._d_products[:, : end - start]
        # Factors of d_n for d_r, and of d_h for d_z and d_n.
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
            index = step - start
            d, d_product = d_sums[:, index], d_products[:, index]
            add(d_h, d_states[step], d_h)
            multiply(d[1:], d_h, d[1:])
            multiply(d[0], d[2], d[0])
            d_product[:2] = d[:2]
            multiply(d[2], r[index], d_product[2])
            if step or self.first:
                self._product_back(d_product, part)
                multiply(d_h, z[index], d_h)
                add(d_h, part, d_h)
        return d_products


_CELLS: dict[str, type[NumPyLayer]] = {"elman": Elman, "rectified elman": RectifiedElman, "lstm": LSTM, "gru": GRU}


class NumPyPass:
    """The same from tensors to tensors, as `compiled.NumPyLayer` has it."""

    def __init__(
        self, cell: str, weights: Sequence[Tensor], below: Tensor, first: tuple[Tensor, ...] = (), *, keep: bool = True
    ) -> None:
        arrays = [weight.numpy() for weight in weights]
        states = tuple(state.numpy() for state in first)
        self._pass = _CELLS[cell](Weights(*arrays), below.numpy(), states, keep=keep)

    def forward(self) -> Tensor:
        """The outputs at every step, (steps, batch, hidden_size)."""
        return torch.from_numpy(self._pass.forward())

    def backward(self, d_states: Tensor, *, by_below: bool, ends: Tensor | None = None) -> Gradients:
        """The gradients, from that by the outputs, or with `ends` by those after so many steps of each sequence alone."""
        if ends is not None:
            steps, batch = self._pass.steps, self._pass.batch
            every = d_states.new_zeros(steps, batch, d_states.shape[1])
            every[ends - 1, torch.arange(batch)] = d_states
            d_states = every
        d = self._pass.backward(d_states.numpy(), by_below=by_below)
        below = None if d.below is None else torch.from_numpy(d.below)
        weights = tuple(torch.from_numpy(array) for array in d.weights if array is not None)
        return Gradients(below, weights, tuple(map(torch.from_numpy, d.first)))
