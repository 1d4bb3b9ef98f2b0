"""Nets of equal size: the hidden size that gives a net a number of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.errors import ConfigError
from rnnlab.models.plan.count import count_parameters, total
from rnnlab.models.plan.net_plan import NetPlan

if TYPE_CHECKING:
    from rnnlab.config.model import Model

MOST = 8192
"""Most units a layer that `model.hidden` allows."""


def matched(model: Model, parameters: int, planned: Callable[[Model], NetPlan]) -> tuple[Model, int]:
    """`model` with the hidden size whose net has nearest to so many parameters, and how many it has.

    `planned` plans the net for its task. Where `model.hidden` names several sizes they keep their proportions. Raises
    `ConfigError` where the architecture has no hidden size.
    """
    if MODELS[model.name].family == "linear":
        raise ConfigError("model.name", model.name, "an architecture with hidden units, for parameters to be matched")
    shape = model.hidden

    def sized(units: int) -> Model:
        hidden = tuple(min(MOST, max(1, round(units * size / shape[0]))) for size in shape)
        return msgspec.structs.replace(model, hidden=hidden)

    def counted(units: int) -> int:
        return total(count_parameters(planned(sized(units))))

    low, high = 1, MOST
    while low < high:
        middle = (low + high) // 2
        if counted(middle) < parameters:
            low = middle + 1
        else:
            high = middle
    best = min((units for units in (low - 1, low) if units), key=lambda units: abs(counted(units) - parameters))
    return sized(best), counted(best)
