"""The line under the form: the same run as a command, to copy, and the button that starts it."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from rnnlab.text.sanitise import plain

BUTTON = 13
"""Columns of the button, at the right end."""


class CommandBar(Widget, can_focus=True):
    """A command line; a click on it copies it, one on the button, or enter, trains."""

    ALLOW_SELECT = False
    BINDINGS = [Binding("enter,space", "press", "Train", show=False)]
    DEFAULT_CSS = "CommandBar { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap; }"

    command: reactive[str] = reactive("")
    wrong: reactive[int] = reactive(0)
    """How many fields are wrong; then there is no command."""
    note: reactive[str] = reactive("")
    """What is underway; it stands in the command's place."""

    class Pressed(Message):
        """The person wants the run."""

    class Copied(Message):
        """The person wants the command."""

    def render(self) -> Content:
        room = self.size.width - BUTTON - 1
        if self.wrong:
            line = Content.styled(plain(self.command), "$text-muted")
            button, style = f"✗ {self.wrong} wrong", "bold $text-error on $panel"
        else:
            line = Content.assemble(("$ ", "$text-muted"), plain(self.command))
            button, style = "▶ Train", "bold $background on $primary"
        if self.has_focus:
            button, style = f"▸{button}◂", style + " reverse"
        if self.note:
            line = Content.styled(plain(self.note, 300), "$text-accent")
        line = line.truncate(room, ellipsis=True)
        return line.pad_right(room + 1 - line.cell_length) + Content.styled(f"{button:^{BUTTON}}", style)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_press(self) -> None:
        self.post_message(self.Pressed())

    def on_click(self, event: events.Click) -> None:
        event.stop()
        offset = event.get_content_offset(self)
        if offset is not None:
            self.post_message(self.Pressed() if offset.x >= self.size.width - BUTTON else self.Copied())
