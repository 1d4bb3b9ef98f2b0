"""The test set that a column of the table names: rows marked `test` are the test set, all others are for training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnlab.tasks.own.common.findings import Findings, Report
from rnnlab.tasks.own.tables.paired_table import PairedTable
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.table import Stored, Table

TEST_WORDS = frozenset(("test", "testing", "holdout"))
"""Words, in lower case, of the rows that are the test set."""


def split_by_part(table: Table, column: int) -> tuple[Table, PairedTable]:
    """The table without its test rows, and these as the test set."""
    training = replace(table, stored=_rows_of(table, column, tested=False))
    testing = replace(table, stored=_rows_of(table, column, tested=True))
    return training, PairedTable(testing, tuple(range(table.columns)))


def _rows_of(table: Table, column: int, *, tested: bool) -> Stored:
    def blocks(findings: Findings, report: Report) -> Iterator[Block]:
        # The file is read once for each part: what is wrong with its lines is noted the first time.
        noted = Findings(findings.name, missing=findings.missing) if tested else findings
        for block in table.blocks(noted, report):
            wanted = [(word.strip().lower() in TEST_WORDS) == tested for word in block.columns[column]]
            kept = [row for row, is_wanted in enumerate(wanted) if is_wanted]
            lines = [block.lines[row] for row in kept]
            yield Block(lines, [[values[row] for row in kept] for values in block.columns])

    return blocks
