"""Recurrent cells that are written out here, over whole sequences: (steps, batch, width) → (steps, batch, size).

`state` is what goes into the first step, (memory · size,) to be learned and the same for each row; None stands for zeros.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.models.scan import scan


class LinearElman(nn.Module):
    """The recurrent net of the PyTorch tutorial: one linear layer over input and state side by side, and nothing bent.

    h = W [x, h'] + b. All steps are multiplied with the input's part of W at once.
    """

    def __init__(self, width: int, size: int, *, bias: bool) -> None:
        super().__init__()
        self.size = size
        self.step = nn.Linear(width + size, size, bias=bias)

    def forward(self, steps: Tensor, state: Tensor | None) -> Tensor:
        weight = self.step.weight
        sums = functional.linear(steps, weight[:, : -self.size], self.step.bias)
        turned = weight[:, -self.size :].T
        before = first_state(state, steps, self.size)
        states = []
        for add in sums.unbind(0):
            before = torch.addmm(add, before, turned)
            states.append(before)
        return torch.stack(states)


class MinGRU(nn.Module):
    """minGRU of Feng et al. 2024, section 3.1: z and h̃ read the input alone, so all steps are computed side by side."""

    def __init__(self, width: int, size: int, *, bias: bool) -> None:
        super().__init__()
        self.size = size
        self.gates = nn.Linear(width, 2 * size, bias=bias)
        """z, then h̃."""

    def forward(self, steps: Tensor, state: Tensor | None) -> Tensor:
        gate, candidate = self.gates(steps).chunk(2, dim=2)
        update = torch.sigmoid(gate)
        return scan(1 - update, update * candidate, first_state(state, steps, self.size))


class MinLSTM(nn.Module):
    """minLSTM of Feng et al. 2024, section 3.2: forget and input gate are scaled to sum to one."""

    def __init__(self, width: int, size: int, *, bias: bool) -> None:
        super().__init__()
        self.size = size
        self.gates = nn.Linear(width, 3 * size, bias=bias)
        """f, i, then h̃."""

    def forward(self, steps: Tensor, state: Tensor | None) -> Tensor:
        forget, admit, candidate = self.gates(steps).chunk(3, dim=2)
        # f / (f + i) = σ(log f - log i), and -log σ(x) = softplus(-x).
        keep = torch.sigmoid(functional.softplus(-admit) - functional.softplus(-forget))
        return scan(keep, (1 - keep) * candidate, first_state(state, steps, self.size))


def first_state(state: Tensor | None, steps: Tensor, size: int) -> Tensor:
    """What goes into the first step, (batch, size)."""
    if state is None:
        return steps.new_zeros(steps.shape[1], size)
    return state.expand(steps.shape[1], -1)
