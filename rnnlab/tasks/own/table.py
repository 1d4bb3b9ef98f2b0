"""Table in a text file: delimiter, quotes and header are detected from its beginning, then it is read row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rnnlab.tasks.own.dialect import Dialect, trimmed
from rnnlab.tasks.own.findings import Findings, Refusal, Report
from rnnlab.tasks.own.quoted import Lines
from rnnlab.tasks.own.records import Block, blocks_of, rows_of
from rnnlab.tasks.own.source import Source, chunks, lines, quiet, scan
from rnnlab.tasks.own.words import date_reader, number_of

Row = tuple[int, list[str]]
"""A line number, from 1, and the fields that start there."""

MOST_COLUMNS = 10_000
_DELIMITERS = (",", "\t", ";", "|")
_NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_SAMPLE_LINES = 1000
_SAMPLE_CHARACTERS = 4 * 2**20
_BLOCK_ROWS = 50_000
_BLOCK_FIELDS = 500_000
"""Fields of a block: of 57 bytes and more each."""

_HEADINGS = (
    "text label class target category name names input output sentence word words tweet review message date time "
    "timestamp datetime day month year week value values price sales y x ds id lang language country surname title "
    "series temperature count demand close open high low volume load passengers item store"
)
HEADINGS = frozenset(_HEADINGS.split())
"""Texts, in lower case, that mark a table's first line as its header."""


@dataclass(frozen=True)
class Table:
    """A table whose layout is known. `header` names the columns; `first` is the line at which the rows start."""

    source: Source
    dialect: Dialect
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
        for block in self.blocks(findings, report):
            for number, *fields in zip(block.lines, *block.columns, strict=True):
                yield number, fields

    def blocks(self, findings: Findings, report: Report = quiet) -> Iterator[Block]:
        """All rows with the right number of fields, up to some 50,000 at a time; the others are noted in `findings`."""
        chunked = chunks(self.source, findings, report, self._bytes_of_block())
        return blocks_of(_from_line(chunked, self.first), self.dialect, self.columns, findings)

    def _bytes_of_block(self) -> int:
        """Bytes of lines that hold about 50,000 rows, or `_BLOCK_FIELDS` fields."""
        rows = min(_BLOCK_ROWS, _BLOCK_FIELDS // self.columns + 1)
        return max(2**16, min(2**23, rows * (self.source.size // max(self.source.lines, 1) + 1)))


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
    rows = list(_records(sample[first:], delimiter))
    if not rows:
        raise Refusal("empty", f"{findings.name} holds no row that can be read")
    widths = Counter(len(fields) for _, fields in rows)
    width = max(widths, key=lambda w: (widths[w], w == len(rows[0][1]), w))
    if width > MOST_COLUMNS:
        raise Refusal("columns", f"{findings.name} has {width:,} columns; at most {MOST_COLUMNS:,} can be read")
    head = trimmed(rows[0][1], width)
    fitting = [fields for _, line in rows[1:] if len(fields := trimmed(line, width)) == width]
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
        dialect=Dialect(delimiter),
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
        widths = Counter(len(fields) for _, fields in _records(sample[:100], candidate))
        width = max(widths, key=lambda w: (widths[w] if w > 1 else 0, w))
        score = (round(widths[width] / sum(widths.values()), 2) if width > 1 else 0.0, width)
        # Decimal commas make a comma fit as well as the semicolon that really parts the fields: which comes first counts.
        if (
            candidate == ";"
            and score[0] >= 0.9
            and _decimal_comma([fields for _, fields in _records(sample[:100], ";")])
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


def _records(numbered: list[tuple[int, str]], delimiter: str) -> Iterator[Row]:
    """Rows of the sample's lines."""
    chunk = [number for number, _ in numbered], [line for _, line in numbered]
    for numbers, rows in rows_of([chunk], Dialect(delimiter), Findings("")):
        yield from zip(numbers, rows, strict=True)


def _from_line(chunked: Iterable[Lines], first: int) -> Iterator[Lines]:
    """The chunks without the lines before `first`."""
    for numbers, found in chunked:
        if numbers and numbers[0] < first:
            skipped = sum(number < first for number in numbers)
            yield numbers[skipped:], found[skipped:]
        else:
            yield numbers, found


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
