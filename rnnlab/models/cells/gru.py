"""Gated recurrent unit of Cho et al. 2014, its reset gate placed as in PyTorch and cuDNN: PyTorch's nn.GRU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.models.kernels.c_kernels import CompiledPass
from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import Gate, State
from rnnlab.models.recurrent.torch_cell import TorchCell


class GRU(TorchCell, nn.GRU):  # type: ignore[misc]
    """Gates r, z, n: n = tanh(W x + b + r ⊙ (U h' + c)), h = (1 - z) ⊙ n + z ⊙ h'."""

    def __init__(self, layer: LayerPlan) -> None:
        nn.GRU.__init__(self, layer.input_size, layer.hidden_size, bias=layer.bias)
        self.state_sizes = layer.state_sizes

    def module_forward(self, inputs: Tensor, first: State) -> tuple[Tensor, State]:
        """As nn.GRU computes it."""
        outputs, after = nn.GRU.forward(self, inputs, first[0])
        return outputs, (after,)

    def kernel_forward(self, inputs: Tensor, first: State, *options: Any) -> Tensor:
        """The outputs at every step, from `torch.gru`."""
        return torch.gru(inputs, first[0], *options)[0]

    def forward_step(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The new state, which is the output too."""
        after = torch.gru_cell(inputs, state[0], *self.step_weights(inputs))
        return after, (after,)

    def step_gates(self, sums: Tensor) -> list[Gate]:
        """Reset and update gate; the candidate's sum is not that of its own equation and is left out."""
        return _named(torch.split(sums.sigmoid(), self.hidden_size, dim=-1))

    def compiled_gates(self, compiled: CompiledPass) -> list[Gate]:
        """The same, as the compiled functions recorded them."""
        return _named(compiled.gates())


def _named(blocks: Sequence[Tensor] | Tensor) -> list[Gate]:
    return [Gate("reset", blocks[0]), Gate("update", blocks[1])]
