"""Rows of lines with quoted fields, which may hold delimiters, doubled quotes and line ends.

A quote that is opened and not closed within bounds is noted, its line is taken as it stands, and the lines after it are read
as if nothing had been.
"""

from __future__ import annotations

import csv
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.common.source import LONGEST_LINE
from rnnlab.tasks.own.tables.dialect import Dialect

Lines = tuple[Sequence[int], list[str]]
"""Line numbers, from 1, and those lines."""
Rows = tuple[Sequence[int], list[list[str]]]
"""The number of each row's first line, and its fields."""

_QUOTED_LINES = 1000
_QUOTED_CHARACTERS = 2**20
"""Maximum lines and characters of a record with a quoted field; a longer one was never closed."""
_ALIKE = 4
"""Minimum number of lines, each with as many delimiters as a row, that are no record of several lines."""
_MOST_OPEN = 100
"""Quotes that were never closed, after which a field ends with its line."""
# A field may be as long as a line; Python's own bound would refuse texts that are only long.
csv.field_size_limit(LONGEST_LINE + 2 * _QUOTED_CHARACTERS)


@contextmanager
def uncollected() -> Iterator[None]:
    """Time without the garbage collector: a list a row makes it walk over all of them again and again, none of them garbage."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@dataclass
class QuotedRows:
    """Rows of lines that are handed over chunk by chunk; a record may go on in the next chunk."""

    dialect: Dialect
    findings: Findings
    columns: int = 0
    """Number of fields of a row where it is known: it tells records of several lines from rows with a stray quote."""
    kept: Lines = field(default_factory=lambda: ([], []))
    """Lines of a record that is not complete."""
    _open: int = 0

    def rows(self, numbers: Sequence[int], lines: list[str], *, at_end: bool = False) -> Rows:
        """Rows of the lines, and of those kept before; blank lines are passed over. `at_end`: no lines follow."""
        if self.kept[1]:
            numbers, lines = [*self.kept[0], *numbers], [*self.kept[1], *lines]
            self.kept = [], []
        if self._open < _MOST_OPEN:
            rows = self._at_once(lines)
            # As many rows as lines: each record stands on a line of its own.
            if len(rows) == len(lines) and all(rows) and self._is_closed(lines[-1:]):
                return numbers, rows
        found: list[int] = []
        rows = []
        start = 0
        while start < len(lines):
            if self._open >= _MOST_OPEN:
                self._line_by_line(numbers[start:], lines[start:], found, rows)
                break
            start = self._until_open(numbers, lines, start, found, rows, at_end=at_end)
        return found, rows

    def _at_once(self, lines: list[str]) -> list[list[str]]:
        """Rows of the lines by csv's own loop; none where it fails."""
        try:
            return list(self.dialect.reader(lines))
        except csv.Error:
            return []

    def _until_open(
        self,
        numbers: Sequence[int],
        lines: list[str],
        start: int,
        found: list[int],
        rows: list[list[str]],
        *,
        at_end: bool,
    ) -> int:
        """Reads from `start` up to the first quote that is not closed, and its line; returns the line that is next."""
        feed = _Feed(lines, start)
        reader = self.dialect.reader(feed)
        line = start
        while line < len(lines):
            feed.begin(line)
            try:
                fields = next(reader)
            except (csv.Error, StopIteration):
                break
            end = start + reader.line_num
            if feed.ended:
                # The record wanted more lines than it may have, or than there are here.
                if feed.bounded and not at_end:
                    self.kept = list(numbers[line:]), lines[line:]
                    return len(lines)
                break
            if end - line > 1 and not self._is_record(lines[line:end]):
                break
            if len(fields) > 1 or any(word and not word.isspace() for word in fields):
                found.append(numbers[line])
                rows.append(fields)
            line = end
        else:
            return line
        self._open += 1
        found.append(numbers[line])
        rows.append(self._as_it_stands(numbers[line], lines[line]))
        return line + 1

    def _is_record(self, lines: list[str]) -> bool:
        """Whether these lines are one record, and not rows of their own, of which one begins a field with a quote.

        Hardly a text has a tab in each line, or as many commas as a row in each of several.
        """
        few = len(lines) < (2 if self.dialect.delimiter == "\t" else _ALIKE)
        return self.columns < 2 or few or any(len(self.dialect.split(line)) != self.columns for line in lines)

    def _is_closed(self, lines: list[str]) -> bool:
        """Whether the record that these lines begin ends with them."""
        reader = self.dialect.reader([*lines, ""])
        try:
            next(reader)
        except (csv.Error, StopIteration):
            return False
        return reader.line_num == len(lines)

    def _line_by_line(self, numbers: Sequence[int], lines: list[str], found: list[int], rows: list[list[str]]) -> None:
        """Rows of lines, beyond which no quote goes."""
        for number, line in zip(numbers, lines, strict=True):
            if not line or line.isspace():
                continue
            found.append(number)
            if self.dialect.quote not in line:
                rows.append(self.dialect.split(line))
            elif self._is_closed([line]):
                rows.append(next(self.dialect.reader([line])))
            else:
                rows.append(self._as_it_stands(number, line))

    def _as_it_stands(self, number: int, line: str) -> list[str]:
        message = "a quote is opened and not closed; the line was taken as it stands"
        self.findings.note_at("quotes", f"line {number}", message)
        return self.dialect.split(line)


class _Feed:
    """Lines for a CSV reader: of a record no more than it may have."""

    def __init__(self, lines: list[str], start: int) -> None:
        self._lines = lines
        self._next = self._first = start
        self._characters = 0
        self.ended = False
        """Whether a record wanted more lines than there are, or than it may have."""
        self.bounded = True
        """Whether it wanted no more than it may have."""

    def begin(self, line: int) -> None:
        """A record begins at this line."""
        self._first = line
        self._characters = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._next - self._first > _QUOTED_LINES or self._characters > _QUOTED_CHARACTERS:
            self.ended, self.bounded = True, False
            raise StopIteration
        if self._next >= len(self._lines):
            self.ended = True
            raise StopIteration
        line = self._lines[self._next]
        if self._next > self._first:
            self._characters += len(line)
        self._next += 1
        return line + "\n"
