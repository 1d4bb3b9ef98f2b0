"""Text to the terminal's clipboard."""

from __future__ import annotations

from typing import Any

from textual.app import App

from rnnlab.text.numbers import count
from rnnlab.text.sanitise import plain

_LONG = 74_000
"""Characters from which on some terminals take nothing: xterm and tmux take about 100 kB in base64."""


def copy_text(app: App[Any], title: str, text: str) -> None:
    """Copy the text under its title, both without anything that a terminal would obey, and say so in a notice."""
    lines = text.split("\n")
    _copy(app, "\n".join([title, "", *lines, ""]), f"{plain(title, 60)}: {_lines(len(lines))} of text")


def copy_whole(app: App[Any], title: str, text: str, words: str) -> None:
    """Copy a document as it is, without anything that a terminal would obey; `words` name its format in the notice."""
    _copy(app, text, f"{plain(title, 60)} as {words}: {_lines(text.count(chr(10)))}")


def _copy(app: App[Any], text: str, what: str) -> None:
    app.copy_to_clipboard("\n".join(plain(line) for line in text.split("\n")))
    long = f"; of {count(len(text))} characters some terminals take none, f writes a file" if len(text) > _LONG else ""
    app.notify(f"Copied {what}{long}", markup=False, timeout=4)


def _lines(number: int) -> str:
    return f"{number} line{'' if number == 1 else 's'}"
