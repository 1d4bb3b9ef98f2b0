"""The files and folders of one folder; one of them is picked. Only the lines in sight are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.geometry import Size, clamp
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rnnlab.text.numbers import bytes_text
from rnnlab.text.sanitise import plain
from rnnlab.ui.setup.file.own_file import Entry, Folder

UP = Entry("..", True)
HERE = Entry(".", True)
"""The folder itself: a folder of recordings is chosen as a whole."""


class FileList(ScrollView):
    """Shows the entries of a folder whose names begin with `start`. The keys belong to the line one types in."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "FileList { scrollbar-size-vertical: 1; scrollbar-gutter: stable; overflow-x: hidden; }"

    @dataclass
    class Pointed(Message):
        """Another entry is under the cursor."""

        entry: Entry | None

    @dataclass
    class Chosen(Message):
        """An entry was clicked that was under the cursor already."""

        entry: Entry

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes="box")
        self.folder = Folder("")
        self.entries: list[Entry] = []
        self._at = 0

    @property
    def entry(self) -> Entry | None:
        """The entry under the cursor."""
        return self.entries[self._at] if self._at < len(self.entries) else None

    def show(self, folder: Folder, start: str) -> None:
        """List the folder's entries that begin with `start`; hidden ones only where that asks for them."""
        before = self.entry if folder.path == self.folder.path else None
        if folder.path != self.folder.path:
            self.scroll_to(y=0, animate=False, immediate=True, force=True)
        self.folder = folder
        low = start.casefold()
        found = [
            entry
            for entry in folder.entries
            if entry.name.casefold().startswith(low) and (start.startswith(".") or not entry.name.startswith("."))
        ]
        self.entries = found if start or folder.problem else [UP, HERE, *found]
        first = 0 if start or folder.problem else min(2, len(self.entries) - 1)
        self._at = self.entries.index(before) if before in self.entries else first
        self.border_title = Content(plain(folder.path or ".", 200))
        self.border_subtitle = Content(f"+{folder.more:,} more" if folder.more else "")
        self._lay_out()
        self.post_message(self.Pointed(self.entry))

    def _lay_out(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, max(1, len(self.entries)))
        self._keep_in_sight()
        self.refresh()

    def on_resize(self) -> None:
        self._lay_out()

    def move(self, by: int) -> None:
        """Move the cursor down by so many entries, up by a negative number."""
        at = clamp(self._at + by, 0, max(0, len(self.entries) - 1))
        if at != self._at:
            self._at = at
            self._keep_in_sight()
            self.refresh()
            self.post_message(self.Pointed(self.entry))

    @property
    def page(self) -> int:
        """Entries that page up and page down move by."""
        return max(1, self.scrollable_content_region.height - 1)

    def _keep_in_sight(self) -> None:
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        if height > 0 and not top <= self._at < top + height:
            # By force: that the list has become longer than the window is known to the window only after the next layout.
            self.scroll_to(
                y=self._at if self._at < top else self._at - height + 1, animate=False, immediate=True, force=True
            )

    def on_click(self, event: events.Click) -> None:
        event.stop()
        offset = event.get_content_offset(self)
        index = offset.y + self.scroll_offset.y if offset is not None else -1
        if 0 <= index < len(self.entries):
            again = index == self._at
            self.move(index - self._at)
            if (again or event.chain > 1) and self.entry is not None:
                self.post_message(self.Chosen(self.entry))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= len(self.entries):
            text = self.folder.problem or ("nothing here begins so" if self.folder.path and not self.entries else "")
            content = Content.styled(plain(text if y == 0 else "", 300), "$text-warning")
        else:
            content = self._line(self.entries[index], width)
            if index == self._at:
                content = content.pad_right(max(0, width - content.cell_length)).stylize_before(
                    "$block-cursor-foreground on $block-cursor-background"
                )
        content = content.truncate(width, ellipsis=True)
        return Strip(content.render_segments(self.visual_style)).adjust_cell_length(width, self.rich_style)

    def _line(self, entry: Entry, width: int) -> Content:
        if entry is UP:
            return Content.styled("../", "$text-muted") + Content.styled("  the folder above", "$text-muted")
        if entry is HERE:
            return Content.styled("./", "$accent") + Content.styled("  this folder, as a whole", "$text-muted")
        if entry.folder:
            return Content.styled(plain(entry.name, 300) + "/", "$accent")
        size = bytes_text(entry.size)
        name = Content(plain(entry.name, 300)).truncate(max(1, width - len(size) - 1), ellipsis=True)
        return name.pad_right(max(1, width - name.cell_length - len(size))) + Content.styled(size, "$text-muted")
