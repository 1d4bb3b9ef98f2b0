"""What tasks there are; nothing heavy is imported here, so the app may.

The arrays come from `rnnlab.tasks.load`, in the training process or a data command.
"""

from __future__ import annotations

from rnnlab.catalog.task_card import TaskCard
from rnnlab.catalog.tasks import (
    adding,
    anbn,
    binary,
    copy,
    digits,
    gestures,
    har,
    names,
    overfit,
    own,
    parity,
    sales,
    sinusoids,
    surnames,
    temporal_order,
    vigenere,
)

_CARDS: tuple[TaskCard, ...] = (
    surnames.CARD,
    names.CARD,
    digits.CARD,
    gestures.CARD,
    har.CARD,
    binary.CARD,
    sinusoids.CARD,
    vigenere.CARD,
    sales.CARD,
    overfit.CARD,
    adding.CARD,
    copy.CARD,
    temporal_order.CARD,
    parity.CARD,
    anbn.CARD,
    own.CARD,
)
"""In the order in which people see them."""

TASKS: dict[str, TaskCard] = {card.name: card for card in _CARDS}


def tasks_with(option: str) -> tuple[str, ...]:
    """The tasks for which the setting `option` means something."""
    return tuple(name for name, card in TASKS.items() if option in card.options)
