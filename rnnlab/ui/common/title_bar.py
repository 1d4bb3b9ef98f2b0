"""The first line of a screen: the app's name, its screens, and which one is shown."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from rnnlab.text.sanitise import plain

NAME = " rnnlab "
SCREENS = (
    ("setup", "New run", "app.setup"),
    ("sessions", "Sessions", "app.sessions"),
    ("data", "Data", "app.data"),
)
"""Mode, title, action."""


class TitleBar(Widget):
    """The screens as tabs, a click away; on the right `about`, a short text of any origin."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TitleBar { dock: top; height: 1; background: $panel; text-wrap: nowrap; }
    """

    about: reactive[str] = reactive("")

    def __init__(self, here: str, about: str = "") -> None:
        super().__init__()
        self.here = here
        self.set_reactive(TitleBar.about, about)

    def render(self) -> Content:
        left = Content.styled(NAME, "bold $primary")
        for mode, title, _ in SCREENS:
            here = mode == self.here
            left += Content.styled(f"▏{title}▕" if here else f" {title} ", "bold reverse" if here else "")
        room = self.size.width - left.cell_length - 1
        right = Content.styled(plain(self.about, 200), "$text-muted").truncate(max(room - 1, 0), ellipsis=True)
        return left + Content(" " * max(room - right.cell_length, 1)) + right

    async def on_click(self, event: events.Click) -> None:
        event.stop()
        column = len(NAME)
        for mode, title, action in SCREENS:
            if column <= event.x < column + len(title) + 2 and mode != self.here:
                await self.run_action(action)
            column += len(title) + 2
