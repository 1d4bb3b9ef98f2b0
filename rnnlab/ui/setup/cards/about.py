"""The description of the chosen card: as much as there is room for, the whole a key away."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class About(Widget):
    """A text; where it does not fit its box says how to read on. A click does it too."""

    ALLOW_SELECT = False

    text: reactive[Content] = reactive(Content(""))
    key: reactive[str] = reactive("i")
    """The key that opens the whole text, where the focus is now."""

    class Opened(Message):
        """The person wants to read it all."""

    def render(self) -> Content:
        return Content("\n").join(self._lines()[: self.size.height])

    def _lines(self) -> list[Content]:
        return self.text.wrap(self.size.width) if self.size.width else []

    def watch_text(self) -> None:
        self._offer()

    def watch_key(self) -> None:
        self._offer()

    def on_resize(self) -> None:
        self._offer()

    def _offer(self) -> None:
        self.border_subtitle = f"{self.key} reads on" if len(self._lines()) > self.size.height else ""

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Opened())
