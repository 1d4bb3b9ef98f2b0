"""A net read one step at a time, so that every state and every gate on the way can be looked at.

The kernels that train give what a layer says at all steps at once. The gradient by that is only the direct part of ∂L/∂h_t, what
reaches the loss without passing a later step. The compiled ones can note the whole on their way back. Elsewhere each state is
made a tensor of its own here, that both the readout and the next step read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, cast

import torch
from torch import Tensor, nn

from rnnlab.models import kernels
from rnnlab.models.kernels import c_kernels as compiled

if TYPE_CHECKING:
    from rnnlab.models.net import Layer, Net

KINDS = (nn.LSTM, nn.GRU, nn.RNN)


class Gate(NamedTuple):
    """What a gate, or the state itself, was at every step: `values` (steps, batch, size), between `low` and `high`."""

    name: str
    values: Tensor
    low: float
    high: float


class Seen:
    """One direction of a recurrent layer, which is watched while it reads."""

    states: list[Tensor]
    """What to ask the gradient by: the state after each step (batch, size), in the order of reading; none where it is known."""

    def flow(self, gradients: Sequence[Tensor | None]) -> Tensor:
        """The gradient by the state after each step (steps, batch, size), of those by `states`."""
        zero = torch.zeros_like(self.states[0])
        return torch.stack([zero if gradient is None else gradient for gradient in gradients])

    def gates(self) -> list[Gate]:
        """What each gate was; none where a cell names its gates otherwise, or has none."""
        return []


class Unrolled(nn.Module, Seen):
    """Stands in for one direction of a recurrent layer, with its weights. What was read last is kept."""

    def __init__(self, cell: nn.RNNBase) -> None:
        super().__init__()
        self.cell = cell
        self.states = []
        self._steps: Tensor | None = None
        self._first: Tensor | None = None
        self._compiled: compiled.Unrolled | None = None

    def forward(self, steps: Tensor, first: Tensor | None = None) -> Tensor:
        """(steps, batch, width) → (steps, batch, size). `first`: the state before the first step, of an LSTM with its memory
        after it; None: zeros.
        """
        cell, weights = self.cell, cast("list[Tensor]", self.cell._flat_weights)
        batch, vectors = steps.shape[1], 2 if isinstance(cell, nn.LSTM) else 1
        given = () if first is None else tuple(part.expand(batch, -1) for part in first.chunk(vectors))
        self.states, self._compiled = [], None
        if (watched := kernels.watch(cell, steps, given)) is not None:
            said, self._compiled = watched
            return said
        if not cell.bias:
            none = steps.new_zeros(weights[0].shape[0])
            weights = [*weights, none, none]
        state, *rest = given or (steps.new_zeros(batch, cell.hidden_size),)
        memory = rest[0] if rest else state
        self._steps, self._first = steps.detach(), state.detach()
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

    def flow(self, gradients: Sequence[Tensor | None]) -> Tensor:
        return super().flow(gradients) if self._compiled is None else self._compiled.flow

    @torch.no_grad()
    def gates(self) -> list[Gate]:
        """What each gate was; of a cell without gates the state itself: `state` of tanh, `units` of relu."""
        cell, quick = self.cell, self._compiled
        if not isinstance(cell, nn.LSTM | nn.GRU):
            states = torch.stack(self.states) if quick is None else quick.said
            relu = cell.nonlinearity == "relu"
            return [Gate("units" if relu else "state", states, 0.0 if relu else -1.0, 1.0)]
        blocks = {"input": 0, "forget": 1, "output": 3} if isinstance(cell, nn.LSTM) else {"reset": 0, "update": 1}
        said = self._gates_of_states() if quick is None else quick.gates()
        return [Gate(name, said[block], 0.0, 1.0) for name, block in blocks.items()]

    def _gates_of_states(self) -> Sequence[Tensor]:
        """What those gates say that read the state before alone; in the others' places is nothing of meaning."""
        assert self._steps is not None
        assert self._first is not None
        before = torch.stack([self._first, *(state.detach() for state in self.states[:-1])])
        w, u, *biases = cast("list[Tensor]", self.cell._flat_weights)
        below, recurrent = biases or (None, None)
        sums = nn.functional.linear(self._steps, w, below) + nn.functional.linear(before, u, recurrent)
        return torch.split(sums.sigmoid(), self.cell.hidden_size, dim=-1)


class Watched(Seen):
    """A cell of torchrecurrent, which is asked step after step anyway: what it answers is kept."""

    def __init__(self, cell: nn.Module) -> None:
        self.states = []
        split = bool(cell.split)
        asked = cast("nn.Module", cell.cell)

        def keep(_module: nn.Module, _given: object, answer: Tensor | tuple[object, ...]) -> None:
            held: object = answer[1] if split else answer
            self.states.append(cast("Tensor", held[0] if isinstance(held, tuple) else held))

        self.handle = asked.register_forward_hook(keep)


@contextmanager
def unrolled(net: Net) -> Iterator[dict[str, Seen]]:
    """`net` with its recurrent layers read step by step, and what watches them by name: `lstm 1`, and `lstm 1 backwards`
    for the direction that reads from the end. Layers that a scan or a convolution reads at once are left out.
    """
    seen: dict[str, Seen] = {}
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
