"""Table in a text file: delimiter, quotes and header are detected from its beginning, then it is read row by row."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

from rnnlab.tasks.own.findings import Findings, Refusal, Report
from rnnlab.tasks.own.source import LONGEST_LINE, Source, lines, quiet, scan
from rnnlab.tasks.own.words import date_reader, number_of

Row = tuple[int, list[str]]
"""A line number, from 1, and the fields that start there."""

MOST_COLUMNS = 10_000
_DELIMITERS = (",", "\t", ";", "|")
_NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_SAMPLE_LINES = 1000
_SAMPLE_CHARACTERS = 4 * 2**20
_QUOTED_LINES = 1000
_QUOTED_CHARACTERS = 2**20
"""Maximum lines and characters of a quoted field; a longer one was never closed."""
_MOST_OPEN = 100
"""Quotes that were never closed, after which a field ends with its line."""

_HEADINGS = (
    "text label class target category name names input output sentence word words tweet review message date time "
    "timestamp datetime day month year week value values price sales y x ds id lang language country surname title "
    "series temperature count demand close open high low volume load passengers item store"
)
# A field may be as long as a line; Python's own bound would refuse texts that are only long.
csv.field_size_limit(LONGEST_LINE + 2 * _QUOTED_CHARACTERS)

HEADINGS = frozenset(_HEADINGS.split())
"""Texts, in lower case, that mark a table's first line as its header."""


@dataclass(frozen=True)
class Table:
    """A table whose layout is known. `header` names the columns; `first` is the line at which the rows start."""

    source: Source
    delimiter: str
    header: tuple[str, ...]
    titled: bool
    first: int
    decimal_comma: bool
    sample: tuple[list[str], ...]
    """The fields of the first rows, those with the wrong number of fields left out."""

    @property
    def columns(self) -> int:
        """Number of fields of a row."""
        return len(self.header)

    def column(self, position: int) -> list[str]:
        """The sample's fields in one column."""
        return [row[position] for row in self.sample]

    def rows(self, findings: Findings, report: Report = quiet) -> Iterator[Row]:
        """All rows with the right number of fields; the others are noted in `findings`."""
        columns = self.columns
        numbered = dropwhile(lambda pair: pair[0] < self.first, lines(self.source, findings, report))
        for number, fields in records(numbered, self.delimiter, findings):
            if len(fields) != columns:
                fields = _trimmed(fields, columns)
                if len(fields) != columns:
                    message = f"{len(fields):,} fields where there are {columns} columns"
                    findings.row("ragged", f"line {number}", message)
                    continue
            yield number, fields


def open_table(path: Path, findings: Findings, report: Report = quiet) -> Table:
    """Detects the format of the table. Raises `Refusal` where the file is no text or holds no row."""
    source = scan(path, findings, report)
    # What is wrong in the sample is found again when all rows are read: it is noted then.
    sample = _sampled_lines(source)
    first = 0
    delimiter = ""
    if sample and sample[0][1].lower().startswith("sep=") and sample[0][1][4:5] in _NAMES:
        delimiter = sample[0][1][4]  # Excel's `sep=` line
        first = 1
    delimiter = delimiter or _delimiter(sample)
    rows = list(records(sample[first:], delimiter, Findings(findings.name)))
    if not rows:
        raise Refusal("empty", f"{findings.name} holds no row that can be read")
    widths = Counter(len(fields) for _, fields in rows)
    width = max(widths, key=lambda w: (widths[w], w == len(rows[0][1]), w))
    if width > MOST_COLUMNS:
        raise Refusal("columns", f"{findings.name} has {width:,} columns; at most {MOST_COLUMNS:,} can be read")
    head = _trimmed(rows[0][1], width)
    fitting = [fields for _, line in rows[1:] if len(fields := _trimmed(line, width)) == width]
    comma = delimiter != "," and _decimal_comma(fitting)
    titled = len(head) == width and _is_header(head, fitting, comma)
    if not titled and len(head) == width:
        fitting.insert(0, head)
    findings.facts |= {
        "delimiter": _NAMES.get(delimiter, delimiter) if width > 1 else "none",
        "header": titled,
        "columns": width,
    }
    return Table(
        source=source,
        delimiter=delimiter,
        header=_named(head) if titled else tuple(f"column {index}" for index in range(1, width + 1)),
        titled=titled,
        first=rows[0][0] if not titled else rows[1][0] if len(rows) > 1 else rows[0][0] + 1,
        decimal_comma=comma,
        sample=tuple(fitting),
    )


def _sampled_lines(source: Source) -> list[tuple[int, str]]:
    sample: list[tuple[int, str]] = []
    characters = 0
    for number, line in lines(source, Findings("")):
        if not line.strip():
            continue
        sample.append((number, line))
        characters += len(line)
        if len(sample) >= _SAMPLE_LINES or characters >= _SAMPLE_CHARACTERS:
            break
    return sample


def _delimiter(sample: list[tuple[int, str]]) -> str:
    """The delimiter by which most lines have as many fields as most others."""
    best, delimiter = (0.0, 0), ","
    for candidate in _DELIMITERS:
        if not any(candidate in line for _, line in sample[:100]):
            continue
        widths = Counter(len(fields) for _, fields in records(sample[:100], candidate, Findings("")))
        width = max(widths, key=lambda w: (widths[w] if w > 1 else 0, w))
        score = (round(widths[width] / sum(widths.values()), 2) if width > 1 else 0.0, width)
        # Decimal commas make a comma fit as well as the semicolon that really parts the fields: which comes first counts.
        if (
            candidate == ";"
            and score[0] >= 0.9
            and _decimal_comma([fields for _, fields in records(sample[:100], ";", Findings(""))])
        ):
            return ";"
        if score > best:
            best, delimiter = score, candidate
    return delimiter


def _decimal_comma(rows: Iterable[list[str]]) -> bool:
    """Whether numbers are written `1,5`: some fields are numbers only so, and none is one with a point."""
    commas = 0
    for fields in rows:
        for word in fields:
            if "," in word and number_of(word) is None and number_of(word, decimal_comma=True) is not None:
                commas += 1
            elif "." in word and number_of(word) is not None:
                return False
    return commas > 0


def records(numbered: Iterable[tuple[int, str]], delimiter: str, findings: Findings) -> Iterator[Row]:
    """Lines to rows of fields; blank lines are passed over.

    A quoted field may hold delimiters, doubled quotes and line ends. A quote that is not closed within bounds is noted, its
    line is taken as it stands, and the lines after it are read as if nothing had been.
    """
    stream = iter(numbered)
    feed = _Feed(stream)
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        source = feed.put_back_lines() if feed.waiting else stream
        for number, line in source:
            if '"' not in line:
                if line and not line.isspace():
                    yield number, line.split(delimiter)
                continue
            feed.start(line)
            try:
                fields = next(reader)
            except (csv.Error, StopIteration):
                feed.exhausted = True
            if feed.exhausted:
                message = "a quote is opened and not closed; the line was taken as it stands"
                findings.note_at("quotes", f"line {number}", message)
                fields = line.split(delimiter)
                feed.put_back()
                reader = csv.reader(feed, delimiter=delimiter)
            yield number, fields
            if feed.waiting and source is stream:
                break
        else:
            if source is stream:
                return


class _Feed:
    """Lines for a CSV reader: one and, while a quote is open, those after it, within limits; the lines taken are kept."""

    def __init__(self, stream: Iterator[tuple[int, str]]) -> None:
        self._stream = stream
        self.waiting: deque[tuple[int, str]] = deque()
        """Lines that were put back."""
        self._line: str | None = None
        self._taken: list[tuple[int, str]] = []
        self._characters = 0
        self._unclosed = 0
        self.exhausted = False
        """Whether the record wanted more lines than there are, or than it may have."""

    def put_back_lines(self) -> Iterator[tuple[int, str]]:
        """The lines that were put back, as long as there are any."""
        while self.waiting:
            yield self.waiting.popleft()

    def start(self, line: str) -> None:
        """A record begins with this line."""
        self._line = line
        self._taken.clear()
        self._characters = 0
        self.exhausted = False

    def put_back(self) -> None:
        """The lines that the record took after its first are read again, each by itself."""
        self.waiting.extendleft(reversed(self._taken))
        self._taken.clear()
        self._unclosed += 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._line is not None:
            line, self._line = self._line, None
            return line + "\n"
        pair = None
        if self._unclosed < _MOST_OPEN and len(self._taken) < _QUOTED_LINES and self._characters < _QUOTED_CHARACTERS:
            pair = self.waiting.popleft() if self.waiting else next(self._stream, None)
        if pair is None:
            self.exhausted = True
            raise StopIteration
        self._taken.append(pair)
        self._characters += len(pair[1])
        return pair[1] + "\n"


def _trimmed(fields: list[str], width: int) -> list[str]:
    """Without the empty fields that some programs put at the end of a line."""
    if len(fields) > width and not any(field.strip() for field in fields[width:]):
        return fields[:width]
    return fields


def _is_header(head: list[str], rows: list[list[str]], comma: bool) -> bool:
    """Whether the first row names the columns."""
    words = [word.strip().lower() for word in head]
    if any(word and number_of(word, comma) is not None for word in words) or date_reader(words[:1]):
        return False
    if any(word in HEADINGS for word in words):
        return True
    if not rows:
        return False
    for position in range(len(head)):
        column = [row[position] for row in rows[:200]]
        if sum(number_of(word, comma) is not None for word in column) > 0.8 * len(column):
            return True
    # All texts: a label of a first row stands there again further down, the name of a column does not.
    columns = [[row[position].strip() for row in rows] for position in range(len(head))]
    fewest = min(range(len(columns)), key=lambda position: len(set(columns[position])))
    repeating = len(set(columns[fewest])) <= len(rows) // 2
    return repeating and head[fewest].strip() not in set(columns[fewest])


def _named(head: list[str]) -> tuple[str, ...]:
    """The columns' names, each once and none empty."""
    names: list[str] = []
    for index, word in enumerate(head, start=1):
        name = word.strip()
        names.append(name if name and name not in names else f"column {index}")
    return tuple(names)
