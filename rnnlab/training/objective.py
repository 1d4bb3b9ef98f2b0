"""What is made small, and what is counted of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from rnnlab.config import ConfigError, RunConfig
from rnnlab.tasks.split import Split
from rnnlab.training.metrics import ClassScores, NumberScores, Scores

NOT_ASKED = -1
"""The target of a step at which no answer is asked for."""
MOST_WEIGHT = 1e6
_PAIR = re.compile(r"\s*(?P<name>[^=]+?)\s*=\s*(?P<weight>[^=,]+?)\s*(?:,\s*|$)")
_WEIGHTS_ALLOWED = "classes with weights above 0, such as Arabic=2,Czech=0.5"


class Objective:
    """The loss of a task: cross-entropy of classes, plain or weighted; mean squared error of scaled numbers."""

    def __init__(self, config: RunConfig, split: Split, device: torch.device) -> None:
        self.classification = split.card.classifies
        self.per_step = split.card.problem == "per-step classification"
        self.outputs = split.outputs
        self.marks = split.marks
        self.scale = split.scale.get("target_scale", 1.0)
        self.offset = split.scale.get("target_offset", 0.0)
        self.weights: Tensor | None = None
        weights = loss_weights(config, split) if split.card.problem == "classification" else None
        if weights is not None:
            self.weights = torch.from_numpy(weights).to(device)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The mean over a batch, to be made small. `outputs` (batch, outputs); `targets` (batch,) or (batch, outputs).

        Where an answer is asked for at each step: (batch, steps, outputs) and (batch, steps), and the mean is over the
        steps at which something is asked.
        """
        if self.per_step:
            return functional.cross_entropy(outputs.flatten(0, 1), targets.flatten(), ignore_index=NOT_ASKED)
        if self.classification:
            return functional.cross_entropy(outputs, targets, self.weights)
        return functional.mse_loss(outputs, (targets - self.offset) / self.scale)

    def total(self, outputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """The loss summed over a batch, and what to divide such sums by: rows, their weights, steps asked, or numbers."""
        if self.per_step:
            flat = targets.flatten()
            losses = functional.cross_entropy(outputs.flatten(0, 1), flat, ignore_index=NOT_ASKED, reduction="none")
            return losses.cpu().double().sum().item(), float((flat != NOT_ASKED).sum().item())
        if self.classification:
            # Added up in double precision on the host: Metal has none.
            losses = functional.cross_entropy(outputs, targets, self.weights, reduction="none").cpu().double()
            weight = float(len(targets)) if self.weights is None else self.weights[targets].cpu().double().sum().item()
            return losses.sum().item(), weight
        errors = (outputs - (targets - self.offset) / self.scale).cpu().double()
        return errors.square().sum().item(), float(errors.numel())

    def scores(self) -> Scores:
        """An empty tally of the task's metrics."""
        if self.classification:
            return ClassScores(self.outputs, self.marks)
        return NumberScores(self.outputs, self.scale, self.offset)


def loss_weights(config: RunConfig, split: Split) -> NDArray[np.float32] | None:
    """The weight of each class in the loss (classes,), None where all weigh alike. Raises `ConfigError`."""
    if config.data.balance == "weights":
        return class_weights(split.train.targets, split.outputs)
    if config.data.balance == "none" and config.data.class_weights is not None:
        return given_weights(config.data.class_weights, split.classes)
    return None


def given_weights(text: str, classes: Sequence[str]) -> NDArray[np.float32]:
    """The weights (classes,) that a text such as `Arabic=2,Czech=0.5` gives; a class not named weighs 1.

    A name may hold commas, as a weight ends at the next one. Raises `ConfigError` for what cannot be read so, and for a
    class that is not there.
    """
    weights = np.ones(len(classes), dtype=np.float32)
    places = {name.casefold(): place for place, name in enumerate(classes)}
    named: set[int] = set()
    rest = text.strip()
    while rest:
        pair = _PAIR.match(rest)
        weight = _positive(pair["weight"]) if pair else None
        if pair is None or weight is None:
            raise ConfigError("data.class_weights", text, _WEIGHTS_ALLOWED)
        place = places.get(pair["name"].casefold())
        if place is None:
            near = difflib.get_close_matches(pair["name"], classes, n=1, cutoff=0.5)
            shown = ", ".join(classes[:20]) + (", …" if len(classes) > 20 else "")
            raise ConfigError(
                "data.class_weights",
                text,
                f"{_WEIGHTS_ALLOWED}; there is no class {pair['name']!r}, the classes are {shown}",
                near[0] if near else None,
            )
        if place in named:
            raise ConfigError("data.class_weights", text, f"{_WEIGHTS_ALLOWED}; {classes[place]} stands there twice")
        named.add(place)
        weights[place] = weight
        rest = rest[pair.end() :]
    if not named:
        raise ConfigError("data.class_weights", text, _WEIGHTS_ALLOWED)
    return weights


def _positive(text: str) -> float | None:
    try:
        weight = float(text)
    except ValueError:
        return None
    return weight if 0 < weight <= MOST_WEIGHT else None


def class_weights(targets: np.ndarray, classes: int) -> np.ndarray:
    """rows / (classes · rows of the class), float32 (classes,): scikit-learn's "balanced"; 0 for a class without rows."""
    counts = np.bincount(targets, minlength=classes).astype(np.float64)
    weights = np.divide(len(targets), classes * counts, out=np.zeros(classes), where=counts > 0)
    return weights.astype(np.float32)
