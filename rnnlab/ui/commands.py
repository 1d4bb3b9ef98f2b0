"""The commands of the palette. Imported when it is first opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from rnnlab.config import FIELDS
from rnnlab.plots.plain import plain
from rnnlab.ui.screens.setup import SetupScreen
from rnnlab.ui.theme import THEMES
from rnnlab.ui.widgets.form_lines import NOT_IN_FORM, SECTIONS, label_of


@dataclass(frozen=True, slots=True)
class LabCommand:
    """What is typed for, what it does, in a word or two."""

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
        yield LabCommand("New run", "Choose task, architecture and settings", app.action_setup)
        yield LabCommand("Sessions", "All runs so far", app.action_sessions)
        yield LabCommand("Data", "What a task learns from: rows, classes, splits, leaks", app.action_data)
        yield LabCommand("Open the latest run", "Where you left off", app.open_latest_run)
        yield from self._of_screen()
        for theme in THEMES:
            kind = "dark" if theme.dark else "light"
            yield LabCommand(
                f"Theme: {kind}", f"Switch to {theme.name} and remember it", partial(app.use_theme, theme.name)
            )
        yield LabCommand("Help", "The keys of this screen", app.action_help)
        yield LabCommand("Quit", "Leave; runs may go on", app.action_quit)
        if isinstance(screen, SetupScreen):
            yield from self._fields(screen)

    def _of_screen(self) -> Iterator[LabCommand]:
        """Every key of the present screen, by its name."""
        seen = {"train", "setup", "sessions", "data", "help", "quit", "command_palette", "next_theme"}
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
        for command in self._all():
            yield DiscoveryHit(Content(plain(command.title)), command.run, text=command.title, help=plain(command.help))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        words = query.lower().split()
        for command in self._all():
            # The help is searched too: "learning rate" finds the field called lr. By words alone: the matcher tries all ways to
            # find the letters one after another, which in a sentence takes minutes.
            told = command.help.lower()
            score = max(matcher.match(command.title), 0.5 if all(word in told for word in words) else 0.0)
            if score > 0:
                yield Hit(
                    score, matcher.highlight(command.title), command.run, text=command.title, help=plain(command.help)
                )
