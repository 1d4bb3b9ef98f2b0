"""The sections of a report: a title over a thin rule, and words under it."""

from __future__ import annotations

import textwrap

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from rnnlab.text.lines import Line, Lines, fit, padded, width_of
from rnnlab.text.palette import Palette
from rnnlab.text.sanitise import plain


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
    """Text over as many lines as it needs, continued under its first word."""
    clean = plain(text)
    indent = " " * (len(clean) - len(clean.lstrip(" "))) + ("  " if clean.lstrip(" ")[:2] in ("→ ", "⚠ ") else "")
    rows = textwrap.wrap(clean, max(10, width), subsequent_indent=indent, drop_whitespace=True) or [""]
    return [[Segment(fit(row, width), style)] for row in rows]
