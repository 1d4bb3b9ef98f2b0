"""What a draft will cost, before anything is loaded: parameters, memory, updates."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnnlab.config.optimisers import OPTIMISERS
from rnnlab.models.plan.cost import BYTES, cost
from rnnlab.models.plan.count import LayerCount, count_parameters
from rnnlab.models.plan.plan_for_task import estimated_steps, plan_for
from rnnlab.ui.setup.draft import Draft


@dataclass(frozen=True, slots=True)
class Estimate:
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


def shown_seconds(seconds: float, *, up: bool = False) -> float:
    """The seconds that `time_text` shows: no more exact than an estimate is; `up`: rounded to no less."""
    if seconds < 1:
        return seconds
    # To whole seconds upwards: ten epochs of under a second are not 20 s.
    unit = (
        1
        if seconds < (100 if up else 10)
        else 10
        if seconds < 100
        else 60
        if seconds < 6000
        else 360
        if seconds < 360_000
        else 86400
    )
    return float(unit * (math.ceil(seconds / unit) if up else round(seconds / unit)))


def time_text(seconds: float, *, up: bool = False) -> str:
    """`under a second`, `about 40 s`, `about 7 min`, `about 3.5 h`; `up`: rounded to no less."""
    shown = shown_seconds(seconds, up=up)
    if seconds < 1:
        return "under a second"
    if seconds < 100:
        return f"about {shown:.0f} s"
    if seconds < 6000:
        return f"about {shown / 60:.0f} min"
    return f"about {shown / 3600:.1f} h" if seconds < 360_000 else f"about {shown / 86400:,.0f} days"
