"""The cells of the package torchrecurrent; it is imported when the first of them is built."""

from __future__ import annotations

import inspect
from typing import Any, cast

import torchrecurrent
from torch import Tensor, nn, split
from torchrecurrent import base

from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import RecurrentCell, State

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
_INPUT_WEIGHTS = ("weight_ih", "weight_res")
"""The package's names of the matrices that read the input; its other matrices read a state."""


class PublishedCell(RecurrentCell):
    """The package's cell of `card.package`. Which of its numbers are gates the package does not tell: none are given."""

    def __init__(self, layer: LayerPlan) -> None:
        super().__init__(layer)
        card = layer.card
        kind = getattr(torchrecurrent, f"{card.package}Cell")
        mapped = card.equal_widths and layer.input_size != layer.hidden_size
        self.widen = nn.Linear(layer.input_size, layer.hidden_size, bias=False) if mapped else None
        options = {name: layer.bias for name in inspect.signature(kind).parameters if name.endswith("bias")}
        self.cell = kind(
            layer.hidden_size if mapped else layer.input_size,
            layer.hidden_size,
            **(options | _OPTIONS.get(layer.name, {})),
        )
        _forget_zeros(self.cell)
        self._has_matrices = card.shape is not None and card.shape.states > 0
        self._n_states = card.n_states
        self._delayed = isinstance(self.cell, torchrecurrent.tauGRUCell)
        self._decoupled = isinstance(self.cell, base.DecoupledSingleStateCellBase | base.DecoupledDoubleStateCellBase)
        """Whether its output is another tensor than its state."""

    def project(self, inputs: Tensor) -> Tensor:
        """The inputs, mapped to `hidden_size` features where the cell must read as many."""
        return inputs if self.widen is None else cast("Tensor", self.widen(inputs))

    def initial_state(self, inputs: Tensor, state: Tensor | None) -> State:
        """As the contract has it. The τ-GRU also reads the state of one step before the last, zeros at first."""
        first = super().initial_state(inputs, state)
        return (*first, first[0].new_zeros(first[0].shape)) if self._delayed else first

    def forward_step(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """What the package's cell returns, as the contract has it."""
        if self._delayed:
            after: Tensor = self.cell(inputs, *state)
            return after, (after, state[0])
        returned = self.cell(inputs, state if len(state) > 1 else state[0])
        output, held = returned if self._decoupled else (None, returned)
        after_all: State = held if isinstance(held, tuple) else (held,)
        return after_all[0] if output is None else output, after_all

    def cell_states(self, outputs: Tensor, after: State) -> list[Tensor]:
        """As the contract has it, without inputs and states of earlier steps that some cells carry along."""
        return super().cell_states(outputs, after[: self._n_states])

    def recurrent_matrices(self) -> list[Tensor]:
        """The square blocks of all matrices that read a state."""
        if not self._has_matrices:
            return []
        named = self.cell.named_parameters()
        own = [p for name, p in named if name not in _INPUT_WEIGHTS and p.ndim == 2 and p.shape[1] == self.hidden_size]
        return [block for parameter in own for block in split(parameter, self.hidden_size)]


def _forget_zeros(cell: nn.Module) -> None:
    """A bias that is switched off is a buffer of zeros in the package: it need not be saved with the weights."""
    for name, zeros in list(cell.named_buffers(recurse=False)):
        delattr(cell, name)
        cell.register_buffer(name, zeros, persistent=False)
