"""Long short-term memory of Hochreiter and Schmidhuber 1997, with a forget gate: PyTorch's nn.LSTM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.models.kernels.c_kernels import CompiledPass
from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import Gate, State
from rnnlab.models.recurrent.torch_cell import TorchCell


class LSTM(TorchCell, nn.LSTM):  # type: ignore[misc]
    """Gates i, f, g, o: c = f ⊙ c' + i ⊙ g, h = o ⊙ tanh(c). Its state is h and c."""

    def __init__(self, layer: LayerPlan) -> None:
        nn.LSTM.__init__(self, layer.input_size, layer.hidden_size, bias=layer.bias)
        self.state_sizes = layer.state_sizes

    def module_forward(self, inputs: Tensor, first: State) -> tuple[Tensor, State]:
        """As nn.LSTM computes it."""
        outputs: tuple[Tensor, State] = nn.LSTM.forward(self, inputs, (first[0], first[1]))
        return outputs

    def kernel_forward(self, inputs: Tensor, first: State, *options: Any) -> Tensor:
        """The outputs at every step, from `torch.lstm`."""
        return torch.lstm(inputs, first, *options)[0]

    def forward_step(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """h, and both states."""
        after = torch.lstm_cell(inputs, state, *self.step_weights(inputs))
        return after[0], after

    def step_gates(self, sums: Tensor) -> list[Gate]:
        """Input, forget and output gate."""
        return _named(torch.split(sums.sigmoid(), self.hidden_size, dim=-1))

    def compiled_gates(self, compiled: CompiledPass) -> list[Gate]:
        """The same, as the compiled functions recorded them."""
        return _named(compiled.gates())


def _named(blocks: Sequence[Tensor] | Tensor) -> list[Gate]:
    return [Gate("input", blocks[0]), Gate("forget", blocks[1]), Gate("output", blocks[3])]
