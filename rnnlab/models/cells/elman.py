"""The simple recurrent cell of Elman 1990: PyTorch's nn.RNN."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.models.kernels.c_kernels import CompiledPass
from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import Gate, State
from rnnlab.models.recurrent.torch_cell import TorchCell


class Elman(TorchCell, nn.RNN):  # type: ignore[misc]
    """h = φ(W x + b + U h' + c), φ tanh or relu."""

    def __init__(self, layer: LayerPlan) -> None:
        nn.RNN.__init__(self, layer.input_size, layer.hidden_size, bias=layer.bias, nonlinearity=layer.activation)
        self.state_sizes = layer.state_sizes

    def module_forward(self, inputs: Tensor, first: State) -> tuple[Tensor, State]:
        """As nn.RNN computes it."""
        outputs, after = nn.RNN.forward(self, inputs, first[0])
        return outputs, (after,)

    def kernel_forward(self, inputs: Tensor, first: State, *options: Any) -> Tensor:
        """The outputs at every step, from `torch.rnn_tanh` or `torch.rnn_relu`."""
        kernel = torch.rnn_relu if self.nonlinearity == "relu" else torch.rnn_tanh
        return kernel(inputs, first[0], *options)[0]

    def forward_step(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """The new state, which is the output too."""
        step = torch.rnn_relu_cell if self.nonlinearity == "relu" else torch.rnn_tanh_cell
        after = step(inputs, state[0], *self.step_weights(inputs))
        return after, (after,)

    def gate_values(self, inputs: Tensor, before: State, after: State) -> list[Gate]:
        """No gate but the state itself: `state` of tanh, `units` of relu."""
        return self._state(after[0])

    def compiled_gates(self, compiled: CompiledPass) -> list[Gate]:
        """The same, as the compiled functions recorded it."""
        return self._state(compiled.outputs)

    def _state(self, values: Tensor) -> list[Gate]:
        relu = self.nonlinearity == "relu"
        return [Gate("units", values) if relu else Gate("state", values, low=-1.0)]
