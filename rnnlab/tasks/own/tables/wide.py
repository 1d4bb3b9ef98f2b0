"""Wide table: dates stand in the titles and each row is a series; transposed, each row is a column and each date a step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rnnlab.tasks.own.common.findings import Choice, Findings, Refusal, Report
from rnnlab.tasks.own.tables.header import named_columns
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.shapes import column_shape, shape_of
from rnnlab.tasks.own.tables.table import MOST_COLUMNS, Table

_FEWEST = 5
"""Minimum number of columns that are titled with dates."""
_MOST_VALUES = 10_000_000
"""Maximum fields of a table that is transposed, which is held as a whole."""


_NUMBERED = re.compile(r"[A-WYZa-wyz]{1,2}_?\d{1,3}")
"""Titles that number steps, as `t0` does; the clock or the quarter that they may be read as stands in no title."""


@dataclass(frozen=True)
class Wide:
    """Columns of a wide table: those titled with dates or years, and those that name the rows."""

    dated: tuple[int, ...]
    names: tuple[int, ...]
    labelled: bool
    """Whether another column may hold labels, so that a row may be a sequence of its own."""


def wide_columns(table: Table) -> Wide | None:
    """The columns of a table whose titles are dates or years; None where few are, or where they hold no numbers."""
    if not table.titled:
        return None
    dated = [index for index, title in enumerate(table.header) if _is_date(title)]
    held = frozenset(dated)
    others = [index for index in range(table.columns) if index not in held]
    if len(dated) < _FEWEST or len(dated) < len(others) or dated != list(range(dated[0], dated[-1] + 1)):
        return None
    shapes = [column_shape(table.column(index)) for index in dated[:50]]
    if not shapes.count("number") or any(shape not in ("number", "missing") for shape in shapes):
        return None
    texts = [index for index in others if column_shape(table.column(index)) == "text"]
    telling = [index for index in texts or others if len(set(table.column(index))) == len(table.sample)]
    rows = len(table.sample)
    labelled = any(1 < len(set(table.column(index))) <= rows // 2 for index in others)
    return Wide(tuple(dated), tuple(telling[:1] or texts or others[:1]), labelled)


def _is_date(title: str) -> bool:
    if len(title) == 4 and title.isascii() and title.isdigit():
        return 1500 <= int(title) <= 2200
    if _NUMBERED.fullmatch(title):
        return False
    # `2000.0` and `X2015.07.01` are how pandas and R write 2000 and 2015-07-01.
    return shape_of(title.removeprefix("X").removesuffix(".0")) == "date" or (
        title[:1] == "X" and _is_date(title[1:]) and len(title) > 4
    )


def refuse_wide(table: Table, wide: Wide, findings: Findings) -> None:
    """Raises `Refusal`, a question: what the rows are where dates stand in the titles."""
    first, last = table.header[wide.dated[0]], table.header[wide.dated[-1]]
    count = len(wide.dated)
    raise Refusal(
        "wide",
        f"{findings.name}: the titles of {count:,} columns are dates, {first} to {last}: is each row a series, so that the table "
        "must be transposed, or a sequence with a label of its own",
        "line 1",
        choices=(
            Choice(f"transposed: {count:,} steps, a column for each row", "data.kind=series"),
            Choice("a row is a sequence with its label", "data.kind=rows"),
        ),
    )


def transposed(table: Table, wide: Wide, findings: Findings, report: Report) -> Table:
    """Table with a row for each date and a column for each row, which is noted. Raises `Refusal` where it is too large."""
    names: list[str] = []
    columns: list[list[str]] = []
    for block in table.blocks(findings, report):
        labels = [block.columns[index] for index in wide.names]
        named = zip(*labels, strict=True) if labels else ((str(number),) for number in block.lines)
        names += [" ".join(word.strip() for word in words if word.strip()) for words in named]
        columns += map(list, zip(*(block.columns[index] for index in wide.dated), strict=True))
        if len(columns) >= MOST_COLUMNS or len(columns) * len(wide.dated) > _MOST_VALUES:
            most = min(MOST_COLUMNS - 1, _MOST_VALUES // len(wide.dated))
            raise Refusal(
                "columns",
                f"{findings.name} has more than {most:,} rows, each a series, for its titles are dates; take a part of them",
            )
    dates = [table.header[index].removeprefix("X") for index in wide.dated]
    # A year that a program has made a float.
    dates = [title.removesuffix(".0") if title[:-2].isdigit() else title for title in dates]
    header = named_columns(["date", *names])
    held = [dates, *columns]

    def blocks(_findings: Findings, _report: Report) -> Iterator[Block]:
        yield Block(range(1, len(dates) + 1), held)

    what = ", ".join(table.header[index] for index in wide.names) or "their number"
    findings.warn(
        "transposed",
        f"{findings.name}: the titles of {len(dates):,} columns are dates, {dates[0]} to {dates[-1]}: the table was transposed, "
        f"each of its {len(columns):,} rows is a column named by {what}",
        "line 1",
    )
    findings.facts["columns"] = len(header)
    return replace(
        table,
        header=header,
        first=1,
        sample=_rows(held)[:1000],
        units=(),
        stored=blocks,
    )


def _rows(columns: Sequence[Sequence[str]]) -> tuple[list[str], ...]:
    return tuple(map(list, zip(*columns, strict=True)))
