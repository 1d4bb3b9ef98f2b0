"""The contract of a recurrent cell: what one direction of a recurrent layer gives to the rest of the program.

A cell is a file `rnnlab/models/cells/NAME.py`, NAME being the name of its card, with one subclass of `RecurrentCell`. It must
have `forward_step` and `recurrent_matrices`, and `gate_values` where it has gates; everything else follows from these.
`docs/adding-a-cell.md` adds one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnnlab.models.plan.net_plan import LayerPlan

State = tuple[Tensor, ...]
"""What a cell carries from step to step, each (batch, features); the first is the hidden state."""


class Gate(NamedTuple):
    """Values of one gate, or of the state itself, at every step: (steps, batch, hidden_size), from `low` to `high`."""

    name: str
    values: Tensor
    low: float = 0.0
    high: float = 1.0


class Trace(NamedTuple):
    """One pass over a batch that recorded its states."""

    outputs: Tensor
    """(steps, batch, hidden_size)."""
    states: Sequence[Tensor]
    """Tensors whose gradients `flow` needs; none where the flow is recorded on the way back."""
    flow: Callable[[Sequence[Tensor | None]], Tensor]
    """∂L/∂h at every step, through later steps too, (steps, batch, hidden_size), from the gradients of `states`."""
    gates: Callable[[], list[Gate]]
    """The gates' values at every step."""
    cell_states: Callable[[], list[Tensor]] = list
    """What the cell carries beside its outputs, such as the c of an LSTM: after every step, (steps, batch, hidden_size) each."""


class RecurrentCell(nn.Module):
    """One direction of one recurrent layer, steps first.

    `layer` is the layer's plan: `input_size`, `hidden_size`, `bias`, `activation` and the architecture's card.
    """

    input_size: int
    hidden_size: int
    state_sizes: tuple[int, ...]
    """Features of each tensor of the state; those of a learned initial state end to end."""
    bptt_steps: int | None = None
    """Most steps that the gradient goes back; None: all."""
    reads_tokens = False
    """Whether `forward` takes tokens (steps, batch) in place of one-hot vectors."""

    def __init__(self, layer: LayerPlan) -> None:
        super().__init__()
        self.input_size, self.hidden_size = layer.input_size, layer.hidden_size
        self.state_sizes = layer.state_sizes

    def forward_step(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The output (batch, hidden_size) and the next state, from `inputs` (batch, features) as `project` returns them."""
        raise NotImplementedError

    def recurrent_matrices(self) -> list[Tensor]:
        """Matrices (hidden_size, hidden_size) by which a state reaches the next one: views of the parameters.

        `model.init` makes them orthogonal or the identity. The card's `shape.states` counts them.
        """
        raise NotImplementedError

    def gate_values(self, inputs: Tensor, before: State, after: State) -> list[Gate]:
        """The gates at every step; none where the cell has no gates.

        `inputs` (steps, batch, features) are as `project` returns them; `before` and `after` are the states before and after
        each step, (steps, batch, features).
        """
        return []

    def cell_states(self, outputs: Tensor, after: State) -> list[Tensor]:
        """The states that are not the outputs themselves, (steps, batch, hidden_size) each.

        `outputs` are those of every step, `after` the state after each step, (steps, batch, features).
        """
        return [part for part in after if not torch.equal(part, outputs)]

    def project(self, inputs: Tensor) -> Tensor:
        """The part of a step that reads the inputs alone, for all steps at once; a cell that overrides it is quicker."""
        return inputs

    def initial_state(self, inputs: Tensor, state: Tensor | None) -> State:
        """The state before the first step: zeros, or the learned vector `state`, the same for each sequence."""
        batch = inputs.shape[1]
        if state is None:
            return tuple(inputs.new_zeros(batch, features) for features in self.state_sizes)
        return tuple(part.expand(batch, -1) for part in torch.split(state, list(self.state_sizes)))

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> Tensor:
        """(steps, batch, input_size) → (steps, batch, hidden_size). `state`: learned initial state; None: zeros."""
        inputs = self.project(inputs)
        current = self.initial_state(inputs, state)
        outputs = []
        for step in inputs.unbind(0):
            output, current = self.forward_step(step, current)
            outputs.append(output)
        return torch.stack(outputs)

    def final_outputs(self, inputs: Tensor, lengths: Tensor | None, state: Tensor | None = None) -> Tensor:
        """The output at each sequence's last true step, (batch, hidden_size). `lengths` (batch,); None: all steps are true."""
        return at_end(self(inputs, state), lengths)

    def trace(self, inputs: Tensor, state: Tensor | None = None) -> Trace:
        """As `forward`, step by step, recording every state."""
        inputs = self.project(inputs)
        states = [self.initial_state(inputs, state)]
        outputs = []
        for step in inputs.unbind(0):
            output, after = self.forward_step(step, states[-1])
            outputs.append(output)
            states.append(after)

        def stacked(some: list[State]) -> State:
            return tuple(torch.stack([each.detach() for each in part]) for part in zip(*some, strict=True))

        @torch.no_grad()
        def gates() -> list[Gate]:
            return self.gate_values(inputs, stacked(states[:-1]), stacked(states[1:]))

        @torch.no_grad()
        def cell_states() -> list[Tensor]:
            return self.cell_states(torch.stack(outputs).detach(), stacked(states[1:]))

        return Trace(torch.stack(outputs), [after[0] for after in states[1:]], stacked_flow, gates, cell_states)

    def is_compiled(self, *, tokens: bool) -> bool:
        """Whether compiled functions compute this cell on tokens, or on values."""
        return False


def stacked_flow(gradients: Sequence[Tensor | None]) -> Tensor:
    """Gradients (batch, features) by each step's state as one tensor, zeros for None."""
    known = next(gradient for gradient in gradients if gradient is not None)
    return torch.stack([torch.zeros_like(known) if gradient is None else gradient for gradient in gradients])


def at_end(steps: Tensor, lengths: Tensor | None) -> Tensor:
    """(steps, batch, features) → (batch, features): each sequence at its last true step. `lengths` (batch,); None: all true."""
    if lengths is None:
        return steps[-1]
    batch = steps.shape[1]
    flat = (lengths - 1) * batch + torch.arange(batch, device=steps.device)
    return steps.reshape(steps.shape[0] * batch, -1).index_select(0, flat)
