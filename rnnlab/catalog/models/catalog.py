"""What architectures there are: a card for each, without torch, so the app and the command line may list them.

How a net is put together from them, and how many parameters it then has: `rnnlab.models.plan.net_plan` and
`rnnlab.models.plan.count`. The modules themselves are built by `rnnlab.models.net`.
"""

from __future__ import annotations

from rnnlab.catalog.model_card import ModelCard
from rnnlab.catalog.models import common, feedforward, published

MODELS: dict[str, ModelCard] = {card.name: card for card in (*common.CARDS, *feedforward.CARDS, *published.CARDS)}
"""In the order of the lists: those that are asked for most come first."""

RECURRENT = tuple(name for name, card in MODELS.items() if card.recurrent)
"""Those that go through a sequence step after step."""
FORGETTING = tuple(name for name, card in MODELS.items() if card.forget)
"""Those with a forget gate whose bias may be set."""


def of_family(*families: str) -> tuple[str, ...]:
    """The names of the architectures that read in one of these ways."""
    return tuple(name for name, card in MODELS.items() if card.family in families)


def grouped() -> dict[str, tuple[ModelCard, ...]]:
    """The cards by group, in the order of the lists."""
    groups: dict[str, list[ModelCard]] = {}
    for card in MODELS.values():
        groups.setdefault(card.group, []).append(card)
    return {group: tuple(cards) for group, cards in groups.items()}
