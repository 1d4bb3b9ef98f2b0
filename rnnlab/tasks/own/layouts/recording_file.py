"""One file of recordings: its titles, and its rows of fields, parted where blank lines part them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.tasks.own.common.findings import Findings, Refusal
from rnnlab.tasks.own.common.limits import LONGEST_SERIES, MOST_CHANNELS
from rnnlab.tasks.own.common.source import lines, scan
from rnnlab.tasks.own.roles.titles import LABELS, TIMES
from rnnlab.tasks.own.values.dates import date_forms
from rnnlab.tasks.own.values.numbers import NumberStyle, number_of, values_of

MOST_VALUES = 4_000_000
"""Maximum numbers of one recording."""
_SAMPLED = 200
"""Rows by which the columns of a file are known."""
_CLOCK = re.compile(r"^[\d:.,/\-\sTZ+APMapm]+$")


@dataclass(frozen=True)
class RecordingFile:
    """Fields of one file, `parts` by blank lines: the number of the first line of each, and its rows.

    `titles` are empty where it has none. `numeric_titles`: the titles are numbers, 0, 1, 2.
    """

    titles: tuple[str, ...]
    parts: tuple[tuple[int, list[list[str]], list[int]], ...]
    width: int
    comma: bool
    numeric_titles: bool = False

    @property
    def style(self) -> NumberStyle:
        """How the numbers are written."""
        return NumberStyle("," if self.comma else ".")

    @property
    def first_rows(self) -> list[list[str]]:
        """Rows by which the columns are known."""
        return [row for _, rows, _ in self.parts for row in rows[:_SAMPLED]][:_SAMPLED]


def read_file(path: Path, where: str, findings: Findings) -> RecordingFile | None:
    """The fields of one file; None, and noted in `findings`, where it cannot be read."""
    inner = Findings(where)
    try:
        numbered = [(number, line) for number, line in lines(scan(path, inner), inner)]
    except Refusal as refusal:
        kind = "empty row" if refusal.kind == "empty" else refusal.kind
        findings.row(kind, where, refusal.message.removeprefix(f"{where} "))
        return None
    if inner.left_out:
        findings.row("encoding", where, "some of its lines are not text")
        return None
    separator, comma = _separator([line for _, line in numbered if line.strip()][:50])
    if any(line.count(separator or " ") > 2 * MOST_CHANNELS for _, line in numbered):
        findings.row("long", where, f"a line has more than {MOST_CHANNELS:,} values")
        return None
    rows = [(number, _fields(line, separator)) for number, line in numbered]
    width = _without_end(rows)
    filled = [fields for _, fields in rows if fields]
    start = _first_row(filled, width, comma)
    if start is None or (separator is None and _is_prose(filled, width, comma)):
        findings.row("not a number", where, f"there is no line of numbers in it{_remedy(numbered)}")
        return None
    titles, numeric = _titles(filled, start, width, comma)
    return _parted(rows, filled[: start + numeric], titles, width, comma, numeric, where, findings)


def _remedy(numbered: Sequence[tuple[int, str]]) -> str:
    """What to do with a file of text, where recordings are looked for."""
    words = " ".join(line for _, line in numbered[:20]).split()
    prose = len(words) >= 5 and sum(word.isalpha() for word in words) > 0.5 * len(words)
    return "; texts are read from one CSV with a column of the text and one of its label" if prose else ""


def _separator(sample: Sequence[str]) -> tuple[str | None, bool]:
    """Delimiter of the fields (None: blanks), and whether a comma is the decimal sign, as most of these lines have it."""
    found = Counter(_line_separator(line) for line in sample)
    return max(found, key=lambda pair: (found[pair], pair != (None, False))) if found else (None, False)


def _line_separator(line: str) -> tuple[str | None, bool]:
    for separator in (";", "\t"):
        if separator in line.rstrip("; \t"):
            return separator, "," in line and "." not in line
    return ("," if "," in line else None), False


def _fields(line: str, separator: str | None) -> list[str]:
    """The fields of a line; none where it is blank."""
    if not line.strip():
        return []
    words = line.split(separator)
    if '"' in line or "'" in line or " " in line:
        words = [word.strip("\"' ") for word in words]
    if separator == ",":
        words[-1] = words[-1].rstrip("; ")
    return words


def _without_end(rows: list[tuple[int, list[str]]]) -> int:
    """Number of fields of most rows; the empty field after a delimiter at the end of a line is taken off."""
    filled = [fields for _, fields in rows if fields]
    # Of widths that are as frequent the first: a file of two lines may have one that is cut.
    width = Counter(map(len, filled[:_SAMPLED])).most_common(1)[0][0] if filled else 0
    if width > 1 and not any(fields[-1] for fields in filled if len(fields) == width):
        width -= 1
    for fields in filled:
        if len(fields) == width + 1 and not fields[-1]:
            fields.pop()
    return width


def _first_row(rows: Sequence[list[str]], width: int, comma: bool) -> int | None:
    """Index of the first row of measurements: numbers stand where most rows have them."""
    fitting = [row for row in rows[:_SAMPLED] if len(row) == width]
    if not fitting:
        return None
    columns = list(zip(*fitting, strict=True))
    numeric = [_share(column, comma) >= 0.5 for column in columns]
    if not any(numeric):
        return None
    for index, row in enumerate(rows):
        if len(row) != width:
            continue
        values = [number_of(word, comma) for word, number in zip(row, numeric, strict=True) if number]
        if any(value is not None and value == value for value in values) and sum(v is None for v in values) * 2 <= len(
            values
        ):
            return index
    return None


def _is_prose(rows: Sequence[list[str]], width: int, comma: bool) -> bool:
    """Whether fields that blanks part are words by most, as in a text that holds a number."""
    fitting = [row for row in rows[:_SAMPLED] if len(row) == width]
    return 2 * sum(_share(column, comma) >= 0.5 for column in zip(*fitting, strict=True)) < width


def _share(words: Sequence[str], comma: bool) -> float:
    return sum(number_of(word, comma) is not None for word in words) / max(1, len(words))


def _titles(rows: Sequence[list[str]], start: int, width: int, comma: bool) -> tuple[tuple[str, ...], bool]:
    """The titles above the first row of measurements, and whether that row itself holds them, as 0, 1, 2."""
    first = rows[start]
    counted = first[1:] if not first[0] else first
    below = [row for row in rows[start + 1 : start + 50] if len(row) == width]
    if len(counted) > 1 and counted in (
        [str(n) for n in range(len(counted))],
        [str(n + 1) for n in range(len(counted))],
    ):
        measured = [word for row in below for word in row[len(first) - len(counted) :]]
        if any("." in word or (comma and "," in word) for word in measured):
            return tuple(first), True
    if not start:
        return (), False
    above = rows[start - 1]
    if above and above[0][:1] in "#%" and above[0]:
        above = [above[0].lstrip("#% "), *above[1:]] if above[0].strip("#% ") else above[1:]
    if len(above) == width - 1:
        above = ["", *above]  # as R writes a table with the names of its rows
    return (_told_apart(above) if len(above) == width else ()), False


def _told_apart(words: Sequence[str]) -> tuple[str, ...]:
    """Titles of which none stands twice: the second ax is `ax (2)`, as in tables."""
    seen: Counter[str] = Counter()
    titles = []
    for word in words:
        seen[word] += 1
        titles.append(f"{word} ({seen[word]})" if word and seen[word] > 1 else word)
    return tuple(titles)


def _parted(
    rows: Sequence[tuple[int, list[str]]],
    head: Sequence[list[str]],
    titles: tuple[str, ...],
    width: int,
    comma: bool,
    numeric: bool,
    where: str,
    findings: Findings,
) -> RecordingFile | None:
    """The rows below the head, parted by blank lines; None, and noted, where they have different widths."""
    parts: list[tuple[int, list[list[str]], list[int]]] = [(0, [], [])]
    left = len(head)
    repeated = [list(row) for row in head[-1:]] if titles else []
    for number, fields in rows:
        if not fields:
            if parts[-1][1]:
                parts.append((0, [], []))
            continue
        if left:
            left -= 1
            continue
        if fields in repeated:
            continue
        if len(fields) != width:
            findings.row("ragged", where, f"line {number} has {len(fields)} values where the first has {width}")
            return None
        taken, at = parts[-1][1:]
        if not taken:
            parts[-1] = (number, taken, at)
        taken.append(fields)
        at.append(number)
    parts = [part for part in parts if part[1]]
    if len(parts) > 1 and min(len(taken) for _, taken, _ in parts) < 2:
        # Blank lines between single rows part nothing.
        parts = [(parts[0][0], [row for _, taken, _ in parts for row in taken], [n for _, _, at in parts for n in at])]
    if any(len(taken) > LONGEST_SERIES or len(taken) * width > MOST_VALUES for _, taken, _ in parts):
        findings.row(
            "long",
            where,
            f"it has more than {LONGEST_SERIES:,} steps, {MOST_CHANNELS:,} channels or {MOST_VALUES:,} values",
        )
        return None
    return RecordingFile(titles, tuple(parts), width, comma, numeric)


def column_kinds(file: RecordingFile) -> list[str]:
    """What each column of a file is: `value`, `index`, `clock`, `label` or `text`."""
    rows = file.first_rows
    titles = file.titles or ("-",) * file.width
    return [
        _kind(title.strip().lower(), [row[index] for row in rows], file.comma) for index, title in enumerate(titles)
    ]


def _kind(title: str, words: Sequence[str], comma: bool) -> str:
    if title in LABELS[:4] or title in ("gesture", "class_label"):
        return "label"
    if _share(words, comma) >= 0.5:
        values, _ = values_of(words, NumberStyle("," if comma else "."))
        steps = values[1:] - values[:-1]
        if title in ("", "index", "unnamed: 0") and len(steps) and bool((steps == 1).all()):
            return "index"
        rising = len(steps) > 0 and bool((steps >= 0).all()) and values[-1] > values[0]
        named = re.split(r"[(\[]", title)[0].strip().replace(" ", "_")
        return "clock" if rising and named in TIMES else "value"
    filled = [word for word in words if word]
    if filled and (date_forms(filled) or all(_CLOCK.match(word) for word in filled[:50])):
        return "clock"
    return "text"
