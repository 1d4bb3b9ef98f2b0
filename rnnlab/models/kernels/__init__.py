"""Recurrent layers on the CPU, quicker than PyTorch's own: `read`, where it `serves`.

PyTorch has a fused kernel on the CPU for the LSTM alone. What its GRU and Elman layers cost is a graph of many small
operations, and a tanh that is slow. Here a layer is one node of the graph, written out in `rnnlab.models.kernels.unrolled`;
outputs and gradients equal PyTorch's to 1e-6. Forwards and backwards, one thread of an AMD EPYC, times as quick as
PyTorch's (`python -m benchmarks.kernels`):

| | 128 steps of 9 channels, batch 64, size 64 | 7 letters of 59, batch 64, size 128 | the same, batch 256 |
| --- | --- | --- | --- |
| Elman | 2.3 | 1.2 | 1.6 |
| GRU | 2.3 | 1.5 | 1.5 |
| LSTM | 1.0 | 1.15 | 1.2 |
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

from rnnlab.models.kernels.unrolled import GRU, LSTM, Array, Elman, RectifiedElman, Unrolled, Weights

LSTM_FROM = 8192
"""Numbers in a state (batch · size) from which the LSTM is quicker here than in oneDNN, where it reads tokens: below, calls
outweigh products. Where it reads values it is as quick or slower (1.0 and 0.8)."""


def serves(cell: nn.RNNBase, steps: Tensor) -> bool:
    """Whether `read` is to be preferred for this layer and these inputs.

    A matter of shapes, kinds and the number of threads alone, so that a run comes out the same again. With more than one
    thread the LSTM is oneDNN's, which divides all its work among them. What is traced, exported or mapped over needs
    PyTorch's own operations.
    """
    if type(steps) is not Tensor or steps.device.type != "cpu":
        return False
    if torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call]
        return False
    weight = cast("Tensor", cell.weight_hh_l0)
    if weight.dtype not in (torch.float32, torch.float64) or torch.is_autocast_enabled("cpu"):
        return False
    if torch._C._functorch.maybe_current_level() is not None:
        return False
    if isinstance(cell, nn.LSTM):
        large = steps.shape[1] * cell.hidden_size >= LSTM_FROM
        return steps.dim() == 2 and large and torch.get_num_threads() == 1
    return True


def read(cell: nn.RNNBase, steps: Tensor, first: tuple[Tensor, ...] = ()) -> Tensor:
    """What a one-way, one-layer `cell` says at every step, (steps, batch, size).

    `steps`: values (steps, batch, width), or tokens (steps, batch), each of which stands for a one-hot vector. `first`: the
    states (batch, size) before the first step, h and for an LSTM c; none: zeros.
    """
    unrolled = _UNROLLED.get(type(cell)) or (Elman if cell.nonlinearity == "tanh" else RectifiedElman)
    weights = cast("list[Tensor]", cell._flat_weights)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (steps, *first, *weights)):
        said: Tensor = _Read.apply(unrolled, steps, len(first), *first, *weights)  # type: ignore[no-untyped-call]
        return said
    arrays = [tensor.detach().numpy() for tensor in (*first, *weights)]
    pass_ = unrolled(Weights(*arrays[len(first) :]), _array(steps), tuple(arrays[: len(first)]), keep=False)
    return torch.from_numpy(pass_.onward())


_UNROLLED: dict[type[nn.RNNBase], type[Unrolled]] = {nn.LSTM: LSTM, nn.GRU: GRU}


class _Read(torch.autograd.Function):
    """One layer as one node of the graph."""

    @staticmethod
    def forward(ctx: Any, unrolled: type[Unrolled], steps: Tensor, states: int, *rest: Tensor) -> Tensor:
        arrays = [tensor.detach().numpy() for tensor in rest]
        ctx.pass_ = unrolled(Weights(*arrays[states:]), _array(steps), tuple(arrays[:states]))
        said = torch.from_numpy(ctx.pass_.onward())
        # Not read, but PyTorch then says so where one of them was written over before the way back.
        ctx.save_for_backward(steps, *rest, said)
        return said

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, d_said: Tensor) -> tuple[Tensor | None, ...]:
        assert ctx.saved_tensors
        d = ctx.pass_.back(d_said.numpy(), by_below=ctx.needs_input_grad[1])
        below = None if d.below is None else torch.from_numpy(d.below)
        arrays = (*d.first, *(array for array in d.weights if array is not None))
        return None, below, None, *map(torch.from_numpy, arrays)


def _array(steps: Tensor) -> Array:
    return steps.detach().numpy()
