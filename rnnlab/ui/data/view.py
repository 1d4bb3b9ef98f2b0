"""A data set's card on the screen: drawn once for a width, scrolled line by line."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rnnlab.text.lines import Lines, to_text
from rnnlab.text.palette import MONO, Palette
from rnnlab.ui.common.palette import palette_of

Draw = Callable[[int, Palette], Lines]
"""Gives the lines for a width in the theme's colours."""


class DataView(ScrollView, can_focus=True):
    """Lines that a given function draws; only those in sight become strips."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_by(-1)", "Up", show=False),
        Binding("down", "scroll_by(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("home", "scroll_by(-100000)", "Top", show=False),
        Binding("end", "scroll_by(100000)", "Bottom", show=False),
    ]
    DEFAULT_CSS = "DataView { scrollbar-size-vertical: 1; scrollbar-gutter: stable; overflow-x: hidden; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes="box")
        self._draw: Draw | None = None
        self._lines: Lines = []

    def show(self, draw: Draw, *, top: bool = False) -> None:
        """Draw with `draw` from now on; `top`: from the first line."""
        self._draw = draw
        self._lay_out()
        if top:
            self.scroll_to(y=0, animate=False, immediate=True)

    def lines_in(self, palette: Palette) -> Lines:
        """All of it in these colours, as wide as it is shown."""
        width = self.scrollable_content_region.width
        return self._draw(width, palette) if self._draw is not None and width else []

    def plain_text(self) -> str:
        """All of it as plain text, drawn as for a terminal without colours."""
        return to_text(self.lines_in(MONO)).strip("\n")

    def _lay_out(self) -> None:
        self._lines = self.lines_in(palette_of(self.app))
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._lines))
        self.refresh()

    def on_resize(self) -> None:
        self._lay_out()

    def notify_style_update(self) -> None:
        """Draw again in the new colours."""
        # A new theme.
        if self.is_attached:
            self._lay_out()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        paper = self.rich_style
        index = y + self.scroll_offset.y
        if index >= len(self._lines):
            return Strip.blank(width, paper)
        ground = Style(bgcolor=paper.bgcolor)
        segments = []
        for text, style, _ in self._lines[index]:
            # Blanks stand alone: in an exported picture they keep everything else in its column.
            core = text.strip(" ")
            before = len(text) - len(text.lstrip(" ")) if core else len(text)
            after = len(text) - before - len(core)
            segments += [Segment(" " * before, ground)] if before else []
            segments += [Segment(core, paper + style if style else paper)] if core else []
            segments += [Segment(" " * after, ground)] if after else []
        return Strip(segments).adjust_cell_length(width, paper)

    def action_scroll_by(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, immediate=True)

    def action_page(self, by: int) -> None:
        self.action_scroll_by(by * max(1, self.scrollable_content_region.height - 2))
