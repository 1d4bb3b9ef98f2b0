"""Recurrent layers on the CPU, quicker than PyTorch's own: `read`, where it `serves`.

PyTorch has a fused kernel on the CPU for the LSTM alone. What its GRU and Elman layers cost is a graph of many small
operations, and a tanh that is slow. Here a layer is one node of the graph: by the compiled functions of
`rnnlab.models.kernels.c_kernels`, or by NumPy in `rnnlab.models.kernels.numpy_kernels`, where those were not built and for double
precision; `rnnlab.models.kernels.library` says which are in use, and how others are chosen. Outputs and gradients equal
PyTorch's to 3e-6 of the largest. Compiled, forward and backward, one thread of an AMD EPYC with AVX2, times as quick as
PyTorch's (`python -m benchmarks.kernels`):

| | 128 steps of 9 channels, batch 64, hidden_size 64 | 7 letters of 59, batch 64, hidden_size 128 | the same, batch 256 |
| --- | --- | --- | --- |
| Elman | 3.6 | 2.0 | 2.0 |
| GRU | 3.8 | 2.1 | 2.0 |
| LSTM | 1.7 | 1.8 | 1.9 |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn

from rnnlab.models.kernels import c_kernels as compiled
from rnnlab.models.kernels.c_kernels import CompiledPass, Gradients, Tree
from rnnlab.models.kernels.library import in_use
from rnnlab.models.kernels.numpy_kernels import NumPyPass
from rnnlab.models.kernels.torch_private import flat_weights, inside_functorch

NUMPYS_LSTM_FROM = 8192
"""Without compiled functions: least batch · hidden_size for which NumPy's LSTM is quicker than oneDNN's on tokens.

Below, calls outweigh products. On values it is as quick or slower (1.0 and 0.8).
"""
MOST_SYMBOLS = 4096
"""Most symbols of a one-hot input for which W's gradient is gathered here: each slice of a batch has one of its own."""


def serves(cell: nn.RNNBase, steps: Tensor) -> bool:
    """Whether `read` is to be preferred for this layer and these inputs.

    It depends on shapes, types, the kernels in use and the number of threads alone, so that a run is reproducible. A module that
    is traced, exported or mapped over needs PyTorch's own operations.
    """
    if type(steps) is not Tensor or steps.device.type != "cpu" or in_use().name == "torch":
        return False
    if torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call]
        return False
    weight = cast("Tensor", cell.weight_hh_l0)
    if weight.dtype not in (torch.float32, torch.float64) or torch.is_autocast_enabled("cpu"):
        return False
    # The functions trust inputs of the weights' type and `input_size` features; PyTorch refuses others with a message.
    tokens = steps.dim() == 2
    if tokens == steps.is_floating_point() or not (
        tokens or (steps.dtype == weight.dtype and steps.shape[2] == cell.input_size)
    ):
        return False
    if inside_functorch():
        return False
    if is_compiled(cell, tokens=tokens) or not isinstance(cell, nn.LSTM):
        return True
    # With more than one thread oneDNN's divides all its work among them.
    large = steps.shape[1] * cell.hidden_size >= NUMPYS_LSTM_FROM
    return tokens and large and torch.get_num_threads() == 1


def read(cell: nn.RNNBase, steps: Tensor, first: tuple[Tensor, ...] = (), ends: Tensor | None = None) -> Tensor:
    """Outputs of a one-way, one-layer `cell` at every step, (steps, batch, hidden_size).

    `steps`: values (steps, batch, input_size), or tokens (steps, batch), which stand for one-hot vectors. `first`: the states
    (batch, hidden_size) before the first step, h and for an LSTM c; none: zeros. With `ends` (batch,), int64 from 1 to steps,
    only the outputs of each sequence after so many steps, (batch, hidden_size), which spares the gradients by all others.
    """
    made: type[_Pass] = CompiledPass if is_compiled(cell, tokens=steps.dim() == 2) else NumPyPass
    kind = _kind(cell)
    weights = flat_weights(cell)
    keep = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (steps, *first, *weights))
    pass_ = made(kind, *_detached(weights, steps, first), keep=keep)
    if keep:
        outputs: Tensor = _Read.apply(pass_, steps, ends, *first, *weights)  # type: ignore[no-untyped-call]
        return outputs
    every = pass_.forward()
    return every if ends is None else _after(every, ends)


def watch(cell: nn.RNNBase, steps: Tensor, first: tuple[Tensor, ...] = ()) -> tuple[Tensor, CompiledPass] | None:
    """As `read`, at every step, and the pass that holds states, gates and, after the backward pass, the gradient flow.

    None where no compiled functions serve.
    """
    if not (serves(cell, steps) and is_compiled(cell, tokens=steps.dim() == 2)):
        return None
    weights = flat_weights(cell)
    pass_ = CompiledPass(_kind(cell), *_detached(weights, steps, first), watched=True)
    outputs: Tensor = _Read.apply(pass_, steps, None, *first, *weights)  # type: ignore[no-untyped-call]
    return outputs, pass_


def is_compiled(cell: nn.RNNBase, *, tokens: bool) -> bool:
    """Whether compiled functions compute this layer, on tokens or on values: then it can be watched, and reads trees."""
    weight = cast("Tensor", cell.weight_hh_l0)
    if weight.device.type != "cpu" or weight.dtype != torch.float32 or torch.is_autocast_enabled("cpu"):
        return False
    return bool(compiled.lanes()) and (not tokens or cell.input_size <= MOST_SYMBOLS)


def read_tree(cell: nn.RNNBase, below: Tensor, tree: Tree, first: tuple[Tensor, ...] = ()) -> Tensor:
    """Outputs of a one-way, one-layer `cell` at every node of a tree, (nodes, hidden_size), without gradients.

    `below`: values (nodes, input_size), or tokens (nodes,). `first`: the states (hidden_size,) before the first; none: zeros.
    """
    weights = [weight.detach() for weight in flat_weights(cell)]
    return compiled.read_tree(_kind(cell), weights, below.detach(), tree, tuple(state.detach() for state in first))


def _kind(cell: nn.RNNBase) -> str:
    """The name of the layer's functions in `c_kernels.CELLS`."""
    if isinstance(cell, nn.LSTM):
        return "lstm"
    if isinstance(cell, nn.GRU):
        return "gru"
    return "elman" if cell.nonlinearity == "tanh" else "rectified elman"


class _Pass(Protocol):
    """One pass of a layer over a batch, as `CompiledPass` describes it."""

    def __init__(
        self, cell: str, weights: list[Tensor], below: Tensor, first: tuple[Tensor, ...] = (), *, keep: bool = True
    ) -> None: ...

    def forward(self) -> Tensor: ...

    def backward(self, d_states: Tensor, *, by_below: bool, ends: Tensor | None = None) -> Gradients: ...


def _detached(
    weights: Sequence[Tensor], steps: Tensor, first: Sequence[Tensor]
) -> tuple[list[Tensor], Tensor, tuple[Tensor, ...]]:
    return [each.detach() for each in weights], steps.detach(), tuple(each.detach() for each in first)


def _after(every: Tensor, ends: Tensor) -> Tensor:
    """(steps, batch, hidden_size) → (batch, hidden_size): each sequence after its number of steps."""
    return every[ends - 1, torch.arange(len(ends))]


class _Read(torch.autograd.Function):
    """One layer as one node of the graph."""

    @staticmethod
    def forward(ctx: Any, pass_: _Pass, steps: Tensor, ends: Tensor | None, *rest: Tensor) -> Tensor:
        """The outputs. `rest`: the other tensors of the pass, first states and weights."""
        ctx.pass_, ctx.ends = pass_, ends
        every: Tensor = ctx.pass_.forward()
        outputs = every if ends is None else _after(every, ends)
        # Not read, but PyTorch then raises where one of them was overwritten before the backward pass.
        ctx.save_for_backward(steps, *rest, outputs)
        return outputs

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, d_outputs: Tensor) -> tuple[Tensor | None, ...]:
        assert ctx.saved_tensors
        d = ctx.pass_.backward(d_outputs, by_below=ctx.needs_input_grad[1], ends=ctx.ends)
        return None, d.below, None, *d.first, *d.weights
