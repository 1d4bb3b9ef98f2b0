"""A filled report as Markdown: the person's text as it is, each block in its place; no text from data is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rnnlab.reports.document.document import Document
from rnnlab.reports.document.elements import Code, Element, FigureElement, Heading, Items, Paragraph, TableElement
from rnnlab.reports.render.fill import Filled
from rnnlab.text.lines import to_text
from rnnlab.text.markdown import escape, paragraph, to_markdown
from rnnlab.text.palette import MONO
from rnnlab.text.sanitise import plain

WIDTH = 96
"""Cells of a figure that is drawn as text."""
_DEEPEST = 6
_SIGNS = {"warning": "⚠ ", "good": "✓ ", "note": "", "text": ""}
_RUN = re.compile(r"`+")
_LINE_END = re.compile(r"\r\n?|\n")
"""What the reader of Markdown ends a line at; `str.splitlines` does at form feeds and U+2028, too, and counts other lines."""


def markdown(document: Document, filled: Sequence[Filled]) -> str:
    """The report. Figures are drawn as text, each with its numbers below."""
    lines = _LINE_END.split(document.text)
    parts: list[str] = []
    at = 0
    for each in filled:
        first, end = each.block.lines
        parts += lines[at:first]
        parts += [""] * bool(parts and parts[-1].strip())
        parts += _spaced(each)
        parts += [""] * bool(lines[end : end + 1] and lines[end].strip())
        at = end
    return "\n".join([*parts, *lines[at:]]).rstrip() + "\n"


def _spaced(filled: Filled) -> Iterator[str]:
    for at, element in enumerate(filled.elements):
        if at:
            yield ""
        yield "\n".join(_written(element, filled.block.level)).rstrip("\n")


def _written(element: Element, level: int) -> Iterator[str]:
    match element:
        case Heading():
            yield f"{'#' * min(_DEEPEST, level + element.depth)} {escape(element.text)}"
        case Paragraph():
            yield paragraph(_SIGNS[element.tone] + element.text)
        case Items():
            yield from (f"- {paragraph(text)}" for text in element.texts if plain(text).strip())
        case Code():
            if element.title:
                yield f"{paragraph(element.title)}:\n"
            yield fenced(element.text, element.language)
        case TableElement():
            yield to_markdown([element.table])
        case FigureElement():
            figure = element.figure
            yield f"**{escape(figure.title)}**\n"
            yield fenced(to_text(figure.lines(WIDTH, MONO)), "text") + "\n"
            yield paragraph(figure.description) + "\n"
            yield to_markdown([replace(figure.numbers, heading="")])


def fenced(text: str, language: str = "") -> str:
    """Lines between fences that are longer than any in them; controls in a line are pictures."""
    clean = [plain(line) for line in text.split("\n")]
    longest = max((len(found) for line in clean for found in _RUN.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([fence + language, *clean, fence])
