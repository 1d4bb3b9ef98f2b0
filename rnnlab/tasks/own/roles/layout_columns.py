"""Columns of a table that may hold many sequences: the label, persons, recordings, the clock and the channels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Choice, Refusal
from rnnlab.tasks.own.roles.column_roles import Layout
from rnnlab.tasks.own.roles.layout_grid import numbered_grid
from rnnlab.tasks.own.roles.named import named_column, named_columns, refuse_shared
from rnnlab.tasks.own.roles.profile import ColumnProfile
from rnnlab.tasks.own.roles.titles import CHANNELS, LABELS, PERSONS, RECORDINGS, TIMES
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.numbers import number_of

_INDEXES = frozenset(("", "index", "row_id", "row", "unnamed: 0", "idx", "no", "nr"))
FEWEST_UNTITLED = 8
"""Minimum number of columns from which on a table without titles may hold a sequence in each row."""
_WIDE = 30
"""Columns from which on a table without titles may have few rows of each class."""
_MOST_CLASSES = 100
_MOST_CODES = 30
"""Whole numbers that may be the codes of labels."""
LONG_RUN = 20
"""Mean rows of a run of one code at least, for it to be a label of steps."""
_SPREAD = 5
"""How many times as many values as classes whole measurements take at least, for a class to be told from them."""
_NOT_NAMED = "not among data.input_column"


class LayoutColumns:
    """The columns of a table with what they may be."""

    def __init__(self, table: Table, profiles: Sequence[ColumnProfile], data: Data, file: str) -> None:
        self.table, self.profiles, self.data, self.file = table, profiles, data, file
        self._rivals: list[int] = []
        """Columns of words of which one is the label, where no title says which."""
        self.titles = [re.sub(r"[\s\-]+", "_", title.strip().lower()) if table.titled else "" for title in table.header]
        self.dated = frozenset(
            profile.index for profile in profiles if profile.fits and not profile.fits[0].form.number
        )

    def label(self) -> int | None:
        """Index of the column of the labels: as set, by its title, or as the one column of few words."""
        if self.data.target_column:
            return named_column(self.table.header, self.data.target_column, "data.target_column", self.file)
        titled = [
            self.titles.index(title)
            for title in LABELS
            if title in self.titles and self._few(self.profiles[self.titles.index(title)])
        ]
        if titled:
            return titled[0]
        named = [
            p.index
            for p in self.profiles
            if not p.numeric
            and p.letters > 0.5
            and p.index not in self.dated
            and self._few(p)
            and not self.identifies(p)
            and p.length <= 40
        ]
        if named:
            self._rivals = named
            return min(named, key=lambda index: (self.profiles[index].distinct, -index))
        if len(self.profiles) < FEWEST_UNTITLED or (self.table.titled and not self._numbered()):
            return None
        whole = all(p.whole for p in self.profiles)
        spread = max(p.distinct for p in self.profiles)
        most = max(10, self.profiles[0].rows // (2 if len(self.profiles) >= _WIDE else 10))
        ends = [p for p in (self.profiles[0], self.profiles[-1]) if p.numeric and self._few(p) and not p.counter]
        ends = [p for p in ends if p.distinct <= most]
        # Among whole numbers a class is what takes far fewer values than the measurements.
        found = next((p.index for p in ends if not whole or _SPREAD * p.distinct <= spread), None)
        if found is None and len(self.profiles) >= _WIDE:
            balanced = [p for p in self.profiles if self._balanced(p)]
            found = balanced[0].index if len(balanced) == 1 and balanced[0] in ends else None
        return found

    def _balanced(self, profile: ColumnProfile) -> bool:
        """Whether the column holds 0, 1, 2, … or 1, 2, 3, …, each about as often, as measurements hardly ever do."""
        if profile.low not in (0, 1) or profile.distinct < 2:
            return False
        first = int(profile.low)
        codes = {str(code) for code in range(first, first + profile.distinct)}
        return set(profile.counts) == codes and max(profile.counts.values()) <= 1.5 * min(profile.counts.values())

    def ask_code(self) -> None:
        """Raises `Refusal`, a question, where a column without a title holds a few whole numbers in long runs, as labels do."""
        measured = [p for p in self.profiles if p.numeric and not p.whole]
        if self.table.titled or len(measured) < 2 or self.data.kind != "auto":
            return
        coded = [
            p
            for p in self.profiles
            if p.numeric
            and p.whole
            and 2 <= p.distinct <= _MOST_CODES
            and not p.rising
            and not p.missing
            and p.distinct < p.runs <= p.rows / LONG_RUN
        ]
        if len(coded) != 1:
            return
        at = coded[0].index + 1
        raise Refusal(
            "label",
            f"{self.file} has no titles, and column {at} holds {coded[0].distinct} whole numbers in long runs, as labels do: "
            "are they the labels of the rows?",
            choices=(
                Choice(f"column {at} is the label, the rows are the steps of recordings", f"data.target_column={at}"),
                Choice("the rows are one series to forecast", "data.kind=series"),
            ),
        )

    def _few(self, profile: ColumnProfile) -> bool:
        return profile.few and profile.distinct <= max(_MOST_CLASSES, 2) and (not profile.numeric or profile.whole)

    def identifies(self, profile: ColumnProfile) -> bool:
        """Whether the column names a person or a recording, by its title."""
        title = self.titles[profile.index]
        return title in PERSONS or _is_recording(title)

    def _numbered(self) -> bool:
        return any(
            len(steps) >= 4 for steps in numbered_grid([p for p in self.profiles if p.numeric], self.table.header)
        )

    def _named(self) -> dict[str, tuple[int, ...]]:
        """The columns that the settings name, by their keys."""
        data = self.data
        settings = {
            "data.input_column": data.input_column,
            "data.date_column": data.date_column,
            "data.group_column": data.group_column,
        }
        return {key: named_columns(self.table.header, names, key, self.file) for key, names in settings.items()}

    def _ask_label(self) -> None:
        """Raises `Refusal`, a question: which of several columns of words is the label."""
        choices = []
        for profile in (self.profiles[index] for index in self._rivals[:6]):
            classes = ", ".join(word[:20] for word in list(profile.counts)[:4]) + (
                ", …" if profile.distinct > 4 else ""
            )
            reading = f"{profile.distinct:,} classes: {classes}"
            choices.append(Choice(reading, f"data.target_column={profile.title}"))
        raise Refusal("columns", f"{self.file} has several columns that may be the label", choices=tuple(choices))

    def settled(self, layout: Layout | None) -> Layout | None:
        """The layout as it is. Raises `Refusal` where two settings name the same column of it."""
        if layout is not None and layout.kind == "rows" and len(self._rivals) > 1 and layout.label in self._rivals:
            self._ask_label()
        if layout is not None:
            target = "data.target_column" if self.data.target_column else "the label"
            refuse_shared(self.table.header, {target: (layout.label,), **self._named()}, self.file)
        return layout

    def _index_columns(self) -> list[int]:
        return [
            p.index
            for p in self.profiles
            if p.counter
            and (self.titles[p.index] in _INDEXES or not self.table.header[p.index].strip() or self._pandas(p))
        ]

    def _pandas(self, profile: ColumnProfile) -> bool:
        return self.table.titled and profile.index == 0 and self.table.header[0] == "column 1"

    def steps(self, label: int) -> Layout | None:
        """The columns of a table with a step in each row; None where no column holds measurements."""
        named = self._named()
        inputs, times = list(named["data.input_column"]), named["data.date_column"]
        if len(times) > 1:
            raise Refusal(
                "columns",
                f"{self.file}: data.date_column names {len(times)} columns; the clock of steps is one column",
            )
        left = [(index, "it counts the rows") for index in self._index_columns() if index not in inputs]
        taken = {label, *(index for index, _ in left), *inputs}
        groups = named["data.group_column"]
        person, recording = (groups[0], groups[1:]) if groups else self._groups(taken | set(times), label)
        taken |= set(recording) | ({person} if person is not None else set())
        time = times[0] if times else self._time(taken)
        if time is not None:
            taken.add(time)
        channel = self._channel(taken, inputs)
        taken |= set() if channel is None else {channel}
        for profile in self.profiles:
            if profile.index in taken:
                continue
            if inputs and self.data.input_column:
                left.append((profile.index, _NOT_NAMED))
            elif profile.numeric:
                inputs.append(profile.index)
            else:
                left.append((profile.index, "it does not hold numbers"))
        if not inputs:
            return None
        grid = tuple((index,) for index in inputs)
        return Layout("steps", label, grid, person, recording, time, tuple(left), channel)

    def _channel(self, taken: set[int], inputs: Sequence[int]) -> int | None:
        """The column that names the channel, where one column alone holds the values of all."""
        named = [p for p in self.profiles if self.titles[p.index] in CHANNELS and p.few and p.index not in taken]
        values = [p for p in self.profiles if p.numeric and p.index not in taken and p not in named]
        values += [self.profiles[index] for index in inputs]
        return named[0].index if len(named) == 1 and len(values) == 1 else None

    def _groups(self, taken: set[int], label: int) -> tuple[int | None, tuple[int, ...]]:
        """The column of the person and those of the recordings, by their titles; without titles by their runs."""
        repeated = [p for p in self.profiles if p.index not in taken and not p.unique and p.distinct > 1]
        persons = [p.index for p in repeated if self.titles[p.index] in PERSONS]
        ids = [p.index for p in repeated if _is_recording(self.titles[p.index]) and p.runs < 0.6 * p.rows]
        if persons or ids or self.table.titled:
            person = persons[0] if persons else None
            return person, tuple(index for index in ids if index != person)
        for p in repeated:
            whole = (p.numeric and p.whole) or not p.numeric
            if p.index < 2 and whole and p.runs <= 2 * p.distinct and p.distinct <= p.rows // 4:
                return p.index, ()
        return None, ()

    def _time(self, taken: set[int]) -> int | None:
        free = [p for p in self.profiles if p.index not in taken]
        titled = [
            p.index
            for p in free
            if (p.numeric or p.index in self.dated)
            and (self.titles[p.index] in TIMES or re.search(r"(^|_)time(stamp)?(_|$)", self.titles[p.index]))
        ]
        dated = [p.index for p in free if p.index in self.dated]
        if dated or titled:
            return next(iter(dated + titled))
        return next((p.index for p in free if p.numeric and self._rises(p)), None)

    def _rises(self, profile: ColumnProfile) -> bool:
        """Whether nearly each value of the first rows is above the one before."""
        ended = [word.rstrip(" ;") for word in self.table.column(profile.index)]
        values = [number_of(word, self.table.decimal_comma) for word in ended]
        known = [value for value in values if value is not None and value == value]
        steps = [b - a for a, b in pairwise(known)]
        risen, forth = sum(step > 0 for step in steps), sum(step >= 0 for step in steps)
        return len(steps) > 8 and forth >= 0.97 * len(steps) and risen >= 0.3 * len(steps)

    def rows(self, label: int) -> Layout | None:
        """The columns of a table with a sequence in each row; None where no column holds measurements."""
        settings = self._named()
        inputs, people = settings["data.input_column"], settings["data.group_column"]
        left = [(index, "it counts the rows") for index in self._index_columns() if index not in inputs]
        taken = {label, *(index for index, _ in left), *inputs}
        if not people:
            persons = [p for p in self.profiles if self.titles[p.index] in PERSONS and not p.unique]
            people = tuple(p.index for p in persons if p.index not in taken)
        taken |= set(people)
        for p in self.profiles:
            if p.index in taken:
                continue
            if self.identifies(p) and p.unique:
                left.append((p.index, "it names the rows"))
                taken.add(p.index)
            elif not p.numeric:
                left.append((p.index, "it does not hold numbers"))
                taken.add(p.index)
        free = [p for p in self.profiles if p.index not in taken]
        if inputs:
            left += [(p.index, _NOT_NAMED) for p in free]
            free = [self.profiles[index] for index in inputs]
        if not free:
            return None
        grid = numbered_grid(free, self.table.header) if self.table.titled else ()
        held = sum(map(len, grid))
        if held >= 4 and held >= 0.5 * len(free):
            kept = {index for channel in grid for index in channel}
            left += [(p.index, "its title does not number it as the others") for p in free if p.index not in kept]
            return Layout("rows", label, grid, people[0] if people else None, left_out=tuple(left))
        whole = (tuple(p.index for p in free),)
        person = people[0] if people else None
        return Layout("rows", label, whole, person, left_out=tuple(left), numbered=not self.table.titled)


def _is_recording(title: str) -> bool:
    """Whether the column named so tells recordings apart: `trip`, `trip_id`."""
    return title in RECORDINGS or (title.endswith("_id") and title not in CHANNELS)
