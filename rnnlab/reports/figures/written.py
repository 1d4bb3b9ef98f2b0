"""A figure without a picture: as text, as CSV, as Markdown, as a document for programs. None needs more than rnnlab itself."""

from __future__ import annotations

from typing import Any

from rnnlab.reports.figures.figure import Figure
from rnnlab.text.lines import to_text
from rnnlab.text.markdown import escape, to_markdown
from rnnlab.text.palette import MONO
from rnnlab.text.sanitise import plain
from rnnlab.text.spreadsheet import to_csv


def as_text(figure: Figure, width: int) -> str:
    """The text plot in lines of `width` characters, its title above it."""
    return f"{plain(figure.title)}\n\n{to_text(figure.lines(width, MONO))}\n"


def as_csv(figure: Figure) -> str:
    """Every drawn number, a header and a line a row."""
    return to_csv([figure.numbers])


def as_markdown(figure: Figure) -> str:
    """Description and numbers; the table has the title."""
    return f"{escape(figure.description)}\n\n{to_markdown([figure.numbers])}"


def as_document(figure: Figure) -> dict[str, Any]:
    """The figure for `--json`: its numbers a row each, by the names of their columns."""
    return {
        "name": figure.name,
        "title": figure.title,
        "description": figure.description,
        "numbers": figure.numbers.values_by_name(),
        "notes": list(figure.numbers.notes),
    }
