"""The commands of the palette. Imported when it is first opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from rnnlab.config import FIELDS
from rnnlab.config.plain import plain_text
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.theme import TITLES
from rnnlab.ui.setup.form.form_lines import NOT_IN_FORM, SECTIONS, label_of
from rnnlab.ui.setup.screen import SetupScreen

MOST_WAYS = 200
"""Ways to find the letters of a query in a title that the fuzzy matcher may try; a typing mistake leaves a handful."""


@dataclass(frozen=True, slots=True)
class LabCommand:
    """What is typed to find it, what it does, in a few words, and the call that does it."""

    title: str
    help: str
    run: Callable[[], Any]


class LabCommands(Provider):
    """The app's own commands, those of the screen, and a jump to each field of the form."""

    def _all(self) -> Iterator[LabCommand]:
        app: Any = self.app
        screen = self.screen
        if isinstance(screen, SetupScreen):
            yield LabCommand("Train", "Start the run that the form describes", screen.action_train)
            yield LabCommand(
                "Plain training", f"In the simplest way, as first courses do: {plain_text()}", screen.action_plain
            )
        yield LabCommand("New run", "Choose task, architecture and settings", app.action_setup)
        yield LabCommand("Recipes", "Published experiments: what each asks; start one", app.action_recipes)
        yield LabCommand("Sessions", "All runs so far", app.action_sessions)
        yield LabCommand("Data", "What a task learns from: rows, classes, splits, leaks", app.action_data)
        yield LabCommand("Open the latest run", "Where you left off", app.open_latest_run)
        yield from self._of_screen()
        for name, title in TITLES.items():
            yield LabCommand(f"Theme: {title}", "Switch to it and remember it", partial(app.use_theme, name))
        yield LabCommand("Tour", "Five steps, from a task to a trained run", app.action_tour)
        yield LabCommand("Doctor", "What works on this machine and terminal, and what to do", app.action_doctor)
        yield LabCommand("Help", "The keys of this screen", app.action_help)
        yield LabCommand("Quit", "Leave; runs may continue", app.action_quit)
        if isinstance(screen, SetupScreen):
            yield from self._fields(screen)

    def _of_screen(self) -> Iterator[LabCommand]:
        """Every key of the present screen, by its name."""
        seen = {"train", "setup", "app.recipes", "sessions", "data", "help", "quit", "command_palette", "next_theme"}
        for node, binding, enabled, _ in self.screen.active_bindings.values():
            if node is self.screen and enabled and binding.description and binding.action not in seen:
                seen.add(binding.action)
                key = self.app.get_key_display(binding)
                yield LabCommand(binding.description, f"Key {key}", partial(self.screen.run_action, binding.action))

    def _fields(self, screen: SetupScreen) -> Iterator[LabCommand]:
        for key, field in FIELDS.items():
            name = "the task" if key == "task.name" else "the architecture" if key == "model.name" else label_of(field)
            group = "" if key in NOT_IN_FORM else f" ({SECTIONS[field.group].lower()})"
            yield LabCommand(f"Set {name}{group}", f"{key}: {field.setting.help}", partial(screen.jump, key))

    async def discover(self) -> Hits:
        """Every command, before anything is typed."""
        for command in self._all():
            yield DiscoveryHit(Content(plain(command.title)), command.run, text=command.title, help=plain(command.help))

    async def search(self, query: str) -> Hits:
        """The commands whose title matches the query, or whose help holds its words."""
        matcher = self.matcher(query)
        words = query.lower().split()
        for command in self._all():
            title = command.title
            # By letters only where they can be found in few ways: the matcher tries them all.
            lettered = query.lower() in title.lower() or 0 < ways(query.lower(), title.lower()) <= MOST_WAYS
            score = matcher.match(title) if lettered else 0.0
            drawn = matcher.highlight(title) if score > 0 else Content(plain(title))
            # The help is searched too, by words: "learning rate" finds the field called lr.
            text = f"{title} {command.help}".lower()
            score = max(score, 0.5 if all(word in text for word in words) else 0.0)
            if score > 0:
                yield Hit(score, drawn, command.run, text=title, help=plain(command.help))


def ways(letters: str, text: str) -> int:
    """In how many ways the letters, and each beginning of them, stand in the text one after another; 0: not all of them do."""
    rest = iter(text)
    if not all(letter in rest for letter in letters):
        return 0
    counts = [1] + [0] * len(letters)
    for character in text:
        # From the last on: a character of the text stands for one letter at a time.
        for at in range(len(letters), 0, -1):
            if letters[at - 1] == character:
                counts[at] += counts[at - 1]
    return sum(counts[1:])
