"""Mask of a padded batch: which steps are true, and readouts of them."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from rnnlab.models.recurrent.cell import at_end


class SequenceMask(NamedTuple):
    """Which steps of a batch are true. `lengths` is None where every sequence fills all steps: then nothing is masked."""

    steps: int
    batch: int
    lengths: Tensor | None

    def reversed(self, steps: Tensor) -> Tensor:
        """(steps, batch, features) with each sequence's true steps in reverse order and its padding left where it is."""
        if self.lengths is None:
            return steps.flip(0)
        step = torch.arange(self.steps, device=steps.device).unsqueeze(1)
        source = torch.where(step < self.lengths, self.lengths - 1 - step, step)
        flat = source * self.batch + torch.arange(self.batch, device=steps.device)
        return steps.reshape(self.steps * self.batch, -1).index_select(0, flat.view(-1)).view(steps.shape)

    def last(self, steps: Tensor) -> Tensor:
        """(steps, batch, features) → (batch, features): each sequence at its last true step."""
        return at_end(steps, self.lengths)

    def mean(self, steps: Tensor) -> Tensor:
        """(batch, features): the mean over each sequence's true steps."""
        if self.lengths is None:
            return steps.mean(0)
        return steps.masked_fill(self.padding(self.lengths), 0.0).sum(0) / self.lengths.unsqueeze(1)

    def max(self, steps: Tensor) -> Tensor:
        """(batch, features): the maximum over each sequence's true steps."""
        return self.without_padding(steps, -math.inf).amax(0)

    def without_padding(self, steps: Tensor, instead: float = 0.0) -> Tensor:
        """(steps, batch, features) with `instead` where a step is past its sequence's end."""
        return steps if self.lengths is None else steps.masked_fill(self.padding(self.lengths), instead)

    def padding(self, lengths: Tensor) -> Tensor:
        """(steps, batch, 1): true where a step is past its sequence's end."""
        step = torch.arange(self.steps, device=lengths.device).unsqueeze(1)
        return (step >= lengths).unsqueeze(2)
