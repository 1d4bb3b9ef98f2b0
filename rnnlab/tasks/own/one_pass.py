"""One reading of a large table for two purposes: its columns are profiled, and its rows are read.

The rows are read by the roles that the first block of the table suggests. Where the whole file gives the same roles, as nearly
always, it need not be read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from queue import Queue
from threading import Thread
from typing import Generic, TypeVar

from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.roles.profile import ColumnProfile, Profiler
from rnnlab.tasks.own.roles.roles import Roles
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.table import Table

LARGE = 8 * 2**20
"""Bytes of a table above which it is worth while."""

T = TypeVar("T")
Guess = Callable[[tuple[ColumnProfile, ...], Findings], Roles | None]
"""Function to the roles of columns with these profiles; None, or `Refusal`, where the rows cannot be read by them."""
Read = Callable[[Table, Roles, Findings], T]
"""Function that reads all rows of a table."""


@dataclass
class OnePass(Generic[T]):
    """Profiles of a table's columns, and what was read of its rows by the roles that its first block suggests."""

    profiles: tuple[ColumnProfile, ...]
    _begun: _Begun[T] | None = None

    def result(self, roles: Roles, findings: Findings) -> T | None:
        """What was read, its problems added to `findings`; None where the roles turned out to be others."""
        begun = self._begun
        if begun is None or begun.failed or begun.result is None or not _alike(begun.roles, roles):
            return None
        findings.take(begun.findings)
        return begun.result


def read_once(table: Table, findings: Findings, guess: Guess, read: Read[T], report: Report) -> OnePass[T]:
    """Profiles of all columns, and the rows as far as the first block tells how to read them."""
    profiler = Profiler(table, findings.missing)
    begun: _Begun[T] | None = None
    # Rows that cannot be split into fields count among those that cannot be read.
    noted = Findings(findings.name, missing=findings.missing)
    try:
        for number, block in enumerate(table.blocks(noted, report)):
            profiler.add(block)
            if not number and table.source.unpacked > LARGE:
                begun = _begin(table, profiler, noted, guess, read)
            if begun is not None:
                begun.add(block)
    finally:
        if begun is not None:
            begun.end()
    return OnePass(profiler.profiles(), begun)


def _begin(table: Table, profiler: Profiler, noted: Findings, guess: Guess, read: Read[T]) -> _Begun[T] | None:
    try:
        roles = guess(profiler.profiles(), Findings(noted.name, missing=noted.missing))
    except Refusal:
        return None
    return None if roles is None else _Begun(table, roles, noted, read)


def _alike(one: Roles, other: Roles) -> bool:
    """Whether the rows are read in the same way; the reasons why columns are left out may differ."""

    def needed(roles: Roles) -> object:
        styles = [roles.styles.get(index) for index in roles.inputs]
        columns = (roles.kind, roles.dates, roles.text, roles.label, roles.inputs, roles.apart, roles.group)
        return columns, roles.form, styles, roles.missing, roles.kept_labels

    return needed(one) == needed(other)


class _Begun(Generic[T]):
    """A reading that is fed block by block. It runs in a thread of its own, but never beside the one that feeds it."""

    def __init__(self, table: Table, roles: Roles, findings: Findings, read: Read[T]) -> None:
        self.roles = roles
        self.findings = findings
        self.result: T | None = None
        self.failed = False
        self._ended = False
        self._blocks: Queue[Block | None] = Queue()
        self._table = replace(table, stored=self._fed)
        self._read = read
        self._thread = Thread(target=self._run, name="rows of a table", daemon=True)
        self._thread.start()

    def add(self, block: Block) -> None:
        """The next block of rows, which is read before this returns."""
        self._blocks.put(block)
        self._blocks.join()

    def end(self) -> None:
        """Waits until what follows the last row is done."""
        self._blocks.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self.result = self._read(self._table, self.roles, self.findings)
        except Exception:  # whatever it is, it is met again, and said, when the file is read for itself
            self.failed = True
        for _ in self._fed(self.findings, quiet):
            pass

    def _fed(self, _findings: Findings, _report: Report) -> Iterator[Block]:
        while not self._ended:
            block = self._blocks.get()
            if block is None:
                self._ended = True
            else:
                try:
                    yield block
                finally:
                    self._blocks.task_done()
