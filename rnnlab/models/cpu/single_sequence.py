"""Training on a single sequence, on the CPU: the net's outputs and gradients without PyTorch's graph.

With one sequence, a step of an LSTM of 128 units is 65,536 multiplications, four microseconds, and PyTorch's work around its
kernels (choosing them, packing the weights for them, a node of the graph an operation) is several times that. Here NumPy
works on PyTorch's own memory: forward by the equations of the model cards, backpropagation through time written out, the
gradient of each weight one product at the end. The parameters stay the modules'.

A whole update at batch 1, 128 units, one thread, a name of 7 letters: LSTM 267 µs, and 681 with PyTorch's graph. Forward and
backward alone: LSTM 3.5 times as quick as PyTorch's for 7 steps and as quick for 100; GRU 6 and 26, Elman 6 and 31 times.
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.models.cpu.blas import limit_blas
from rnnlab.models.cpu.sequence_cells import Array, make_sequence_cell
from rnnlab.models.layer import Layer
from rnnlab.models.net import Net

CELLS = ("elman", "lstm", "gru")
"""Architectures with a cell in `rnnlab.models.cpu.sequence_cells`."""
READOUTS = ("last", "mean", "steps")
"""Readouts whose gradient is written here; `max` would have to divide it where several steps are equal."""


class SingleSequencePass:
    """A net in training, one sequence at a time: `outputs`, then `backward` from the gradient by them.

    The net's weights are read where PyTorch keeps them, and each parameter's `grad` is set. `serves` must hold for the net,
    and no parameter may be given other memory (`.to()`, `.data = `) afterwards.
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
            make_sequence_cell(cast("nn.RNNBase", layer.forwards), d_weights)
            for layer in cast("list[Layer]", net.layers)
        ]
        self._masks: list[Array | None] = []
        self._table: Array | None = None
        self._d_table: Array | None = None
        if net.embedding is not None:
            self._table, self._d_table = net.embedding.weight.detach().numpy(), d_weights[net.embedding.weight]
        self._head, self._head_bias = net.head.weight.detach().numpy(), net.head.bias.detach().numpy()
        self._d_head, self._d_head_bias = d_weights[net.head.weight], d_weights[net.head.bias]

    def outputs(self, inputs: Tensor) -> Array:
        """The net's outputs of a sequence (1, steps[, channels]): (outputs,), or (steps, outputs) where each step has one."""
        values = self._inputs = inputs.numpy()[0]
        if self._table is not None:
            values = self._table[values]
        self._masks = []
        with np.errstate(all="ignore"):  # the loop reports a loss that is not finite
            for index, cell in enumerate(self._cells):
                if index:
                    values = self._drop(values, (len(values), 1, values.shape[1]))
                values = cell.forward(values)
            if self._readout == "last":
                values = values[-1]
            elif self._readout == "mean":
                values = values.mean(axis=0)
            self._summary = self._drop(values, (1, *values.shape))
            outputs: Array = np.dot(self._summary, self._head.T)
            outputs += self._head_bias
        return outputs

    def backward(self, d_outputs: Array) -> None:
        """Set every parameter's `grad` from the gradient by the last outputs."""
        masks = self._masks
        with np.errstate(all="ignore"):
            if self._readout == "steps":
                np.add.reduce(d_outputs, 0, out=self._d_head_bias)
                np.dot(d_outputs.T, self._summary, out=self._d_head)
            else:
                self._d_head_bias[:] = d_outputs
                np.multiply(d_outputs[:, np.newaxis], self._summary, out=self._d_head)
            d_values = np.dot(d_outputs, self._head)
            if (mask := masks.pop()) is not None:
                d_values *= mask
            if self._readout != "steps":
                d_vector = d_values
                d_values = np.zeros((len(self._inputs), len(d_vector)), d_vector.dtype)
                if self._readout == "last":
                    d_values[-1] = d_vector
                else:
                    d_values[:] = d_vector / len(d_values)
            for index in range(len(self._cells) - 1, -1, -1):
                cell = self._cells[index]
                cell.backward(d_values)
                if index:
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
        """`values` after dropout, drawn as PyTorch draws it for values of this shape; the mask is kept."""
        mask: Array | None = None
        if self.dropout:
            ones = torch.ones(shape, dtype=torch.float64 if values.dtype == np.float64 else torch.float32)
            mask = functional.dropout(ones, self.dropout).numpy().reshape(values.shape)
            values = values * mask
        self._masks.append(mask)
        return values


def serves(net: Net) -> bool:
    """Whether `SingleSequencePass` can train `net`, which depends on its shape and device alone, so that runs are reproducible.

    A parameter that belongs neither to a cell, nor to the embedding, nor to the head means that the net has more than is written
    out here.
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
        and all(layer.backwards is None and layer.bptt_steps is None for layer in layers)
        and not any(layer.norm or layer.residual for layer in net.plan.layers)
        and all(id(parameter) in own for parameter in net.parameters())
    )
