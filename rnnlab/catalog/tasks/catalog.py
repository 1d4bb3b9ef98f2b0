"""Catalog of the tasks: the card of every module in this folder; nothing heavy is imported, so the app may import it.

A module `NAME.py` here holds the `CARD` of the task `NAME`. The arrays come from `rnnlab.tasks.load`, in the training
process or a data command.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from rnnlab.catalog.task_card import TaskCard

_ORDER = (
    "surnames",
    "names",
    "digits",
    "gestures",
    "har",
    "binary",
    "sinusoids",
    "vigenere",
    "sales",
    "overfit",
    "adding",
    "copy",
    "temporal_order",
    "parity",
    "anbn",
)
"""The order in which people see the tasks; others come after them by name, and `own` last."""


def _cards() -> list[TaskCard]:
    """The cards of this folder, in order."""
    here = Path(__file__)
    names = {path.stem for path in here.parent.glob("[a-z]*.py")} - {here.stem}
    others = sorted(names - {*_ORDER, "own"})
    ordered = [name for name in (*_ORDER, *others, "own") if name in names]
    return [importlib.import_module(f"{__package__}.{name}").CARD for name in ordered]


TASKS: dict[str, TaskCard] = {card.name: card for card in _cards()}


def tasks_with(option: str) -> tuple[str, ...]:
    """The tasks that read the setting `option`."""
    return tuple(name for name, card in TASKS.items() if option in card.options)
