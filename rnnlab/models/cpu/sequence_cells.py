"""The Elman, LSTM and GRU layers on a single sequence, in NumPy: forward, and backpropagation through time written out.

Arrays are (steps, features): there is one sequence. `sums` is W x + b at each step, then the gates, gate by gate as PyTorch
orders them. `d_x` is the gradient of the loss by `x`. Memory for the steps is kept from sequence to sequence.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[Any]


class SequenceCell:
    """One recurrent layer on a single sequence, and its memory."""

    gates = 1
    """Blocks of `hidden_size` rows in its weights."""

    def __init__(self, module: nn.RNNBase, d_weights: dict[Tensor, Array]) -> None:
        own = [parameter for _, parameter in module.named_parameters()]
        weights = [parameter.detach().numpy() for parameter in own]
        self.w, self.u = weights[:2]
        """From below (gates · hidden_size, input_size), and recurrent (gates · hidden_size, hidden_size)."""
        self.bias: Array | None = weights[2] if module.bias else None
        self.recurrent_bias: Array | None = weights[3] if module.bias else None
        d = [d_weights[parameter] for parameter in own]
        self.d_w, self.d_u = d[:2]
        self.d_biases = d[2:]
        self.hidden_size = module.hidden_size
        self.width = self.gates * self.hidden_size
        self.kind = self.w.dtype
        self.w_turned, self.u_turned = self.w.T, self.u.T
        self.product = np.empty(self.width, self.kind)
        self.d_h, self.d_c, self.part = np.empty((3, self.hidden_size), self.kind)
        self.count = self.room = 0
        self._make_room(32)

    def forward(self, below: Array) -> Array:
        """The outputs (steps, hidden_size). `below`: (steps, input_size), or tokens (steps,), which pick columns of W."""
        self.below = below
        self.count = count = len(below)
        if count > self.room:
            self._make_room(2 * count)
        sums = self.sums[:count]
        if below.ndim == 1:
            sums[:] = self.w_turned[below]
        else:
            np.dot(below, self.w_turned, out=sums)
        if self.bias is not None:
            np.add(sums, self._bias_from_below(), out=sums)
        self._forward(count)
        return self.states[1 : count + 1]

    def backward(self, d_states: Array) -> None:
        """Set the gradients, from that by the outputs, (steps, hidden_size)."""
        count = self.count
        self._backward(count, d_states)
        d_sums, d_products = self.d_sums[:count], self.d_products[:count]
        if self.below.ndim == 1:
            below = np.zeros((count, self.w.shape[1]), self.kind)
            below[np.arange(count), self.below] = 1.0
        else:
            below = self.below
        np.dot(d_sums.T, below, out=self.d_w)
        np.dot(d_products[1:].T, self.states[1:count], out=self.d_u)
        if self.d_biases:
            np.add.reduce(d_sums, 0, out=self.d_biases[0])
            if self.d_products is self.d_sums:
                self.d_biases[1][:] = self.d_biases[0]
            else:
                np.add.reduce(d_products, 0, out=self.d_biases[1])

    def d_below(self) -> Array:
        """The gradient (steps, input_size) by the inputs."""
        gradient: Array = np.dot(self.d_sums[: self.count], self.w)
        return gradient

    def _bias_from_below(self) -> Array:
        assert self.bias is not None and self.recurrent_bias is not None  # noqa: PT018
        both: Array = self.bias + self.recurrent_bias
        return both

    def _make_room(self, room: int) -> None:
        self.room = room
        self.sums = self._space(room, self.width)
        self.d_sums = self.d_products = self._space(room, self.width)
        self.states = self._space(room + 1, self.hidden_size)
        """From the state before the first step on, which is zero."""

    def _space(self, room: int, width: int) -> Array:
        return np.zeros((room, width), self.kind)

    def _forward(self, count: int) -> None:
        """`states` from `sums`, which may be written to."""
        raise NotImplementedError

    def _backward(self, count: int, d_states: Array) -> None:
        """`d_sums` and, where it is another, `d_products`: the gradient by U h' + c."""
        raise NotImplementedError


class SequenceElman(SequenceCell):
    """h = tanh(W x + b + U h' + c), or relu."""

    def __init__(self, module: nn.RNN, d_weights: dict[Tensor, Array]) -> None:
        self.relu = module.nonlinearity == "relu"
        super().__init__(module, d_weights)

    def _make_room(self, room: int) -> None:
        super()._make_room(room)
        self._views = list(zip(self.sums, self.states[:-1], self.states[1:], strict=True))

    def _forward(self, count: int) -> None:
        add, dot, tanh, maximum, relu = np.add, np.dot, np.tanh, np.maximum, self.relu
        turned, product = self.u_turned, self.product
        for sums, before, state in self._views[:count]:
            dot(before, turned, product)
            add(sums, product, sums)
            if relu:
                maximum(sums, 0.0, out=state)
            else:
                tanh(sums, state)

    def _backward(self, count: int, d_states: Array) -> None:
        add, dot, multiply = np.add, np.dot, np.multiply
        u, d_h = self.u, self.d_h
        states = self.states[1 : count + 1]
        slopes = (states > 0).astype(self.kind) if self.relu else 1.0 - states * states
        after: Array | None = None
        for d_state, slope, d_sum in _from_the_end(d_states, slopes, self.d_sums[:count]):
            if after is None:
                d_h[:] = d_state
            else:
                dot(after, u, d_h)
                add(d_h, d_state, d_h)
            multiply(d_h, slope, d_sum)
            after = d_sum


class SequenceLSTM(SequenceCell):
    """Gates i, f, g, o: c = f ⊙ c' + i ⊙ g, h = o ⊙ tanh(c). σ is taken as ½ tanh(½ x) + ½, with one call for all gates."""

    gates = 4

    def _make_room(self, room: int) -> None:
        super()._make_room(room)
        hidden_size, sums, d_sums = self.hidden_size, self.sums, self.d_sums
        self.cells = self._space(room + 1, hidden_size)
        self.tanh_cells = self._space(room, hidden_size)
        """tanh(c)."""
        self.slopes = self._space(room, self.width)
        self.by_c = np.zeros((room, 3, hidden_size), self.kind)
        self.by_h, self.h_to_c = self._space(room, hidden_size), self._space(room, hidden_size)
        i, f, g, o = _gates(sums, 4)
        self._views = list(
            zip(
                *(
                    sums,
                    i,
                    f,
                    g,
                    o,
                    self.cells[:-1],
                    self.cells[1:],
                    self.tanh_cells,
                    self.states[:-1],
                    self.states[1:],
                ),
                strict=True,
            )
        )
        three = d_sums[:, : 3 * hidden_size].reshape(room, 3, hidden_size)
        self._back_views = list(
            zip(*(range(room), self.by_c, self.by_h, self.h_to_c, f, three, _gates(d_sums, 4)[3], d_sums), strict=True)
        )

    def _forward(self, count: int) -> None:
        add, dot, multiply, tanh = np.add, np.dot, np.multiply, np.tanh
        turned, product, part = self.u_turned, self.product, self.part
        scale, offset = _sigmoid_scale(4, (2,), self.hidden_size, self.kind.char)
        for sums, i, f, g, o, c_before, c, tanh_cells, before, state in self._views[:count]:
            dot(before, turned, product)
            add(sums, product, sums)
            multiply(sums, scale, sums)
            tanh(sums, sums)
            multiply(sums, scale, sums)
            add(sums, offset, sums)
            multiply(f, c_before, c)
            multiply(i, g, part)
            add(c, part, c)
            tanh(c, tanh_cells)
            multiply(o, tanh_cells, state)

    def _backward(self, count: int, d_states: Array) -> None:
        add, dot, multiply, subtract = np.add, np.dot, np.multiply, np.subtract
        gates, slopes, tanh_cells = self.sums[:count], self.slopes[:count], self.tanh_cells[:count]
        i, _, g, o = _gates(gates, 4)
        # Factors of d_c and d_h, which do not depend on the step after, for all steps at once.
        subtract(1.0, gates, slopes)
        multiply(slopes, gates, slopes)
        slope_i, slope_f, _, slope_o = _gates(slopes, 4)
        by_c, h_to_c = self.by_c[:count], self.h_to_c[:count]
        multiply(slope_i, g, by_c[:, 0])
        multiply(slope_f, self.cells[:count], by_c[:, 1])
        multiply(i, 1.0 - g * g, by_c[:, 2])
        multiply(slope_o, tanh_cells, self.by_h[:count])
        multiply(tanh_cells, tanh_cells, h_to_c)
        subtract(1.0, h_to_c, h_to_c)
        multiply(h_to_c, o, h_to_c)
        u, d_h, d_c, part = self.u, self.d_h, self.d_c, self.part
        d_c[:] = 0.0
        after: Array | None = None
        for step, to_three, to_o, to_c, f, d_three, d_o, d_sum in self._back_views[count - 1 :: -1]:
            if after is None:
                d_h[:] = d_states[step]
            else:
                dot(after, u, d_h)
                add(d_h, d_states[step], d_h)
            multiply(d_h, to_o, d_o)
            multiply(d_h, to_c, part)
            add(d_c, part, d_c)
            multiply(d_c, to_three, d_three)
            multiply(d_c, f, d_c)
            after = d_sum


class SequenceGRU(SequenceCell):
    """Gates r, z, n: n = tanh(W x + b + r ⊙ (U h' + c)), h = n + z ⊙ (h' - n)."""

    gates = 3

    def _make_room(self, room: int) -> None:
        super()._make_room(room)
        hidden_size, sums = self.hidden_size, self.sums
        self.products = self._space(room, self.width)
        """U h' + c."""
        self.d_products = self._space(room, self.width)
        r, z, n = _gates(sums, 3)
        products = self.products
        self._views = list(
            zip(
                *(
                    products,
                    sums[:, : 2 * hidden_size],
                    products[:, : 2 * hidden_size],
                    r,
                    z,
                    n,
                    _gates(products, 3)[2],
                ),
                *(self.states[:-1], self.states[1:]),
                strict=True,
            )
        )

    def _bias_from_below(self) -> Array:
        return cast("Array", self.bias)

    def _forward(self, count: int) -> None:
        add, dot, multiply, subtract, tanh = np.add, np.dot, np.multiply, np.subtract, np.tanh
        turned, bias, part = self.u_turned, self.recurrent_bias, self.part
        scale, offset = _sigmoid_scale(2, (), self.hidden_size, self.kind.char)
        for product, both, product_both, r, z, n, product_n, before, state in self._views[:count]:
            dot(before, turned, product)
            if bias is not None:
                add(product, bias, product)
            add(both, product_both, both)
            multiply(both, scale, both)
            tanh(both, both)
            multiply(both, scale, both)
            add(both, offset, both)
            multiply(r, product_n, part)
            add(n, part, n)
            tanh(n, n)
            subtract(before, n, part)
            multiply(part, z, part)
            add(n, part, state)

    def _backward(self, count: int, d_states: Array) -> None:
        add, dot, multiply = np.add, np.dot, np.multiply
        hidden_size, u, d_h, part = self.hidden_size, self.u, self.d_h, self.part
        r, z, n = _gates(self.sums[:count], 3)
        d_sums, d_products = self.d_sums[:count], self.d_products[:count]
        z_left = 1.0 - z
        by_h = np.empty((count, 2, hidden_size), self.kind)
        """Factors of d_h for the gradients by the arguments of z and n."""
        multiply((self.states[:count] - n) * z, z_left, by_h[:, 0])
        multiply(z_left, 1.0 - n * n, by_h[:, 1])
        n_to_r = _gates(self.products[:count], 3)[2] * r * (1.0 - r)
        d_r, _, d_n = _gates(d_sums, 3)
        d_both = d_sums[:, hidden_size:].reshape(count, 2, hidden_size)
        views = _from_the_end(
            *(d_states, by_h, n_to_r, r, z, d_both, d_r, d_n, _gates(d_products, 3)[2]), d_products, d_sums
        )
        d_h[:] = 0.0
        for d_state, to_both, to_r, r_t, z_t, d_zn, d_rt, d_nt, d_product_n, d_product, d_sum in views:
            add(d_h, d_state, d_h)
            multiply(d_h, to_both, d_zn)
            multiply(d_nt, to_r, d_rt)
            d_product[:] = d_sum
            multiply(d_nt, r_t, d_product_n)
            dot(d_product, u, part)
            multiply(d_h, z_t, d_h)
            add(d_h, part, d_h)


def make_sequence_cell(module: nn.RNNBase, d_weights: dict[Tensor, Array]) -> SequenceCell:
    """The cell of a module of PyTorch; `d_weights` holds the arrays of its gradients."""
    if isinstance(module, nn.LSTM):
        return SequenceLSTM(module, d_weights)
    if isinstance(module, nn.GRU):
        return SequenceGRU(module, d_weights)
    return SequenceElman(cast("nn.RNN", module), d_weights)


def _gates(array: Array, count: int) -> list[Array]:
    """(steps, count · hidden_size) as `count` views (steps, hidden_size)."""
    hidden_size = array.shape[1] // count
    return [array[:, start : start + hidden_size] for start in range(0, count * hidden_size, hidden_size)]


def _from_the_end(*arrays: Array) -> Iterable[tuple[Array, ...]]:
    """Step by step, the last first."""
    return zip(*(array[::-1] for array in arrays), strict=True)


@cache
def _sigmoid_scale(gates: int, squashed: tuple[int, ...], hidden_size: int, kind: str) -> tuple[Array, Array]:
    """Scale and offset (gates · hidden_size,) with which tanh gives σ: σ(x) = ½ tanh(½ x) + ½. Gates `squashed` stay tanh."""
    scale = np.full((gates, hidden_size), 0.5, dtype=kind)
    scale[list(squashed)] = 1.0
    return scale.ravel(), (1.0 - scale).ravel()
