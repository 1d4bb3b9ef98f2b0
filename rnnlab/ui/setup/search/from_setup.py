"""Searching from Setup: what can be found there, and the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnlab.ui.setup.search.entries import Entry, Kind, entries_of
from rnnlab.ui.setup.search.search_screen import SearchScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

    from rnnlab.ui.setup.cards.choices import Choices
    from rnnlab.ui.setup.form.form import Form


def search(app: App[Any], choices: Choices, form: Form, jump: Callable[[str], None]) -> None:
    """Open the search, those of the panel one is in first; to what is found one gets as by its own keys."""
    tasks, models = choices.tasks, choices.models

    def go_to(entry: Entry) -> None:
        if entry.kind == "setting":
            jump(entry.name)
            return
        cards = tasks if entry.kind == "task" else models
        cards.focus()
        cards.choose(entry.name)

    kind: Kind = "setting" if form.has_focus else "architecture" if models.has_focus else "task"
    now = {"setting": form.key, "architecture": models.chosen, "task": tasks.chosen}[kind]
    app.push_screen(SearchScreen(entries_of(choices.draft, tasks.cards, models.cards), kind, now, go_to))
