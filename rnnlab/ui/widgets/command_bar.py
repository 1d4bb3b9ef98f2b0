"""The bottom of the form: the same run as a command, to copy, and the button that starts it."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from rnnlab.plots.plain import plain


class CommandPreview(Widget):
    """A command line; a click copies it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "CommandPreview { height: 1; width: 1fr; text-wrap: nowrap; }"

    command: reactive[str] = reactive("")

    def render(self) -> Content:
        line = Content.assemble(("$ ", "$text-muted"), plain(self.command))
        return line.truncate(self.size.width, ellipsis=True)

    async def on_click(self) -> None:
        await self.run_action("screen.copy_command")


class TrainButton(Widget, can_focus=True):
    """Starts the run."""

    ALLOW_SELECT = False
    BINDINGS = [Binding("enter,space", "press", "Train", show=False)]
    DEFAULT_CSS = """
    TrainButton { height: 1; width: 13; content-align: center middle; background: $primary; color: $background; text-style: bold; }
    TrainButton:hover { background: $primary-lighten-1; }
    TrainButton:focus { text-style: bold reverse; }
    TrainButton.-wrong { background: $panel; color: $text-error; }
    """

    wrong: reactive[int] = reactive(0)
    """How many fields are wrong."""

    class Pressed(Message):
        """The person wants the run."""

    def render(self) -> Content:
        return Content(f"✗ {self.wrong} wrong" if self.wrong else "▶ Train")

    def watch_wrong(self) -> None:
        self.set_class(self.wrong > 0, "-wrong")

    def action_press(self) -> None:
        self.post_message(self.Pressed())

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_press()
