"""A readout whose weights are learned."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from rnnlab.models.masking import SequenceMask


class Attention(nn.Module):
    """A mean of the true steps, weighted by how well each answers a learned question.

    Step t, y (width,), weighs softmax over t of q · tanh(W y + b). Yang et al. 2016, Hierarchical attention networks for
    document classification, equations 5 to 7.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.key = nn.Linear(width, width)
        self.question = nn.Parameter(torch.empty(width).uniform_(-1 / math.sqrt(width), 1 / math.sqrt(width)))

    def forward(self, steps: Tensor, rows: SequenceMask) -> Tensor:
        """(steps, batch, width) → (batch, width)."""
        scores = (torch.tanh(self.key(steps)) @ self.question).unsqueeze(2)
        weights = rows.without_padding(scores, -math.inf).softmax(0)
        # What stands past a row's end weighs nothing, but nothing times infinity would still be no number.
        return (weights * rows.without_padding(steps)).sum(0)
