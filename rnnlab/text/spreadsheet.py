"""A table as CSV (UTF-8, commas) for a spreadsheet or a program: a number a cell, and no text that a spreadsheet computes."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from rnnlab.text.sanitise import plain
from rnnlab.text.table import Table, Value

_FORMULA = tuple("=+-@＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, in full width too, which some read alike."""


def to_csv(tables: Sequence[Table]) -> str:
    """All tables in one: a header with the names of all columns, then a line a row; a column that a table lacks is empty there.

    Numbers stand in full, with a point and no separators; a mean, its deviation and how many it is over are columns each.
    """
    return rows_to_csv(*records(tables))


def records(tables: Sequence[Table]) -> tuple[list[str], list[list[Value]]]:
    """The names of all columns, and each row's values in their order; None where a table lacks the column."""
    names = list(dict.fromkeys(name for table in tables for name, _ in table.facts))
    names += [name for name in _merged([_names(table) for table in tables]) if name not in names]
    held = [dict(table.facts) | row for table in tables for row in table.values_by_name()]
    return names, [[values.get(name) for name in names] for values in held]


def rows_to_csv(names: Sequence[str], rows: Sequence[Sequence[Value]]) -> str:
    """Rows of values under the names of their columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([safe_text(name) for name in names])
    writer.writerows([_written(value) for value in row] for row in rows)
    return text.getvalue()


def _names(table: Table) -> list[str]:
    return [name for column in table.columns for name in column.names]


def _merged(lists: Sequence[Sequence[str]]) -> list[str]:
    """The names of all lists once, a name that only a later list has after the one it follows there."""
    merged: list[str] = []
    for names in lists:
        at = 0
        for name in names:
            if name in merged:
                at = merged.index(name) + 1
            else:
                merged.insert(at, name)
                at += 1
    return merged


def _written(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(int(value))
        case int():
            return str(value)
        case float():
            return repr(value) if math.isfinite(value) else str(value)
    return safe_text(value)


def safe_text(text: str) -> str:
    """The text, sanitised, behind an apostrophe where a spreadsheet would compute it; a number stays one."""
    clean = plain(text)
    return f"'{clean}" if clean.lstrip().startswith(_FORMULA) and not _is_number(clean) else clean


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
