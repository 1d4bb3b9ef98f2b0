"""Table in a JSON file: an object a line, or one document that is a table in one of the ways in which pandas and others write.

Numbers become texts as they are read, null an empty field, an object within an object fields `outer.inner`, a list of words the
words with blanks between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import msgspec

from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.source import Source, chunks
from rnnlab.tasks.own.common.unpack import Stream
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.sniff import Sample

MOST_DOCUMENT = 128 * 2**20
"""Maximum bytes of a document that is one value, which is held as a whole; one of an object a line may be of any size."""
_BLOCK_ROWS = 20_000
_BEGINNING = re.compile(r'\{\s*(?:"|\}$)|\[\s*(?:\{\s*"|\[|"|-?\d)')
"""Beginning of what may be JSON, and may be a text in brackets."""
_OBJECT = re.compile(r'\[?\s*\{\s*"(?:[^"\\]|\\.)*"\s*:')
"""Beginning of what is meant to be JSON."""
_ALIKE = 0.9
"""Minimum share of the first lines that are objects of their own, where a file holds an object a line."""

_Record = dict[str, Any]


@dataclass(frozen=True)
class StoredTable:
    """Table whose rows are not lines: its keys, the fields of its first rows, and a function to the blocks of all."""

    keys: tuple[str, ...]
    sample: list[list[str]]
    blocks: Callable[[Findings, Report], Iterator[Block]]
    layout: str
    """`an object a line`, `JSON` for one document, or `Parquet`."""


def json_table(source: Source, sample: Sample, findings: Findings) -> StoredTable | None:
    """Table of a JSON file; None where the file is none. Raises `Refusal` where it is no table, or too large."""
    begin = "".join(line for _, line in sample[:5]).lstrip()
    if not _BEGINNING.match(begin):
        return None
    records = [record for _, line in sample if (record := _record(line)) is not None]
    if records and len(records) >= _ALIKE * len(sample) and (len(sample) > 1 or not _is_table(records[0])):
        _say_joined(records, findings)
        return _of_lines(source, records)
    if source.unpacked > MOST_DOCUMENT:
        raise Refusal(
            "large",
            f"{findings.name} is one JSON document of more than {MOST_DOCUMENT // 2**20} MiB; save it as JSON lines, an object a "
            "line",
        )
    with Stream(source.path, findings.name) as stream:
        data = b"".join(iter(stream.read, b""))
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if not _OBJECT.match(begin):
            return None
        raise Refusal("format", f"{findings.name} begins as JSON does and cannot be read as such: {error}") from None
    return _of_document(source, data, document, findings)


def _record(line: str) -> _Record | None:
    if line.lstrip()[:1] != "{":
        return None
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
    return value if isinstance(value, dict) else None


def _is_table(record: _Record) -> bool:
    """Whether an object is a whole table, and not one row of it."""
    values = list(record.values())
    return any(isinstance(value, (dict, list)) and len(value) > 1 for value in values)


def _flat(record: _Record) -> dict[str, str]:
    """Fields of an object as texts."""
    found: dict[str, str] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            found |= {f"{key}.{inner}": _word(part) for inner, part in value.items()}
        else:
            found[key] = _word(value)
    return found


def _is_words(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _say_joined(records: Iterable[object], findings: Findings) -> None:
    """Notes the fields in which lists of words stand."""
    objects = [record for record in records if isinstance(record, dict)]
    joined = list(
        dict.fromkeys(key for record in objects for key, value in record.items() if value and _is_words(value))
    )
    if joined:
        some = ", ".join(key[:40] for key in joined[:6]) + (", …" if len(joined) > 6 else "")
        findings.warn(
            "lists of words", f"lists of words were joined, with blanks between them: {some}", count=len(joined)
        )


def _word(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if _is_words(value):
        return " ".join(value)
    if isinstance(value, (bool, dict, list)):
        return msgspec.json.encode(value).decode()
    return str(value)


def _of_lines(source: Source, records: list[_Record]) -> StoredTable:
    """Table of an object a line; its columns are the keys of the first lines."""
    keys = list(dict.fromkeys(key for record in records for key in _flat(record)))

    def blocks(findings: Findings, report: Report) -> Iterator[Block]:
        known = set(keys)
        for numbers, lines in chunks(source, findings, report, 2**22):
            found: list[int] = []
            rows: list[dict[str, str]] = []
            for number, line in zip(numbers, lines, strict=True):
                record = _record(line)
                if record is not None:
                    flat = _flat(record)
                    if not flat.keys() <= known:
                        more = next(key for key in flat if key not in known)
                        message = f"the key {more[:40]!r} stands in none of the first lines; it was passed over"
                        findings.note_at("columns", f"line {number}", message)
                    found.append(number)
                    rows.append(flat)
                elif line and not line.isspace():
                    findings.row("ragged", f"line {number}", "the line is no JSON object as the others are")
            yield Block(found, [[row.get(key, "") for row in rows] for key in keys])

    sample = [[flat.get(key, "") for key in keys] for flat in map(_flat, records)]
    return StoredTable(tuple(keys), sample, blocks, "an object a line")


def _of_document(source: Source, data: bytes, document: Any, findings: Findings) -> StoredTable:
    keys, rows = _rows(document)
    if not rows or not keys:
        raise Refusal(
            "format",
            f"{findings.name} is JSON and no table of it; save it as JSON lines, an object a line, or as CSV",
        )
    held = [document] if isinstance(document, list) else [list(document.values()), *document.values()]
    _say_joined((record for records in held if isinstance(records, list) for record in records[:1000]), findings)
    numbers = _line_numbers(data, len(rows)) if isinstance(document, list) else range(1, len(rows) + 1)

    def blocks(findings: Findings, report: Report) -> Iterator[Block]:
        for start in range(0, len(rows), _BLOCK_ROWS):
            fitting: list[list[str]] = []
            found: list[int] = []
            for number, row in zip(
                numbers[start : start + _BLOCK_ROWS], rows[start : start + _BLOCK_ROWS], strict=True
            ):
                if len(row) == len(keys):
                    fitting.append(row)
                    found.append(number)
                else:
                    message = f"{len(row):,} values where there are {len(keys)} columns"
                    findings.row("ragged", f"line {number}", message)
            yield Block(found, [[row[index] for row in fitting] for index in range(len(keys))])
        report(source.size, source.size)

    sample = [row for row in rows[:1000] if len(row) == len(keys)]
    return StoredTable(tuple(keys), sample, blocks, "JSON")


def _rows(document: Any) -> tuple[list[str], list[list[str]]]:
    """Keys and rows of a document that is a table; none where it is no table."""
    if isinstance(document, list):
        return _rows_of_list(document)
    if not isinstance(document, dict):
        return [], []
    if isinstance(document.get("columns"), list) and isinstance(document.get("data"), list):
        keys = [_word(key) for key in document["columns"]]
        return keys, [list(map(_word, row)) for row in document["data"] if isinstance(row, list)]
    columns = {
        key: list(value.values()) if isinstance(value, dict) else value
        for key, value in document.items()
        if isinstance(value, (dict, list))
    }
    if len(columns) == len(document) and len({len(values) for values in columns.values()}) == 1 and len(columns) > 1:
        plain = not any(isinstance(value, (dict, list)) for values in columns.values() for value in values)
        if plain:
            return list(columns), [list(map(_word, row)) for row in zip(*columns.values(), strict=True)]
        if all(isinstance(value, dict) for value in document.values()):
            return _rows_of_list(list(document.values()))
    lists = [value for value in document.values() if isinstance(value, list) and len(value) > 1]
    return _rows_of_list(lists[0]) if len(lists) == 1 else ([], [])


def _rows_of_list(values: list[Any]) -> tuple[list[str], list[list[str]]]:
    if all(isinstance(value, dict) for value in values):
        flat = [_flat(value) for value in values]
        keys = list(dict.fromkeys(key for record in flat for key in record))
        return keys, [[record.get(key, "") for key in keys] for record in flat]
    if all(isinstance(value, list) for value in values):
        head = values[0]
        if (
            len(values) > 1
            and all(isinstance(word, str) for word in head)
            and values[1]
            and not isinstance(values[1][-1], str)
        ):
            return list(head), [list(map(_word, row)) for row in values[1:]]
        return [f"column {index}" for index in range(1, len(head) + 1)], [list(map(_word, row)) for row in values]
    if any(isinstance(value, (dict, list)) for value in values):
        return [], []
    return ["column 1"], [[_word(value)] for value in values]


def _line_numbers(data: bytes, rows: int) -> Sequence[int]:
    """The line on which each element of a list begins."""
    try:
        elements = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return range(1, rows + 1)
    numbers: list[int] = []
    place = line = 0
    for element in elements[len(elements) - rows :]:
        at = data.find(bytes(element), place)
        line += data.count(b"\n", place, at)
        numbers.append(line + 1)
        place = at
    return numbers
