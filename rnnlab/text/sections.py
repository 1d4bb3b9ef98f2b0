"""The sections of a report: a title over a thin rule, and paragraphs under it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from rnnlab.text.lines import Line, Lines, fit, padded, width_of
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain

_GLYPHS = ("→ ", "⚠ ", "✗ ", "✓ ")
"""Beginnings of a paragraph under which its text is indented."""
_LABEL = 10


class Paragraph(NamedTuple):
    """A sentence or two in a role's colour; with a `label`, a fact. A paragraph to be `cut` stays on one line."""

    text: str
    role: Role = "text"
    label: str = ""
    cut: bool = False


def heading(text: str, width: int, palette: Palette, note: str = "", *, warning: str = "") -> Line:
    """A section's title over a thin rule; `warning` is a warning that stands beside it."""
    line = [
        Segment("── ", palette.style("grid")),
        Segment(fit(text, cell_len(plain(text))), palette.style("text", bold=True)),
    ]
    if warning:
        line.append(Segment(" " + fit(warning, cell_len(plain(warning))), palette.style("bad", bold=True)))
    if note:
        room = max(0, width - width_of(line) - 3)
        line.append(Segment(" · " + fit(note, min(room, cell_len(plain(note)))), palette.style("muted")))
    line.append(Segment(" "))
    rest = width - width_of(line)
    return padded([*line, Segment("─" * rest, palette.style("grid"))] if rest > 0 else line, width)


def paragraph(text: str, width: int, style: Style) -> Lines:
    """Text over as many lines as it needs, continued under its beginning."""
    clean = plain(text)
    indent = " " * (len(clean) - len(clean.lstrip(" "))) + ("  " if clean.lstrip(" ")[:2] in _GLYPHS else "")
    rows = textwrap.wrap(clean, max(10, width), subsequent_indent=indent, drop_whitespace=True) or [""]
    return [[Segment(fit(row, width), style)] for row in rows]


def paragraphs(parts: Iterable[Paragraph], width: int, palette: Palette) -> Lines:
    """The paragraphs in lines of `width` cells, labels in a column at the left."""
    lines: Lines = []
    for part in parts:
        style = palette.style(part.role)
        if part.label:
            label = palette.style("muted")
            rows = paragraph(part.text, width - _LABEL - 1, style)
            lines += [
                [Segment(fit(part.label if not index else "", _LABEL) + " ", label), *row]
                for index, row in enumerate(rows)
            ]
        elif part.cut:
            lines.append([Segment(fit(part.text, width), style)])
        else:
            lines += paragraph(part.text, width, style)
    return lines
