"""Tables that may be neither series nor texts: rows of measurements of people or places, in no order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnlab.tasks.own.column_roles import Roles
from rnnlab.tasks.own.findings import Choice, Findings, Refusal
from rnnlab.tasks.own.numbers import NumberStyle, values_of
from rnnlab.tasks.own.order import scattered
from rnnlab.tasks.own.profile import ColumnProfile
from rnnlab.tasks.own.table import Table
from rnnlab.tasks.own.table_layout import LABELS

_FEWEST = 30
"""Minimum number of rows by which an order is judged."""
_MANY = 3
"""Columns of numbers beside which a column of words is hardly a text to classify."""


def ask_order(table: Table, profiles: Sequence[ColumnProfile], roles: Roles, findings: Findings) -> None:
    """Raises `Refusal`, a question, where a table without dates holds several columns in no order."""
    columns = [index for index in roles.inputs if profiles[index].numeric]
    if roles.dates or len(columns) < 2 or len(table.sample) < _FEWEST or any(profile.clock for profile in profiles):
        return
    if any(profile.counter for profile in profiles):
        return
    for index in columns:
        values, _ = values_of(table.column(index), roles.styles.get(index, NumberStyle()), roles.missing)
        if np.nanvar(values) > 0 and not scattered(values):
            return
    raise Refusal(
        "order",
        f"{findings.name} has {len(columns):,} columns of numbers and no dates, and each row differs from the one before as much "
        "as from any other: do the rows follow one another in time?",
        choices=(
            Choice("the rows are the steps of one series", "data.kind=series"),
            Choice("each row is a sequence, with a label in the column named by data.target_column", "data.kind=rows"),
        ),
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
