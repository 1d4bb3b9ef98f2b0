"""Panels: widgets that draw themselves as lines of segments, and keep those until something changed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from rnnlab.text.lines import Lines, to_text
from rnnlab.text.palette import MONO, Palette
from rnnlab.text.sanitise import plain
from rnnlab.ui.common.palette import palette_of
from rnnlab.ui.described.figures import Described

if TYPE_CHECKING:
    from rnnlab.ui.run.following.follow import RunFollower

_LONGEST = 200
"""Characters of a title's part; more fits no border."""


class Drawn(Widget):
    """A widget of lines that are drawn when they are asked for and kept until the data, the size or the theme changed.

    `draw` gives the lines; `depends_on` names what they depend on, so that a run that advances elsewhere draws nothing.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self.follower: RunFollower | None = None
        self._strips: list[Strip] | None = None
        self._drawn_size = Size(0, 0)
        self._key: Hashable = None
        self._fresh = False
        self._restyled = False
        self._inks: tuple[Palette, Style] | None = None
        """What the lines that are kept were drawn with."""
        self._inked: Palette | None = None
        """Colours in which it is drawn at this moment, other than the theme's."""

    def draw(self, width: int, height: int) -> Lines:
        """The lines, each of at most `width` cells, at most `height` of them."""
        raise NotImplementedError

    def depends_on(self, follower: RunFollower) -> Hashable:
        """What the lines depend on; equal keys draw equal lines."""
        return follower.state.last_seq

    def advance(self, follower: RunFollower) -> None:
        """Take the run as it is now, and draw again where what the lines depend on has changed."""
        self.follower = follower
        key = self.depends_on(follower)
        if key != self._key or not self._fresh:
            self._key, self._fresh = key, True
            self.redraw()

    def redraw(self) -> None:
        """Draw again, and repaint the lines that are not as before."""
        self._drop_what_has_other_colours()
        before, size = self._strips, self.content_size
        if before is None or size != self._drawn_size or not self.display:
            self._strips = None
            self.refresh()
            return
        after = self._strips = self._drawn(size)
        if len(after) != len(before):
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, size.width, 1) for y in changed))

    @property
    def palette(self) -> Palette:
        """The colours of the present theme."""
        return self._inked or palette_of(self.app)

    def plain_text(self) -> str:
        """What stands in the widget as plain text, drawn as for a terminal without colours."""
        return to_text(self.lines_in(MONO)).strip("\n")

    def lines_in(self, palette: Palette) -> Lines:
        """What stands in the widget, drawn in these colours."""
        self._inked = palette
        try:
            return self.draw(*self.content_size)
        finally:
            self._inked = None

    def notify_style_update(self) -> None:
        """Draw again where the colours are others."""
        self._restyled = True
        super().notify_style_update()

    def _drop_what_has_other_colours(self) -> None:
        # A new theme, or a class that changes a colour; most styles that change are those of a border, or a place.
        if self._restyled:
            self._restyled = False
            if self._inks != (self.palette, self.rich_style):
                self._strips = None

    def render_line(self, y: int) -> Strip:
        self._drop_what_has_other_colours()
        size = self.content_size
        if self._strips is None or size != self._drawn_size:
            self._strips = self._drawn(size)
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(size.width, self.rich_style)

    def _drawn(self, size: Size) -> list[Strip]:
        self._drawn_size = size
        if not size.area:
            return []
        paper = self.rich_style
        self._inks = self.palette, paper
        # Plots repeat a few styles over hundreds of segments: each is laid over the paper once.
        inked: dict[Style | None, Style] = {}
        strips = []
        for line in self.draw(size.width, size.height):
            segments = []
            for text, style, _ in line:
                full = inked.get(style)
                if full is None:
                    full = inked[style] = paper if style is None else paper + style
                segments.append(Segment(text, full))
            strips.append(Strip(segments).adjust_cell_length(size.width, paper))
        return strips


class Panel(Drawn, can_focus=True):
    """A bordered, numbered part of the Run screen that can fill it: with its number, or two clicks."""

    @dataclass
    class Doubled(Message):
        """The panel was clicked twice."""

        number: int

    def __init__(self, number: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes="panel")
        self.number = number
        self._title: tuple[str, ...] = ()
        self._keys: tuple[tuple[str, str], ...] = ()

    def entitle(self, title: str, *more: str) -> None:
        """Set the title and what stands beside it; either may come from data."""
        if (title, *more) == self._title:
            return  # setting it would repaint the whole panel
        self._title = (title, *more)
        parts: list[tuple[str, str] | str] = [(f"{self.number} ", "$accent"), plain(title, _LONGEST)]
        for text in more:
            parts += [(" · ", "$text-muted"), (plain(text, _LONGEST), "$text-muted")]
        self.border_title = Content.assemble(*parts)

    def sentences(self) -> Described:
        """What the panel shows in sentences; of a panel of text that text. Raises `UsageError` where it is nothing."""
        return Described(self.title, self.plain_text())

    @property
    def title(self) -> str:
        """The title and what stands beside it."""
        return " · ".join(plain(part, _LONGEST) for part in self._title)

    def subtitle(self, *keys: tuple[str, str]) -> None:
        """Set the subtitle: keys and what they do."""
        if keys == self._keys:
            return
        self._keys = keys
        parts: list[tuple[str, str] | str] = []
        for key, description in keys:
            parts += [
                ("  " if parts else "", ""),
                (plain(key), "$accent"),
                (f" {plain(description, _LONGEST)}", "$text-muted"),
            ]
        self.border_subtitle = Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2:
            self.post_message(self.Doubled(self.number))
