"""Table in a text file: delimiter, quotes and header are detected from its beginning, then it is read row by row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain, pairwise
from pathlib import Path

from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.source import Source, chunks, lines, quiet, scan
from rnnlab.tasks.own.tables.dialect import Dialect, trimmed
from rnnlab.tasks.own.tables.header import Header, find_header, named_columns
from rnnlab.tasks.own.tables.headings import LEADING
from rnnlab.tasks.own.tables.json_table import StoredTable, json_table
from rnnlab.tasks.own.tables.parquet_table import is_parquet, parquet_table
from rnnlab.tasks.own.tables.quoted import Lines
from rnnlab.tasks.own.tables.records import Block, blocks_of
from rnnlab.tasks.own.tables.shapes import column_shape, shape_of
from rnnlab.tasks.own.tables.sniff import BLANKS, DELIMITERS, NO_DELIMITER, Row, Sample, read_rows, sniff, steady_width

MOST_COLUMNS = 10_000
_SAMPLE_LINES = 1000
_SAMPLE_CHARACTERS = 4 * 2**20
_BLOCK_ROWS = 25_000
_BLOCK_FIELDS = 200_000
"""Fields of a block: of 57 bytes and more each."""


Stored = Callable[[Findings, Report], Iterator[Block]]
"""Function to all rows of a table, those that cannot be read noted."""


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
    units: tuple[str, ...] = ()
    """What stands below the titles, where units do."""
    class_names: tuple[str, ...] = ()
    """Names of the classes, where the first line of the file holds them."""
    stored: Stored | None = None
    """Blocks of a table whose rows are not the lines of a text file."""

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
        """All rows with the right number of fields, up to 25,000 at a time; the others are noted in `findings`."""
        if self.stored is not None:
            return self.stored(findings, report)
        chunked = chunks(self.source, findings, report, self._bytes_of_block())
        return blocks_of(_from_line(chunked, self.first), self.dialect, self.columns, findings)

    def _bytes_of_block(self) -> int:
        """Bytes of lines that hold about 25,000 rows, or `_BLOCK_FIELDS` fields."""
        rows = min(_BLOCK_ROWS, _BLOCK_FIELDS // self.columns + 1)
        return max(2**16, min(2**23, rows * (self.source.unpacked // max(self.source.lines, 1) + 1)))


def open_table(path: Path, findings: Findings, report: Report = quiet) -> Table:
    """Detects the format of the table. Raises `Refusal` where the file is no text or holds no row."""
    if is_parquet(path):
        return _of_stored(*parquet_table(path, findings), findings)
    source = scan(path, findings, report)
    # What is wrong in the sample is found again when all rows are read: it is noted then.
    sample = _sampled_lines(source)
    if (found := json_table(source, sample, findings)) is not None:
        return _of_stored(source, found, findings)
    named = sample[0][1][:5].lower() if sample else ""
    if named[:4] == "sep=" and named[4:] in DELIMITERS:  # Excel's first line
        dialect, sample = replace(sniff(sample[1:]), delimiter=sample[0][1][4]), sample[1:]
    else:
        dialect = sniff(sample)
    rows = read_rows(sample, dialect)
    if dialect.comment and not _are_comments(sample, rows, dialect):
        dialect = replace(dialect, comment="")
        rows = read_rows(sample, dialect)
    if not rows:
        raise Refusal("empty", f"{findings.name} holds no row that can be read")
    width = _width(rows)
    _check_columns(width, findings)
    rows = read_rows(sample, dialect, width)
    if dialect.delimiter == ",":
        _refuse_parted_numbers(rows, width, sample, findings.name)
    rows, width = _with_row_names(rows, width)
    header = find_header(rows, width)
    titles = header.titles or _commented(sample, rows, width, dialect)
    table = Table(
        source=source,
        dialect=dialect,
        header=titles or tuple(f"column {index}" for index in range(1, width + 1)),
        titled=bool(titles),
        first=rows[header.first][0] if header.first < len(rows) else rows[-1][0] + 1,
        decimal_comma=_decimal_comma(fields for _, fields in rows[header.first :]),
        sample=tuple(fields for _, line in rows[header.first :] if len(fields := trimmed(line, width)) == width),
        units=header.units,
        class_names=header.class_names,
    )
    findings.facts |= {
        "delimiter": (BLANKS if dialect.blanks else DELIMITERS.get(dialect.delimiter)) if width > 1 else "none",
        "header": table.titled,
        "columns": width,
    }
    _say(table, header, sample, findings)
    return table


def _sampled_lines(source: Source) -> Sample:
    sample: Sample = []
    characters = 0
    for number, line in lines(source, Findings("")):
        if not line.strip():
            continue
        sample.append((number, line))
        characters += len(line)
        if len(sample) >= _SAMPLE_LINES or characters >= _SAMPLE_CHARACTERS:
            break
    return sample


def _of_stored(source: Source, found: StoredTable, findings: Findings) -> Table:
    if not found.keys:
        raise Refusal("empty", f"{findings.name} holds no row that can be read")
    _check_columns(len(found.keys), findings)
    findings.facts |= {"delimiter": "none", "header": True, "columns": len(found.keys), "layout": found.layout}
    return Table(
        source=source,
        dialect=Dialect(NO_DELIMITER),
        header=named_columns(found.keys),
        titled=True,
        first=1,
        decimal_comma=False,
        sample=tuple(found.sample),
        stored=found.blocks,
    )


def _check_columns(width: int, findings: Findings) -> None:
    if width > MOST_COLUMNS:
        raise Refusal("columns", f"{findings.name} has {width:,} columns; at most {MOST_COLUMNS:,} can be read")


def _width(rows: list[Row]) -> int:
    """Number of fields of most rows; of rows that agree in nothing that of the most, the first row's before others."""
    width, share = steady_width(rows)
    if width > 1 and share >= 0.5:
        return width
    widths = Counter(len(fields) for _, fields in rows)
    return max(widths, key=lambda w: (widths[w], w == len(rows[0][1]), w))


_WHOLE = re.compile(r"\s*[-+]?\d+\s*")
_FRACTION = re.compile(r"\d+\s*")
_WITH_DECIMALS = re.compile(r"\s*[-+]?\d*\.\d+\s*")
_FEWEST = 3
"""Rows by which it is judged whether commas part numbers."""


def _refuse_parted_numbers(rows: list[Row], width: int, sample: Sample, name: str) -> None:
    """Raises `Refusal` where commas between the fields stand in numbers, too: rows have a field more than titles for each such.

    Rows that begin with their names, which have no title, are as R writes them.
    """
    first = next((index for index, (_, fields) in enumerate(rows) if len(fields) == width), 0)
    above = [[word.strip() for word in fields] for _, fields in rows[:first]]
    titles = [index for index, words in enumerate(above) if all(shape_of(word) == "text" for word in words)]
    if not titles:
        return
    head = above[titles[-1]]
    widths = [len(fields) for _, fields in rows[titles[-1] + 1 :]]
    fitting = [fields for _, fields in rows[first:] if len(fields) == width]
    # A number without decimals has no comma.
    usual = sum(len(head) <= fields <= width for fields in widths)
    if not len(head) < width <= 2 * len(head) or usual < 0.9 * len(widths) or len(fitting) < max(_FEWEST, usual / 2):
        return
    parted = _parted_numbers(list(zip(*fitting, strict=True)))
    extra = width - len(head)
    apart = reduce(lambda taken, index: taken if taken[-1:] == [index - 1] else [*taken, index], parted, list[int]())
    if len(apart) < extra or any(map(_WITH_DECIMALS.fullmatch, chain(*fitting))):
        return
    quoted = any(text.lstrip().startswith('"') for number, text in sample if number == rows[first][0])
    if extra == 1 and _are_row_names(head, fitting, parted, quoted=quoted):
        return
    # For an example: neither the number of a row nor a flag before a number.
    likely = (
        apart if len(apart) == extra > 1 else [index for index in parted if index or head[0].lower() not in LEADING]
    )
    place = max(likely or parted, key=lambda index: len({fields[index] for fields in fitting}))
    number = ",".join(word.strip() for word in fitting[0][place : place + 2])
    sign = "a comma for thousands" if all(len(row[place + 1].strip()) == 3 for row in fitting) else "a decimal comma"
    raise Refusal(
        "decimal",
        f"{name}: the rows have {'one field' if extra == 1 else f'{extra} fields'} more than there are titles "
        f"({', '.join(head)[:60]}), and a number such as {number[:20]} seems to hold {sign}, which parts fields here, too: put "
        "such numbers in quotes, or part the fields with semicolons",
        f"line {rows[first][0]}",
    )


def _parted_numbers(columns: Sequence[Sequence[str]]) -> list[int]:
    """Indices of columns of whole numbers that may be one number with the column after them, which holds its decimals."""
    found: list[int] = []
    for index, (whole, decimals) in enumerate(pairwise(columns)):
        # As many decimals everywhere, or none that end with a zero, which programs leave away.
        words = [word.strip() for word in decimals]
        written = len(set(map(len, words))) == 1 or not any(len(word) > 1 and word.endswith("0") for word in words)
        if written and all(map(_WHOLE.fullmatch, whole)) and all(map(_FRACTION.fullmatch, decimals)):
            found.append(index)
    return found


def _are_row_names(head: list[str], rows: list[list[str]], parted: list[int], *, quoted: bool) -> bool:
    """Whether each row begins with a name of its own, `quoted` or not, above which no title stands."""
    names = [fields[0].strip() for fields in rows]
    if len(set(names)) < len(names):
        return False
    described = head[0].lower() in LEADING and parted[-1] > 0
    return not described or (quoted and column_shape(names) != "date")


def _with_row_names(rows: list[Row], width: int) -> tuple[list[Row], int]:
    """Rows whose first has a field less, as R writes titles above row names, or titles above rows with a delimiter at the end."""
    # The row right above the first that is whole.
    first = next((index for index, (_, fields) in enumerate(rows) if len(fields) == width), 0) - 1
    if first < 0 or width < 3 or len(rows[first][1]) != width - 1 or first > len(rows) - 3:
        return rows, width
    number, head = rows[first]
    if first and len(rows[first - 1][1]) == width - 1:
        return rows, width
    below = [fields for _, fields in rows[first + 1 :] if len(fields) == width]
    if any(shape_of(word) in ("number", "date") for word in head) or len(below) < 0.9 * len(rows[first + 1 :]):
        return rows, width
    empty = not any(fields[-1].strip() for fields in below)
    named = [*head, ""] if empty else ["", *head]
    return [*rows[:first], (number, named), *rows[first + 1 :]], width


def _are_comments(sample: Sample, rows: list[Row], dialect: Dialect) -> bool:
    """Whether the lines that begin as comments do are none of the rows: they have other fields, or stand above numbers."""
    width = steady_width(rows)[0]
    if not rows or column_shape([row[0] for _, row in rows[:100]]) in ("number", "date"):
        return True
    plain = replace(dialect, comment="")
    return any(len(fields) != width for _, fields in read_rows(sample[:1], plain))


def _commented(sample: Sample, rows: list[Row], width: int, dialect: Dialect) -> tuple[str, ...]:
    """Titles in the last comment above the rows, as NumPy and gnuplot write them."""
    if not dialect.comment or not rows:
        return ()
    above = [line for number, line in sample if number < rows[0][0] and line.startswith(dialect.comment)]
    if not above:
        return ()
    found = read_rows([(1, above[-1].lstrip(dialect.comment + " "))], replace(dialect, comment=""))
    words = found[0][1] if found else []
    if len(words) != width or any(shape_of(word) != "text" for word in words):
        return ()
    return named_columns(words)


def _say(table: Table, header: Header, sample: Sample, findings: Findings) -> None:
    """Notes what was passed over above the rows, and titles that are numbers."""
    name = findings.name
    above = [line.strip() for number, line in sample if number < table.first]
    # Titles stand above the rows, in a comment or in lines of their own.
    passed = len(above) - (header.levels if header.titles else table.titled)
    if passed > 0:
        lines = "first line stands" if passed == 1 else f"first {passed:,} lines stand"
        findings.warn("preamble", f"{name}: the {lines} above the table, passed over: {above[0][:60]!r}", "line 1")
    if header.numeric:
        some = [title for title in table.header if not title.startswith("column ")]
        listed = ", ".join(some[:3]) + (", …" if len(some) > 3 else "")
        findings.warn(
            "numbered titles",
            f"{name}: the first line, {listed}, was taken for the titles of the columns, and not for a row of data",
            f"line {table.first - 1}",
        )
    if any(header.units):
        some = [word for word in header.units if word]
        listed = ", ".join(some[:6]) + (", …" if len(some) > 6 else "")
        findings.warn("units", f"{name}: the line below the titles was taken for their units: {listed}")


_WITH_COMMA = re.compile(r"[-+−]?(?:\d{1,3}(?:\.\d{3})+,\d+|0,\d+|\d+,(?:\d{1,2}|\d{4,}))\s?\D{0,3}")
_WITH_POINT = re.compile(r"[-+−]?(?:\d{1,3}(?:,\d{3})+\.\d+|0\.\d+|\d+\.(?:\d{1,2}|\d{4,}))\s?\D{0,3}")


def _decimal_comma(rows: Iterable[list[str]]) -> bool:
    """Whether numbers are written `1,5`: some fields are numbers only so, and none is one with a point."""
    commas = 0
    for fields in rows:
        for word in map(str.strip, fields):
            if "," in word:
                commas += bool(_WITH_COMMA.fullmatch(word))
            elif "." in word and _WITH_POINT.fullmatch(word):
                return False
    return commas > 0


def _from_line(chunked: Iterable[Lines], first: int) -> Iterator[Lines]:
    """The chunks without the lines before `first`."""
    for numbers, found in chunked:
        if numbers and numbers[0] < first:
            skipped = sum(number < first for number in numbers)
            yield numbers[skipped:], found[skipped:]
        else:
            yield numbers, found
