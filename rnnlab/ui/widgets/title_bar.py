"""The first line of a screen: the app's name, the places one can go, and where one is."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

PLACES = (("setup", "New run", "app.setup"), ("sessions", "Sessions", "app.sessions"))
"""Mode, title, action."""


class TitleBar(Widget):
    """The places as tabs, a click away; on the right `about`, a few plain words."""

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
        parts = [Content.styled(" rnnlab ", "bold $primary")]
        for mode, title, action in PLACES:
            if mode == self.here:
                parts.append(Content.styled(f"▏{title}▕", "bold reverse"))
            else:
                parts.append(Content.styled(f" {title} ", "$text-muted").stylize(Style.from_meta({"@click": action})))
        left = Content("").join(parts)
        room = self.size.width - left.cell_length - 1
        right = Content.styled(self.about, "$text-muted").truncate(max(room - 1, 0), ellipsis=True)
        return left + Content(" " * max(room - right.cell_length, 1)) + right
