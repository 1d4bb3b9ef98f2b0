"""Layout of a table that holds many sequences: a step in each row, or a whole sequence in each row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Choice, Refusal
from rnnlab.tasks.own.roles.columns import named_column
from rnnlab.tasks.own.roles.layout_grid import numbered_grid
from rnnlab.tasks.own.roles.layout_titles import CHANNELS, LABELS, PERSONS, RECORDINGS, SURE_LABELS, TIMES
from rnnlab.tasks.own.roles.order import scattered
from rnnlab.tasks.own.roles.profile import ColumnProfile
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.numbers import NumberStyle, number_of, values_of

_SENSOR = re.compile(r"(acc|accel|gyr|gyro|mag|emg|eeg|ecg|imu|ch|channel|sensor|[agm])[\W_]*[xyz\d]*", re.IGNORECASE)
"""Titles of channels that are read one step after the other."""
_INDEXES = frozenset(("", "index", "row_id", "row", "unnamed: 0", "idx", "no", "nr"))
_WEAK_TITLES = "state status condition movement motion action event mode stage behavior behaviour"
_WEAK_LABELS = frozenset(_WEAK_TITLES.split())
"""Titles that are those of labels beside steps, and of features in other tables."""
_FEWEST_STEPS = 8
"""Steps that a second label needs, for a table to be one of recordings."""
_FEWEST_UNTITLED = 8
"""Minimum number of columns from which on a table without titles may hold a sequence in each row."""
_WIDE = 30
"""Columns from which on a table without titles may have few rows of each class."""
_MOST_CLASSES = 100
_MOST_CODES = 30
"""Whole numbers that may be the codes of labels."""
_LONG_RUN = 20
"""Mean rows of a run of one code at least, for it to be a label of steps."""
_SPREAD = 5
"""How many times as many values as classes whole measurements take at least, for a class to be told from them."""


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


def table_layout(table: Table, profiles: Sequence[ColumnProfile], data: Data, file: str) -> Layout | None:
    """Layout of a table of many sequences; None where the table is another.

    Raises `Refusal` where the kind is set and a column is not found, or where a row may be a step as well as a sequence.
    """
    columns = _Columns(table, profiles, data, file)
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
        return chosen
    return columns.decide(label, steps, rows)


class _Columns:
    """The columns of a table with what they may be."""

    def __init__(self, table: Table, profiles: Sequence[ColumnProfile], data: Data, file: str) -> None:
        self._table, self._profiles, self._data, self._file = table, profiles, data, file
        self._titles = [
            re.sub(r"[\s\-]+", "_", title.strip().lower()) if table.titled else "" for title in table.header
        ]
        self._dated = frozenset(
            profile.index for profile in profiles if profile.fits and not profile.fits[0].form.number
        )

    def label(self) -> int | None:
        """Index of the column of the labels: as set, by its title, or as the one column of few words."""
        if self._data.target_column:
            return named_column(self._table, self._data.target_column, "data.target_column", self._file)
        titled = [
            self._titles.index(title)
            for title in LABELS
            if title in self._titles and self._few(self._profiles[self._titles.index(title)])
        ]
        if titled:
            return titled[0]
        named = [
            p.index
            for p in self._profiles
            if not p.numeric
            and p.letters > 0.5
            and p.index not in self._dated
            and self._few(p)
            and not self._identifies(p)
            and p.length <= 40
        ]
        if named:
            return min(named, key=lambda index: (self._profiles[index].distinct, -index))
        if len(self._profiles) < _FEWEST_UNTITLED or (self._table.titled and not self._numbered()):
            return None
        whole = all(p.whole for p in self._profiles)
        spread = max(p.distinct for p in self._profiles)
        most = max(10, self._profiles[0].rows // (2 if len(self._profiles) >= _WIDE else 10))
        ends = [p for p in (self._profiles[0], self._profiles[-1]) if p.numeric and self._few(p) and not p.counter]
        ends = [p for p in ends if p.distinct <= most]
        # Among whole numbers a class is what takes far fewer values than the measurements.
        return next((p.index for p in ends if not whole or _SPREAD * p.distinct <= spread), None)

    def ask_code(self) -> None:
        """Raises `Refusal`, a question, where a column without a title holds a few whole numbers in long runs, as labels do."""
        measured = [p for p in self._profiles if p.numeric and not p.whole]
        if self._table.titled or len(measured) < 2 or self._data.kind != "auto":
            return
        coded = [
            p
            for p in self._profiles
            if p.numeric
            and p.whole
            and 2 <= p.distinct <= _MOST_CODES
            and not p.rising
            and not p.missing
            and p.distinct < p.runs <= p.rows / _LONG_RUN
        ]
        if len(coded) != 1:
            return
        at = coded[0].index + 1
        raise Refusal(
            "label",
            f"{self._file} has no titles, and column {at} holds {coded[0].distinct} whole numbers in long runs, as labels do: "
            "are they the labels of the rows?",
            choices=(
                Choice(f"column {at} is the label, the rows are the steps of recordings", f"data.target_column={at}"),
                Choice("the rows are one series to forecast", "data.kind=series"),
            ),
        )

    def _few(self, profile: ColumnProfile) -> bool:
        return profile.few and profile.distinct <= max(_MOST_CLASSES, 2) and (not profile.numeric or profile.whole)

    def _identifies(self, profile: ColumnProfile) -> bool:
        title = self._titles[profile.index]
        return title in PERSONS or title in RECORDINGS or title.endswith("_id")

    def _numbered(self) -> bool:
        return any(
            len(steps) >= 4 for steps in numbered_grid([p for p in self._profiles if p.numeric], self._table.header)
        )

    def _named(self, setting: str | None, key: str) -> list[int]:
        if not setting:
            return []
        return [named_column(self._table, name, key, self._file) for name in setting.split(",")]

    def _index_columns(self) -> list[int]:
        return [
            p.index
            for p in self._profiles
            if p.counter
            and (self._titles[p.index] in _INDEXES or not self._table.header[p.index].strip() or self._pandas(p))
        ]

    def _pandas(self, profile: ColumnProfile) -> bool:
        return self._table.titled and profile.index == 0 and self._table.header[0] == "column 1"

    def steps(self, label: int) -> Layout | None:
        """The columns of a table with a step in each row; None where no column holds measurements."""
        left: list[tuple[int, str]] = [(index, "it counts the rows") for index in self._index_columns()]
        taken = {label, *(index for index, _ in left)}
        named = self._named(self._data.group_column, "data.group_column")
        person, recording = self._groups(taken, label) if not named else (named[0], tuple(named[1:]))
        taken |= set(recording) | ({person} if person is not None else set())
        times = self._named(self._data.date_column, "data.date_column")
        time = times[0] if times else self._time(taken)
        if time is not None:
            taken.add(time)
        inputs = self._named(self._data.input_column, "data.input_column")
        channel = self._channel(taken)
        taken |= set() if channel is None else {channel}
        for profile in self._profiles:
            if profile.index in taken or self._data.input_column:
                continue
            if profile.numeric:
                inputs.append(profile.index)
            else:
                left.append((profile.index, "it does not hold numbers"))
        if not inputs:
            return None
        grid = tuple((index,) for index in inputs)
        return Layout("steps", label, grid, person, recording, time, tuple(left), channel)

    def _channel(self, taken: set[int]) -> int | None:
        """The column that names the channel, where one column alone holds the values of all."""
        named = [p for p in self._profiles if self._titles[p.index] in CHANNELS and p.few and p.index not in taken]
        values = [p for p in self._profiles if p.numeric and p.index not in taken and p not in named]
        return named[0].index if len(named) == 1 and len(values) == 1 else None

    def _groups(self, taken: set[int], label: int) -> tuple[int | None, tuple[int, ...]]:
        """The column of the person and those of the recordings, by their titles; without titles by their runs."""
        repeated = [p for p in self._profiles if p.index not in taken and not p.unique and p.distinct > 1]
        persons = [p.index for p in repeated if self._titles[p.index] in PERSONS]
        ids = [p.index for p in repeated if self._titles[p.index] in RECORDINGS and p.runs < 0.6 * p.rows]
        if persons or ids or self._table.titled:
            person = persons[0] if persons else None
            return person, tuple(index for index in ids if index != person)
        for p in repeated:
            whole = (p.numeric and p.whole) or not p.numeric
            if p.index < 2 and whole and p.runs <= 2 * p.distinct and p.distinct <= p.rows // 4:
                return p.index, ()
        return None, ()

    def _time(self, taken: set[int]) -> int | None:
        free = [p for p in self._profiles if p.index not in taken]
        titled = [
            p.index
            for p in free
            if (p.numeric or p.index in self._dated)
            and (self._titles[p.index] in TIMES or re.search(r"(^|_)time(stamp)?(_|$)", self._titles[p.index]))
        ]
        dated = [p.index for p in free if p.index in self._dated]
        if dated or titled:
            return next(iter(dated + titled))
        return next((p.index for p in free if p.numeric and self._rises(p)), None)

    def _rises(self, profile: ColumnProfile) -> bool:
        """Whether nearly each value of the first rows is above the one before."""
        ended = [word.rstrip(" ;") for word in self._table.column(profile.index)]
        values = [number_of(word, self._table.decimal_comma) for word in ended]
        known = [value for value in values if value is not None and value == value]
        steps = [b - a for a, b in pairwise(known)]
        risen, forth = sum(step > 0 for step in steps), sum(step >= 0 for step in steps)
        return len(steps) > 8 and forth >= 0.97 * len(steps) and risen >= 0.3 * len(steps)

    def rows(self, label: int) -> Layout | None:
        """The columns of a table with a sequence in each row; None where no column holds measurements."""
        left = [(index, "it counts the rows") for index in self._index_columns()]
        taken = {label, *(index for index, _ in left)}
        people = self._named(self._data.group_column, "data.group_column")
        if not people:
            people = [p.index for p in self._profiles if self._titles[p.index] in PERSONS and not p.unique]
        taken |= set(people)
        for p in self._profiles:
            if p.index in taken:
                continue
            if self._identifies(p) and p.unique:
                left.append((p.index, "it names the rows"))
                taken.add(p.index)
            elif not p.numeric:
                left.append((p.index, "it does not hold numbers"))
                taken.add(p.index)
        free = [p for p in self._profiles if p.index not in taken]
        if self._data.input_column:
            named = self._named(self._data.input_column, "data.input_column")
            free = [self._profiles[index] for index in named]
        if not free:
            return None
        grid = numbered_grid(free, self._table.header) if self._table.titled else ()
        held = sum(map(len, grid))
        if held >= 4 and held >= 0.5 * len(free):
            kept = {index for channel in grid for index in channel}
            left += [(p.index, "its title does not number it as the others") for p in free if p.index not in kept]
            return Layout("rows", label, grid, people[0] if people else None, left_out=tuple(left))
        whole = (tuple(p.index for p in free),)
        person = people[0] if people else None
        return Layout("rows", label, whole, person, left_out=tuple(left), numbered=not self._table.titled)

    def decide(self, label: int, steps: Layout | None, rows: Layout | None) -> Layout | None:
        """The layout that the table has; None where it is one of texts or a series. Raises `Refusal` where it may be both."""
        if steps is None or rows is None:
            return None
        profile = self._profiles[label]
        if any(self._prose(p) for p in self._profiles if p.index != label):
            return None
        runs = profile.runs <= 0.3 * profile.rows
        if self._rare(profile) and steps.time is not None:
            return None  # marks of single steps, as of a change or a fault, in a series
        timed = steps.time is not None
        grouped = steps.person is not None or bool(steps.recording)
        sure = self._titles[label] in SURE_LABELS or bool(self._data.target_column)
        if steps.time in self._dated and not sure and not grouped:
            return None  # a dated table whose other words are categories: a series to forecast
        values = sum(map(len, rows.grid))
        numbered = (rows.numbered and self._table.titled) or (not self._table.titled and values >= _FEWEST_UNTITLED)
        if runs and (timed or profile.runs > profile.distinct) and self._sensors(rows):
            return steps
        if numbered and not (timed and grouped):
            if self._table.titled or not (runs and timed):
                return rows
            if not self._data.target_column:
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
        if self._titles[label] in _WEAK_LABELS:
            raise Refusal("layout", *self._question(label))
        return rows if values > 1 else None

    def _sensors(self, rows: Layout) -> bool:
        """Whether the numbers in the titles are those of sensors, `channel3` or `emg_2`, and not of steps."""
        columns = [index for channel in rows.grid for index in channel]
        return self._table.titled and all(_SENSOR.fullmatch(self._titles[index]) for index in columns)

    def _rare(self, profile: ColumnProfile) -> bool:
        """Whether all labels but one stand at a few steps only, too few to learn from."""
        counts = sorted(profile.counts.values())
        return len(counts) > 1 and counts[-2] < _FEWEST_STEPS

    def _scattered(self, rows: Layout) -> bool:
        """Whether neighbouring rows of one label differ as much as any of its rows: features sorted by their label.

        Not where a title is that of a sensor, which at rest is scattered as well.
        """
        columns = [index for channel in rows.grid for index in channel]
        if not self._table.titled or any(_SENSOR.fullmatch(self._titles[index]) for index in columns):
            return False
        _, labels = np.unique(self._table.column(rows.label), return_inverse=True)
        for index in columns:
            styles = self._profiles[index].styles
            values, _ = values_of(self._table.column(index), styles[0] if styles else NumberStyle())
            if not scattered(values, labels.reshape(-1)):
                return False
        return True

    def _question(self, label: int) -> tuple[str, str, tuple[Choice, ...]]:
        message = (
            f"{self._file} has numbers and a label ({self._table.header[label][:40]}) in each row: is a row one step of a "
            "recording, or a sequence of its own?"
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
            and profile.index not in self._dated
            and not self._identifies(profile)
        )
