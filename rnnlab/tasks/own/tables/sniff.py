"""Dialect of a table, found in its first lines: the delimiter by which most rows have as many fields, of the clearest shapes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.tables.dialect import Dialect
from rnnlab.tasks.own.tables.headings import HEADINGS
from rnnlab.tasks.own.tables.records import rows_of
from rnnlab.tasks.own.tables.shapes import column_shape, shape_of

DELIMITERS = {
    ",": "comma",
    "\t": "tab",
    ";": "semicolon",
    "|": "bar",
    "^": "caret",
    "~": "tilde",
    "\x01": "\\x01",
}
"""Delimiters and what they are called."""
BLANKS = "blanks"
NO_DELIMITER = "\x1f"
"""Delimiter of a table of one column, which stands in no text."""
_LIKELY = {"\t": 1.0, ";": 1.0, "|": 1.0, ",": 0.98, " ": 0.95}
"""Weights of delimiters: a comma stands in many a text and number, a blank in most."""
_JUDGED = 200
"""Lines by which the delimiters are judged."""
_SHAPED = 60
"""Rows whose fields are examined."""
_CHARACTERS = 2**18
_FEWEST = 5
"""Characters of these lines at most, but so many lines at least."""
_COLUMNS = 100
"""Columns whose fields are examined."""
_LONG = 10_000
_STEADY = 0.5
"""Minimum share of the rows that have as many fields as most."""
_ROWS = 5
"""Minimum number of lines with as many fields that are rows, and no preamble."""
_COMMENTS = ("#", "%", "//")

Sample = list[tuple[int, str]]
"""Line numbers and lines, none of them blank."""
Row = tuple[int, list[str]]
"""A line number, from 1, and the fields that start there."""


def sniff(sample: Sample) -> Dialect:
    """The dialect of the sample's lines; of one column, one with commas that never part anything."""
    comment = _comment(sample)
    lines = [(number, line) for number, line in sample[:_JUDGED] if not comment or not line.startswith(comment)]
    lines = lines[: max(_FEWEST, sum(1 for total in accumulate(len(line) for _, line in lines) if total < _CHARACTERS))]
    if not lines:
        return Dialect(comment="")
    quote = _quote([line for _, line in lines])
    best, found = _Score(), Dialect(NO_DELIMITER, quote)
    for delimiter in (*DELIMITERS, " "):
        if not any(delimiter in line for _, line in lines) and delimiter != " ":
            continue
        dialect = Dialect(delimiter, quote, padded=_is_padded(lines, delimiter, quote))
        score = _Score.of(lines, dialect)
        if score > best and (delimiter != " " or score.numeric):
            best, found = score, dialect
    quote = "" if _are_characters(lines, found) else found.quote
    return replace(found, quote=quote, terminator=_terminator(lines, found), comment=comment)


class _Score:
    """How well a dialect fits: by the share of rows with as many fields as most, and by how many fields have a clear shape."""

    def __init__(self, value: float = 0.0, *, numeric: bool = False) -> None:
        self.value = value
        self.numeric = numeric

    @classmethod
    def of(cls, lines: Sample, dialect: Dialect) -> _Score:
        rows = read_rows(lines, dialect)
        width, share = steady_width(rows)
        if width < 2 or share < _STEADY:
            return cls()
        fitting = [fields for _, fields in rows if len(fields) == width]
        judged = range(0, width, width // _COLUMNS + 1)
        tail = fitting[-_SHAPED:]
        clear = sum(_clearness([row[index] for row in tail], dialect) for index in judged) / len(judged)
        quoted = dialect.blanks and share > 0.9 and _is_quoted([line for _, line in lines], dialect.quote)
        numeric = _is_numeric(fitting, width, 0.5 if dialect.blanks and not quoted else 0.0)
        # A whole line that is a date or a number is no row of its pieces: `Jan 15, 2020`.
        if dialect.delimiter in ", " and width < 5:
            shapes = [shape_of(line) for _, line in lines[-_SHAPED:]]
            if all(shape == "date" for shape in shapes):
                return cls()
            # `1,5` may be a number and may be two.
            if dialect.delimiter == "," and all(shape in ("date", "number") for shape in shapes):
                clear *= 0.3
        # The first line, with as many fields as the rows, is worth more than a preamble.
        above = 1.0 if len(rows[0][1]) in (width, width - 1) else 0.9
        # Titles that another sign parts are no preamble: commas are those of dates and numbers in `Fr, 01.01.2021;49,7`.
        if len(rows[0][1]) == 1 and len(_parted(lines[0][1], dialect)) > 1:
            above = 0.75
        # So are its words, where they are those that titles are made of.
        first = map(str.lower, map(str.strip, rows[0][1]))
        above *= 1.15 if sum(map(HEADINGS.__contains__, first)) > 1 else 1.0
        return cls(share**2 * clear * above * _LIKELY.get(dialect.delimiter, 0.9), numeric=numeric)

    def __gt__(self, other: _Score) -> bool:
        return self.value > other.value + 1e-9


def _parted(line: str, dialect: Dialect) -> list[str]:
    """Words of a line that has no delimiter of the dialect, as the first of the surer signs in it parts them."""
    sign = next((sign for sign in ";\t|" if sign in line and sign != dialect.delimiter), "")
    words = [word.strip() for word in line.split(sign)] if sign else []
    return words if all(words) and all(shape_of(word) == "text" for word in words) else []


def _is_numeric(rows: list[list[str]], width: int, share: float) -> bool:
    """Whether a column of the lower rows, and more than this share of them, hold numbers; of two columns both, or a date."""
    lower = rows[len(rows) // 4 :]
    judged = min(width, 50)
    shapes = [column_shape([row[index] for row in lower]) for index in range(judged)]
    typed = sum(shape in ("number", "date") for shape in shapes)
    return "number" in shapes and typed > share * judged


def _clearness(words: Sequence[str], dialect: Dialect) -> float:
    """How much the fields of a column look like whole ones: numbers, dates, words that repeat, texts without a delimiter."""
    different = set(words)
    if len(different) <= 0.2 * len(words) and not any(set(",\t;|") & set(word) for word in different):
        return 1.0
    return sum(_clear(word, dialect) for word in words) / len(words)


def _clear(word: str, dialect: Dialect) -> float:
    if shape_of(word) != "text":
        return 1.0
    word = word.strip()
    if word[:1] in ("'", '"') and word[:1] == word[-1:] and word[:1] != dialect.quote:
        return 0.3
    others = sum(character in word for character in ",\t;|" if character != dialect.delimiter)
    return 0.8 if not others else 0.6 if others == 1 and len(word) > 30 else 0.4


def read_rows(sample: Sample, dialect: Dialect, columns: int = 0) -> list[Row]:
    """Rows of the sample's lines."""
    chunk = [number for number, _ in sample], [line for _, line in sample]
    found: list[Row] = []
    for numbers, rows in rows_of([chunk], dialect, Findings(""), columns):
        found += zip(numbers, rows, strict=True)
    return found


def steady_width(rows: Sequence[Row]) -> tuple[int, float]:
    """Number of fields of most rows, and the share of them, those above the first two that follow one another left out."""
    widths = [len(fields) for _, fields in rows]
    if not widths:
        return 0, 0.0
    best = (0.0, 0, 0.0)
    for width, count in Counter(widths).most_common(4):
        start = next((index for index in range(len(widths) - 1) if widths[index] == widths[index + 1] == width), None)
        start = widths.index(width) if start is None else start
        if _is_table(widths[:start]):
            start = 0
        share = count / max(len(widths) - start, count)
        # What stands above is a preamble where rows enough follow; of one field, anything may be one.
        weight = share * (count if width > 1 else 0.5 * count * (count > 0.5 * len(widths)))
        best = max(best, (weight, width, share))
    return best[1], best[2]


def _is_table(widths: list[int]) -> bool:
    """Whether so many fields are no preamble but rows themselves."""
    most, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return most > 1 and count >= _ROWS


def _quote(lines: list[str]) -> str:
    """The character around quoted fields: an apostrophe where most lines have fields that begin and end with it."""
    if min(_framed(lines, "'")) >= 0.8 * len(lines) and min(_framed(lines, '"')) < 0.5 * len(lines):
        return "'"
    return '"'


def _framed(lines: list[str], quote: str) -> tuple[int, int]:
    """Numbers of lines in which a field begins, and in which one ends with the quote."""
    begins, ends = re.compile(rf"(?:^|[,;\t|] ?|\s){quote}\S"), re.compile(rf"{quote}(?:\s*$| ?[,;\t|]|\s)")
    return sum(bool(begins.search(line)) for line in lines), sum(bool(ends.search(line)) for line in lines)


def _is_quoted(lines: list[str], quote: str) -> bool:
    """Whether blanks part words and quoted fields in most lines, and half of them have some."""
    field = rf"(?:{quote}(?:[^{quote}\t]|{quote}{quote})*{quote}|[^\s{quote}]+)"
    whole = re.compile(rf"[ ]*{field}(?: +{field})*[ ]*")
    fitting = [line for line in lines if len(line) < _LONG and whole.fullmatch(line)]
    return len(fitting) >= 0.8 * len(lines) and sum(quote in line for line in fitting) >= 0.3 * len(lines)


def _are_characters(lines: Sample, dialect: Dialect) -> bool:
    """Whether quotes are characters of the texts: a field begins with one and goes on after the next, and none needs them."""
    quoted = [line for _, line in lines if dialect.quote in line]
    if len(quoted) < 2 or not dialect.is_broken(quoted):
        return False
    broken = wrapped = 0
    width = Counter(len(dialect.split(line)) for _, line in lines).most_common(1)[0][0]
    for line in quoted:
        fields = dialect.split(line)
        if len(fields) != width:
            return False
        for word in fields:
            if word.startswith(dialect.quote):
                whole = len(word) > 1 and word.endswith(dialect.quote)
                inner = word[1:-1] if whole else word[1:]
                wrapped += whole and dialect.quote not in inner.replace(dialect.quote * 2, "")
                broken += not whole or dialect.quote in inner.replace(dialect.quote * 2, "")
    return broken > max(wrapped, 1)


def _is_padded(lines: Sample, delimiter: str, quote: str) -> bool:
    """Whether blanks stand between delimiters and quotes."""
    return any(f"{delimiter} {quote}" in line for _, line in lines)


def _terminator(lines: Sample, dialect: Dialect) -> str:
    """A semicolon or a bar at the end of every line that is not the delimiter."""
    for candidate in (";", "|", ","):
        if candidate == dialect.delimiter or (candidate == "," and dialect.delimiter != ";" and not dialect.blanks):
            continue
        ending = sum(line.rstrip().endswith(candidate) for _, line in lines)
        inside = sum(candidate in line.rstrip().rstrip(candidate) for _, line in lines)
        if ending >= 0.9 * len(lines) and inside < 0.1 * len(lines):
            return candidate
    return ""


def _comment(sample: Sample) -> str:
    """The character with which lines begin that are no rows: comments stand above the rows, which do not begin so."""
    for character in _COMMENTS:
        above = next((place for place, (_, line) in enumerate(sample) if not line.startswith(character)), len(sample))
        below = sample[above:]
        if above and below and sum(line.startswith(character) for _, line in below) <= 0.1 * len(below):
            return character
    return ""
