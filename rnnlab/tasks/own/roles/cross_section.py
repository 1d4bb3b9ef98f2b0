"""Tables that may be neither series nor texts: rows in no order, fields that hold a sequence each, sparse features."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Choice, Findings, Refusal
from rnnlab.tasks.own.roles.column_roles import Roles
from rnnlab.tasks.own.roles.columns import (
    SURE_CLOCK,
    clock_rank,
    is_index,
    is_sentences,
    may_be_label,
    parts_of,
    titled,
)
from rnnlab.tasks.own.roles.named import named_columns
from rnnlab.tasks.own.roles.profile import ColumnProfile
from rnnlab.tasks.own.roles.titles import LABEL_TITLES, LABELS
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.cell_numbers import SAVE_SEQUENCES
from rnnlab.tasks.own.values.numbers import NumberStyle, values_of
from rnnlab.tasks.own.values.order import scattered

_MONTHS = ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "nov")
_HOUR = re.compile(r"(?:hour|hr|h|he|stunde|std)?[\s_.]*(\d{1,2})(?:[:.h]?00)?")
"""Titles of the hours of a day: Hour0, h01, 13, 14:00."""
_SPARSE = re.compile(r"\d+:[+-]?[\d.]+(?:[eE][+-]?\d+)?")
"""A field of a LIBSVM file: the number of a feature, and its value."""
_FEWEST = 30
"""Minimum number of rows by which an order is judged."""
_MANY_NUMBERS = 8
"""Columns of numbers that may be a sequence in each row, beside which a column of lists is one more."""
_MANY = 3
"""Columns of numbers beside which a column of words is hardly a text to classify."""


def refuse_sparse(table: Table, name: str) -> None:
    """Raises `Refusal` where the fields are pairs of a feature's number and its value, as in a LIBSVM file."""
    fields = [field for row in table.sample[:_FEWEST] for field in row[1:] if field]
    if table.columns > 2 and fields and all(_SPARSE.fullmatch(field) for field in fields):
        raise Refusal(
            "sparse",
            f"{name} is written as LIBSVM writes features, number:value ({fields[0][:20]}), which is not read; save a CSV with a "
            "column for each feature and one for the label",
        )


def refuse_lists(table: Table, profiles: Sequence[ColumnProfile], data: Data, name: str) -> None:
    """Raises `Refusal` where what goes in would be a column whose fields hold many numbers each, and not one value."""
    # A label of 0 and 1 in brackets is one of few.
    held = [p for p in profiles if p.cells and not (titled(p, LABEL_TITLES) and may_be_label(p))]
    if data.kind == "text":
        held = [p for p in held if p.cells and not p.cells.tokens]
    if data.input_column:
        chosen = named_columns(table.header, data.input_column, "data.input_column", name)
        held = [profile for profile in held if profile.index in chosen]
    elif held and _goes_in_beside([p for p in profiles if p not in held], data):
        return
    if not held:
        return
    profile, cells = held[0], held[0].cells
    assert cells is not None
    choices = (Choice("a text, each number a word of it", "data.kind=text"),) if cells.tokens else ()
    others = sum(not p.cells and not p.nearly_empty and not is_index(p) for p in profiles)
    otherwise = ", or name another column that goes in with data.input_column" if others > 1 else ""
    otherwise += "; or read it otherwise" if choices else ""
    raise Refusal(
        "lists",
        f"{name}: the column {profile.title[:40]} holds {cells.text} in each field, such as "
        f"{profile.example[:24].strip()!r}…, and a sequence within one field is not read; {SAVE_SEQUENCES}{otherwise}",
        choices=choices,
    )


def _goes_in_beside(others: Sequence[ColumnProfile], data: Data) -> bool:
    """Whether these columns hold what goes in, so that one of lists beside them is left out: texts, dated or many numbers."""
    if any(map(is_sentences, others)):
        return True
    numbers = [p for p in others if p.numeric and not is_index(p) and not titled(p, LABEL_TITLES)]
    dated = any(p.fits and (not p.fits[0].form.number or p.fits[0].rising) for p in others)
    return len(numbers) >= (1 if data.kind == "series" or dated else _MANY_NUMBERS)


def ask_order(table: Table, profiles: Sequence[ColumnProfile], roles: Roles, findings: Findings) -> None:
    """Raises `Refusal`, a question, where a table without dates holds several columns in no order."""
    columns = [index for index in roles.inputs if profiles[index].numeric]
    if roles.dates or len(columns) < 2 or len(table.sample) < _FEWEST:
        return
    if any(_tells_time(profile) and not _is_name(profile) for profile in profiles):
        return
    changing = disordered = 0
    for index in columns:
        values, _ = values_of(table.column(index), roles.styles.get(index, NumberStyle()), roles.missing)
        values = values[~np.isnan(values)]
        if len(values) > 1 and np.ptp(values) > 0:
            changing += 1
            disordered += scattered(values)
    # Rows may be sorted by one of their columns, and by others that go with it.
    if disordered <= changing / 2:
        return
    raise Refusal(
        "order",
        f"{findings.name} has {len(columns):,} columns of numbers and no dates, and in most of them a row differs from the one "
        "before as much as from any other: do the rows follow one another in time?",
        choices=(
            Choice("the rows are the steps of one series", "data.kind=series"),
            Choice("each row is a sequence, with a label in the column named by data.target_column", "data.kind=rows"),
        ),
    )


def _tells_time(profile: ColumnProfile) -> bool:
    """Whether the rows are in the order of this clock, throughout."""
    return not profile.falls and clock_rank(profile) <= SURE_CLOCK


def _is_name(profile: ColumnProfile) -> bool:
    """Whether a counter is titled as the number of a person or a thing, `Id` or `PassengerId`, and not of a step."""
    return profile.titled and parts_of(profile.title)[-1:] in (("id",), ("ids",))


def refuse_calendar(table: Table, roles: Roles, findings: Findings) -> None:
    """Raises `Refusal` where each row holds a year, with a column for each month, or a day, with one for each hour."""
    titles = [title.strip().lower()[:3] for title in table.header]
    hours = [int(found[1]) for title in table.header if (found := _HOUR.fullmatch(title.strip().lower()))]
    if table.titled and roles.dates and sorted(hours) in (list(range(24)), list(range(1, 25))):
        raise Refusal(
            "wide",
            f"{findings.name} has a column for each hour of the day; put the values below one another, with a column of the date "
            "and the hour, and one of the value",
            choices=(Choice("a row is a step, and each hour is a column of its own", "data.kind=series"),),
        )
    if table.titled and all(month in titles for month in _MONTHS):
        raise Refusal(
            "wide",
            f"{findings.name} has a column for each month; put the values below one another, with a column of the month and one "
            "of the value",
        )


def ask_label(table: Table, profiles: Sequence[ColumnProfile], roles: Roles, findings: Findings) -> None:
    """Raises `Refusal`, a question, where words stand beside many columns of numbers and no title names the label."""
    assert roles.text is not None
    assert roles.label is not None
    numbers = [profile for profile in profiles if profile.numeric and not profile.counter]
    titled = table.titled and table.header[roles.label].strip().lower() in LABELS
    if titled or len(numbers) < _MANY or profiles[roles.text].words >= 4:
        return
    text, label = table.header[roles.text][:40], table.header[roles.label][:40]
    raise Refusal(
        "columns",
        f"{findings.name} has {len(numbers):,} columns of numbers beside the words in {text}, and no title names a label: what "
        "is to be learned?",
        choices=(
            Choice(f"the texts in {text} are classified, by the labels in {label}", "data.kind=text"),
            Choice("each row is a sequence, with a label in the column named by data.target_column", "data.kind=rows"),
        ),
    )
