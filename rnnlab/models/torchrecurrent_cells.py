"""The cells of torchrecurrent over whole sequences; the package is imported when the first of them is built."""

from __future__ import annotations

import inspect
from typing import Any

import torch
import torchrecurrent
from torch import Tensor, nn
from torchrecurrent import base

from rnnlab.models.plan.net_plan import LayerPlan

_OPTIONS: dict[str, dict[str, Any]] = {
    # Matrices that the package draws from N(0, 1), which saturates the units of any layer but the smallest.
    "antisymmetricrnn": {"recurrent_kernel_init": "xavier_uniform"},
    "gatedantisymmetricrnn": {"recurrent_kernel_init": "xavier_uniform"},
    "atr": {"recurrent_kernel_init": "xavier_uniform"},
    "multiplicativelstm": {"multiplicative_kernel_init": "xavier_uniform"},
    "scrn": {"context_kernel_init": "xavier_uniform"},
    # This is its gate, a sigmoid in the paper.
    "fastgrnn": {"nonlinearity": "sigmoid"},
    # Its one sum needs no second bias; the package's own default.
    "unicornn": {"recurrent_bias": False},
}
DELAY = 1
"""Steps before the last state at which the τ-GRU looks."""


class PublishedCell(nn.Module):
    """One cell, step after step: (steps, batch, width) → (steps, batch, size)."""

    def __init__(self, plan: LayerPlan) -> None:
        super().__init__()
        card = plan.card
        kind = getattr(torchrecurrent, f"{card.package}Cell")
        mapped = card.equal_widths and plan.width != plan.size
        self.widen = nn.Linear(plan.width, plan.size, bias=False) if mapped else None
        options = {name: plan.bias for name in inspect.signature(kind).parameters if name.endswith("bias")}
        self.cell = kind(plan.size if mapped else plan.width, plan.size, **(options | _OPTIONS.get(plan.name, {})))
        _forget_zeros(self.cell)
        self.states = [plan.size] * card.memory + ([plan.width] if card.keeps_input else [])
        """Widths of what goes from step to step."""
        self.delayed = plan.name == "taugru"
        self.split = isinstance(self.cell, base.DecoupledSingleStateCellBase | base.DecoupledDoubleStateCellBase)
        """Whether what it says and what it remembers are different things."""

    def forward(self, steps: Tensor, state: Tensor | None) -> Tensor:
        """What the cell says at every step. `state`: all that goes into the first step, end to end; None: zeros."""
        if self.widen is not None:
            steps = self.widen(steps)
        batch = steps.shape[1]
        if state is None:
            first = tuple(steps.new_zeros(batch, width) for width in self.states)
        else:
            first = tuple(part.expand(batch, -1) for part in torch.split(state, self.states))
        if self.delayed:
            return self._delayed(steps, first[0])
        held: Any = first if len(first) > 1 else first[0]
        said = []
        for step in steps.unbind(0):
            if self.split:
                answer, held = self.cell(step, held)
            else:
                held = self.cell(step, held)
                answer = held[0] if isinstance(held, tuple) else held
            said.append(answer)
        return torch.stack(said)

    def _delayed(self, steps: Tensor, first: Tensor) -> Tensor:
        states = [first]
        for place, step in enumerate(steps.unbind(0)):
            before = states[max(place - DELAY, 0)] if place else torch.zeros_like(first)
            states.append(self.cell(step, states[-1], before))
        return torch.stack(states[1:])


def _forget_zeros(cell: nn.Module) -> None:
    """A bias that is switched off is a buffer of zeros in the package: it need not be saved with the weights."""
    for name, zeros in list(cell.named_buffers(recurse=False)):
        delattr(cell, name)
        cell.register_buffer(name, zeros, persistent=False)
