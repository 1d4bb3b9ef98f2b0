"""A text over a screen: what its keys do, or a description in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.common.prose import wrap

if TYPE_CHECKING:
    from textual import events
    from textual.app import App, ComposeResult


TEXTUALS = ("screen.copy_text", "help_quit", "app.focus_next", "app.focus_previous")
"""Actions every Textual app has."""
WIDEST = 104
"""Cells of the box: a line of more is not read well."""
_FRAME = 7
"""Cells of its border, its padding and its scrollbar."""
_COLUMN = 22
"""Cells in which what a key does is still read well."""


class TextScreen(ModalScreen[None]):
    """A title and a text that scrolls, or a function that lays the text out for a width. Any of the usual keys closes it."""

    BINDINGS = [
        Binding("escape,q,enter,i,question_mark,f1", "dismiss_text", "Close"),
    ]
    DEFAULT_CSS = """
    TextScreen #text-box { width: 76; max-width: 96%; height: auto; max-height: 90%; background: $surface; padding: 1 2; }
    """

    def __init__(self, title: str, text: Content | Callable[[int], Content]) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="text-box", classes="box") as box:
            box.border_title = Content(plain(self._title))
            box.border_subtitle = Content("esc closes")
            yield Static(self._text if isinstance(self._text, Content) else "", id="text")
        yield KeyBar()

    def on_resize(self, event: events.Resize) -> None:
        if not isinstance(self._text, Content):
            width = min(WIDEST, event.size.width * 96 // 100)
            self.query_one("#text-box").styles.width = width
            self.query_one("#text", Static).update(self._text(max(1, width - _FRAME)))

    def action_dismiss_text(self) -> None:
        self.dismiss()


def help_of(screen: Screen[Any], app: App[Any]) -> tuple[str, Callable[[int], Content]]:
    """Title and text of the help for `screen`: every key that does something there now, then its `HELP`."""
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
    rows = [(", ".join(dict.fromkeys(keys)), description) for keys, description in by_action.values()]

    def layout(width: int) -> Content:
        paragraphs = [Content("\n").join(wrapped(line, width)) for line in text.split("\n")]
        return Content("\n\n").join([key_table(rows, width), Content("\n").join(paragraphs)])

    return title, layout


def wrapped(text: str, width: int) -> list[Content]:
    """Our own text in lines of at most `width` cells."""
    return [Content(line) for line in wrap(plain(text), width, 1000)] or [Content("")]


def key_table(rows: Sequence[tuple[str, str]], width: int) -> Content:
    """Keys and what they do, in two columns where there is room: a longer description goes on under its beginning."""
    keys = max((cell_len(key) for key, _ in rows), default=0) + 1
    columns = 2 if width >= 2 * (keys + _COLUMN) + 2 else 1
    each = (width - 2 * (columns - 1)) // columns
    room = max(8, each - keys - 1)
    half = _fair_half(rows, room) if columns == 2 else len(rows)
    blocks = [[(key, wrap(plain(text), room)) for key, text in part] for part in (rows[:half], rows[half:])[:columns]]
    drawn = [
        [(key if index == 0 else "", line) for key, lines in block for index, line in enumerate(lines)]
        for block in blocks
    ]
    table = []
    for at in range(max(map(len, drawn), default=0)):
        parts: list[str | tuple[str, str]] = []
        for index, block in enumerate(drawn):
            key, line = block[at] if at < len(block) else ("", "")
            padding = " " * (each - keys - 1 - cell_len(line)) if index + 1 < columns else ""
            parts += ["  " if index else "", (key + " " * (keys - cell_len(key)), "bold $accent"), f" {line}{padding}"]
        table.append(Content.assemble(*parts))
    return Content("\n").join(table)


def _fair_half(rows: Sequence[tuple[str, str]], room: int) -> int:
    """How many rows make a left column about as high as the right one."""
    heights = [len(wrap(plain(text), room)) for _, text in rows]
    return next((at for at in range(len(rows) + 1) if 2 * sum(heights[:at]) >= sum(heights)), 0)
