"""The footer: the keys that do something here, each a click too.

One widget that draws a line, where Textual's Footer makes a widget of each key anew whenever the focus moves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

Footer = tuple[tuple[str, str], ...]
"""Actions in the order in which they are of use, each with its description."""

LAST = ("command_palette", "quit")
"""Where the screen's own keys leave no room, it is these that are known elsewhere too."""
HELP = "help"
"""The action whose key names all others: it is in every footer, as escape is where the screen shows it."""
_BETWEEN = 2
"""Cells between two keys."""


class KeyBar(Widget):
    """The shown bindings of the screen, as many as fit.

    Where the screen has a `footer`, its keys come first, and no other bindings of the screen are shown.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $footer-background; color: $foreground; text-wrap: nowrap; }
    """

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: Screen[Any]) -> None:
        self.refresh()

    def _keys(self) -> list[tuple[int, str, Binding]]:
        """First column, the key's name, the binding."""
        found: list[tuple[str, Binding]] = []
        seen: set[str] = set()
        footer: Footer | None = getattr(self.screen, "footer", None)
        descriptions = dict(footer or ())
        positions = {action: index for index, action in enumerate(descriptions)}
        active_bindings = self.screen.active_bindings.values()
        for active in sorted(
            active_bindings, key=lambda a: (a.binding.action in LAST, positions.get(a.binding.action, 99))
        ):
            binding = active.binding
            if binding.action in descriptions:
                binding = replace(binding, description=descriptions[binding.action], show=True)
            elif footer is not None and active.node is self.screen:
                continue
            if binding.show and active.enabled and binding.action not in seen:
                seen.add(binding.action)
                found.append((self.app.get_key_display(binding), binding))
        return _placed(found, self.size.width)

    def render(self) -> Content:
        parts: list[str | tuple[str, str]] = [" "]
        for _, key, binding in self._keys():
            parts += [(key, "bold $footer-key-foreground"), f" {binding.description}  "]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        for column, key, binding in self._keys():
            if column <= event.x < column + len(key) + 1 + len(binding.description):
                self.app.simulate_key(binding.key)


def _placed(keys: list[tuple[str, Binding]], width: int) -> list[tuple[int, str, Binding]]:
    """The keys that fit side by side, each with its first column; where not all fit, escape and help are the last of them."""
    placed: list[tuple[int, str, Binding]] = []
    column = 1
    full = width + _BETWEEN - 1
    owed = [each for each in keys if each[1].action == HELP or each[1].key == "escape"]
    if sum(map(_cells, keys)) <= full:
        owed = []
    for each in keys:
        rest = [other for other in owed if other is not each]
        if column - 1 + _cells(each) + sum(map(_cells, rest)) > full:
            break
        placed.append((column, *each))
        column, owed = column + _cells(each), rest
    for each in owed:
        if column - 1 + _cells(each) <= full:
            placed.append((column, *each))
            column += _cells(each)
    return placed


def _cells(key: tuple[str, Binding]) -> int:
    """Cells of a key, its description, and what is between it and the next."""
    return len(key[0]) + 1 + len(key[1].description) + _BETWEEN
