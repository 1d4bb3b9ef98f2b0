"""A report's specification: a person's Markdown in which fenced blocks say what is to be filled in from the runs.

A block is a fence at the left margin whose first line names it, as in ```` ```rnnlab curves ````; the lines in it are its
options, as TOML.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.config.files import parse_toml
from rnnlab.errors import UsageError
from rnnlab.files import read_regular
from rnnlab.reports.document.options import BLOCK_OPTIONS, checked

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LIMIT = 4 << 20
"""Bytes of a specification that are read."""
WORD = "rnnlab"
"""First word of a block's fence."""


@dataclass(frozen=True)
class Block:
    """A block: its kind, its checked options, the lines of the text that it takes (from, up to) and where it stands, in words.

    `where` names file, line and kind, for the sentence of a mistake in it.
    """

    kind: str
    options: dict[str, Any]
    lines: tuple[int, int]
    where: str
    level: int
    """Of the heading that it stands under; 1 where there is none."""


@dataclass(frozen=True)
class Document:
    """A specification that was read: its text, its blocks in order, and the text of its first heading of level 1.

    `where` is the file, in words; `folder` is where its pictures are looked for, None: it is nobody's file, and has none.
    """

    where: str
    text: str
    blocks: tuple[Block, ...]
    title: str
    folder: Path | None = None


def parser() -> MarkdownIt:
    """The reader of Markdown: CommonMark with tables and strikethrough; HTML in it is text."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def read_document(path: Path) -> Document:
    """The specification in a person's file. Raises `UsageError` naming the file, and the line where that is known."""
    try:
        text = read_regular(path, LIMIT, links="follow").decode("utf-8-sig")  # some editors begin with a mark
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read: {reason}") from None
    return parse_document(text, str(path), path.parent)


def parse_document(text: str, where: str, folder: Path | None = None) -> Document:
    """The specification in a text. Raises `UsageError` naming `where` and the line of a block that is wrong."""
    tokens = parser().parse(text)
    return Document(where, text, tuple(_blocks(tokens, where)), _title(tokens), folder)


def block_kind(token: Token) -> str | None:
    """The kind of block that a fence is, empty where it names none; None for anything else."""
    if token.type != "fence":
        return None
    word, *rest = token.info.split(maxsplit=1) or [""]
    return "".join(rest).strip() if word == WORD else None


def _blocks(tokens: Sequence[Token], where: str) -> Iterator[Block]:
    level = 1
    for token in tokens:
        if token.type == "heading_open" and token.level == 0:
            level = int(token.tag[1])
        kind = block_kind(token)
        if kind is None or token.map is None:
            continue
        first, end = token.map
        here = f"{where}, line {first + 1}"
        if token.level:
            raise UsageError(f"{here}: a block stands at the left margin, in no list and no quotation; move it out")
        if kind not in BLOCK_OPTIONS:
            near = difflib.get_close_matches(kind, BLOCK_OPTIONS, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            named = f"there is no block {kind!r}{hint}" if kind else "a block needs its kind behind the word rnnlab"
            raise UsageError(f"{here}: {named}; the blocks are {', '.join(BLOCK_OPTIONS)}")
        options = parse_toml(token.content, f"{here}: what stands in the block {kind}")
        yield Block(kind, checked(kind, options, here), (first, end), f"{here}, block {kind}", level)


def _title(tokens: Sequence[Token]) -> str:
    """The text of the first heading of level 1; empty where there is none."""
    for token, following in pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h1" and token.level == 0:
            return plain_text(following)
    return ""


def plain_text(inline: Token) -> str:
    """The text of a heading or paragraph without its marks."""
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content for child in inline.children or ()
    ).strip()
