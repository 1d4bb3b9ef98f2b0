"""Sequences of measurements with their targets, from any kind of file."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.common.labels import ENOUGH, Labels, first_rows
from rnnlab.tasks.own.common.limits import LONGEST_SERIES, MOST_ROWS, check_padded
from rnnlab.tasks.own.common.marks import MarkWatch
from rnnlab.tasks.own.common.row_keys import RowKeys
from rnnlab.tasks.own.common.whole_rows import WholeRows, whole_rows
from rnnlab.tasks.own.values.filling import filled, filled_text
from rnnlab.tasks.own.values.numbers import FARTHEST
from rnnlab.tasks.own.values.precision import Precision
from rnnlab.tasks.splitting.types import TEST, TRAIN, VALIDATION

_WATCHED = 64
"""Maximum number of channels that are checked for being a clock."""
_MOST_MISSING = 0.5
"""Maximum share of missing values of a row; a row with more is left out."""


@dataclass
class Sequences:
    """Collector of rows; `add` checks each, `finish` all of them.

    `classifies` says that the targets are labels; else they are numbers. Where `keep` is false only the figures are kept.
    """

    findings: Findings
    classifies: bool
    keep: bool
    values: list[NDArray[np.float32] | NDArray[np.float64]] = field(default_factory=list)
    """Each row's values (steps, channels); NaN where a channel begins without a value. In double precision where single
    precision would blur them."""
    labels: Labels = field(default_factory=Labels)
    targets: list[tuple[float, ...]] = field(default_factory=list)
    given: array[int] = field(default_factory=lambda: array("b"))
    """Subset that each row comes with: 0 train, 1 validation, 2 test."""
    groups: list[str] = field(default_factory=list)
    """Group of each row (a person, a recording), where it is known."""
    places: list[str] = field(default_factory=list)
    """Where each row stands in the file."""
    group: str = ""
    """What a group is, where the file says it."""
    rows: int = 0
    steps: int = 0
    channels: int = 0
    shortest: int = 0
    longest: int = 0
    longest_at: str = ""
    filled: int = 0
    leading: int = 0
    """Missing values with none before them in their channel."""
    begun_late: int = 0
    """Rows that begin with steps without a value."""
    rising: NDArray[np.bool_] | None = None
    """Channels (channels,) that rise from step to step in every row, as a clock does."""
    _may_rise: bool = True
    _keys: RowKeys = field(default_factory=RowKeys, repr=False)
    _precision: Precision = field(default_factory=Precision, repr=False)
    _marks: MarkWatch = field(default_factory=MarkWatch, repr=False)
    _target_marks: MarkWatch = field(default_factory=MarkWatch, repr=False)

    def add(
        self,
        values: NDArray[np.float64],
        target: str | tuple[float, ...],
        where: str,
        *,
        test: bool = False,
        validation: bool = False,
        group: str = "",
    ) -> bool:
        """Take one row: values (steps, channels), NaN where one is missing, and its label or its numbers.

        Steps at either end without a value in any channel are no part of the row. Another missing value takes the value
        before it; where there is none it is left to the split, which puts the mean of the training rows there. Returns
        whether the row was taken; where not, why is noted.
        """
        if not self.takes(values.shape[1], where):
            return False
        if not isinstance(target, str) and not self.findings.missing.numbers.isdisjoint(target):
            self.findings.row("label", where, "its target is missing")
            return False
        whole = self._whole(values, where)
        if whole is None:
            return False
        if self.rows >= MOST_ROWS:
            if "large!" not in self.findings.problems:
                self.findings.stop(
                    "large",
                    f"{self.findings.name} has more than {MOST_ROWS:,} rows, the most that can be trained on; take a sample",
                )
            return False
        steps, channels = whole.shape
        if not self.rows:
            self.channels = channels
        if channels <= _WATCHED and steps > 1 and self._may_rise:
            rises = (np.diff(whole, axis=0) >= 0).all(axis=0) & (whole[-1] > whole[0])
            self.rising = rises if self.rising is None else self.rising & rises
            self._may_rise = bool(self.rising.any())
        self._marks.add(whole)
        cleaned, settled = self._precision.rounded(whole)
        self._keys.add(cleaned, target)
        if settled:
            self._settle()
        if isinstance(target, str):
            self.labels.add(target)
        else:
            self._target_marks.add(np.array([target]))
            if self.keep:
                self.targets.append(target)
        self.rows += 1
        self.steps += steps
        self.shortest = min(self.shortest or steps, steps)
        if steps > self.longest:
            self.longest, self.longest_at = steps, where
        self.given.append(TEST if test else VALIDATION if validation else TRAIN)
        if self.keep:
            self.values.append(cleaned)
            self.groups.append(group)
            self.places.append(where)
        return True

    def add_all(
        self,
        values: NDArray[np.float64],
        lengths: NDArray[np.int64],
        targets: Sequence[str | tuple[float, ...]],
        places: Sequence[str],
        groups: Sequence[str],
        *,
        test: bool = False,
        validation: bool = False,
        before: Callable[[int], None] = lambda _: None,
    ) -> bool:
        """Take many rows as `add` takes each: `values` (steps of all, channels), one row below another.

        `before` is called with the index of a row before anything is noted of it. Returns False, and takes none of them, where
        one holds a value that is too far: such rows are for `add`.
        """
        count, channels = len(lengths), values.shape[1]
        if (self.rows and channels != self.channels) or self.rows + count > MOST_ROWS:
            return False
        if lengths.min() < 1 or lengths.max() > LONGEST_SERIES or not self.are_near(values).all():
            return False
        if self.findings.missing.numbers and not self.classifies:
            return False
        for number in self.findings.missing.numbers:
            values = np.where(values == number, np.nan, values)
        rows = whole_rows(values, lengths, _MOST_MISSING)
        self._note_missing(rows, places, before)
        if not rows.kept.all():
            targets = list(compress(targets, rows.kept))
            places, groups = list(compress(places, rows.kept)), list(compress(groups, rows.kept))
        if len(rows.lengths):
            self._take_all(rows.values, rows.lengths, targets, places, groups)
            self.given.frombytes(bytes([TEST if test else VALIDATION if validation else TRAIN]) * len(rows.lengths))
        return True

    def _note_missing(self, rows: WholeRows, places: Sequence[str], before: Callable[[int], None]) -> None:
        """Notes the missing values of rows, one row after the other, and the rows that are left out for them."""
        self.begun_late += int(rows.late.sum())
        for index in np.flatnonzero((rows.missing > 0) | ~rows.kept).tolist():
            before(index)
            missing, leading, size = int(rows.missing[index]), int(rows.leading[index]), int(rows.sizes[index])
            if not size:
                self.findings.row("missing", places[index], "all values are missing")
            elif not rows.kept[index]:
                self.findings.row("missing", places[index], f"{missing:,} of {size:,} values are missing")
            else:
                self.findings.note_at("missing values", places[index], filled_text(missing - leading, leading))
                self.filled += missing - leading
                self.leading += leading

    def _take_all(
        self,
        values: NDArray[np.float64],
        lengths: NDArray[np.int64],
        targets: Sequence[str | tuple[float, ...]],
        places: Sequence[str],
        groups: Sequence[str],
    ) -> None:
        """Takes rows that are whole."""
        count, (steps, channels) = len(lengths), values.shape
        self.channels = channels
        ends = np.cumsum(lengths)
        begins = ends - lengths
        if channels <= _WATCHED and self._may_rise and (lengths > 1).any():
            rises = values[1:] >= values[:-1]
            rises[ends[:-1] - 1] = True
            higher = values[ends - 1] > values[begins]
            found: NDArray[np.bool_] = np.logical_and.reduce(np.concatenate([rises, higher[lengths > 1]]))
            self.rising = found if self.rising is None else self.rising & found
            self._may_rise = bool(self.rising.any())
        edges = list(zip(begins.tolist(), ends.tolist(), strict=True))
        for begin, end in edges:
            self._marks.add(values[begin:end])
        single, double, settled = self._precision.rounded_all(values, lengths)
        cleaned = [
            values[begin:end] if exact else single[begin:end]
            for (begin, end), exact in zip(edges, double.tolist(), strict=True)
        ]
        self._keys.add_all(cleaned, targets)
        if settled:
            self._settle()
        longest = int(lengths.argmax())
        if lengths[longest] > self.longest:
            self.longest, self.longest_at = int(lengths[longest]), places[longest]
        shortest = int(lengths.min())
        self.shortest = min(self.shortest or shortest, shortest)
        self._add_targets(targets)
        self.rows += count
        self.steps += steps
        if self.keep:
            self.values += cleaned
            self.groups += groups
            self.places += places

    def _add_targets(self, targets: Sequence[str | tuple[float, ...]]) -> None:
        self.labels.add_all([target for target in targets if isinstance(target, str)])
        numbers = [target for target in targets if not isinstance(target, str)]
        for number in numbers:
            self._target_marks.add(np.array([number]))
        self.targets += numbers if self.keep else []

    def are_near(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which steps (steps,) of values (steps, channels) hold none that is too far to be measured."""
        with np.errstate(invalid="ignore"):
            far: NDArray[np.bool_] = np.logical_or.reduce(np.abs(values) > FARTHEST, axis=1)
        return ~far

    def _settle(self) -> None:
        """Single precision is enough for all rows so far."""
        self._keys.settle()
        self.values = [row.astype(np.float32, copy=False) for row in self.values]

    def middle(self) -> NDArray[np.float64] | None:
        """What to take off each channel (channels,) before single precision; None where nothing is."""
        found = self._precision.middle()
        if found is None:
            self._settle()
        return found

    def note_single(self, name: str) -> None:
        """Notes channels that an array called `name`, saved in single precision, has blurred."""
        for channel, step, move in self._precision.blurred():
            self.findings.warn(
                "single precision",
                f"{name} is saved in single precision, in which the values of channel {channel + 1} stand {step:g} apart while "
                f"they move by {move:g} only; save it as float64",
            )

    def takes(self, channels: int, where: str) -> bool:
        """Whether a row has as many channels as those before; where not, that is noted."""
        if not self.rows or channels == self.channels:
            return True
        self.findings.row("ragged", where, f"{channels:,} channels where the rows before have {self.channels:,}")
        return False

    def count(self, subset: int) -> int:
        """Number of rows that come as the subset: 0 train, 1 validation, 2 test."""
        return self.given.count(subset)

    def _whole(self, values: NDArray[np.float64], where: str) -> NDArray[np.float64] | None:
        """The row's values, none missing but at the beginning of a channel; None, and noted, where too many are."""
        if not values.size:
            self.findings.row("empty row", where, "there is no value")
            return None
        for number in self.findings.missing.numbers:
            marked = values == number
            if marked.any():
                values = np.where(marked, np.nan, values)
        if np.abs(values).max() <= FARTHEST and len(values) <= LONGEST_SERIES:
            return values  # as nearly all are: none is missing, nor is any too far
        with np.errstate(invalid="ignore"):
            wild = np.isinf(values) | (np.abs(values) > FARTHEST)
        if wild.any():
            self.findings.note_at("range", where, f"{int(wild.sum()):,} values beyond ±{FARTHEST:g}, read as missing")
            values = np.where(wild, np.nan, values)
        missing = np.isnan(values)
        if missing.any():
            present = np.flatnonzero(~missing.all(axis=1))
            if not len(present):
                self.findings.row("missing", where, "all values are missing")
                return None
            begin, end = int(present[0]), int(present[-1]) + 1
            self.begun_late += begin > 0
            values, missing = values[begin:end], missing[begin:end]
        if len(values) > LONGEST_SERIES:
            message = f"{len(values):,} steps, and at most {LONGEST_SERIES:,} can be in a row"
            self.findings.row("long", where, message)
            return None
        if missing.any():
            count = int(missing.sum())
            if count > _MOST_MISSING * missing.size:
                self.findings.row("missing", where, f"{count:,} of {missing.size:,} values are missing")
                return None
            values = filled(values)
            leading = int(np.isnan(values).sum())
            self.findings.note_at("missing values", where, filled_text(count - leading, leading))
            self.filled += count - leading
            self.leading += leading
        return values

    def finish(self, noun: str = "rows") -> None:
        """Checks all rows, once they are added."""
        findings = self.findings
        findings.judge(self.rows, noun)
        if not self.rows:
            return
        hashes = self._keys.hashes()
        given = np.frombuffer(self.given, dtype=np.int8)
        first = first_rows(hashes)
        distinct = int(np.count_nonzero(first))
        if self.classifies:
            self.labels.judge(first, findings)
        elif distinct < ENOUGH:
            findings.stop(
                "few rows",
                f"{findings.name} has {distinct} distinct {noun}; training, validation and test need one each",
            )
        if repeats := self.rows - distinct:
            findings.warn(
                "duplicates",
                f"{repeats:,} of {self.rows:,} {noun} repeat an earlier one, with the same values and target",
                count=repeats,
            )
        if self.begun_late:
            begin = f"{noun} begin" if self.begun_late > 1 else f"of the {noun} begins"
            message = (
                f"{self.begun_late:,} {begin} with steps without any value, which are left out, as those at the end are"
            )
            findings.warn("late begin", message, count=self.begun_late)
        if (given != TRAIN).all():
            held = "test" if (given == TEST).all() else "validation" if (given == VALIDATION).all() else "held-out"
            findings.stop("few rows", f"{findings.name} has {held} {noun} alone, and nothing to train on")
        self._note_leaks(hashes, given, noun)
        self._marks.note(findings, noun)
        self._target_marks.note_stand_ins(findings, " among the targets")
        check_padded(findings, self.rows, self.longest, self.steps, self.channels, self.longest_at)

    def _note_leaks(self, hashes: NDArray[np.int64], given: NDArray[np.int8], noun: str) -> None:
        """Notes rows that stand in two of the subsets that come with the data."""
        train, validation, test = (hashes[given == subset] for subset in (TRAIN, VALIDATION, TEST))
        for held, name in ((test, "test"), (validation, "validation")):
            shared = int(np.isin(train, held).sum())
            if shared:
                message = f"{shared:,} training {noun} are {name} {noun} too, and are not trained on"
                self.findings.warn("leak" if name == "test" else "validation leak", message, count=shared)
        if shared := int(np.isin(validation, test).sum()):
            message = f"{shared:,} validation {noun} are test {noun} too, and are left out of the validation part"
            self.findings.warn("test leak", message, count=shared)


def padded(
    rows: Sequence[NDArray[np.float32] | NDArray[np.float64]], middle: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows (steps, channels) as one array (rows, longest, channels), zero past each end, and their lengths (rows,).

    `middle` (channels,) is taken off each value, in double precision.
    """
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    inputs = np.zeros((len(rows), int(lengths.max(initial=1)), rows[0].shape[1] if rows else 1), dtype=np.float32)
    for row, values in enumerate(rows):
        inputs[row, : len(values)] = values if middle is None else values - middle
    return inputs, lengths
