"""What is made small, and what is counted of it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rnnlab.config import RunConfig
from rnnlab.tasks.split import Split
from rnnlab.training.metrics import ClassScores, NumberScores, Scores


class Objective:
    """The loss of a task: cross-entropy of classes, plain or weighted; mean squared error of scaled numbers."""

    def __init__(self, config: RunConfig, split: Split, device: torch.device) -> None:
        self.classification = split.card.problem == "classification"
        self.outputs = split.outputs
        self.scale = split.scale.get("target_scale", 1.0)
        self.offset = split.scale.get("target_offset", 0.0)
        self.weights: Tensor | None = None
        if self.classification and config.data.balance == "weights":
            self.weights = torch.from_numpy(class_weights(split.train.targets, split.outputs)).to(device)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The mean over a batch, to be made small. `outputs` (batch, outputs); `targets` (batch,) or (batch, outputs)."""
        if self.classification:
            return functional.cross_entropy(outputs, targets, self.weights)
        return functional.mse_loss(outputs, (targets - self.offset) / self.scale)

    def total(self, outputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """The loss summed over a batch, and what to divide such sums by: rows, their weights, or numbers."""
        if self.classification:
            # Added up in double precision on the host: Metal has none.
            losses = functional.cross_entropy(outputs, targets, self.weights, reduction="none").cpu().double()
            weight = float(len(targets)) if self.weights is None else self.weights[targets].cpu().double().sum().item()
            return losses.sum().item(), weight
        errors = (outputs - (targets - self.offset) / self.scale).cpu().double()
        return errors.square().sum().item(), float(errors.numel())

    def scores(self) -> Scores:
        """An empty tally of the task's metrics."""
        return ClassScores(self.outputs) if self.classification else NumberScores(self.outputs, self.scale, self.offset)


def class_weights(targets: np.ndarray, classes: int) -> np.ndarray:
    """rows / (classes · rows of the class), float32 (classes,): scikit-learn's "balanced"; 0 for a class without rows."""
    counts = np.bincount(targets, minlength=classes).astype(np.float64)
    weights = np.divide(len(targets), classes * counts, out=np.zeros(classes), where=counts > 0)
    return weights.astype(np.float32)
