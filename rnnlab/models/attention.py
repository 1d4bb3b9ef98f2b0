"""A readout whose weights are learned."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from rnnlab.models.masking import SequenceMask


class Attention(nn.Module):
    """Mean of the true steps, weighted by how well each matches a learned query.

    The weight of step t, y (features,), is the softmax over t of q · tanh(W y + b). Yang et al. 2016, Hierarchical attention
    networks for document classification, equations 5 to 7.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.key = nn.Linear(features, features)
        self.question = nn.Parameter(torch.empty(features).uniform_(-1 / math.sqrt(features), 1 / math.sqrt(features)))

    def forward(self, steps: Tensor, mask: SequenceMask) -> Tensor:
        """(steps, batch, features) → (batch, features)."""
        scores = (torch.tanh(self.key(steps)) @ self.question).unsqueeze(2)
        weights = mask.without_padding(scores, -math.inf).softmax(0)
        # Padding has weight zero, but zero times infinity would still be NaN.
        return (weights * mask.without_padding(steps)).sum(0)
