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
        keys = []
        column = 1
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
                key = self.app.get_key_display(binding)
                if column + len(key) + len(binding.description) + 1 > self.size.width:
                    break
                keys.append((column, key, binding))
                column += len(key) + len(binding.description) + 3
        return keys

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
