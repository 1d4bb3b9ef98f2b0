"""The recurrent cells, one file each, found by the name of their card: `lstm.py`, `elman_linear.py` for `elman-linear`."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from rnnlab.models.own.own_cells import make_own
from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import RecurrentCell


def make_cell(layer: LayerPlan) -> RecurrentCell:
    """One direction of a recurrent layer, with the first weights that its class draws.

    Raises `LookupError` where the card has no cell, or its file not exactly one, and `UsageError` as `make_own` does.
    """
    if layer.card.file:
        return make_own(layer)
    return _cell_class(layer.card.cell_module)(layer)


def _cell_class(module_name: str) -> type[RecurrentCell]:
    """The one subclass of `RecurrentCell` that the module defines."""
    path = f"{__name__}.{module_name}"
    if find_spec(path) is None:
        raise LookupError(f"rnnlab/models/cells/{module_name}.py is missing, which must define the cell of the card")
    module = import_module(path)
    found = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, RecurrentCell) and each.__module__ == path
    ]
    if len(found) != 1:
        raise LookupError(f"rnnlab/models/cells/{module_name}.py defines {len(found)} cells; it must define one")
    return found[0]
