"""Cells whose step is h = a ⊙ h' + b, where a and b read the input alone: a scan computes all steps at once."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from rnnlab.models.recurrent.cell import Gate, RecurrentCell, State, Trace
from rnnlab.models.recurrent.scan import scan


class ScanCell(RecurrentCell):
    """A cell that `coefficients` and `input_gates` describe."""

    def coefficients(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """The factor a and the summand b, each (…, hidden_size), of `inputs` (…, input_size)."""
        raise NotImplementedError

    def input_gates(self, inputs: Tensor) -> list[Gate]:
        """The gates at every step, of `inputs` (steps, batch, input_size)."""
        raise NotImplementedError

    def forward_step(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The new state, which is the output too."""
        a, b = self.coefficients(inputs)
        after = torch.addcmul(b, a, state[0])
        return after, (after,)

    def recurrent_matrices(self) -> list[Tensor]:
        """None: no matrix multiplies the state."""
        return []

    def gate_values(self, inputs: Tensor, before: State, after: State) -> list[Gate]:
        """The gates, which depend on the inputs alone."""
        return self.input_gates(inputs)

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> Tensor:
        """All steps by one scan."""
        return scan(*self.coefficients(inputs), self.initial_state(inputs, state)[0])

    def trace(self, inputs: Tensor, state: Tensor | None = None) -> Trace:
        """As `forward`: the gradient by b is that by the state, through later steps too."""
        a, b = self.coefficients(inputs)
        outputs = scan(a, b, self.initial_state(inputs, state)[0])

        @torch.no_grad()
        def gates() -> list[Gate]:
            return self.input_gates(inputs)

        return Trace(outputs, [b], lambda gradients: cast("Tensor", gradients[0]), gates)
