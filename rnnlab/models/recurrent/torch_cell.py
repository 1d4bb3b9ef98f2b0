"""PyTorch's own recurrent layers as cells of the contract: nn.RNN, nn.LSTM and nn.GRU of one layer and one direction."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.models import kernels
from rnnlab.models.kernels.c_kernels import CompiledPass, Tree
from rnnlab.models.kernels.torch_private import flat_weights
from rnnlab.models.recurrent.cell import Gate, RecurrentCell, State, Trace, at_end
from rnnlab.models.recurrent.truncated_bptt import forward_in_pieces


class TorchCell(RecurrentCell, nn.RNNBase):
    """A cell whose parameters are those of a layer of PyTorch, so that saved weights have PyTorch's names.

    On the CPU the functions of `rnnlab.models.kernels` compute it where they are quicker; else PyTorch's kernel is called as
    the module would call it, without the checks, the zeros and the permutations that the module makes each time: names,
    LSTM 128, forward and backward, one thread: 1.10 times as quick at batch 1, 1.04 at batch 64. On a GPU the module itself is
    called, which keeps its weights in one piece for cuDNN.
    """

    reads_tokens = True

    def module_forward(self, inputs: Tensor, first: State) -> tuple[Tensor, State]:
        """The forward of PyTorch's module: outputs, and the state after the last step. `first`: (1, batch, hidden_size) each."""
        raise NotImplementedError

    def kernel_forward(self, inputs: Tensor, first: State, *options: Any) -> Tensor:
        """PyTorch's kernel, called directly. `options`: its weights and flags, in its order."""
        raise NotImplementedError

    def step_gates(self, sums: Tensor) -> list[Gate]:
        """The gates at every step; `sums` (steps, batch, gates · hidden_size) are W x + b + U h' + c."""
        raise NotImplementedError

    def compiled_gates(self, compiled: CompiledPass) -> list[Gate]:
        """The gates at every step, as the compiled functions recorded them."""
        raise NotImplementedError

    def recurrent_matrices(self) -> list[Tensor]:
        """U of each gate."""
        return list(torch.split(flat_weights(self)[1], self.hidden_size))

    def gate_values(self, inputs: Tensor, before: State, after: State) -> list[Gate]:
        """The gates, from the sums of all steps at once."""
        w, u, *biases = flat_weights(self)
        bias, recurrent_bias = biases or (None, None)
        return self.step_gates(functional.linear(inputs, w, bias) + functional.linear(before[0], u, recurrent_bias))

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> Tensor:
        """(steps, batch, input_size), or tokens (steps, batch), which stand for one-hot vectors → (steps, batch, hidden_size)."""
        cut = self.bptt_steps is not None and torch.is_grad_enabled()
        if not cut and kernels.serves(self, inputs):
            return kernels.read(self, inputs, self._given(state, inputs.shape[1]))
        inputs = self._vectors(inputs)
        first = tuple(part.unsqueeze(0).contiguous() for part in self.initial_state(inputs, state))
        if self.bptt_steps is not None and cut:
            return forward_in_pieces(self.module_forward, inputs, first, self.bptt_steps)
        if inputs.device.type != "cpu":
            return self.module_forward(inputs, first)[0]
        return self.kernel_forward(inputs, first, flat_weights(self), self.bias, 1, 0.0, self.training, False, False)

    def final_outputs(self, inputs: Tensor, lengths: Tensor | None, state: Tensor | None = None) -> Tensor:
        """As the contract has it; kernels that know where sequences end spare the gradients by all other steps."""
        if (self.bptt_steps is not None and torch.is_grad_enabled()) or not kernels.serves(self, inputs):
            return at_end(self(inputs, state), lengths)
        steps, batch = inputs.shape[:2]
        ends = torch.full((batch,), steps) if lengths is None else lengths
        return kernels.read(self, inputs, self._given(state, batch), ends)

    def trace(self, inputs: Tensor, state: Tensor | None = None) -> Trace:
        """As the contract has it; compiled functions record the flow of the gradient on their way back."""
        watched = kernels.watch(self, inputs, self._given(state, inputs.shape[1]))
        if watched is None:
            return super().trace(inputs, state)
        outputs, compiled = watched

        @torch.no_grad()
        def gates() -> list[Gate]:
            return self.compiled_gates(compiled)

        return Trace(outputs, [], lambda _gradients: compiled.flow, gates, compiled.cell_states)

    def read_tree(self, below: Tensor, tree: Tree, state: Tensor | None) -> Tensor:
        """The output at every node of a tree, (nodes, hidden_size), of values (nodes, input_size) or tokens (nodes,)."""
        return kernels.read_tree(self, below, tree, () if state is None else torch.split(state, list(self.state_sizes)))

    def is_compiled(self, *, tokens: bool) -> bool:
        """Whether the compiled functions compute it."""
        return kernels.is_compiled(self, tokens=tokens)

    def step_weights(self, inputs: Tensor) -> list[Tensor]:
        """W, U and both biases, which PyTorch's step functions require; zeros where there are none."""
        weights = flat_weights(self)
        if self.bias:
            return weights
        zeros = inputs.new_zeros(weights[0].shape[0])
        return [*weights, zeros, zeros]

    def _given(self, state: Tensor | None, batch: int) -> State:
        """The learned initial state for each sequence, (batch, hidden_size); none: zeros."""
        return (
            ()
            if state is None
            else tuple(part.expand(batch, -1) for part in torch.split(state, list(self.state_sizes)))
        )

    def _vectors(self, inputs: Tensor) -> Tensor:
        if inputs.dim() != 2:
            return inputs
        return functional.embedding(
            inputs, torch.eye(self.input_size, dtype=flat_weights(self)[0].dtype, device=inputs.device)
        )
