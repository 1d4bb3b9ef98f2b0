"""Lines of styled text: what every plot is made of, and what the app, the terminal and the tests all take."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from rnnlab.text.sanitise import plain

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

Line = list[Segment]
Lines = list[Line]

_END = Segment.line()
_NO_UNDERLINE = Style(underline=False)


def fit(text: str, width: int, align: Literal["left", "right", "centre"] = "left") -> str:
    """Text from anywhere in exactly `width` cells: sanitised, cut with an ellipsis where it is longer."""
    text = plain(text)
    if not text.isascii():
        # Composed, as terminals agree best on the width of that; presentation selectors change a width they ignore.
        text = unicodedata.normalize("NFC", text).replace("\ufe0f", "").replace("\ufe0e", "")
    if width <= 0:
        return ""
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    gap = width - length
    left = gap if align == "right" else gap // 2 if align == "centre" else 0
    return " " * left + text + " " * (gap - left)


def width_of(line: Line) -> int:
    """The line's cells."""
    return sum(cell_len(text) for text, _, _ in line)


def padded(line: Line, width: int) -> Line:
    """The line in exactly `width` cells: filled with blanks, or cut."""
    length = width_of(line)
    if length < width:
        return [*line, Segment(" " * (width - length))]
    return line if length == width else Segment.adjust_line_length(line, width)


def beside(columns: Sequence[Lines], widths: Sequence[int], gap: int = 2) -> Lines:
    """Blocks side by side, each in its width, the shorter ones filled with blanks."""
    height = max(map(len, columns), default=0)
    rows: Lines = []
    for y in range(height):
        row: Line = []
        for index, (block, width) in enumerate(zip(columns, widths, strict=True)):
            if index:
                row.append(Segment(" " * gap))
            row.extend(padded(block[y] if y < len(block) else [], width))
        rows.append(row)
    return rows


def sentence(text: str, width: int, height: int, style: Style) -> Lines:
    """A short text in the middle of an otherwise empty space, wrapped at blanks."""
    words, rows = plain(text).split(), [""]
    for word in words:
        if rows[-1] and cell_len(rows[-1]) + 1 + cell_len(word) > max(1, width - 2):
            rows.append("")
        rows[-1] += f" {word}" if rows[-1] else word
    rows = rows[:height]
    top = (height - len(rows)) // 2
    blank: Line = [Segment(" " * width)]
    filled: Lines = [[Segment(fit(row, width, "centre"), style)] for row in rows]
    return [list(blank) for _ in range(top)] + filled + [list(blank) for _ in range(height - top - len(rows))]


def harmless(text: str) -> str:
    """`text` without anything a terminal would obey, in as many cells as before.

    The barrier behind `plain`, for finished lines on their way to a terminal: what was not sanitised where it came from
    is taken out here; what had a width stands as `�`, so that nothing moves.
    """
    if text.isprintable():
        return text
    return "".join(c if plain(c) == c else "\ufffd" * cell_len(c) for c in text)


def underlined(line: Iterable[Segment]) -> Line:
    """The line with text underlined, and not the blanks that fill a cell on either side of it.

    Reversed text keeps them: there the line shows how far a cursor reaches.
    """
    parted: Line = []
    for segment in line:
        text, style, control = segment
        bare = text.strip(" ")
        if style is None or not style.underline or style.reverse or bare == text:
            parted.append(segment)
            continue
        before, plainly = len(text) - len(text.lstrip(" ")), style + _NO_UNDERLINE
        ends = (text[:before], plainly), (bare, style), (text[before + len(bare) :], plainly)
        parted += [Segment(part, look, control) for part, look in ends if part]
    return parted


def to_text(lines: Lines) -> str:
    """The lines without their styles, blanks at the ends of lines left out."""
    return "\n".join(harmless("".join(text for text, _, _ in line)).rstrip() for line in lines)


class Block:
    """Lines as something that rich can print."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines:
            for text, style, control in underlined(line):
                yield Segment(harmless(text), style, control)
            yield _END


def print_lines(lines: Iterable[Line], console: Console) -> None:
    """Prints the lines; to a pipe or a file without blanks at their ends."""
    if console.is_terminal:
        console.print(Block(list(lines)), end="", soft_wrap=True)
    else:
        console.file.write(to_text(list(lines)) + "\n")
