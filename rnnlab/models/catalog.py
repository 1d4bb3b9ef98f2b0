"""What architectures there are: a card for each, without torch, so the app and the command line may list them.

How a net is put together from them, and how many parameters it then has: `rnnlab.models.plan` and `rnnlab.models.count`.
The modules themselves are built by `rnnlab.models.build`.
"""

from __future__ import annotations

from rnnlab.models.card import ModelCard
from rnnlab.models.cards import common

MODELS: dict[str, ModelCard] = {card.name: card for card in common.CARDS}
"""In the order of the lists: those that are asked for most come first."""

RECURRENT = tuple(name for name, card in MODELS.items() if card.recurrent)
"""Those that go through a sequence step after step."""


def grouped() -> dict[str, tuple[ModelCard, ...]]:
    """The cards by group, in the order of the lists."""
    groups: dict[str, list[ModelCard]] = {}
    for card in MODELS.values():
        groups.setdefault(card.group, []).append(card)
    return {group: tuple(cards) for group, cards in groups.items()}
