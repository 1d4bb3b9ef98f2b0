"""Which rows the Session screen's table shows, and in what order."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.plots.comparison.table import heading_of
from rnnlab.plots.comparison.where import Where
from rnnlab.runs.comparison import Comparison
from rnnlab.text.table import Value
from rnnlab.ui.session.columns import TableColumn, value_of
from rnnlab.ui.session.contents import Contents, SessionRow


@dataclass(frozen=True)
class Heading:
    """A line above the rows of one comparison, where a session has several: figures of different data do not compare."""

    text: str


@dataclass(frozen=True)
class Placed:
    """A row with the index of its comparison; -1 of a run that cannot be read."""

    row: SessionRow
    at: int


Line = Heading | Placed


@dataclass(frozen=True)
class Order:
    """The column that rows are ordered by, None: their rank; `turned`: the other way round."""

    key: str = ""
    turned: bool = False


def arranged(
    contents: Contents, where: Where, order: Order, columns: Sequence[TableColumn], unfolded: Container[Path]
) -> tuple[list[Line], int]:
    """The lines of the table, and how many rows meet the filter, those within others not counted."""
    lines: list[Line] = []
    column = next((each for each in columns if each.key == order.key), None)
    shown = 0
    for at, (comparison, rows) in enumerate(zip(contents.comparisons, contents.rows, strict=True)):
        takes = where.taker(comparison)
        kept = [row for row in rows if row.compared is not None and takes(row.compared)]
        if column is not None:
            kept = _ordered(kept, column, at, order.turned)
        elif order.turned:
            kept.reverse()
        shown += len(kept)
        if kept and len(contents.comparisons) > 1:
            lines.append(Heading(_heading(comparison, len(kept))))
        for row in kept:
            lines += _unfolded(row, at, unfolded)
    if not where.terms:
        shown += len(contents.unreadable)
        if contents.unreadable and len(contents.comparisons) > 1:
            lines.append(Heading("runs that cannot be read"))
        lines += [Placed(row, -1) for row in contents.unreadable]
    return lines, shown


def _heading(comparison: Comparison, count: int) -> str:
    return f"{heading_of(comparison)} · {count:,} row{'' if count == 1 else 's'}"


def _unfolded(row: SessionRow, at: int, unfolded: Container[Path]) -> Iterator[Placed]:
    yield Placed(row, at)
    if not row.alone and row.path in unfolded:
        yield from (Placed(each, at) for each in row.each())


def _ordered(rows: list[SessionRow], column: TableColumn, at: int, turned: bool) -> list[SessionRow]:
    """The rows by the column's values, the best or the least first; rows without a value last, either way."""
    values = [(value_of(row, column, at), row) for row in rows]
    held = [(value, row) for value, row in values if not _is_missing(value)]
    held.sort(key=_key_of, reverse=column.higher_first is not turned)
    return [row for _, row in held] + [row for value, row in values if _is_missing(value)]


def _is_missing(value: Value) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _key_of(held: tuple[Value, SessionRow]) -> tuple[bool, float, str]:
    """Numbers before texts."""
    value = held[0]
    if isinstance(value, int | float):
        return False, float(value), ""
    return True, 0.0, str(value).casefold()
