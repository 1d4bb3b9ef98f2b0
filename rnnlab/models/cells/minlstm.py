"""minLSTM of Feng et al. 2024, section 3.2: its gates read the input alone and are scaled to sum to one."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import Gate
from rnnlab.models.recurrent.scan_cell import ScanCell


class MinLSTM(ScanCell):
    """h = f / (f + i) ⊙ h' + i / (f + i) ⊙ h̃, f and i = σ(W x + b), h̃ = V x + d."""

    def __init__(self, layer: LayerPlan) -> None:
        super().__init__(layer)
        self.gates = nn.Linear(layer.input_size, 3 * layer.hidden_size, bias=layer.bias)
        """f, i, then h̃."""

    def coefficients(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """The scaled forget gate f / (f + i), and i / (f + i) ⊙ h̃."""
        forget, admit, candidate = self.gates(inputs).chunk(3, dim=-1)
        # f / (f + i) = σ(log f - log i), and -log σ(x) = softplus(-x).
        keep = torch.sigmoid(functional.softplus(-admit) - functional.softplus(-forget))
        return keep, (1 - keep) * candidate

    def input_gates(self, inputs: Tensor) -> list[Gate]:
        """The scaled forget gate f / (f + i); the scaled input gate is the rest to one."""
        return [Gate("forget", self.coefficients(inputs)[0])]
