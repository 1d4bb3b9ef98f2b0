"""A filled report as one HTML file: no script, nothing from elsewhere, readable on screen, on paper and aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.reports.document.document import Document, block_kind, parser, plain_text
from rnnlab.reports.document.elements import Code, Element, FigureElement, Heading, Items, Paragraph, TableElement
from rnnlab.reports.figures.rendering import svg
from rnnlab.reports.render.fill import Filled
from rnnlab.reports.render.pictures import embedded
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Table

if TYPE_CHECKING:
    from jinja2 import Environment

WIDTH = 88
"""Cells of a figure that is drawn as text."""
_PAGE = Path(__file__).parent / "page"
_DEEPEST = 6
_FEW = 2
"""Sections up to which they are not listed at the top."""
_NOT_IN_A_NAME = re.compile(r"[^\w]+")


@dataclass
class _Anchors:
    """Names of headings: each once."""

    used: set[str] = field(default_factory=set)

    def name(self, text: str) -> str:
        """A name made of the text that no other heading has."""
        base = "section-" + (_NOT_IN_A_NAME.sub("-", text.lower()).strip("-") or "untitled")[:60]
        found, number = base, 1
        while found in self.used:
            number += 1
            found = f"{base}-{number}"
        self.used.add(found)
        return found


def html(document: Document, filled: Sequence[Filled], *, title: str, pictures: bool) -> str:
    """The page. `title` is that of a document without a heading of level 1; `pictures`: figures are drawn, else text.

    Raises `UsageError` for a picture in the person's text that cannot be put into the page.
    """
    md = parser()
    env: dict[str, Any] = {}
    tokens = md.parse(document.text, env)
    anchors, sections = _Anchors(), []
    remaining = iter(filled)
    for at, token in enumerate(tokens):
        if block_kind(token) is not None:
            token.type, token.content = "html_block", _block(next(remaining), anchors, pictures)
        elif token.type == "heading_open":
            text = plain(plain_text(tokens[at + 1]))
            name = anchors.name(text)
            token.attrSet("id", name)
            if token.tag == "h2" and token.level == 0:
                sections.append((at, name, text))
        elif token.type == "inline":
            embedded(token, document.folder, document.where)
    first = sections[0][0] if sections else 0  # after the title
    parts = [md.renderer.render(part, md.options, env) for part in (tokens[:first], tokens[first:])]
    named = [section[1:] for section in sections]
    navigation = _macro(_environment(), "contents", named) if len(sections) > _FEW else ""
    return (
        _environment()
        .get_template("report.html")
        .render(
            title=plain(document.title or title),
            heading="" if document.title else plain(title),
            style=(_PAGE / "report.css").read_text(encoding="utf-8"),
            body=navigation.join(parts),
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(_PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.filters["plain"] = plain
    return found


def _block(filled: Filled, anchors: _Anchors, pictures: bool) -> str:
    return "".join(_element(each, filled.block.level, anchors, pictures) for each in filled.elements)


def _element(element: Element, level: int, anchors: _Anchors, pictures: bool) -> str:
    page = _environment()
    match element:
        case Heading():
            rank = min(_DEEPEST, level + element.depth)
            return _macro(page, "heading", rank, element.text, anchors.name(element.text))
        case Paragraph():
            return _macro(page, "paragraph", element.text, element.tone)
        case Items():
            return _macro(page, "items", element.texts)
        case Code():
            return _macro(page, "code", "\n".join(map(plain, element.text.split("\n"))), element.title)
        case TableElement():
            return _macro(page, "table", element.table, list(_rows(element.table)))
        case FigureElement():
            figure = element.figure
            drawn = svg(figure) if pictures else ""
            text = "" if drawn else to_text(figure.lines(WIDTH, MONO))
            return _macro(page, "figure", figure, drawn, text, list(_rows(figure.numbers)), element.open_table)


def _rows(table: Table) -> Iterator[tuple[bool, list[tuple[str, bool, bool]]]]:
    """Each row: whether it is emphasised, and of its cells the text, whether it names the row, whether it begins at the left."""
    for at, row in enumerate(table.rows):
        cells = [
            (cell.text, index < table.named, column.left)
            for index, (cell, column) in enumerate(zip(row, table.columns, strict=True))
        ]
        yield at in table.best, cells


def _macro(page: Environment, name: str, *values: Any) -> str:
    macro = getattr(page.get_template("elements.html").module, name)
    return str(macro(*values))
