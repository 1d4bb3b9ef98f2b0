"""A table as one hands it in: columns, rows and notes, independent of what it is written as.

Written as styled lines by `rnnlab.text.table_lines`, and by `markdown`, `spreadsheet` and `latex` beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rnnlab.text import numbers
from rnnlab.text.sanitise import plain

Value = str | int | float | None
"""What a cell holds for a program: a text, or a number in full."""

PLUS_MINUS = " ± "
"""Between a mean and its standard deviation: where the cells of a column are aligned."""


class Column(NamedTuple):
    """A column: its `key` for programs and `title` for people.

    `part` is the part of the data that it is of, read before the title; `left` columns begin together, others end together.
    `fields` are the names of the numbers that its cells hold, where that is not one named as the key.
    """

    key: str
    title: str
    part: str = ""
    left: bool = False
    fields: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what a cell holds for a program."""
        return self.fields or (self.key,)

    @property
    def heading(self) -> str:
        """Part and title in one line."""
        return f"{self.part} {self.title}".strip()


class Cell(NamedTuple):
    """A cell: its `text` for people, and its `values` for programs, as many as its column has names."""

    text: str = ""
    values: tuple[Value, ...] = ()


def text_cell(text: str) -> Cell:
    """A text as it came, sanitised where people see it."""
    return Cell(plain(text), (text,))


def whole_cell(number: int) -> Cell:
    """A whole number."""
    return Cell(numbers.whole(number), (number,))


def figure_cell(number: float) -> Cell:
    """A number, rounded where people see it."""
    return Cell(numbers.figure(number), (number,))


@dataclass(frozen=True)
class Table:
    """A table with the sentence above it and the notes below.

    `named` is how many of the first columns name the row: where a table is folded they stand before each part of it. `best` are
    the indices of rows to be emphasised. `facts` are what holds for all rows, by key: a program that reads several tables in
    one file finds them beside each row.
    """

    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    named: int = 1
    best: frozenset[int] = frozenset()
    facts: tuple[tuple[str, Value], ...] = ()

    def values_by_name(self) -> list[dict[str, Value]]:
        """Of each row what its cells hold for a program, by the names of their columns; of a cell without values its text."""
        found = []
        for row in self.rows:
            held: dict[str, Value] = {}
            for column, cell in zip(self.columns, row, strict=True):
                values = cell.values or (cell.text or None, *[None] * (len(column.names) - 1))
                held |= dict(zip(column.names, values, strict=True))
            found.append(held)
        return found

    @property
    def note(self) -> str:
        """The notes in one sentence."""
        return "; ".join(self.notes)
