"""The recurrent net of the PyTorch tutorial: one linear layer over input and state side by side, without a nonlinearity."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import RecurrentCell, State


class LinearElman(RecurrentCell):
    """h = W [x, h'] + b. It has no gates, and its state has no bounds."""

    def __init__(self, layer: LayerPlan) -> None:
        super().__init__(layer)
        self.step = nn.Linear(layer.input_size + layer.hidden_size, layer.hidden_size, bias=layer.bias)

    def project(self, inputs: Tensor) -> Tensor:
        """The input's part of W x + b."""
        return functional.linear(inputs, self.step.weight[:, : -self.hidden_size], self.step.bias)

    def forward_step(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The new state, which is the output too."""
        after = torch.addmm(inputs, state[0], self._recurrent.T)
        return after, (after,)

    def recurrent_matrices(self) -> list[Tensor]:
        """The state's part of W."""
        return [self._recurrent]

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> Tensor:
        """As the contract has it; the view of W is made once, not at every step."""
        inputs = self.project(inputs)
        (before,) = self.initial_state(inputs, state)
        transposed = self._recurrent.T
        states = []
        for step in inputs.unbind(0):
            before = torch.addmm(step, before, transposed)
            states.append(before)
        return torch.stack(states)

    @property
    def _recurrent(self) -> Tensor:
        return self.step.weight[:, -self.hidden_size :]
