"""Roles of the columns: as set, or guessed from their titles and fields."""

from __future__ import annotations

import difflib

from rnnlab.tasks.own.findings import Refusal
from rnnlab.tasks.own.table import Table
from rnnlab.tasks.own.words import DateReader, date_reader, is_missing, number_of

_LABELS = ("label", "labels", "class", "target", "category", "y", "language", "country", "lang", "output", "intent")
_TEXTS = (
    "text",
    "sentence",
    "name",
    "word",
    "input",
    "x",
    "tweet",
    "review",
    "message",
    "surname",
    "content",
    "sequence",
)
_DATES = ("date", "time", "timestamp", "datetime", "day", "month", "year", "week", "ds", "period")
_VALUES = (
    "value",
    "values",
    "target",
    "y",
    "sales",
    "price",
    "close",
    "count",
    "demand",
    "load",
    "temperature",
    "volume",
)


def named_column(table: Table, name: str, key: str, file: str) -> int:
    """Index of the column called `name`, or numbered so from 1. Raises `Refusal` with the names of all columns."""
    wanted = name.strip()
    if wanted in table.header:
        return table.header.index(wanted)
    folded = [title.lower() for title in table.header]
    if wanted.lower() in folded:
        return folded.index(wanted.lower())
    # No longer number names a column, and Python refuses to read the longest.
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 and 1 <= int(wanted) <= table.columns:
        return int(wanted) - 1
    near = difflib.get_close_matches(wanted, table.header, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    titles = ", ".join(title[:40] for title in table.header[:12]) + (", …" if table.columns > 12 else "")
    raise Refusal("columns", f"{file} has no column {wanted[:40]!r}{hint}, which {key} names; its columns are {titles}")


def _titled(table: Table, titles: tuple[str, ...], but: frozenset[int] = frozenset()) -> int | None:
    """The first column whose title is one of `titles`, the likeliest title first."""
    folded = [title.lower() for title in table.header]
    return next((folded.index(title) for title in titles if title in folded and folded.index(title) not in but), None)


def numeric_share(words: list[str], decimal_comma: bool) -> float:
    """Share of numbers among the fields that are not missing."""
    values = [number_of(word, decimal_comma) for word in words if not is_missing(word)]
    return sum(value is not None for value in values) / len(values) if values else 0.0


def text_columns(table: Table, input_column: str | None, target_column: str | None, file: str) -> tuple[int, int]:
    """Indices of the text and of its label. Raises `Refusal` where there are not two columns."""
    text = named_column(table, input_column, "data.input_column", file) if input_column else None
    label = named_column(table, target_column, "data.target_column", file) if target_column else None
    if table.columns < 2:
        raise Refusal(
            "delimiter",
            f"{file} has one column only, where text and label need two; part them with a comma, a tab or a semicolon",
        )
    if text is not None and text == label:
        raise Refusal("columns", f"{file}: data.input_column and data.target_column name the same column")
    if label is None:
        label = _titled(table, _LABELS, frozenset(() if text is None else (text,)))
    if text is None:
        text = _titled(table, _TEXTS, frozenset(() if label is None else (label,)))
    if text is None:
        others = [index for index in range(table.columns) if index != label]
        text = max(others, key=lambda index: _wordiness(table.column(index)))
    if label is None:
        others = [index for index in range(table.columns) if index != text]
        label = min(others, key=lambda index: (_sameness(table.column(index)), -index))
    return text, label


def _wordiness(words: list[str]) -> tuple[int, int]:
    """Likeness of a column to texts: number of different ones, then total length."""
    return len(set(words)), sum(map(len, words))


def _sameness(words: list[str]) -> float:
    """Unlikeness of a column to labels: number of different fields; one alone tells nothing."""
    different = len({word.strip() for word in words})
    return different if different > 1 else 1e9


def dates_of(table: Table) -> tuple[int, DateReader] | None:
    """Index of the column of dates and its parser, where there is one."""
    first = _titled(table, _DATES)
    indices = dict.fromkeys(([] if first is None else [first]) + list(range(min(8, table.columns))))
    for index in indices:
        reader = date_reader(table.column(index)[:200])
        if reader is not None:
            return index, reader
    return None


def value_columns(
    table: Table, dated: int | None, input_column: str | None, target_column: str | None, file: str
) -> tuple[int, tuple[int, ...]]:
    """The place of the value that is forecast, and of all values that go in, that one first.

    `input_column` may name several, with commas between; none: every column of numbers. Raises `Refusal`.
    """
    numeric = [
        index
        for index in range(table.columns)
        if index != dated and numeric_share(table.column(index), table.decimal_comma) >= 0.9
    ]
    target = named_column(table, target_column, "data.target_column", file) if target_column else None
    if target is None:
        titled = _titled(table, _VALUES)
        target = titled if titled in numeric else next(iter(numeric), None)
    if target is None:
        raise Refusal("columns", f"{file} has no column of numbers to forecast")
    if input_column:
        inputs = [named_column(table, name, "data.input_column", file) for name in input_column.split(",")]
    else:
        inputs = numeric
    # The forecast column is an input as well: the net's forecasts are its later inputs.
    return target, (target, *dict.fromkeys(index for index in inputs if index != target))
