"""minGRU of Feng et al. 2024, section 3.1: gate and candidate read the input alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import Gate
from rnnlab.models.recurrent.scan_cell import ScanCell


class MinGRU(ScanCell):
    """h = (1 - z) ⊙ h' + z ⊙ h̃, z = σ(W x + b), h̃ = V x + d."""

    def __init__(self, layer: LayerPlan) -> None:
        super().__init__(layer)
        self.gates = nn.Linear(layer.input_size, 2 * layer.hidden_size, bias=layer.bias)
        """z, then h̃."""

    def coefficients(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """1 - z and z ⊙ h̃."""
        gate, candidate = self.gates(inputs).chunk(2, dim=-1)
        update = torch.sigmoid(gate)
        return 1 - update, update * candidate

    def input_gates(self, inputs: Tensor) -> list[Gate]:
        """z, the update gate."""
        return [Gate("update", self.gates(inputs).chunk(2, dim=-1)[0].sigmoid())]
