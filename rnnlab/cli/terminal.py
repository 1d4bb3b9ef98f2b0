"""Printing styled lines: colours where there is a terminal, plain text into a pipe."""

from __future__ import annotations

import io
import shutil
import sys

from rich.console import Console

from rnnlab.plots.lines import Lines, print_lines

PIPED_WIDTH = 100
"""The width of what goes to a pipe or a file; COLUMNS overrides it."""
_WIDEST = 160


def out() -> Console:
    """Standard output as a console that reads no markup in what it is given."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper) and (stream.encoding or "").lower().replace("-", "") != "utf8":
        stream.reconfigure(errors="replace")
    width = shutil.get_terminal_size((PIPED_WIDTH, 24)).columns
    return Console(file=stream, width=max(20, width), highlight=False, markup=False, emoji=False)


def report_width(console: Console) -> int:
    """How wide a report is printed: a very wide terminal is not filled."""
    return min(console.width, _WIDEST)


def show(lines: Lines, console: Console) -> None:
    """Prints and flushes, so that a reader who has gone is noticed here."""
    print_lines(lines, console)
    console.file.flush()
