"""What a draft will cost, before anything is loaded: parameters, memory, updates."""

from __future__ import annotations

import math

import msgspec

from rnnlab.config.optimisers import OPTIMISERS
from rnnlab.models.plan.cost import BYTES, cost
from rnnlab.models.plan.count import LayerCount, count_parameters
from rnnlab.models.plan.plan_for_task import estimated_steps, plan_for
from rnnlab.ui.setup.draft.draft import Draft


class Estimate(msgspec.Struct, frozen=True):
    """Size and time of a run, about.

    `rows` is about how many sequences are trained on, `steps_per_epoch` and `steps` the updates that makes.
    """

    layers: tuple[LayerCount, ...]
    rows: int
    steps_per_epoch: int
    steps: int
    averages: int
    """Numbers the optimiser keeps of each weight: Adam's two averages, a momentum."""
    activations_bytes: int = 0
    """What is kept of a batch of the longest rows for its gradient, about."""
    seconds_per_step: float = 0.0
    """About how long an update takes; 0: not known."""
    paced: bool = False
    """Whether that is as fast as the runs that finished here, or as the machine that was measured."""
    receptive_field: int | None = None
    """Steps that a convolutional net's top layer sees."""

    @property
    def parameters(self) -> int:
        """Weights and biases of all layers."""
        return sum(layer.total for layer in self.layers)

    @property
    def weights_bytes(self) -> int:
        """Bytes of the net alone."""
        return self.parameters * BYTES

    @property
    def training_bytes(self) -> int:
        """Bytes of the net, its gradients, the optimiser's state and the activations of a batch."""
        return self.parameters * BYTES * (2 + self.averages) + self.activations_bytes


def estimate(draft: Draft, pace: float | None = None) -> Estimate | None:
    """The draft's estimate; None where it is not known: a field is wrong or holds several values, or the data must be read.

    `pace`: how many times as long as on the machine that was measured an update takes here; None: not known.
    """
    if draft.errors or draft.over:
        return None
    config, card = draft.config(), draft.card
    plan = plan_for(config, card)
    if plan is None:
        return None
    train = config.train
    rows = max(1, round(card.training_rows * _kept(draft)))
    steps_per_epoch = math.ceil(rows / (train.batch_size * train.accumulate))
    steps = steps_per_epoch * train.epochs
    mean, longest = estimated_steps(config, card)
    update = cost(plan, train.batch_size, mean, longest)
    return Estimate(
        layers=count_parameters(plan),
        rows=rows,
        steps_per_epoch=steps_per_epoch,
        steps=min(steps, train.updates) if train.updates else steps,
        averages=_averages(draft),
        activations_bytes=update.activations,
        seconds_per_step=update.seconds * train.accumulate * (pace or 1.0) if mean else 0.0,
        paced=pace is not None,
        receptive_field=plan.receptive_field,
    )


def _kept(draft: Draft) -> float:
    """How many times the training rows of the task's defaults are left where other shares are kept for the other parts."""
    before = 1.0 - draft.default("data.validation") - draft.default("data.test")
    if not draft.applies("data.test"):
        return 1.0
    now = 1.0 - draft.value("data.test")
    folds = draft.value("data.folds") if draft.applies("data.folds") else None
    now = now * (folds - 1) / folds if folds else now - draft.value("data.validation")
    return float(now / before)


def _averages(draft: Draft) -> int:
    """Numbers the optimiser keeps of each weight: a momentum among them where one is asked for."""
    name = draft.value("optim.name")
    kept = 2 * int(draft.value("optim.history")) if name == "lbfgs" else OPTIMISERS[name].averages
    if name in ("sgd", "rmsprop") and draft.value("optim.momentum"):
        kept += 1
    return kept + (1 if name in ("adam", "adamw") and draft.value("optim.amsgrad") else 0)
