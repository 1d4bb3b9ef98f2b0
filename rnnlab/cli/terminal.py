"""Printing styled lines: colours where there is a terminal, plain text into a pipe."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from rich.console import Console

from rnnlab.cli.streams import writing_to
from rnnlab.text.lines import Lines, print_lines

PIPED_WIDTH = 100
"""The width of what goes to a pipe or a file; COLUMNS overrides it."""
_WIDEST = 160


def out() -> Console:
    """Standard output as a console that reads no markup in what it is given."""
    return _console(sys.stdout)


def err() -> Console:
    """Standard error as such a console."""
    return _console(sys.stderr)


def _console(file: TextIO) -> Console:
    width = shutil.get_terminal_size((PIPED_WIDTH, 24)).columns
    return Console(file=file, width=max(20, width), highlight=False, markup=False, emoji=False)


def report_width(console: Console) -> int:
    """How wide a report is printed: a very wide terminal is not filled."""
    return min(console.width, _WIDEST)


@contextmanager
def giving_back() -> Iterator[None]:
    """Within, a signal that would end the process raises `SystemExit` (128 + its number) instead.

    What draws in place can then show the cursor again.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signals = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
    before = {each: signal.signal(each, end) for each in signals if signal.getsignal(each) != signal.SIG_IGN}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def show(lines: Lines, console: Console) -> None:
    """Prints and flushes, so that a reader who has gone is noticed here."""
    with writing_to("standard error" if console.file is sys.stderr else "standard output"):
        print_lines(lines, console)
        console.file.flush()
