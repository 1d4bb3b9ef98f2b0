"""Lines to blocks of columns, split by the C code of `str` and `csv`, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import contains, itemgetter

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.tables.dialect import Dialect, trimmed
from rnnlab.tasks.own.tables.quoted import Lines, QuotedRows, Rows, uncollected


@dataclass
class Block:
    """Up to some 25,000 rows as columns: `lines` holds the number of each row's first line, `columns` the fields as written."""

    lines: Sequence[int]
    columns: Sequence[Sequence[str]]
    memo: dict[object, tuple[NDArray[np.float64], list[int]]] = field(default_factory=dict, repr=False, compare=False)
    """What was read of the columns as numbers or dates."""

    def __len__(self) -> int:
        return len(self.lines)


def rows_of(chunks: Iterable[Lines], dialect: Dialect, findings: Findings, columns: int = 0) -> Iterator[Rows]:
    """Rows with any number of fields, chunk by chunk; blank lines and comments are passed over.

    `columns` is the number of fields of a row where it is known.
    """
    quoted = QuotedRows(dialect, findings, columns)
    for numbers, lines in chunks:
        numbers, lines = _without_ends(numbers, lines, dialect)
        if quoted.kept[1] or _has_quotes(lines, dialect):
            yield quoted.rows(numbers, lines)
        else:
            yield _split(*_without_blank(numbers, lines), dialect)
    if quoted.kept[1]:
        yield quoted.rows([], [], at_end=True)


def blocks_of(chunks: Iterable[Lines], dialect: Dialect, columns: int, findings: Findings) -> Iterator[Block]:
    """Blocks of the rows that have so many fields; the others are noted in `findings`."""
    quoted = QuotedRows(dialect, findings, columns)
    for numbers, lines in chunks:
        numbers, lines = _without_ends(numbers, lines, dialect)
        with uncollected():
            if quoted.kept[1] or _has_quotes(lines, dialect):
                block = _transposed(*quoted.rows(numbers, lines), columns, findings)
            elif dialect.blanks:
                block = _transposed(*_split(*_without_blank(numbers, lines), dialect), columns, findings)
            else:
                fitting = _fitting(numbers, lines, dialect.delimiter, columns, findings)
                block = _columns(*fitting, dialect.delimiter, columns)
        yield block
    if quoted.kept[1]:
        yield _transposed(*quoted.rows([], [], at_end=True), columns, findings)


def _has_quotes(lines: list[str], dialect: Dialect) -> bool:
    return bool(dialect.quote) and any(map(contains, lines, repeat(dialect.quote)))


def _without_ends(numbers: Sequence[int], lines: list[str], dialect: Dialect) -> Lines:
    """The lines without comments and terminators."""
    if dialect.comment and any(line.startswith(dialect.comment) for line in lines):
        kept = [index for index, line in enumerate(lines) if not line.startswith(dialect.comment)]
        numbers, lines = [numbers[index] for index in kept], [lines[index] for index in kept]
    if dialect.terminator:
        lines = [line.rstrip().rstrip(dialect.terminator) for line in lines]
    return numbers, lines


def _without_blank(numbers: Sequence[int], lines: list[str]) -> Lines:
    if all(lines) and not any(map(str.isspace, lines)):
        return numbers, lines
    kept = [index for index, line in enumerate(lines) if line and not line.isspace()]
    return [numbers[index] for index in kept], [lines[index] for index in kept]


def _split(numbers: Sequence[int], lines: list[str], dialect: Dialect) -> Rows:
    return numbers, [dialect.split(line) for line in lines]


def _fitting(numbers: Sequence[int], lines: list[str], delimiter: str, columns: int, findings: Findings) -> Lines:
    """The lines, none with a quote, that hold so many fields; blank ones are passed over, the others noted."""
    most = columns - 1
    counts = list(map(str.count, lines, repeat(delimiter)))
    # Only with a tab, or in one column, has a blank line the right number of fields.
    if counts.count(most) == len(lines) and not ((delimiter == "\t" or not most) and _any_blank(lines)):
        return numbers, lines
    found: list[int] = []
    fitting: list[str] = []
    for number, line, count in zip(numbers, lines, counts, strict=True):
        if not line or line.isspace():
            continue
        if count != most:
            fields = trimmed(line.split(delimiter), columns)
            if len(fields) != columns:
                _note_ragged(number, len(fields), columns, findings)
                continue
            line = delimiter.join(fields)
        found.append(number)
        fitting.append(line)
    return found, fitting


def _any_blank(lines: list[str]) -> bool:
    return not all(lines) or any(map(str.isspace, lines))


def _columns(numbers: Sequence[int], lines: list[str], delimiter: str, columns: int) -> Block:
    """Block of lines that all have so many fields."""
    if not lines:
        return Block([], [[] for _ in range(columns)])
    # All fields in one list: a slice of it is a column.
    fields = delimiter.join(lines).split(delimiter)
    return Block(numbers, [fields[index::columns] for index in range(columns)])


def _transposed(numbers: Sequence[int], rows: list[list[str]], columns: int, findings: Findings) -> Block:
    """Block of the rows with so many fields; the others are noted."""
    if set(map(len, rows)) - {columns}:
        found: list[int] = []
        fitting: list[list[str]] = []
        for number, row in zip(numbers, rows, strict=True):
            fields = trimmed(row, columns)
            if len(fields) == columns:
                found.append(number)
                fitting.append(fields)
            else:
                _note_ragged(number, len(fields), columns, findings)
        numbers, rows = found, fitting
    return Block(numbers, [list(map(itemgetter(index), rows)) for index in range(columns)])


def _note_ragged(number: int, fields: int, columns: int, findings: Findings) -> None:
    findings.row("ragged", f"line {number}", f"{fields:,} fields where there are {columns} columns")
