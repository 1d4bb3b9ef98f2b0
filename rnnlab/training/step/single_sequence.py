"""Manual forward and backward pass of a single sequence, where that is quicker than PyTorch's graph."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnlab.models.cpu import single_sequence as small_batch
from rnnlab.models.kernels.library import in_use
from rnnlab.models.net import Net
from rnnlab.training.data.batches import Batch
from rnnlab.training.step.loss import Objective


class SingleSequenceStep:
    """`forward`, `backward` and `clip` for batches of one sequence: what the graph, `backward` and `clip_on_host` do."""

    def __init__(self, net: Net, objective: Objective) -> None:
        self._net = small_batch.SingleSequencePass(net)
        self._objective = objective
        self._cross_entropy = objective.plain
        self._d_outputs: NDArray[np.generic] | None = None

    def forward(self, batch: Batch) -> tuple[Tensor, float]:
        """The net's raw outputs (1, outputs), detached, and the loss."""
        outputs = self._net.outputs(batch.inputs)
        batched = torch.from_numpy(outputs[np.newaxis])
        if self._cross_entropy:
            loss, self._d_outputs = _cross_entropy(outputs, int(batch.targets.item()))
            return batched, loss
        leaf = batched.detach().requires_grad_()
        loss_tensor = self._objective.loss(leaf, batch.targets)
        (gradient,) = torch.autograd.grad(loss_tensor, leaf)
        self._d_outputs = gradient[0].numpy()
        return batched, loss_tensor.item()

    def backward(self) -> None:
        """Give every parameter its gradient."""
        assert self._d_outputs is not None
        self._net.backward(self._d_outputs)

    @property
    def dropout(self) -> float:
        """Share of activations dropped while learning."""
        return self._net.dropout

    @dropout.setter
    def dropout(self, rate: float) -> None:
        self._net.dropout = rate

    def clip(self, clip_norm: float | None, clip_value: float | None) -> float:
        """The gradient's norm before clipping, by number and by norm."""
        return self._net.clip(clip_norm, clip_value)


def single_sequence_step(net: Net, objective: Objective, batch_size: int) -> SingleSequenceStep | None:
    """The manual pass, where batches are of one sequence and it is written out for the net.

    None: PyTorch's graph serves, as where PyTorch's own layers are asked for.
    """
    if batch_size != 1 or in_use().name == "torch" or not small_batch.serves(net):
        return None
    return SingleSequenceStep(net, objective)


def _cross_entropy(logits: NDArray[np.generic], target: int) -> tuple[float, NDArray[np.generic]]:
    """Loss log Σ exp(logits) - logits[target], and its gradient (logits,): softmax less the target's one."""
    with np.errstate(all="ignore"):
        shifted = logits - logits.max()
        shares = np.exp(shifted)
        total = shares.sum()
        loss = math.log(total) - float(shifted[target]) if total > 0 else math.nan
        shares /= total
        shares[target] -= 1.0
    return loss, shares
