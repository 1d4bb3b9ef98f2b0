"""A filter of all lines on their way to the terminal."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from rnnlab.text.lines import harmless, underlined


class Barrier(LineFilter):
    """Takes out of every line of every widget, its borders and titles included, what a terminal would obey.

    Text from data is sanitised where it is shown, so that a strange label is seen to be strange; this is for a widget
    in which that was forgotten. Textual keeps the result with the line, so that a line costs once.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments of a line without control characters."""
        if "".join([text for text, _, _ in segments]).isprintable():
            return segments
        return [Segment(harmless(text), style, control) for text, style, control in segments]


class BareBlanks(LineFilter):
    """Underlines text alone where, without colours, an underline marks what is wrong: a cell of a table ends in blanks."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments of a line, their blanks without an underline."""
        return underlined(segments)
