"""A table as Markdown (GitHub's, whose tables most readers know); text from data is never markup in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rnnlab.text.sanitise import plain
from rnnlab.text.table import Table

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&$@]|(?<=\w):(?=//)|(?i:(?<=www)\.)|!(?=\[)")
"""What may begin or end markup within a line, links that are found without marks included."""

_FIRST = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+=]))")
"""What makes a list, or a heading of the line above, of a line that it begins."""


def to_markdown(tables: Sequence[Table]) -> str:
    """The tables under one another: heading, table, notes."""
    return "\n".join(map(_table, tables))


def _table(table: Table) -> str:
    head = [column.heading for column in table.columns]
    marks = [":---" if column.left else "---:" for column in table.columns]
    rows = [[escape(cell.text) for cell in row] for row in table.rows]
    lines = [f"**{escape(table.heading.strip())}**", ""] if table.heading.strip() else []
    lines += [_row([escape(title) for title in head]), _row(marks), *map(_row, rows)]
    if table.notes:
        lines += ["", paragraph(table.note)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def escape(text: str) -> str:
    """The text as it is to be read: marks behind backslashes, control characters and line breaks as pictures."""
    return _SPECIAL.sub(r"\\\g<0>", plain(text))


def paragraph(text: str) -> str:
    """The text as a paragraph of its own: as `escape`, and what it begins with makes no list, heading or block of code."""
    return _FIRST.sub(r"\1\\", escape(text).strip())
