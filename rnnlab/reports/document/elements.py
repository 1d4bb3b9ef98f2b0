"""Elements of a report: what blocks are made into, before they are written as Markdown or as HTML.

All texts in them are plain: whoever writes them escapes them, so that nothing out of data becomes markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnlab.reports.figures.figure import Figure
from rnnlab.text.table import Table

Tone = Literal["text", "note", "warning", "good"]


@dataclass(frozen=True)
class Heading:
    """A heading, `depth` levels below that under which its block stands."""

    text: str
    depth: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A sentence or several; a `note` is set smaller, a `warning` is marked."""

    text: str
    tone: Tone = "text"


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """Lines as they are to be typed, or as they stand in a file; `title` says what they are."""

    text: str
    title: str = ""
    language: str = ""


@dataclass(frozen=True)
class TableElement:
    """A table with its heading and notes."""

    table: Table


@dataclass(frozen=True)
class FigureElement:
    """A figure, its description and its numbers; `open_table`: these are to be read beside it, on paper too."""

    figure: Figure
    open_table: bool = False


Element = Heading | Paragraph | Items | Code | TableElement | FigureElement
