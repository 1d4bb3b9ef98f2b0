"""What an update of the weights returns."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class StepResult(NamedTuple):
    """Result of an update: the net's raw outputs (detached), the batch's mean loss and the gradient's norm before clipping.

    On the host the figures are floats; on a device tensors, which nothing waits for.
    """

    outputs: Tensor
    loss: float | Tensor
    norm: float | Tensor
