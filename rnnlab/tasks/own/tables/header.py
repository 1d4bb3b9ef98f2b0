"""Header of a table: which of its first rows hold titles, which stand above them, and at which the data begin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rnnlab.tasks.own.tables.dialect import trimmed
from rnnlab.tasks.own.tables.headings import HEADINGS
from rnnlab.tasks.own.tables.shapes import Shape, column_shape, shape_of
from rnnlab.tasks.own.tables.sniff import Row

_SEARCHED = 60
"""Rows among which the first row of data is looked for."""
_JUDGED = 200
"""Rows by which columns are judged."""
_UNIT = re.compile(
    r"[\[({].{0,14}[\])}]|[°%‰µ€$£].{0,8}|.{0,8}[°%²³µ].{0,8}|[a-zA-Zµ]{1,4}(?:/[a-zA-Z]{1,4}\d?)+|"
    r"[kKMGmµn]?(?:Wh?|V|A|Hz|Pa|bar|m|g|s|h|l|J|C|F|K|eV|Ohm|rad|deg|mol|cd|T|N|lx|dB|min|ppm|psi|mbar|hPa|mm|cm|in|ft|lb|rpm)|"
    r":?[-–=]+:?",
)
_TYPE_NAMES = (
    "int int32 int64 float float32 float64 double string str object datetime datetime64 date bool boolean number text "
    "integer numeric varchar timestamp decimal real"
)
_TYPES = frozenset(_TYPE_NAMES.split())


@dataclass(frozen=True)
class Header:
    """Titles of the columns, empty where there are none, and the index of the first row of data among the rows given.

    `units`: what stands below the titles, in their order. `above`: rows above the titles. `numeric`: the titles are numbers.
    """

    titles: tuple[str, ...]
    first: int
    units: tuple[str, ...] = ()
    above: int = 0
    numeric: bool = False
    levels: int = 1
    """Rows that the titles, and the units, stand in."""
    class_names: tuple[str, ...] = ()
    """Names of the classes, where the first line holds the sizes of the table and these."""


def find_header(rows: Sequence[Row], width: int) -> Header:
    """Header of rows of which most have `width` fields; those with another number of fields stand above the table."""
    fitted = [(index, trimmed(fields, width)) for index, (_, fields) in enumerate(rows)]
    fitting = [(index, fields) for index, fields in fitted if len(fields) == width]
    if not fitting:
        return Header((), 0)
    if len(fitting) > 2 and (names := _sizes(fitting[0][1])):
        return Header((), fitting[1][0], above=fitting[1][0], class_names=names)
    shapes = _shapes([fields for _, fields in fitting])
    start = _first_of_data([fields for _, fields in fitting], shapes)
    if start is None:
        return _of_texts(fitting)
    if not start:
        return _of_numbers(fitting, shapes)
    below = fitting[start:]
    first = below[0][0]
    # Titles stand right above the data: a row with another number of fields between them parts them from what is above.
    block = [fields for _, fields in fitting[:start]]
    units: list[tuple[str, ...]] = []
    while len(block) > 1 and _are_units(block[-1]) and _are_titles(block[-2], block[-1]):
        units.insert(0, tuple(word.strip() for word in block.pop()))
    titles, levels = _joined(block)
    if not titles or (levels == 1 and not _names_columns(block[-1])):
        return Header((), first, above=start)
    above = fitting[start - levels - len(units)][0]
    return Header(titles, first, units[0] if units else (), above=above, levels=levels + len(units))


def _sizes(head: list[str]) -> tuple[str, ...]:
    """Names of the classes in a line such as `150,4,setosa,versicolor,virginica`: rows, columns of values, and these names."""
    words = [word.strip() for word in head]
    if len(words) < 4 or not all(word.isascii() and word.isdigit() for word in words[:2]):
        return ()
    named = all(shape_of(word) == "text" for word in words[2:])
    return tuple(words[2:]) if named and int(words[1]) == len(words) - 1 else ()


def _shapes(rows: list[list[str]]) -> list[Shape]:
    """Shape of each column, judged by the lower rows."""
    skipped = min(len(rows) // 2, 10)
    lower = rows[skipped : skipped + _JUDGED]
    return [column_shape([row[index] for row in lower]) for index in range(len(rows[0]))]


def _first_of_data(rows: list[list[str]], shapes: list[Shape]) -> int | None:
    """Index of the first row with fields as the columns below have them; None where all columns are texts."""
    typed = [index for index, shape in enumerate(shapes) if shape in ("number", "date")]
    if not typed:
        return None
    likeness = [_likeness(row, shapes, typed) for row in rows[:_SEARCHED]]
    for place, alike in enumerate(likeness):
        # Titles further down make a preamble of what is a row by half.
        titled = alike is not None and alike < 1 and any(other == 0.0 for other in likeness[place + 1 : place + 10])
        if alike is not None and alike >= 0.5 and not titled and not _is_sparse(rows[place], shapes):
            # Rows right above it whose numbers and dates are all missing, and whose texts are not, are data as well.
            while place and likeness[place - 1] is None and _has_texts(rows[place - 1], shapes):
                if not _recurs(rows, place - 1, shapes):
                    break  # the first title may be missing, as that of an index is
                place -= 1
            return place
    return 0


def _likeness(row: list[str], shapes: list[Shape], typed: list[int]) -> float | None:
    """Share of the fields that have the shape of their column; None where nothing tells."""
    found = [(index, shape) for index in typed if (shape := shape_of(row[index])) != "missing"]
    return sum(shape == shapes[index] for index, shape in found) / len(found) if found else None


def _has_texts(row: list[str], shapes: list[Shape]) -> bool:
    texts = [word.strip() for word, shape in zip(row, shapes, strict=True) if shape == "text"]
    return bool(texts) and all(texts)


def _recurs(rows: list[list[str]], place: int, shapes: list[Shape]) -> bool:
    """Whether a text of the row stands in its column again further down, as a label does and a title does not."""
    texts = [index for index, shape in enumerate(shapes) if shape == "text"]
    return any(rows[place][index].strip() in {row[index].strip() for row in rows[place + 1 :]} for index in texts)


def _is_sparse(row: list[str], shapes: list[Shape]) -> bool:
    """Whether a row holds little where the columns are full: `Generated,2020-01-01,,,` above a table."""
    full = sum(shape != "missing" for shape in shapes)
    filled = sum(bool(word.strip()) for word in row)
    return full >= 4 and filled <= full // 2 and shape_of(row[0]) == "text" and shapes[0] != "text"


def _of_texts(fitting: list[tuple[int, list[str]]]) -> Header:
    """Header of a table without a column of numbers or dates: its first row, where it looks like titles."""
    for place, (index, head) in enumerate(fitting[:3]):
        words = {word.strip().lower() for word in head}
        below = [fields for _, fields in fitting[place + 1 :]]
        # A label such as y stands there again further down, a title does not.
        named = {
            word.strip().lower()
            for position, word in enumerate(head)
            if word.strip() not in {fields[position].strip() for fields in below}
        }
        if named & HEADINGS and len(words - {""}) == len([word for word in head if word.strip()]):
            if place + 1 < len(fitting):
                return Header(named_columns(head), fitting[place + 1][0], above=index)
            return Header(named_columns(head), index + 1, above=index)
    head, rows = fitting[0][1], [fields for _, fields in fitting[1:]]
    if not rows or any(shape_of(word) in ("number", "date") for word in head):
        numbered = bool(rows) and _counts(head) and len(head) > 1
        return (
            Header(named_columns(head), fitting[1][0], above=fitting[0][0], numeric=True)
            if numbered
            else _none(fitting)
        )
    # A label of a first row stands there again further down, the name of a column does not.
    columns = [[row[position].strip() for row in rows] for position in range(len(head))]
    # A column that is empty throughout has no title either, and says nothing.
    titled = [position for position in range(len(head)) if head[position].strip()]
    fewest = min(titled or range(len(head)), key=lambda position: len(set(columns[position])))
    repeating = len(set(columns[fewest])) <= len(rows) // 2
    if repeating and head[fewest].strip() not in set(columns[fewest]):
        return Header(named_columns(head), fitting[1][0], above=fitting[0][0])
    return _none(fitting)


def _none(fitting: list[tuple[int, list[str]]]) -> Header:
    return Header((), fitting[0][0], above=fitting[0][0])


def _of_numbers(fitting: list[tuple[int, list[str]]], shapes: list[Shape]) -> Header:
    """Header of a table whose first row looks like the rows below: titles that are numbers, or none."""
    head, rows = fitting[0][1], [fields for _, fields in fitting[1 : _JUDGED + 1]]
    if len(rows) < 3:
        return _none(fitting)
    titled = Header(named_columns(head), fitting[1][0], above=fitting[0][0], numeric=True)
    if _counts(head):
        if not head[0].strip() and all(row[0].strip() for row in rows):
            return titled  # the corner above an index, as pandas writes it
        named = [index for index, word in enumerate(head) if word.strip()]
        measured = all("." in row[index] or "," in row[index] for row in rows for index in named if row[index].strip())
        texts = any(shapes[index] == "text" for index in named)
        if texts or (measured and (len(head) > 1 or _as_precise(rows))):
            return titled
        if len(head) > 3 and not any(_counts(row) for row in rows) and not _is_even(rows):
            return titled
    if _are_years(head) and not any(_are_years(row) for row in rows[:20]):
        return replace(titled, numeric=False)
    return _none(fitting)


def _counts(head: list[str]) -> bool:
    """Whether the fields are 0, 1, 2, … or 1, 2, 3, … in order, those before them empty."""
    words = [word.strip() for word in head]
    while len(words) > 1 and not words[0]:
        words = words[1:]
    return words in ([str(index) for index in range(len(words))], [str(index + 1) for index in range(len(words))])


def _as_precise(rows: list[list[str]]) -> bool:
    """Whether all numbers of one column are written with as many decimals."""
    return len({len(row[0].strip().replace(",", ".").partition(".")[2]) for row in rows}) == 1


def _is_even(rows: list[list[str]]) -> bool:
    """Whether the rows count up, as in a table of whole numbers that begins with 0, 1, 2, 3."""
    return any(
        row == [str(int(row[0]) + index) for index in range(len(row))] for row in rows if row[0].strip().isdigit()
    )


def _are_years(head: list[str]) -> bool:
    """Whether at least four fields, and most, are years that rise by one."""
    years = [int(word) for word in map(str.strip, head) if len(word) == 4 and word.isascii() and word.isdigit()]
    steps = [after - before for before, after in pairwise(years)]
    rising = bool(steps) and steps[0] > 0 and len(set(steps)) == 1
    return len(years) >= 4 and len(years) >= len(head) // 2 and rising and 1500 <= years[0] <= 2200


def _are_units(row: list[str]) -> bool:
    """Whether the row below the titles holds units or types of columns."""
    words = [word.strip() for word in row if word.strip()]
    if not words:
        return True
    known = sum(bool(_UNIT.fullmatch(word)) or word.lower() in _TYPES for word in words)
    return known >= 0.7 * len(words) and not any(word.lower() in HEADINGS - _TYPES for word in words)


def _names_columns(row: list[str]) -> bool:
    """Whether the row fills most of its fields, or all but the first: `Report,,` does not."""
    filled = [bool(word.strip()) for word in row]
    return sum(filled) >= max(2, len(filled) / 2) or all(filled[1:])


def _are_titles(row: list[str], units: list[str]) -> bool:
    """Whether the row names every column that has a unit, each otherwise."""
    words = [word.strip() for word in row if word.strip()]
    return len(set(words)) == len(words) and len(words) >= sum(bool(word.strip()) for word in units)


def _joined(block: list[list[str]]) -> tuple[tuple[str, ...], int]:
    """Titles of the rows above the data, and the number of rows they stand in.

    Of several rows the last holds them, unless titles in it are empty or repeat: then those above tell them apart.
    """
    if not any(word.strip() for word in block[-1]):
        return ((), 0) if len(block) == 1 else _joined(block[:-1])
    last = [word.strip() for word in block[-1]]
    if len(block) == 1 or (len(set(last)) == len(last) and all(last)):
        return named_columns(last), 1
    upper = [_carried(row) for row in block[:-1] if sum(bool(word.strip()) for word in row) > 1][-3:]
    if not upper:
        return named_columns(last), 1
    # pandas writes the names of the levels, and of the index, in the first column.
    indexed = not any(last[1:])
    levels = upper + ([] if indexed else [last])
    telling = [level for level in levels if len(set(level[1:])) > 1] or levels[:1]
    titles = []
    for index in range(len(last)):
        words = list(dict.fromkeys(level[index] for level in telling if level[index]))
        titles.append(last[0] if not index and last[0] else " ".join(words))
    return named_columns(titles), len(block)


def _carried(row: list[str]) -> list[str]:
    """The row with each title repeated over the empty fields to its right."""
    carried: list[str] = []
    for index, word in enumerate(map(str.strip, row)):
        carried.append(word if word or index < 2 else carried[-1])
    return carried


def named_columns(head: Sequence[str]) -> tuple[str, ...]:
    """The columns' names, each once and none empty."""
    words = [" ".join(word.split()) for word in head]
    counts = Counter(words)
    seen: Counter[str] = Counter()
    names: list[str] = []
    taken: set[str] = set()
    for index, word in enumerate(words, start=1):
        seen[word] += 1
        name = word or f"column {index}"
        if word and counts[word] > 1 and seen[word] > 1:
            name = f"{word} ({seen[word]})"
        names.append(name if name not in taken else f"column {index}")
        taken.add(names[-1])
    return tuple(names)
