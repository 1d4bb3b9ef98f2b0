"""Layout of a table that holds many sequences: a step in each row, or a whole sequence in each row."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Choice, Refusal
from rnnlab.tasks.own.roles.column_roles import Layout
from rnnlab.tasks.own.roles.layout_columns import FEWEST_UNTITLED, LONG_RUN, LayoutColumns
from rnnlab.tasks.own.roles.profile import ColumnProfile
from rnnlab.tasks.own.roles.titles import SURE_LABELS
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.numbers import NumberStyle, values_of
from rnnlab.tasks.own.values.order import scattered

_SENSOR = re.compile(r"(acc|accel|gyr|gyro|mag|emg|eeg|ecg|imu|ch|channel|sensor|[agm])[\W_]*[xyz\d]*", re.IGNORECASE)
"""Titles of channels that are read one step after the other."""
_STEP = re.compile(r"(t|time|step|lag|day|d|hour|h|week|w|month|minute|min|sec|s)[\W_]*\d+", re.IGNORECASE)
"""Titles that number the steps of one sequence."""
_MOST_SENSORS = 16
"""Number of columns of a table up to which each may be a channel, whatever it is called."""
_WEAK_TITLES = "state status condition movement motion action event mode stage behavior behaviour"
_WEAK_LABELS = frozenset(_WEAK_TITLES.split())
"""Titles that are those of labels beside steps, and of features in other tables."""
_FEWEST_STEPS = 8
"""Steps that a second label needs, for a table to be one of recordings."""


def table_layout(table: Table, profiles: Sequence[ColumnProfile], data: Data, file: str) -> Layout | None:
    """Layout of a table of many sequences; None where the table is another.

    Raises `Refusal` where the kind is set and a column is not found, or where a row may be a step as well as a sequence.
    """
    columns = LayoutColumns(table, profiles, data, file)
    label = columns.label()
    forced = data.kind if data.kind in ("steps", "rows") else ""
    if label is None:
        if not forced:
            columns.ask_code()
        if forced:
            raise Refusal(
                "columns",
                f"{file} has no column that is clearly the label; name it with data.target_column (data.kind = {forced})",
            )
        return None
    steps, rows = columns.steps(label), columns.rows(label)
    if forced:
        chosen = steps if forced == "steps" else rows
        if chosen is None:
            raise Refusal("columns", f"{file} has no columns of numbers beside the label {table.header[label][:40]}")
        return columns.settled(chosen)
    return columns.settled(_Decision(columns).decide(label, steps, rows))


class _Decision:
    """Choice between the two layouts of a table."""

    def __init__(self, columns: LayoutColumns) -> None:
        self._columns = columns

    def decide(self, label: int, steps: Layout | None, rows: Layout | None) -> Layout | None:
        """The layout that the table has; None where it is one of texts or a series. Raises `Refusal` where it may be both."""
        if steps is None or rows is None:
            return None
        profile = self._columns.profiles[label]
        if any(self._prose(p) for p in self._columns.profiles if p.index != label):
            return None
        runs = profile.runs <= 0.3 * profile.rows
        if self._rare(profile) and steps.time is not None:
            return None  # marks of single steps, as of a change or a fault, in a series
        timed = steps.time is not None
        grouped = steps.person is not None or bool(steps.recording)
        sure = self._columns.titles[label] in SURE_LABELS or bool(self._columns.data.target_column)
        if steps.time in self._columns.dated and not sure and not grouped:
            return None  # a dated table whose other words are categories: a series to forecast
        values = sum(map(len, rows.grid))
        titled = self._columns.table.titled
        numbered = (rows.numbered and titled) or (not titled and values >= FEWEST_UNTITLED)
        if runs and (timed or profile.runs > profile.distinct) and self._sensors(rows):
            return steps
        if numbered and runs and not timed and not grouped and self._may_be_steps(profile, rows):
            raise Refusal("layout", *self._question(label))
        if numbered and not (timed and grouped):
            if titled or not (runs and timed):
                return rows
            if not self._columns.data.target_column:
                raise Refusal("layout", *self._question(label))
        if runs and (timed or grouped):
            return steps
        if runs and profile.runs > profile.distinct and not self._rare(profile):
            return steps
        if runs and self._scattered(rows):
            return rows
        if runs:
            raise Refusal("layout", *self._question(label))
        if timed and grouped:
            return steps
        if self._columns.titles[label] in _WEAK_LABELS:
            raise Refusal("layout", *self._question(label))
        return rows if values > 1 else None

    def _sensors(self, rows: Layout) -> bool:
        """Whether the numbers in the titles are those of sensors, `channel3` or `emg_2`, and not of steps."""
        columns = [index for channel in rows.grid for index in channel]
        return self._columns.table.titled and all(_SENSOR.fullmatch(self._columns.titles[index]) for index in columns)

    def _rare(self, profile: ColumnProfile) -> bool:
        """Whether all labels but one stand at a few steps only, too few to learn from."""
        counts = sorted(profile.counts.values())
        return len(counts) > 1 and counts[-2] < _FEWEST_STEPS

    def _may_be_steps(self, profile: ColumnProfile, rows: Layout) -> bool:
        """Whether rows in long runs of one label may be the steps of recordings, although their columns are numbered.

        They are where neighbours are alike; or where few columns are numbered as channels are, and labels come back, as they do
        neither in rows that are sorted nor in rows that are shuffled.
        """
        columns = [index for channel in rows.grid for index in channel]
        scattered = self._scattered_columns(rows)
        if 2 * sum(scattered) < len(scattered):
            return True
        stepped = any(_STEP.fullmatch(self._columns.titles[index]) for index in columns)
        returning = profile.runs > profile.distinct and profile.rows >= LONG_RUN * profile.runs
        return returning and len(columns) <= _MOST_SENSORS and not stepped

    def _scattered(self, rows: Layout) -> bool:
        """Whether neighbouring rows of one label differ as much as any of its rows: features sorted by their label.

        Not where a title is that of a sensor, which at rest is scattered as well.
        """
        columns = [index for channel in rows.grid for index in channel]
        if not self._columns.table.titled or any(_SENSOR.fullmatch(self._columns.titles[index]) for index in columns):
            return False
        return all(self._scattered_columns(rows))

    def _scattered_columns(self, rows: Layout) -> list[bool]:
        """Of each column whether neighbouring rows of one label differ in it as much as any of its rows."""
        table = self._columns.table
        _, labels = np.unique(table.column(rows.label), return_inverse=True)
        found = []
        for index in (index for channel in rows.grid for index in channel):
            styles = self._columns.profiles[index].styles
            values, _ = values_of(table.column(index), styles[0] if styles else NumberStyle())
            found.append(scattered(values, labels.reshape(-1)))
        return found

    def _question(self, label: int) -> tuple[str, str, tuple[Choice, ...]]:
        title = self._columns.table.header[label][:40]
        message = (
            f"{self._columns.file} has numbers and a label ({title}) in each row: is a row one step of a recording, or a "
            "sequence of its own?"
        )
        return (
            message,
            "",
            (
                Choice("rows that follow one another are the steps of a recording", "data.kind=steps"),
                Choice("each row is a sequence, its columns are the steps", "data.kind=rows"),
            ),
        )

    def _prose(self, profile: ColumnProfile) -> bool:
        """Whether the column holds texts."""
        return (
            not profile.numeric
            and profile.letters > 0.8
            and profile.words >= 1.5
            and profile.distinct > 0.5 * min(profile.rows, 2000)
            and profile.index not in self._columns.dated
            and not self._columns.identifies(profile)
        )
