"""Training on one row at a time, on the CPU: the net's answers and gradients, computed by hand.

With one row a step of an LSTM of 128 units is 65,536 multiplications, four microseconds, and what PyTorch spends around its
kernels (choosing them, packing the weights for them, a node of the graph an operation) is several times that. Here NumPy
works on PyTorch's own memory: forwards as the equations of `rnnlab.catalog.models.catalog` stand there, backpropagation through
time written out backwards, the gradient of each weight one product at the end. The parameters stay the modules'.

Arrays are (steps, width): there is one row. `sums` is what a cell reads at each step from below, then what its gates say,
gate by gate as PyTorch orders them. `d_x` is the gradient of the loss by `x`. Room for the steps is kept from row to row.

A whole update at batch 1, 128 units, one thread, a name of 7 letters: LSTM 267 µs, and 681 with PyTorch's graph. Forwards and
backwards alone: LSTM 3.5 times as quick as PyTorch's for 7 steps and as quick for 100; GRU 6 and 26, Elman 6 and 31 times.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.models.cpu.blas import limit_blas

if TYPE_CHECKING:
    from rnnlab.models.net import Layer, Net

Array = NDArray[Any]

CELLS = ("elman", "lstm", "gru")
"""Those that are written out here."""
READOUTS = ("last", "mean", "steps")
"""Those whose gradient is written here; `max` would have to share it out where several steps are equal."""


class OneRow:
    """A net in training, one row at a time: `answers`, then `learn` from the gradient by them.

    The net stays where it is: its weights are read where PyTorch keeps them, and each parameter's `grad` is set. It must
    be one that `serves` allows, and no parameter may be given other memory (`.to()`, `.data = `) afterwards.
    """

    def __init__(self, net: Net) -> None:
        limit_blas(1)
        parameters = list(net.parameters())
        self._parameters = parameters
        kind = parameters[0].detach().numpy().dtype
        self.gradient = np.zeros(sum(p.numel() for p in parameters), kind)
        """The whole gradient, end to end, of which each parameter's is a part."""
        ends = np.cumsum([p.numel() for p in parameters])
        pieces = np.split(self.gradient, ends[:-1])
        d_weights: dict[Tensor, Array] = {
            p: piece.reshape(p.shape) for p, piece in zip(parameters, pieces, strict=True)
        }
        self._gradients = [torch.from_numpy(d_weights[p]) for p in parameters]
        self._readout = net.readout
        self.dropout = net.dropout.p if net.dropout is not None else 0.0
        self._cells = [
            _cell(cast("nn.RNNBase", layer.forwards), d_weights) for layer in cast("list[Layer]", net.layers)
        ]
        self._masks: list[Array | None] = []
        self._table: Array | None = None
        self._d_table: Array | None = None
        if net.embedding is not None:
            self._table, self._d_table = net.embedding.weight.detach().numpy(), d_weights[net.embedding.weight]
        self._head, self._head_bias = net.head.weight.detach().numpy(), net.head.bias.detach().numpy()
        self._d_head, self._d_head_bias = d_weights[net.head.weight], d_weights[net.head.bias]

    def answers(self, inputs: Tensor) -> Array:
        """The net's raw answers to a row (1, steps[, channels]): (outputs,), or (steps, outputs) for an answer a step."""
        values = self._inputs = inputs.numpy()[0]
        if self._table is not None:
            values = self._table[values]
        self._masks = []
        with np.errstate(all="ignore"):  # a loss that is no number is told of by the loop
            for place, cell in enumerate(self._cells):
                if place:
                    values = self._drop(values, (len(values), 1, values.shape[1]))
                values = cell.onward(values)
            if self._readout == "last":
                values = values[-1]
            elif self._readout == "mean":
                values = values.mean(axis=0)
            self._summary = self._drop(values, (1, *values.shape))
            answers: Array = np.dot(self._summary, self._head.T)
            answers += self._head_bias
        return answers

    def learn(self, d_answers: Array) -> None:
        """Set every parameter's `grad` from the gradient by the last answers."""
        masks = self._masks
        with np.errstate(all="ignore"):
            if self._readout == "steps":
                np.add.reduce(d_answers, 0, out=self._d_head_bias)
                np.dot(d_answers.T, self._summary, out=self._d_head)
            else:
                self._d_head_bias[:] = d_answers
                np.multiply(d_answers[:, np.newaxis], self._summary, out=self._d_head)
            d_values = np.dot(d_answers, self._head)
            if (mask := masks.pop()) is not None:
                d_values *= mask
            if self._readout != "steps":
                d_vector = d_values
                d_values = np.zeros((len(self._inputs), len(d_vector)), d_vector.dtype)
                if self._readout == "last":
                    d_values[-1] = d_vector
                else:
                    d_values[:] = d_vector / len(d_values)
            for place in range(len(self._cells) - 1, -1, -1):
                cell = self._cells[place]
                cell.back(d_values)
                if place:
                    d_values = cell.d_below()
                    if (mask := masks.pop()) is not None:
                        d_values *= mask
            if self._d_table is not None:
                self._d_table.fill(0.0)
                np.add.at(self._d_table, self._inputs, self._cells[0].d_below())
        for parameter, gradient in zip(self._parameters, self._gradients, strict=True):
            parameter.grad = gradient

    def clip(self, clip_norm: float | None, clip_value: float | None = None) -> float:
        """The gradient's norm before clipping: each number is cut to `clip_value` either way, then the norm to `clip_norm`."""
        with np.errstate(all="ignore"):
            before = total = math.sqrt(np.dot(self.gradient, self.gradient))
            if clip_value is not None:
                np.clip(self.gradient, -clip_value, clip_value, out=self.gradient)
                total = math.sqrt(np.dot(self.gradient, self.gradient))
            if clip_norm is not None and total > clip_norm:
                np.multiply(self.gradient, clip_norm / (total + 1e-6), out=self.gradient)
        return before

    def _drop(self, values: Array, shape: tuple[int, ...]) -> Array:
        """`values` after dropout, drawn as PyTorch draws it for values of this shape; what they were multiplied with is kept."""
        mask: Array | None = None
        if self.dropout:
            ones = torch.ones(shape, dtype=torch.float64 if values.dtype == np.float64 else torch.float32)
            mask = functional.dropout(ones, self.dropout).numpy().reshape(values.shape)
            values = values * mask
        self._masks.append(mask)
        return values


def serves(net: Net) -> bool:
    """Whether `OneRow` can train `net`: a matter of its shape and device alone, so that a run comes out the same again.

    Only what is written out here is served: a parameter that is none of a cell's, a table's or the head's says that there
    is more to the net.
    """
    if net.cell not in CELLS or net.readout not in READOUTS:
        return False
    layers = cast("list[Layer]", list(net.layers))
    if net.front is not None:
        return False
    own = {id(parameter) for layer in layers for parameter in layer.forwards.parameters()}
    own |= {id(parameter) for parameter in net.head.parameters()}
    if net.embedding is not None:
        own.add(id(net.embedding.weight))
    return (
        net.head.weight.device.type == "cpu"
        and net.plan.head_activation == "none"
        and all(layer.backwards is None and layer.reach is None for layer in layers)
        and not any(layer.norm or layer.residual for layer in net.plan.layers)
        and all(id(parameter) in own for parameter in net.parameters())
    )


class _Cell:
    """One recurrent layer on one row, with the room for it."""

    gates = 1
    """Blocks of `size` rows in its weights."""

    def __init__(self, module: nn.RNNBase, d_weights: dict[Tensor, Array]) -> None:
        own = [parameter for _, parameter in module.named_parameters()]
        weights = [parameter.detach().numpy() for parameter in own]
        self.w, self.u = weights[:2]
        """From below (gates · size, width), and recurrent (gates · size, size)."""
        self.bias: Array | None = weights[2] if module.bias else None
        self.recurrent_bias: Array | None = weights[3] if module.bias else None
        d = [d_weights[parameter] for parameter in own]
        self.d_w, self.d_u = d[:2]
        self.d_biases = d[2:]
        self.size = module.hidden_size
        self.width = self.gates * self.size
        self.kind = self.w.dtype
        self.w_turned, self.u_turned = self.w.T, self.u.T
        self.product = np.empty(self.width, self.kind)
        self.d_h, self.d_c, self.part = np.empty((3, self.size), self.kind)
        self.count = self.room = 0
        self._make_room(32)

    def onward(self, below: Array) -> Array:
        """The states (steps, size) after reading `below`: (steps, width), or tokens (steps,), which pick columns of W."""
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
        self._onward(count)
        return self.states[1 : count + 1]

    def back(self, d_states: Array) -> None:
        """Set the gradients, from the one (steps, size) by the states as they are read from above."""
        count = self.count
        self._back(count, d_states)
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
        """The gradient (steps, width) by what was read from below."""
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
        self.states = self._space(room + 1, self.size)
        """From the state before the first step on, which is zero."""

    def _space(self, room: int, width: int) -> Array:
        return np.zeros((room, width), self.kind)

    def _onward(self, count: int) -> None:
        """`states` from `sums`, which may be written to."""
        raise NotImplementedError

    def _back(self, count: int, d_states: Array) -> None:
        """`d_sums` and, where it is another, `d_products`: the gradient by U h' + c."""
        raise NotImplementedError


class _Elman(_Cell):
    """h = tanh(W x + b + U h' + c), or relu."""

    def __init__(self, module: nn.RNN, d_weights: dict[Tensor, Array]) -> None:
        self.relu = module.nonlinearity == "relu"
        super().__init__(module, d_weights)

    def _make_room(self, room: int) -> None:
        super()._make_room(room)
        self._views = list(zip(self.sums, self.states[:-1], self.states[1:], strict=True))

    def _onward(self, count: int) -> None:
        add, dot, tanh, maximum, relu = np.add, np.dot, np.tanh, np.maximum, self.relu
        turned, product = self.u_turned, self.product
        for sums, before, state in self._views[:count]:
            dot(before, turned, product)
            add(sums, product, sums)
            if relu:
                maximum(sums, 0.0, out=state)
            else:
                tanh(sums, state)

    def _back(self, count: int, d_states: Array) -> None:
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


class _LSTM(_Cell):
    """Gates i, f, g, o: c = f ⊙ c' + i ⊙ g, h = o ⊙ tanh(c). σ is taken as ½ tanh(½ x) + ½, with one call for all gates."""

    gates = 4

    def _make_room(self, room: int) -> None:
        super()._make_room(room)
        size, sums, d_sums = self.size, self.sums, self.d_sums
        self.cells = self._space(room + 1, size)
        self.bent = self._space(room, size)
        """tanh(c)."""
        self.slopes = self._space(room, self.width)
        self.by_c = np.zeros((room, 3, size), self.kind)
        self.by_h, self.h_to_c = self._space(room, size), self._space(room, size)
        i, f, g, o = _gates(sums, 4)
        self._views = list(
            zip(
                *(sums, i, f, g, o, self.cells[:-1], self.cells[1:], self.bent, self.states[:-1], self.states[1:]),
                strict=True,
            )
        )
        three = d_sums[:, : 3 * size].reshape(room, 3, size)
        self._back_views = list(
            zip(*(range(room), self.by_c, self.by_h, self.h_to_c, f, three, _gates(d_sums, 4)[3], d_sums), strict=True)
        )

    def _onward(self, count: int) -> None:
        add, dot, multiply, tanh = np.add, np.dot, np.multiply, np.tanh
        turned, product, part = self.u_turned, self.product, self.part
        scale, offset = _bend(4, (2,), self.size, self.kind.char)
        for sums, i, f, g, o, c_before, c, bent, before, state in self._views[:count]:
            dot(before, turned, product)
            add(sums, product, sums)
            multiply(sums, scale, sums)
            tanh(sums, sums)
            multiply(sums, scale, sums)
            add(sums, offset, sums)
            multiply(f, c_before, c)
            multiply(i, g, part)
            add(c, part, c)
            tanh(c, bent)
            multiply(o, bent, state)

    def _back(self, count: int, d_states: Array) -> None:
        add, dot, multiply, subtract = np.add, np.dot, np.multiply, np.subtract
        gates, slopes, bent = self.sums[:count], self.slopes[:count], self.bent[:count]
        i, _, g, o = _gates(gates, 4)
        # What does not depend on the step after, for all steps at once: by what d_c and d_h are multiplied.
        subtract(1.0, gates, slopes)
        multiply(slopes, gates, slopes)
        slope_i, slope_f, _, slope_o = _gates(slopes, 4)
        by_c, h_to_c = self.by_c[:count], self.h_to_c[:count]
        multiply(slope_i, g, by_c[:, 0])
        multiply(slope_f, self.cells[:count], by_c[:, 1])
        multiply(i, 1.0 - g * g, by_c[:, 2])
        multiply(slope_o, bent, self.by_h[:count])
        multiply(bent, bent, h_to_c)
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


class _GRU(_Cell):
    """Gates r, z, n: n = tanh(W x + b + r ⊙ (U h' + c)), h = n + z ⊙ (h' - n)."""

    gates = 3

    def _make_room(self, room: int) -> None:
        super()._make_room(room)
        size, sums = self.size, self.sums
        self.products = self._space(room, self.width)
        """U h' + c."""
        self.d_products = self._space(room, self.width)
        r, z, n = _gates(sums, 3)
        products = self.products
        self._views = list(
            zip(
                *(products, sums[:, : 2 * size], products[:, : 2 * size], r, z, n, _gates(products, 3)[2]),
                *(self.states[:-1], self.states[1:]),
                strict=True,
            )
        )

    def _bias_from_below(self) -> Array:
        return cast("Array", self.bias)

    def _onward(self, count: int) -> None:
        add, dot, multiply, subtract, tanh = np.add, np.dot, np.multiply, np.subtract, np.tanh
        turned, bias, part = self.u_turned, self.recurrent_bias, self.part
        scale, offset = _bend(2, (), self.size, self.kind.char)
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

    def _back(self, count: int, d_states: Array) -> None:
        add, dot, multiply = np.add, np.dot, np.multiply
        size, u, d_h, part = self.size, self.u, self.d_h, self.part
        r, z, n = _gates(self.sums[:count], 3)
        d_sums, d_products = self.d_sums[:count], self.d_products[:count]
        z_left = 1.0 - z
        by_h = np.empty((count, 2, size), self.kind)
        """By what d_h is multiplied to give the gradients of what z and n bend."""
        multiply((self.states[:count] - n) * z, z_left, by_h[:, 0])
        multiply(z_left, 1.0 - n * n, by_h[:, 1])
        n_to_r = _gates(self.products[:count], 3)[2] * r * (1.0 - r)
        d_r, _, d_n = _gates(d_sums, 3)
        d_both = d_sums[:, size:].reshape(count, 2, size)
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


def _cell(module: nn.RNNBase, d_weights: dict[Tensor, Array]) -> _Cell:
    if isinstance(module, nn.LSTM):
        return _LSTM(module, d_weights)
    if isinstance(module, nn.GRU):
        return _GRU(module, d_weights)
    return _Elman(cast("nn.RNN", module), d_weights)


def _gates(array: Array, count: int) -> list[Array]:
    """(steps, count · size) as `count` views (steps, size)."""
    size = array.shape[1] // count
    return [array[:, start : start + size] for start in range(0, count * size, size)]


def _from_the_end(*arrays: Array) -> Iterable[tuple[Array, ...]]:
    """Step by step, the last first."""
    return zip(*(array[::-1] for array in arrays), strict=True)


@cache
def _bend(gates: int, squashed: tuple[int, ...], size: int, kind: str) -> tuple[Array, Array]:
    """Scale and offset (gates · size,) with which tanh gives σ: σ(x) = ½ tanh(½ x) + ½. Gates `squashed` stay tanh."""
    scale = np.full((gates, size), 0.5, dtype=kind)
    scale[list(squashed)] = 1.0
    return scale.ravel(), (1.0 - scale).ravel()
