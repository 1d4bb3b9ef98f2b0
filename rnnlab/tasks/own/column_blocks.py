"""Blocks of a table's columns, for work over a whole file in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.findings import Findings, Report
from rnnlab.tasks.own.source import quiet
from rnnlab.tasks.own.table import Table
from rnnlab.tasks.own.words import number_of

_ROWS = 20_000


class ColumnBlock(NamedTuple):
    """Some rows of a table: the line of each, and the fields of each column."""

    lines: Sequence[int]
    columns: Sequence[Sequence[str]]


def column_blocks(table: Table, findings: Findings, report: Report = quiet) -> Iterator[ColumnBlock]:
    """All rows of the table that have the right number of fields, as blocks of columns."""
    ended = ends_in_semicolon(table)
    lines: list[int] = []
    rows: list[list[str]] = []
    for number, fields in table.rows(findings, report):
        lines.append(number)
        rows.append(fields)
        if len(rows) >= _ROWS:
            yield _block(lines, rows, ended)
            lines, rows = [], []
    if rows:
        yield _block(lines, rows, ended)


def ends_in_semicolon(table: Table) -> bool:
    """Whether each row ends in a semicolon that is no delimiter, as in logs of some phones."""
    ends = [word.rstrip().endswith(";") for word in table.column(table.columns - 1)]
    return table.dialect.delimiter != ";" and bool(ends) and sum(ends) >= 0.9 * len(ends)


def _block(lines: list[int], rows: list[list[str]], ended: bool) -> ColumnBlock:
    columns: list[Sequence[str]] = list(zip(*rows, strict=True))
    if ended:
        columns[-1] = [word.rstrip(" ;\t") for word in columns[-1]]
    return ColumnBlock(lines, columns)


def numbers_of(words: Sequence[str], decimal_comma: bool) -> tuple[NDArray[np.float64], list[int]]:
    """Numbers (words,), NaN where one is missing, and the indices of the words that are no numbers."""
    if not decimal_comma:
        try:
            return np.array(list(map(float, words)), dtype=np.float64), []
        except ValueError:
            pass
    values = np.full(len(words), np.nan)
    wrong = []
    for index, word in enumerate(words):
        value = number_of(word, decimal_comma)
        if value is None:
            wrong.append(index)
        else:
            values[index] = value
    return values, wrong
