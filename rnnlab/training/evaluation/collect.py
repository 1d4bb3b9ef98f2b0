"""Collector of the predictions of an evaluation, row by row, as the file of predictions holds them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnlab.predictions.predictions_file import SubsetPredictions, layout
from rnnlab.tasks.splitting.types import Subset
from rnnlab.training.step.loss import NOT_ASKED, Objective


class PredictionCollector:
    """Predictions of a subset, collected batch by batch in whatever order the batches have its rows."""

    def __init__(self, subset: Subset, objective: Objective) -> None:
        self._subset = subset
        self._objective = objective
        steps = subset.targets.shape[1] if subset.targets.ndim == 2 else 1
        classes = objective.outputs if objective.classification else 0
        self._layout = layout(len(subset), steps, classes, per_step=objective.per_step)
        rows = self._layout.rows
        shape = (rows, *subset.targets.shape[1:])
        if objective.classification:
            self._predictions = np.full(shape, NOT_ASKED, np.int16 if classes <= 2**15 else np.int64)
        else:
            self._predictions = np.zeros(shape, subset.targets.dtype)
        kept = self._layout.probabilities
        self._probabilities = np.zeros((rows, classes), np.float16) if kept == "all" else None
        self._top = np.zeros(shape, np.float16) if kept == "top" else None

    def add(self, outputs: Tensor, indices: NDArray[np.int64]) -> None:
        """Collect a batch: the net's raw outputs for the rows at `indices` of the subset."""
        held = indices < self._layout.rows
        outputs, indices = outputs.detach().cpu()[torch.from_numpy(held)], indices[held]
        if not len(indices):
            return
        if not self._objective.classification:
            # The numbers of a net that diverged are infinite: they are kept as what they are.
            with np.errstate(over="ignore", invalid="ignore"):
                numbers = outputs.numpy().astype(np.float64) * self._objective.scale + self._objective.offset
                self._predictions[indices] = numbers.astype(self._predictions.dtype)
            return
        predictions = outputs.numpy().argmax(axis=-1)
        if self._objective.per_step:
            self._add_steps(outputs, predictions, indices)
            return
        self._predictions[indices] = predictions
        if self._probabilities is None and self._top is None:
            return
        probabilities = outputs.double().softmax(-1).numpy()
        if self._probabilities is not None:
            self._probabilities[indices] = probabilities
        if self._top is not None:
            self._top[indices] = probabilities[np.arange(len(indices)), predictions]

    def _add_steps(self, outputs: Tensor, predictions: NDArray[np.int64], indices: NDArray[np.int64]) -> None:
        """Collect classes at each step; the steps of a batch end with its longest row."""
        steps = predictions.shape[1]
        asked = self._subset.targets[indices, :steps] != NOT_ASKED
        self._predictions[indices, :steps] = np.where(asked, predictions, NOT_ASKED)
        if self._top is not None:
            top = outputs.double().softmax(-1).amax(-1).numpy()
            self._top[indices, :steps] = np.where(asked, top, 0.0)

    def predictions(self) -> SubsetPredictions:
        """What was collected, in the subset's own order."""
        subset, rows = self._subset, self._layout.rows
        return SubsetPredictions(
            rows=subset.row_indices[:rows],
            groups=None if subset.groups is None else subset.groups[:rows],
            targets=subset.targets[:rows],
            predictions=self._predictions,
            probabilities=self._probabilities,
            top=self._top,
            left_out=self._layout.left_out,
        )
