"""A search that filters as one types, over the screen that it leads through. Nothing is chosen before enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from rnnlab.text.sanitise import plain
from rnnlab.ui.common.key_bar import KeyBar
from rnnlab.ui.setup.form.line_edit import LineEdit
from rnnlab.ui.setup.search.entries import Entry, Kind, found, no_match_text

TITLE_SHARE = 0.4
"""Of the columns, for what an entry is called; the rest says what it is."""


class Hits(Widget):
    """What is typed, a note on it, and the entries that hold it, around the one that enter would take."""

    DEFAULT_CSS = "Hits { height: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }"
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self.edit = LineEdit("")
        self.note = ""
        self.hits: Sequence[Entry] = ()
        self.at = 0
        self._first = 0

    @property
    def _head(self) -> list[Content]:
        part, cursor = self.edit.window(max(1, self.size.width - 4))
        typed = Content(f"/ {plain(part)} ").stylize("reverse", cursor + 2, cursor + 3)
        return [typed, *([Content.styled(self.note, "$text-warning")] if self.note else [])]

    def render(self) -> Content:
        head = self._head
        room = max(1, self.size.height - len(head))
        self._first = min(max(self._first, self.at - room + 1), self.at, max(0, len(self.hits) - room))
        shown = range(self._first, min(len(self.hits), self._first + room))
        return Content("\n").join([*head, *(self._line(index) for index in shown)])

    def _line(self, index: int) -> Content:
        hit, width = self.hits[index], self.size.width
        here = index == self.at
        room = max(12, int(width * TITLE_SHARE))
        title = Content.styled(("▸ " if here else "  ") + plain(hit.title), "bold" if here else "")
        title = title.truncate(room, ellipsis=True)
        line = title.pad_right(room - title.cell_length + 1)
        line += Content.styled(f"{hit.kind:13}", "$secondary") + Content.styled(plain(hit.line), "$text-muted")
        line = line.truncate(width, ellipsis=True)
        if not here:
            return line
        line = line.pad_right(max(width - line.cell_length, 0))
        return line.stylize_before("on $boost")

    def index_at(self, y: int) -> int | None:
        """Which hit stands in the line, counted from the top."""
        index = y - len(self._head) + self._first
        return index if y >= len(self._head) and index < len(self.hits) else None


class SearchScreen(ModalScreen[None]):
    """What is typed narrows the list, ↑ ↓ move in it, enter takes.

    `take` is called with the entry before the screen closes, so that the keys that follow find it chosen; after escape
    nothing has changed.
    """

    CSS_PATH = "../../styles/search.tcss"
    TITLE = "Search"
    HELP = (
        "Type a part of a name: tasks, architectures and settings that hold it are listed, those of the list you came from "
        "first. ↑ ↓ move, enter goes there, esc leaves everything as it was."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        # Pressed, they come as keys: after the letters that were typed before them.
        Binding("enter", "take", "Go there"),
        Binding("escape", "leave", "Leave all as it was"),
    ]

    def __init__(self, entries: Sequence[Entry], kind: Kind, now: str, take: Callable[[Entry], None]) -> None:
        super().__init__()
        self._entries = tuple(entries)
        self._kind: Kind = kind
        self._now = now
        self._take = take
        self._left = False

    def compose(self) -> ComposeResult:
        with Vertical(id="search", classes="box") as box:
            box.border_title = "Search"
            yield Hits()
        yield KeyBar()

    def on_mount(self) -> None:
        self._find()

    def _find(self) -> None:
        hits = self.query_one(Hits)
        text = hits.edit.text
        hits.hits = found(self._entries, text, self._kind)
        hits.note = no_match_text(hits.hits, self._entries, text, self._kind)
        # Where nothing is typed yet stands what is chosen now.
        names = [hit.name for hit in hits.hits]
        hits.at = names.index(self._now) if not text.strip() and self._now in names else 0
        count = len(hits.hits)
        self.query_one("#search").border_subtitle = f"{count} of {len(self._entries)}" if text.strip() else ""
        hits.refresh()

    def on_key(self, event: events.Key) -> None:
        if self._left:
            # Typed ahead of the screen's end: it is meant for the screen below.
            event.stop()
            event.prevent_default()
            self.app.post_message(events.Key(event.key, event.character))
            return
        hits = self.query_one(Hits)
        before = hits.edit.text
        if event.key in ("enter", "escape"):
            event.stop()
            event.prevent_default()
            self.action_take() if event.key == "enter" else self.action_leave()
            return
        if event.key in ("up", "down", "pageup", "pagedown"):
            by = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8}[event.key]
            hits.at = min(max(hits.at + by, 0), max(0, len(hits.hits) - 1))
        elif event.is_printable and event.character:
            hits.edit.insert(event.character)
        elif event.key == "backspace" and not before:
            self.action_leave()
        elif not hits.edit.press(event.key):
            return
        event.stop()
        event.prevent_default()
        if hits.edit.text != before:
            self._find()
        hits.refresh()

    def on_paste(self, event: events.Paste) -> None:
        if event.text:
            event.stop()
            self.query_one(Hits).edit.insert(event.text.splitlines()[0].strip())
            self._find()

    def on_click(self, event: events.Click) -> None:
        hits = self.query_one(Hits)
        offset = event.get_content_offset(hits)
        index = hits.index_at(offset.y) if offset is not None else None
        if index is not None:
            hits.at = index
            self.action_take()

    def action_take(self) -> None:
        hits = self.query_one(Hits)
        if hits.hits:
            self._take(hits.hits[hits.at])
            self.action_leave()

    def action_leave(self) -> None:
        self._left = True
        self.dismiss()
