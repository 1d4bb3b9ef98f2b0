"""The tasks as the lists of the app show them: in groups, each with what it still needs."""

from __future__ import annotations

import re

from rnnlab.catalog.task_card import GROUPS
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.ui.setup.cards.card_list import Card
from rnnlab.ui.setup.starting.launch import data_missing


def grouped_tasks() -> list[tuple[str, str]]:
    """The name and the group of each task, in the order of the lists."""
    return [(name, group) for group in GROUPS for name, card in TASKS.items() if card.group == group]


def task_cards(path: str | None = None) -> list[Card]:
    """A card a task; `path` is the folder of data sets, none: the usual one."""
    cards = []
    for name, group in grouped_tasks():
        card = TASKS[name]
        lacking = f"needs data: rnnlab data fetch {name}" if data_missing(card, path) else ""
        cards.append(Card(name, card.title, in_short(card.summary), lacking, group))
    return cards


def in_short(text: str) -> str:
    """What comes before the first pause."""
    return re.split(r"[.;:] ", text, maxsplit=1)[0].rstrip(".")


def default_task() -> str:
    """`names` where its files are here, else the first task that needs none."""
    if "names" in TASKS and not data_missing(TASKS["names"]):
        return "names"
    return "surnames"
