"""Loss of a task, and the weights of its classes."""

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
from rnnlab.config.objectives import losses_of, meant_loss
from rnnlab.tasks.splitting.types import Split

NOT_ASKED = -1
"""The target of a step that has none."""
MOST_WEIGHT = 1e6
_PAIR = re.compile(r"\s*(?P<name>[^=]+?)\s*=\s*(?P<weight>[^=,]+?)\s*(?:,\s*|$)")
_WEIGHTS_ALLOWED = "classes with weights above 0, such as Arabic=2,Czech=0.5"


class Objective:
    """Loss of a task: of classes cross-entropy or focal, of numbers, scaled, mean squared, mean absolute or Huber's.

    It is one and the same in training and in every evaluation, so that their curves compare: with label smoothing,
    class weights or a focal loss the validation loss has them too, and dropout alone sets the two apart. The plain
    cross-entropy is a metric then, `plain_loss`.
    Raises `ConfigError` for a loss that does not suit what is learned.
    """

    def __init__(self, config: RunConfig, split: Split, device: torch.device) -> None:
        self.classification = split.card.classifies
        self.per_step = split.card.problem == "per-step classification"
        self.outputs = split.outputs
        self.step_kinds = split.step_kind_names
        self.scale = split.scale.get("target_scale", 1.0)
        self.offset = split.scale.get("target_offset", 0.0)
        train = config.train
        self.kind = meant_loss(train.loss, self.classification)
        allowed = losses_of(self.classification)
        if self.kind not in allowed:
            raise ConfigError("train.loss", train.loss, f"one of {', '.join(allowed)}, as this is {split.card.problem}")
        self._smoothing = train.label_smoothing if self.kind == "cross-entropy" else 0.0
        self._gamma = train.focal_gamma
        self._delta = train.huber_delta
        self.weights: Tensor | None = None
        weights = loss_weights(config, split) if split.card.problem == "classification" else None
        if weights is not None:
            self.weights = torch.from_numpy(weights).to(device)

    @property
    def cross_entropy(self) -> bool:
        """Whether it is cross-entropy without class weights, smoothing or focal factor, which compares between runs."""
        return self.kind == "cross-entropy" and self.weights is None and not self._smoothing

    @property
    def plain(self) -> bool:
        """Whether it is cross-entropy of whole sequences and nothing else: then others may write it out."""
        return self.cross_entropy and not self.per_step

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The mean over a batch, to be minimised. `outputs` (batch, outputs); `targets` (batch,) or (batch, outputs).

        Where each step has a target: (batch, steps, outputs) and (batch, steps), and the mean is over the steps with a
        target. With class weights it is the weighted mean: Σ w·loss / Σ w.
        """
        if self.per_step:
            outputs, targets = outputs.flatten(0, 1), targets.flatten()
        match self.kind:
            case "cross-entropy":
                return functional.cross_entropy(
                    outputs, targets, self.weights, ignore_index=NOT_ASKED, label_smoothing=self._smoothing
                )
            case "focal":
                return self._class_losses(outputs, targets).sum() / self._class_weights(targets).sum()
            case "mae":
                return functional.l1_loss(outputs, self._scaled(targets))
            case "huber":
                return functional.huber_loss(outputs, self._scaled(targets), delta=self._delta)
            case _:
                return functional.mse_loss(outputs, self._scaled(targets))

    def sum(self, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """`loss` before it is divided, and what to divide by: sums over parts of a batch make the mean over the whole."""
        if self.classification:
            if self.per_step:
                outputs, targets = outputs.flatten(0, 1), targets.flatten()
            losses = self._class_losses(outputs, targets)
            return losses.sum(), self._class_weights(targets).sum().to(losses.dtype)
        return self.loss(outputs, targets) * outputs.numel(), outputs.new_tensor(outputs.numel())

    def total(self, outputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """The loss summed over a batch, and what to divide such sums by: examples, weights, steps with a target, numbers."""
        # Added up in double precision on the host: Metal has none.
        if self.classification:
            if self.per_step:
                outputs, targets = outputs.flatten(0, 1), targets.flatten()
            losses = self._class_losses(outputs, targets).cpu().double()
            return losses.sum().item(), self._class_weights(targets).cpu().double().sum().item()
        errors = (outputs - self._scaled(targets)).cpu().double()
        if self.kind == "mae":
            losses = errors.abs()
        elif self.kind == "huber":
            losses = functional.huber_loss(errors, torch.zeros_like(errors), reduction="none", delta=self._delta)
        else:
            losses = errors.square()
        return losses.sum().item(), float(errors.numel())

    def _scaled(self, targets: Tensor) -> Tensor:
        scaled = (targets - self.offset) / self.scale
        return scaled.float() if scaled.dtype == torch.float64 else scaled  # of targets far from zero

    def _class_losses(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Each prediction's loss (predictions,), weighted; 0 where there is no target."""
        if self.kind == "focal":
            return focal_losses(logits, targets, self._gamma, self.weights)
        return functional.cross_entropy(
            logits,
            targets,
            self.weights,
            ignore_index=NOT_ASKED,
            label_smoothing=self._smoothing,
            reduction="none",
        )

    def _class_weights(self, targets: Tensor) -> Tensor:
        """Weight of each prediction (predictions,) in a mean of `_class_losses`: 1 or its class's; 0 where there is no target."""
        return targets != NOT_ASKED if self.weights is None else self.weights[targets]


def focal_losses(logits: Tensor, targets: Tensor, gamma: float, weights: Tensor | None) -> Tensor:
    """Focal losses (examples,): w · (1 - p)^γ · (-log p), p being the probability of the target.

    It is 0 where there is no target. With γ = 0 it is cross-entropy. Lin et al. 2017, Focal loss for dense object detection,
    equation 5.
    """
    surprise = functional.cross_entropy(logits, targets, ignore_index=NOT_ASKED, reduction="none")
    # Kept off zero, where a power below one has no slope.
    missed = (-torch.expm1(-surprise)).clamp_min(torch.finfo(surprise.dtype).eps)
    losses = missed.pow(gamma) * surprise
    if weights is not None:
        losses = losses * weights[targets]
    return losses


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
    indices = {name.casefold(): index for index, name in enumerate(classes)}
    named: set[int] = set()
    rest = text.strip()
    while rest:
        pair = _PAIR.match(rest)
        weight = _positive(pair["weight"]) if pair else None
        if pair is None or weight is None:
            raise ConfigError("data.class_weights", text, _WEIGHTS_ALLOWED)
        index = indices.get(pair["name"].casefold())
        if index is None:
            near = difflib.get_close_matches(pair["name"], classes, n=1, cutoff=0.5)
            shown = ", ".join(classes[:20]) + (", …" if len(classes) > 20 else "")
            raise ConfigError(
                "data.class_weights",
                text,
                f"{_WEIGHTS_ALLOWED}; there is no class {pair['name']!r}, the classes are {shown}",
                near[0] if near else None,
            )
        if index in named:
            raise ConfigError("data.class_weights", text, f"{_WEIGHTS_ALLOWED}; {classes[index]} stands there twice")
        named.add(index)
        weights[index] = weight
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
    """Weights (classes,): examples / (classes · examples of the class), scikit-learn's "balanced"; 0 without examples."""
    counts = np.bincount(targets, minlength=classes).astype(np.float64)
    weights = np.divide(len(targets), classes * counts, out=np.zeros(classes), where=counts > 0)
    return weights.astype(np.float32)
