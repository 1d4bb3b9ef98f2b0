"""A text over a screen: what its keys do, or a description in full."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar

if TYPE_CHECKING:
    from textual.app import App, ComposeResult


TEXTUALS = ("screen.copy_text", "help_quit", "app.focus_next", "app.focus_previous")
"""Actions every Textual app has."""


class TextScreen(ModalScreen[None]):
    """A title and a text that scrolls. Any of the usual keys closes it."""

    BINDINGS = [
        Binding("escape,q,enter,i,question_mark,f1", "dismiss_text", "Close"),
    ]
    DEFAULT_CSS = """
    TextScreen #text-box { width: 76; max-width: 96%; height: auto; max-height: 90%; background: $surface; padding: 1 2; }
    """

    def __init__(self, title: str, text: Content) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="text-box", classes="box") as box:
            box.border_title = Content(plain(self._title))
            box.border_subtitle = Content("esc closes")
            yield Static(self._text)
        yield KeyBar()

    def action_dismiss_text(self) -> None:
        self.dismiss()


def help_of(screen: Screen[Any], app: App[Any]) -> tuple[str, Content]:
    """Title and text of the help for `screen`: its `HELP`, then every key that does something there now."""
    text = getattr(screen, "HELP", "") or ""
    title = str(screen.title or screen.TITLE or "Help")
    by_action: dict[str, tuple[list[str], str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        # Of the widget with the focus only what the footer names: its arrows are in the text.
        ours = active.node is screen or active.node is app or binding.show
        if ours and binding.description and active.enabled and binding.action not in TEXTUALS:
            keys, _ = by_action.setdefault(binding.action, ([], binding.description))
            keys.append(app.get_key_display(binding))
    rows = [
        Content.assemble((f"{', '.join(dict.fromkeys(keys)):<9}", "bold $accent"), " ", f"{description:<26}")
        for keys, description in by_action.values()
    ]
    half = (len(rows) + 1) // 2
    table = [left + "  " + right for left, right in zip_longest(rows[:half], rows[half:], fillvalue=Content(""))]
    return title, Content("\n\n").join([Content("\n").join(table), Content(plain_text(text))])


def plain_text(text: str) -> str:
    """Our own paragraphs, line by line."""
    return "\n".join(plain(line) for line in text.split("\n"))
