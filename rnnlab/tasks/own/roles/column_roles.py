"""Roles of a table's columns, as they are assigned and as the check says them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rnnlab.tasks.own.common.kinds import OwnKind
from rnnlab.tasks.own.values.date_columns import JoinedForm
from rnnlab.tasks.own.values.dates import DateForm
from rnnlab.tasks.own.values.numbers import AUTO, Missing, NumberStyle


@dataclass(frozen=True)
class Layout:
    """Columns of a table of many sequences, by their indices.

    `grid` (channels, steps) are the values of a row for the kind `rows`, (channels, 1) for the kind `steps`.
    """

    kind: Literal["steps", "rows"]
    label: int
    grid: tuple[tuple[int, ...], ...]
    person: int | None = None
    recording: tuple[int, ...] = ()
    """Columns that tell one recording from another, beside the person."""
    time: int | None = None
    left_out: tuple[tuple[int, str], ...] = ()
    channel: int | None = None
    """Column that says which channel the one value of a row is of, where a step takes several rows."""
    numbered: bool = True
    """Whether the titles number the steps; else the columns are features, in the order of the file."""


@dataclass(frozen=True)
class Roles:
    """Roles of a table's columns, by their indices. What a kind of table has no need of is empty.

    `dates` are one column, or several whose words together are a date, of this `form`. `inputs` are the values that
    go in: of a series the forecast one first. `styles` say how the numbers of a column are written.
    """

    kind: OwnKind
    dates: tuple[int, ...] = ()
    form: DateForm | JoinedForm | None = None
    text: int | None = None
    label: int | None = None
    target: int | None = None
    inputs: tuple[int, ...] = ()
    group: tuple[int, ...] = ()
    left_out: tuple[tuple[int, str], ...] = ()
    others: tuple[int, ...] = ()
    """Other columns that could be the label, or the value to forecast."""
    notes: Mapping[int, str] = field(default_factory=dict)
    styles: Mapping[int, NumberStyle] = field(default_factory=dict)
    missing: Missing = AUTO
    layout: Layout | None = None
    """Columns of a table of many sequences in the order of their values."""
    kept_labels: frozenset[str] = frozenset()
    """Words such as None that are classes here, although they often stand for a missing value."""
    apart: tuple[int, ...] = ()
    """Columns that may tell several series of one table apart, the likeliest first."""
    series: str = "auto"
    """Which of several series is forecast: its name, `mean` or `sum` of all, or `auto`: that is asked."""

    def is_label(self, word: str) -> bool:
        """Whether the word, without blanks around it, is a label and not a missing one."""
        return word in self.kept_labels or not self.missing.is_missing(word)

    def facts(self, header: Sequence[str]) -> dict[str, object]:
        """What the check says of the columns: each with its role and a note, and those left out with the reason."""
        target = {"text": "label", "series": "forecast"}.get(self.kind, "label")
        names: dict[int, str] = {}
        for index in self.dates:
            names[index] = "date" if self.kind == "series" else "time"
        for index in self.group:
            names[index] = "group"
        for column, name in ((self.text, "text"), (self.label, "label"), (self.target, target)):
            if column is not None:
                names[column] = name
        for index in self.inputs:
            names.setdefault(index, "input")
        return {
            "roles": [
                {"column": header[index], "role": name, "note": self.notes.get(index, "")}
                for index, name in names.items()
            ],
            "left_out": [{"column": header[index], "reason": reason} for index, reason in self.left_out],
        }
