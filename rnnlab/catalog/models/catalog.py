"""The architectures: a card for each, without torch, so that the app and the command line can list them.

Every other file of this folder defines one `CARD` and is found by itself, so a new card is a new file. A net of them is planned
by `rnnlab.models.plan.net_plan`, its parameters are counted by `rnnlab.models.plan.count`, it is built by `rnnlab.models.net`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import overload

from rnnlab.catalog.model_card import ModelCard
from rnnlab.catalog.models import common, feedforward, published

_KNOWN = {
    "__init__": (),
    "catalog": (),
    "own_cells": (),
    "common": common.CARDS,
    "feedforward": feedforward.CARDS,
    "published": published.CARDS,
}
"""Modules whose order is fixed; those of other names follow, in the order of the alphabet."""


def _added() -> Iterator[ModelCard]:
    """The cards of the modules that are not `_KNOWN`."""
    files = [file.stem for file in Path(__file__).parent.iterdir() if file.suffix == ".py"]
    for name in sorted(name for name in files if name not in _KNOWN):
        yield import_module(f"{__package__}.{name}").CARD


def _by_name(cards: list[ModelCard]) -> dict[str, ModelCard]:
    """The cards with those of a group side by side, groups and cards in the order in which they come first."""
    groups: dict[str, dict[str, ModelCard]] = {}
    for card in cards:
        groups.setdefault(card.group, {})[card.name] = card
    return {name: card for group in groups.values() for name, card in group.items()}


MODELS: dict[str, ModelCard] = _by_name([*(card for cards in _KNOWN.values() for card in cards), *_added()])
"""In the order of the lists, the most used ones first."""


class ModelNames(Sequence[str]):
    """Names of the architectures whose card has a property, in the order of the lists.

    It is a view of `MODELS`: a cell of a person's own that is added to it is among them at once.
    """

    def __init__(self, holds: Callable[[ModelCard], bool]) -> None:
        self._holds = holds

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return tuple(self)[index]

    def __len__(self) -> int:
        return sum(map(self._holds, MODELS.values()))

    def __iter__(self) -> Iterator[str]:
        return (name for name, card in MODELS.items() if self._holds(card))

    def __contains__(self, name: object) -> bool:
        card = MODELS.get(name) if isinstance(name, str) else None
        return card is not None and self._holds(card)

    def __repr__(self) -> str:
        return repr(tuple(self))


ALL = ModelNames(lambda _: True)
"""All architectures."""
RECURRENT = ModelNames(lambda card: card.recurrent)
"""Architectures that read a sequence step by step."""
FORGETTING = ModelNames(lambda card: bool(card.forget))
"""Architectures with a forget gate whose bias may be set."""


def of_family(*families: str) -> ModelNames:
    """The names of the architectures of these families."""
    return ModelNames(lambda card: card.family in families)


def grouped() -> dict[str, tuple[ModelCard, ...]]:
    """The cards by group, in the order of the lists."""
    groups: dict[str, list[ModelCard]] = {}
    for card in MODELS.values():
        groups.setdefault(card.group, []).append(card)
    return {group: tuple(cards) for group, cards in groups.items()}
