"""The footer: the keys that do something here, each a click too.

One widget that draws a line, where Textual's Footer makes a widget of each key anew whenever the focus moves.
"""

from __future__ import annotations

from typing import Any

from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget


class KeyBar(Widget):
    """The shown bindings of the screen, as many as fit."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $footer-background; color: $foreground; text-wrap: nowrap; }
    """

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: Screen[Any]) -> None:
        self.refresh()

    def render(self) -> Content:
        shown = [Content(" ")]
        room = self.size.width - 1
        seen: set[str] = set()
        # Where the screen's own keys leave no room, it is these that are known elsewhere too.
        last = ("command_palette", "quit")
        for active in sorted(self.screen.active_bindings.values(), key=lambda one: one.binding.action in last):
            binding = active.binding
            if not binding.show or not active.enabled or binding.action in seen:
                continue
            seen.add(binding.action)
            key = self.app.get_key_display(binding)
            room -= len(key) + len(binding.description) + 3
            if room < -2:  # the last one needs no gap after it
                break
            click = Style.from_meta({"@click": f"app.simulate_key({binding.key!r})"})
            shown.append(
                Content.assemble((key, "bold $footer-key-foreground"), " ", binding.description).stylize(click)
            )
            shown.append(Content("  "))
        return Content("").join(shown[:-1])
