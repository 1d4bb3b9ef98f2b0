"""A net read one step at a time, so that every state and every gate on the way can be looked at.

The kernels that train give what a layer says at all steps at once. The gradient by that is only the direct part of ∂L/∂h_t, what
reaches the loss without passing a later step. Here each state is a tensor of its own that both the readout and the next
step read, so the gradient by it is the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, cast

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from rnnlab.models.build import Layer, Net

KINDS = (nn.LSTM, nn.GRU, nn.RNN)


class Gate(NamedTuple):
    """What a gate, or the state itself, was at every step: `values` (steps, batch, size), between `low` and `high`."""

    name: str
    values: Tensor
    low: float
    high: float


class Unrolled(nn.Module):
    """Stands in for one direction of a recurrent layer, with its weights. What was read last is kept in `steps` and `states`."""

    def __init__(self, cell: nn.RNNBase) -> None:
        super().__init__()
        self.cell = cell
        self.steps: Tensor | None = None
        self.first: Tensor | None = None
        self.states: list[Tensor] = []
        """The state after each step (batch, size), in the order of reading, all in the graph."""

    def forward(self, steps: Tensor, first: Tensor | None = None) -> Tensor:
        """(steps, batch, width) → (steps, batch, size). `first`: the state before the first step, of an LSTM with its memory
        after it; None: zeros."""
        cell, weights = self.cell, cast("list[Tensor]", self.cell._flat_weights)
        if not cell.bias:
            none = steps.new_zeros(weights[0].shape[0])
            weights = [*weights, none, none]
        state = memory = steps.new_zeros(steps.shape[1], cell.hidden_size)
        if first is not None:
            state, *rest = (part.expand_as(state) for part in first.chunk(2 if isinstance(cell, nn.LSTM) else 1))
            memory = rest[0] if rest else state
        self.steps, self.first, self.states = steps.detach(), state.detach(), []
        for step in steps.unbind(0):
            if isinstance(cell, nn.LSTM):
                state, memory = torch.lstm_cell(step, (state, memory), *weights)
            elif isinstance(cell, nn.GRU):
                state = torch.gru_cell(step, state, *weights)
            elif cell.nonlinearity == "relu":
                state = torch.rnn_relu_cell(step, state, *weights)
            else:
                state = torch.rnn_tanh_cell(step, state, *weights)
            self.states.append(state)
        return torch.stack(self.states)

    @torch.no_grad()
    def gates(self) -> list[Gate]:
        """What each gate was, from the states; of a cell without gates the state itself: `state` of tanh, `units` of relu."""
        cell, states = self.cell, torch.stack(self.states)
        if not isinstance(cell, nn.LSTM | nn.GRU):
            relu = cell.nonlinearity == "relu"
            return [Gate("units" if relu else "state", states, 0.0 if relu else -1.0, 1.0)]
        assert self.steps is not None
        assert self.first is not None
        before = torch.cat((self.first.unsqueeze(0), states[:-1]))
        w, u, *biases = cast("list[Tensor]", cell._flat_weights)
        below, recurrent = biases or (None, None)
        sums = nn.functional.linear(self.steps, w, below) + nn.functional.linear(before, u, recurrent)
        size = cell.hidden_size
        blocks = {"input": 0, "forget": 1, "output": 3} if isinstance(cell, nn.LSTM) else {"reset": 0, "update": 1}
        return [
            Gate(name, sums[..., block * size : (block + 1) * size].sigmoid(), 0.0, 1.0)
            for name, block in blocks.items()
        ]


class Watched:
    """A cell of torchrecurrent, which is asked step after step anyway: what it answers is kept."""

    def __init__(self, cell: nn.Module) -> None:
        self.states: list[Tensor] = []
        split = bool(cell.split)
        asked = cast("nn.Module", cell.cell)

        def keep(_module: nn.Module, _given: object, answer: Tensor | tuple[object, ...]) -> None:
            held: object = answer[1] if split else answer
            self.states.append(cast("Tensor", held[0] if isinstance(held, tuple) else held))

        self.handle = asked.register_forward_hook(keep)

    def gates(self) -> list[Gate]:
        """None: each cell names its gates otherwise, or has none."""
        return []


@contextmanager
def unrolled(net: Net) -> Iterator[dict[str, Unrolled | Watched]]:
    """`net` with its recurrent layers read step by step, and what watches them by name: `lstm 1`, and `lstm 1 backwards`
    for the direction that reads from the end. Layers that a scan or a convolution reads at once are left out."""
    seen: dict[str, Unrolled | Watched] = {}
    replaced: list[tuple[Layer, str, nn.Module]] = []
    watched: list[Watched] = []
    try:
        for place, layer in enumerate(cast("list[Layer]", list(net.layers)), start=1):
            for direction, words in (("forwards", ""), ("backwards", " backwards")):
                cell = getattr(layer, direction, None)
                if isinstance(cell, KINDS):
                    seen[f"{net.cell} {place}{words}"] = stand_in = Unrolled(cell)
                    replaced.append((layer, direction, cell))
                    setattr(layer, direction, stand_in)
                elif (
                    isinstance(cell, nn.Module)
                    and hasattr(cell, "split")
                    and isinstance(getattr(cell, "cell", None), nn.Module)
                ):
                    seen[f"{net.cell} {place}{words}"] = watcher = Watched(cell)
                    watched.append(watcher)
        yield seen
    finally:
        for layer, direction, cell in replaced:
            setattr(layer, direction, cell)
        for watcher in watched:
            watcher.handle.remove()
