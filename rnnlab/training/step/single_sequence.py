"""A step of training on one row, by hand where that is quicker: answers, loss and gradient without PyTorch's graph."""

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


class OneRowStep:
    """`look` at a batch of one row, then `learn` from it, then `clip`: what the graph, `backward` and `clip_on_host` do."""

    def __init__(self, net: Net, objective: Objective) -> None:
        self._row = small_batch.SingleSequencePass(net)
        self._objective = objective
        self._cross_entropy = objective.plain
        self._d_answers: NDArray[np.generic] | None = None

    def look(self, batch: Batch) -> tuple[Tensor, float]:
        """The net's raw answers, with nothing to go back through, and the loss."""
        answers = self._row.outputs(batch.inputs)
        outputs = torch.from_numpy(answers[np.newaxis])
        if self._cross_entropy:
            loss, self._d_answers = _cross_entropy(answers, int(batch.targets.item()))
            return outputs, loss
        leaf = outputs.detach().requires_grad_()
        told = self._objective.loss(leaf, batch.targets)
        (d_outputs,) = torch.autograd.grad(told, leaf)
        self._d_answers = d_outputs[0].numpy()
        return outputs, told.item()

    def learn(self) -> None:
        """Give every parameter its gradient."""
        assert self._d_answers is not None
        self._row.backward(self._d_answers)

    @property
    def dropout(self) -> float:
        """Share of activations dropped while learning."""
        return self._row.dropout

    @dropout.setter
    def dropout(self, rate: float) -> None:
        self._row.dropout = rate

    def clip(self, clip_norm: float | None, clip_value: float | None) -> float:
        """The gradient's norm before clipping, by number and by norm."""
        return self._row.clip(clip_norm, clip_value)


def one_row_step(net: Net, objective: Objective, batch_size: int) -> OneRowStep | None:
    """By hand where batches are of one row and the net is one that is written out; None: PyTorch's way for all, as where its own
    layers are asked for.
    """
    if batch_size != 1 or in_use().name == "torch" or not small_batch.serves(net):
        return None
    if any(getattr(layer, "bptt_steps", None) for layer in net.layers):
        return None
    return OneRowStep(net, objective)


def _cross_entropy(answers: NDArray[np.generic], target: int) -> tuple[float, NDArray[np.generic]]:
    """log Σ exp(answers) - answers[target], and its gradient (outputs,): softmax less the target's one."""
    with np.errstate(all="ignore"):
        shifted = answers - answers.max()
        shares = np.exp(shifted)
        total = shares.sum()
        loss = math.log(total) - float(shifted[target]) if total > 0 else math.nan
        shares /= total
        shares[target] -= 1.0
    return loss, shares
