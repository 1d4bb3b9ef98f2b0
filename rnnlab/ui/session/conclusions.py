"""What is concluded from a session's seeds: intervals and sentences, asked of `rnnlab compare`, as the app imports no NumPy."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import msgspec

from rnnlab.runs.comparison import Comparison
from rnnlab.runs.summary import WHOLE
from rnnlab.sweeps.conclude.row_cells import RowCells, cells_of, statistics_note
from rnnlab.sweeps.results import Conclusions, RowConclusion
from rnnlab.ui.session.contents import Contents

MOST = 2000
"""Runs of a session whose intervals are worked out beside the table; of more, `rnnlab compare` takes longer than one waits."""

RowRuns = tuple[str, ...]
"""The names of a row's runs."""


@dataclass(frozen=True)
class Found:
    """What was concluded. `rows` has a row's conclusion with the figure that it is about, by the names of the row's runs."""

    rows: Mapping[RowRuns, tuple[str, RowConclusion]] = field(default_factory=dict)
    tables: Mapping[RowRuns, Conclusions] = field(default_factory=dict)
    """The conclusions from the table that the row stands in."""
    problem: str = ""

    def _table_of(self, comparison: Comparison) -> Conclusions | None:
        return next((self.tables[row.runs] for row in comparison.rows if row.runs in self.tables), None)

    def cells(self, comparison: Comparison) -> dict[int, RowCells]:
        """The cells of the comparison's rows, by their index, as far as they were concluded on."""
        return {
            index: cells_of(held[1], held[0])
            for index, row in enumerate(comparison.rows)
            if (held := self.rows.get(row.runs)) is not None
        }

    def note(self, comparison: Comparison) -> str:
        """What the columns of statistics are of."""
        table = self._table_of(comparison)
        return "" if table is None else statistics_note(table)

    def sentences_of(self, comparison: Comparison) -> tuple[str, ...]:
        """What follows from the whole table that the comparison's rows stand in."""
        table = self._table_of(comparison)
        return () if table is None else table.sentences


def asks_for(contents: Contents) -> Hashable:
    """What the conclusions depend on: equal where they would be the same; None where there are none to ask for."""
    repeated = any(row.compared is not None and row.compared.counted > 1 for rows in contents.rows for row in rows)
    if not repeated or len(contents.listed) > MOST:
        return None
    return tuple((each.path, each.summary.seconds) for each in contents.listed if each.summary.status in WHOLE)


async def conclude(contents: Contents) -> Found:
    """Have `rnnlab compare` conclude, in a process of its own."""
    from rnnlab.ui.queries.subprocess_query import run_query

    result = await run_query("compare", str(contents.session.path), "--json")
    if result.code or not isinstance(result.document, dict):
        return Found(problem=result.problem or "rnnlab compare gave no conclusions")
    try:
        concluded = msgspec.convert(result.document["conclusions"], list[Conclusions | None])
        tables = msgspec.convert(result.document["tasks"], list[_Table])
    except (KeyError, msgspec.ValidationError) as error:
        return Found(problem=f"what rnnlab compare concluded cannot be read: {error}")
    rows, of_row = {}, {}
    for table, each in zip(tables, concluded, strict=True):
        if each is not None:
            for row, conclusion in zip(table.rows, each.rows, strict=True):
                rows[row.runs] = (each.figure, conclusion)
                of_row[row.runs] = each
    return Found(rows, of_row)


class _Row(msgspec.Struct, frozen=True):
    runs: RowRuns


class _Table(msgspec.Struct, frozen=True):
    rows: tuple[_Row, ...]
