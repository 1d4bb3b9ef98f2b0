"""All that the commands print: the one way from the command line to a terminal, a pipe or a file.

Text may come from a stranger's log or a file's name. Each argument is one line: line breaks in it, controls and bidi marks
become pictures or `�` (`rnnlab.text.sanitise`), so that no data moves the cursor, forges a line or reaches the clipboard.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from typing import Any, TextIO

import click
import msgspec

from rnnlab.cli.streams import writing_to
from rnnlab.text.sanitise import plain

_CLEAR = "\r\x1b[2K"
"""To the first column, and the line gone."""
_UNPRINTABLE = re.compile(r"[^ -~]")


def echo(*lines: str, err: bool = False, width: int | None = None) -> None:
    """Print the lines, cut to `width` characters, and flush, so that a reader who has gone is noticed here.

    Raises `OSError`.
    """
    with writing_to("standard error" if err else "standard output"):
        # Not by `click.echo`, which writes UTF-8 to a stream that says it is ASCII.
        write_lines(sys.stderr if err else sys.stdout, *lines, width=width)


def echo_json(document: Any, *, default: Callable[[Any], Any] | None = None) -> None:
    """Print `document` as one line of JSON, alone.

    Control characters are escaped as JSON allows, so that a terminal obeys none. `default` encodes objects that JSON does not
    have. Raises `OSError`.
    """
    try:
        text = msgspec.json.encode(document, enc_hook=default).decode()
    except UnicodeEncodeError:
        # Names of files that are no UTF-8 hold lone surrogates, which only the standard library writes.
        import json

        text = json.dumps(msgspec.to_builtins(document, enc_hook=default), ensure_ascii=True)
    if not text.isprintable():
        text = _UNPRINTABLE.sub(_escaped, text)
    with writing_to("standard output"):
        click.echo(text.encode() + b"\n", nl=False)


def _escaped(found: re.Match[str]) -> str:
    """A character as JSON's escape, where it cannot be printed."""
    character = found[0]
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


def line_width() -> int | None:
    """How wide a line may be: the terminal's width; into a pipe or a file nothing is cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def write_lines(stream: TextIO, *lines: str, width: int | None = None) -> None:
    """The lines to `stream`, as `echo` prints them."""
    stream.write("".join(plain(line, width) + "\n" for line in lines))
    stream.flush()


def redraw(stream: TextIO, text: str = "") -> None:
    """On a terminal: `text` in the place of the present line, cut to the terminal's width; without it, an empty line."""
    width = shutil.get_terminal_size().columns - 1
    stream.write(_CLEAR + plain(text, width))
    stream.flush()


def erase(stream: TextIO, lines: int) -> None:
    """On a terminal: the cursor to the first of the last so many lines, and everything below it gone."""
    stream.write(f"\x1b[{lines}F\x1b[J")
    stream.flush()
