"""What a draft will cost, before anything is loaded: parameters, memory, updates."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnnlab.config import FIELDS
from rnnlab.config.optimisers import OPTIMISERS
from rnnlab.config.tree import Model
from rnnlab.models.count import LayerCount, count_parameters
from rnnlab.models.plan import NetPlan, plan_net
from rnnlab.ui.draft import Draft

BYTES = 4
"""Of one weight: single precision."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """`weights_bytes` is the net alone; `training_bytes` adds the gradients and what the optimiser keeps of each weight.

    `rows` is about how many rows are trained on, `steps_per_epoch` and `steps` the updates that makes.
    """

    layers: tuple[LayerCount, ...]
    rows: int
    steps_per_epoch: int
    steps: int
    averages: int
    """Numbers the optimiser keeps of each weight: Adam's two averages, a momentum."""

    @property
    def parameters(self) -> int:
        return sum(layer.total for layer in self.layers)

    @property
    def weights_bytes(self) -> int:
        return self.parameters * BYTES

    @property
    def training_bytes(self) -> int:
        return self.parameters * BYTES * (2 + self.averages)


def estimate(draft: Draft) -> Estimate | None:
    """The draft's estimate; None while a field it depends on is wrong, or nothing is known of one's own data yet."""
    if any(key.startswith(("model.", "data.", "optim.", "train.")) for key in draft.errors):
        return None
    card, value = draft.card, draft.value
    if not card.input_size or not card.outputs:
        return None
    layers = count_parameters(net_plan(draft))
    rows = max(1, round(card.training_rows * _kept(draft)))
    steps_per_epoch = math.ceil(rows / (value("train.batch_size") * value("train.accumulate")))
    steps = steps_per_epoch * value("train.epochs")
    updates = value("train.updates")
    return Estimate(layers, rows, steps_per_epoch, min(steps, updates) if updates else steps, _averages(draft))


def net_plan(draft: Draft) -> NetPlan:
    """The net of the draft on paper."""
    card = draft.card
    model = Model(**{field.name: draft.value(key) for key, field in FIELDS.items() if field.group == "model"})
    return plan_net(
        model,
        input_size=card.input_size,
        outputs=_outputs(draft),
        embedding=model.embedding if draft.applies("model.embedding") else None,
        per_step=card.problem == "per-step classification",
    )


def _outputs(draft: Draft) -> int:
    """Classes, or numbers: of a forecast as many as steps ahead, of chosen classes those."""
    if draft.card.problem == "forecasting":
        return int(draft.value("data.horizon"))
    classes = str(draft.value("data.classes")) if draft.applies("data.classes") else "all"
    return draft.card.outputs if classes == "all" else len(classes.split(","))


def _kept(draft: Draft) -> float:
    """How many times the training rows of the task's defaults are left where other shares are kept for the other parts."""
    now = before = 1.0
    for key in ("data.validation", "data.test"):
        if draft.applies(key):
            now -= draft.value(key)
            before -= draft.default(key)
    return now / before


def _averages(draft: Draft) -> int:
    """Numbers the optimiser keeps of each weight: a momentum among them where one is asked for."""
    name = draft.value("optim.name")
    kept = 2 * int(draft.value("optim.history")) if name == "lbfgs" else OPTIMISERS[name].averages
    if name in ("sgd", "rmsprop") and draft.value("optim.momentum"):
        kept += 1
    return kept + (1 if name in ("adam", "adamw") and draft.value("optim.amsgrad") else 0)


def bytes_in_words(count: int) -> str:
    """`1.3 MB`, in powers of ten."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
