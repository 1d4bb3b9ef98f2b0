"""The table of a test set that comes with the data: `test.csv` beside `train.csv`, its columns matched by their titles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.table import Table

Opener = Callable[[Path, Findings, Report], Table]


@dataclass(frozen=True)
class PairedTable:
    """A test table in the columns of the training table: `at` holds the index of each, -1 where it has none."""

    table: Table
    at: tuple[int, ...]

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.table.source.path.name

    def blocks(self, findings: Findings, report: Report = quiet) -> Iterator[Block]:
        """The rows in blocks, with the columns of the training table; those that it lacks are empty."""
        for block in self.table.blocks(findings, report):
            empty = [""] * len(block)
            yield Block(block.lines, [block.columns[index] if index >= 0 else empty for index in self.at])


def paired_table(
    train: Table, path: Path, needed: Sequence[int], opener: Opener, findings: Findings
) -> PairedTable | None:
    """The test table beside the training table; None, and said, where it lacks one of the columns that are `needed`."""
    inner = Findings(path.name)
    try:
        table = opener(path, inner, quiet)
    except Refusal as refusal:
        findings.warn("test file", f"{path.name} beside it is not used as the test set: {refusal.message}")
        return None
    at = _matched(train, table)
    lost = next((index for index in needed if at[index] < 0), None)
    if lost is not None:
        findings.warn(
            "test file",
            f"{path.name} beside it is not used as the test set: it has no column {train.header[lost][:40]}",
        )
        return None
    findings.facts |= {"train_file": train.source.path.name, "test_file": path.name}
    return PairedTable(table, at)


def _matched(train: Table, test: Table) -> tuple[int, ...]:
    """Index in the test table of each column of the training table."""
    if train.titled and test.titled:
        folded = [" ".join(title.lower().split()) for title in test.header]
        wanted = [" ".join(title.lower().split()) for title in train.header]
        first = {title: index for index, title in reversed(list(enumerate(folded)))}
        return tuple(first.get(title, -1) for title in wanted)
    if train.columns == test.columns:
        return tuple(range(train.columns))
    return (-1,) * train.columns
