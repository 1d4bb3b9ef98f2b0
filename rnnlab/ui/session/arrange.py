"""Which rows the Session screen's table shows, and in what order."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

import msgspec

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


class Placed(msgspec.Struct, frozen=True):
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
    contents: Contents, where: Where, order: Order, columns: Sequence[TableColumn], unfolded: Collection[Path]
) -> tuple[list[Line], int]:
    """The lines of the table, and how many rows meet the filter, those within others not counted."""
    lines: list[Line] = []
    column = next((each for each in columns if each.key == order.key), None)
    shown = 0
    for at, (comparison, rows) in enumerate(zip(contents.comparisons, contents.rows, strict=True)):
        kept = list(rows)
        if where.terms:
            takes = where.taker(comparison)
            kept = [row for row in rows if row.compared is not None and takes(row.compared)]
        if column is not None:
            kept = _ordered(kept, column, at, order.turned)
        elif order.turned:
            kept.reverse()
        shown += len(kept)
        if kept and len(contents.comparisons) > 1:
            lines.append(Heading(_heading(comparison, len(kept))))
        lines += _placed(kept, at, unfolded)
    if not where.terms:
        shown += len(contents.unreadable)
        if contents.unreadable and len(contents.comparisons) > 1:
            lines.append(Heading("runs that cannot be read"))
        lines += [Placed(row, -1) for row in contents.unreadable]
    return lines, shown


def _heading(comparison: Comparison, count: int) -> str:
    return f"{heading_of(comparison)} · {count:,} row{'' if count == 1 else 's'}"


def _placed(rows: Sequence[SessionRow], at: int, unfolded: Collection[Path]) -> Iterator[Placed]:
    for row in rows:
        yield Placed(row, at)
        if unfolded and not row.alone and row.path in unfolded:
            yield from (Placed(each, at) for each in row.each())


def _ordered(rows: list[SessionRow], column: TableColumn, at: int, turned: bool) -> list[SessionRow]:
    """The rows by the column's values, the best or the least first; rows without a value last, either way."""
    held: list[tuple[_Key, SessionRow]] = []
    missing = []
    for row in rows:
        value = value_of(row, column, at)
        if _is_missing(value):
            missing.append(row)
        else:
            held.append((_key_of(value), row))
    held.sort(key=itemgetter(0), reverse=column.higher_first is not turned)
    return [row for _, row in held] + missing


def _is_missing(value: Value) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


_Key = tuple[bool, float, str]


def _key_of(value: Value) -> _Key:
    """Numbers before texts."""
    if isinstance(value, _NUMBERS):
        return False, float(value), ""
    return True, 0.0, str(value).casefold()


_NUMBERS = (int, float)
"""Not `int | float`, which is made anew for each of thousands of rows."""
