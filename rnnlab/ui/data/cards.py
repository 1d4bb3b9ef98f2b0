"""Data cards: `rnnlab data show` is run once for each task, its settings and the state of its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rnnlab.ui.queries.subprocess_query import Query, QueryResult
from rnnlab.ui.setup.file.own_file import file_stamp

Settings = Mapping[str, str]
"""What was set beside the task, as the command line takes it, by key."""


class CardKey(NamedTuple):
    """What a card is about. Equal keys have equal cards: a file is identified by its size and time."""

    task: str
    settings: tuple[tuple[str, str], ...]
    stamp: tuple[int, int] | None


def card_key(task: str, settings: Settings) -> CardKey:
    """The key of the task's card with these settings. Touches the disk where the data is the person's own file."""
    stamp = None
    if task == "own" and settings.get("data.path"):
        stamp = file_stamp(settings["data.path"])
    return CardKey(task, tuple(sorted(settings.items())), stamp)


class DataCards:
    """The cards that were read, by key."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._known: dict[CardKey, QueryResult] = {}

    def known(self, key: CardKey) -> QueryResult | None:
        """The card, or why there is none, where it was read already."""
        return self._known.get(key)

    def forget(self, key: CardKey) -> None:
        """Read the card anew when it is next wanted."""
        self._known.pop(key, None)

    async def read(self, key: CardKey) -> None:
        """Read the card in a process of its own; what it printed is `known` from then on."""
        options = [option for name, value in key.settings for option in ("--set", f"{name}={value}")]
        result = await self._query("data", "show", key.task, "--json", *options)
        if not isinstance(result.document, dict):
            problem = result.problem or "rnnlab data show printed something else than a card"
            result = QueryResult(result.code, problem=problem)
        self._known[key] = result
