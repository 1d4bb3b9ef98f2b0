"""A grid of character cells to draw on, and dots of a quarter of a cell's height for curves (braille)."""

from __future__ import annotations

import re
from operator import or_

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from rnnlab.text.lines import Lines

_INKED = re.compile(rb"[^\x00]+")

BRAILLE = [chr(0x2800 + bits) for bits in range(256)]
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bit of each dot: [column of two][row of four]."""

# _RUN[column][top][bottom]: the bits of the dots from top to bottom, both counted in.
_RUN = tuple(
    tuple(tuple(sum(side[t : b + 1]) for b in range(4)) for t in range(4))
    for side in _DOTS
)  # fmt: skip


class Ink:
    """Dots of one curve on `width` × `height` cells: `2·width` × `4·height` of them, (0, 0) at the top left."""

    __slots__ = ("bits", "columns", "height", "rows", "width")

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.columns, self.rows = 2 * width, 4 * height
        self.bits = bytearray(width * height)

    def run(self, x: int, top: int, bottom: int) -> None:
        """Sets the dots of column `x` from `top` down to `bottom`, as far as they are on the canvas."""
        if not 0 <= x < self.columns or bottom < 0 or top >= self.rows:
            return
        top, bottom = max(top, 0), min(bottom, self.rows - 1)
        side = _RUN[x & 1]
        first, last = top >> 2, bottom >> 2
        at = first * self.width + (x >> 1)
        bits = self.bits
        if first == last:
            bits[at] |= side[top & 3][bottom & 3]
            return
        bits[at] |= side[top & 3][3]
        full = side[0][3]
        for _ in range(last - first - 1):
            at += self.width
            bits[at] |= full
        bits[at + self.width] |= side[0][bottom & 3]

    def thin(self) -> None:
        """Leaves every other column of dots: a line becomes one of dots."""
        kept = sum(_DOTS[0])
        self.bits = bytearray(here & kept for here in self.bits)


class Canvas:
    """`width` × `height` cells, each a character and a style. What is drawn later lies on top."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._characters = [" "] * (width * height)
        self._styles: list[Style | None] = [None] * (width * height)
        self._dots = bytearray(width * height)

    def put(self, x: int, y: int, character: str, style: Style) -> None:
        """One character of one cell."""
        if 0 <= x < self.width and 0 <= y < self.height:
            at = y * self.width + x
            self._characters[at] = character
            self._styles[at] = style
            self._dots[at] = 0

    def text(self, x: int, y: int, text: str, style: Style) -> None:
        """Text from cell (x, y) to the right; it must be sanitised (`fit`) and lie on the canvas, else it is left out."""
        cells = cell_len(text)
        if not cells or not 0 <= y < self.height or x < 0 or x + cells > self.width:
            return
        at = y * self.width + x
        if cells == len(text):
            self._characters[at : at + cells] = text
        else:
            # Wide or combined characters: kept together in the first cell, so that nothing comes between them.
            self._characters[at : at + cells] = [text, *[""] * (cells - 1)]
        self._styles[at : at + cells] = [style] * cells
        self._dots[at : at + cells] = bytes(cells)

    def is_free(self, x: int, y: int, cells: int = 1) -> bool:
        """Whether nothing has been drawn on these cells."""
        if not 0 <= y < self.height or x < 0 or x + cells > self.width:
            return False
        at = y * self.width + x
        return all(character == " " for character in self._characters[at : at + cells])

    def dotted(self, x: int, y: int, width: int, spacing: int, style: Style) -> None:
        """A dotted line: from cell `x` on, in each `spacing`-th of `width` cells, a dot in the row of dots `y`."""
        if not 0 <= y < 4 * self.height:
            return
        start = (y >> 2) * self.width + x
        cells = slice(start, start + width, spacing)
        count = len(range(start, start + width, spacing))
        self._characters[cells] = [BRAILLE[_DOTS[0][y & 3]]] * count
        self._styles[cells] = [style] * count
        self._dots[cells] = bytes(count)

    def blit(self, ink: Ink, x: int, y: int, style: Style, *, merge: bool = False, below: bool = False) -> None:
        """Draw the dots over the cells from (x, y).

        With `merge` the dots that are there stay, in the new style: two curves that cross keep both their lines. What is drawn
        `below` is not kept by a later merge.
        """
        characters, styles, dots = self._characters, self._styles, self._dots
        bits, width = ink.bits, ink.width
        for row in range(ink.height):
            # Whole runs at once: most cells of a row hold nothing.
            for found in _INKED.finditer(bits, row * width, (row + 1) * width):
                part = found[0]
                at = (y + row) * self.width + x + found.start() - row * width
                end = at + len(part)
                if merge:
                    part = bytes(map(or_, part, dots[at:end]))
                characters[at:end] = [BRAILLE[here] for here in part]
                styles[at:end] = [style] * len(part)
                dots[at:end] = bytes(len(part)) if below else part

    def lines(self) -> Lines:
        """The cells as lines, one segment for neighbours of one style.

        A single blank between two cells of one style joins them, so that a dotted line is one segment; longer blanks stand
        alone, for in an exported picture they keep everything else in its column.
        """
        lines: Lines = []
        width = self.width
        for start in range(0, width * self.height, width):
            characters = self._characters[start : start + width]
            styles = self._styles[start : start + width]
            line = []
            begin, current = 0, styles[0] if styles else None
            for index, style in enumerate(styles):
                if style is current:
                    continue
                if style is not None or index + 1 == width or styles[index + 1] is not current:
                    line.append(Segment("".join(characters[begin:index]), current))
                    begin, current = index, style
            line.append(Segment("".join(characters[begin:]), current))
            lines.append(line)
        return lines
