"""A table with a step in each row: many recordings below one another, each with a label.

A recording whose label is the same throughout is one sequence. Where labels change along it, windows are cut (`data.window`,
`data.stride`) that lie within one person, one recording and one label, and that no gap of the clock crosses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.labels import same_label
from rnnlab.tasks.own.common.number_labels import class_word
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.layouts.step_rows import Steps, gathered
from rnnlab.tasks.own.layouts.windowing import CutSequences, Segment, WindowSettings, cut_windows
from rnnlab.tasks.own.roles.column_roles import Layout, Roles
from rnnlab.tasks.own.tables.paired_table import PairedTable
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.numbers import values_of

_GAP = 10.0
"""Usual steps of the clock from which on two rows do not follow one another."""
_RESTARTS = 0.02
"""Maximum share of rows at which the clock runs back for recordings that begin anew; with more the rows are out of order."""


def read_steps(
    table: Table,
    roles: Roles,
    data: Data,
    settings: WindowSettings,
    findings: Findings,
    *,
    keep: bool,
    report: Report = quiet,
    test: PairedTable | None = None,
) -> CutSequences:
    """All recordings of the table, whole or as windows, and those of `test` as the test set.

    Raises `Refusal` where their target is unclear.
    """
    layout = roles.layout
    assert layout is not None
    steps = gathered(table, table, roles, layout, findings, report)
    if not steps.read:
        findings.stop("empty", f"{findings.name} holds no step that can be read")
        return CutSequences(Sequences(findings, classifies=True, keep=keep), None, "")
    channels = len(steps.channel_names) or len(layout.grid)
    if steps.channel_names:
        findings.facts["input_columns"] = list(steps.channel_names)
    recordings = _recordings(steps, channels, findings)
    if test is not None:
        tested = gathered(test, table, roles, layout, findings, report, steps.channel_names)
        if tested.read and len(tested.channel_names or layout.grid) == channels:
            recordings += _recordings(tested, channels, findings, prefix=f"{test.name} ")
    numbered = bool(layout.person is not None or layout.recording)
    whole = numbered and all(recording.constant for recording in recordings) and not settings.given
    regresses = data.problem != "classes" and _floats(list(steps.label_names))
    if regresses and not whole:
        raise Refusal(
            "target",
            f"{findings.name}: {table.header[layout.label][:40]} holds numbers that change within a recording; a number can be "
            "predicted for a whole recording only (data.group_column names the column that tells them apart)",
        )
    sequences = Sequences(findings, classifies=not regresses, keep=keep)
    person = table.header[layout.person] if layout.person is not None else ""
    gaps = sum(len(recording.gaps) for recording in recordings)
    if gaps:
        what = "the net does not see that" if whole else "no window goes across"
        places = "1 place" if gaps == 1 else f"{gaps:,} places"
        findings.warn("gaps", f"the clock leaps at {places}: {what}", count=gaps)
    if whole:
        return _whole(recordings, sequences, person)
    cut = cut_windows(sequences, _segments(recordings), settings, person)
    sequences.finish("windows")
    _warn_of_clocks(sequences, table, layout, findings)
    return cut


def _segments(recordings: Sequence[_Recording]) -> list[Segment]:
    """Stretches of one label without a gap of the clock."""
    return [
        Segment(
            recording.values[begin:end],
            recording.labels[begin],
            recording.where(begin),
            recording.person,
            recording.name,
            recording.test,
        )
        for recording in recordings
        for begin, end in recording.stretches()
    ]


def _whole(recordings: Sequence[_Recording], sequences: Sequences, person: str) -> CutSequences:
    """Each recording as one sequence; `person` is the title of the column of persons, where there is one."""
    for recording in recordings:
        name = recording.labels[0]
        target = name if sequences.classifies else (float(name),)
        sequences.add(recording.values, target, recording.where(0), test=recording.test, group=recording.person)
    sequences.findings.facts["recordings"] = len(recordings)
    sequences.finish("recordings")
    return CutSequences(sequences, None, person)


def _warn_of_clocks(sequences: Sequences, table: Table, layout: Layout, findings: Findings) -> None:
    """Warns of channels that always rise, which tell one window from another without any skill."""
    if sequences.rising is None or len(sequences.rising) != len(layout.grid):
        return
    for (index,), rises in zip(layout.grid, sequences.rising.tolist(), strict=True):
        if rises:
            title = table.header[index][:40]
            findings.warn(
                "clock",
                f"{title} always rises, as a clock does: it can tell one window from another without any skill; "
                f"data.date_column={title} takes it for the clock",
            )


@dataclass(frozen=True)
class _Recording:
    """Steps of one recording in the order of their clock: values (steps, channels), the label and the line of each."""

    values: NDArray[np.float64]
    labels: Sequence[str]
    alike: NDArray[np.int32]
    """A number for the label of each step, the same for ways to write one."""
    lines: NDArray[np.int64]
    gaps: NDArray[np.int64]
    """Steps before which the clock leaps."""
    person: str
    name: str
    prefix: str = ""

    @property
    def test(self) -> bool:
        """Whether it is of the test set that comes with the data."""
        return bool(self.prefix)

    @property
    def constant(self) -> bool:
        """Whether its label is the same throughout."""
        return bool((self.alike == self.alike[0]).all())

    def where(self, step: int) -> str:
        """The place of a step in the file."""
        return f"{self.prefix}line {int(self.lines[step]):,}"

    def stretches(self) -> list[tuple[int, int]]:
        """Beginning and end of each run of one label without a gap."""
        changes = np.flatnonzero(np.diff(self.alike)) + 1
        return list(pairwise(sorted({0, *changes.tolist(), *self.gaps.tolist(), len(self.alike)})))


def _recordings(steps: Steps, channels: int, findings: Findings, prefix: str = "") -> list[_Recording]:
    """The recordings in the order of their clock, parted where it begins anew.

    Raises `Refusal` where rows of several recordings are mixed.
    """
    values = np.frombuffer(steps.values, dtype=np.float64).reshape(-1, channels)
    moments = np.frombuffer(steps.moments, dtype=np.float64)
    labels = np.frombuffer(steps.labels, dtype=np.int32)
    groups = np.frombuffer(steps.groups, dtype=np.int32)
    lines = np.frombuffer(steps.lines, dtype=np.int64)
    names = list(map(class_word, steps.label_names))
    numbers: dict[str, int] = {}
    alike = np.array([numbers.setdefault(same_label(name), len(numbers)) for name in names], dtype=np.int32)
    keys = list(steps.group_names)
    order = np.argsort(groups, kind="stable")
    found: list[_Recording] = []
    unordered = restarts = repeated = 0
    for rows in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1):
        key = keys[int(groups[rows[0]])]
        again = np.zeros(0, dtype=np.int64)
        if steps.timed:
            back = np.flatnonzero(np.diff(moments[rows]) < 0) + 1
            if len(back) and len(back) <= max(1, _RESTARTS * len(rows)) and _repeats(moments[rows]):
                again = back
                restarts += len(back)
            elif len(back):
                unordered += len(back)
                rows = rows[np.argsort(moments[rows], kind="stable")]
                repeated += int((np.diff(moments[rows]) == 0).sum())
        for part in np.split(rows, again):
            gaps = _gaps(moments[part]) if steps.timed else np.zeros(0, dtype=np.int64)
            words = [names[code] for code in labels[part].tolist()]
            found.append(
                _Recording(values[part], words, alike[labels[part]], lines[part], gaps, key[0], " ".join(key), prefix)
            )
    if unordered and repeated > 0.5 * steps.read:
        raise Refusal(
            "several rows",
            f"{findings.name}: several rows of one recording stand for one moment; which column tells apart what they are from? "
            "Name it in data.group_column, with that of the person before it",
        )
    if unordered:
        findings.warn("order", "the rows were put in the order of their clock", count=unordered)
    if restarts:
        findings.warn(
            "restart", f"the clock begins anew {restarts:,} times: a recording begins there each time", count=restarts
        )
    return found


def _gaps(moments: NDArray[np.float64]) -> NDArray[np.int64]:
    """Steps before which the clock leaps by many times its usual step."""
    clock = np.diff(moments)
    rising = clock[clock > 0]
    if not len(rising):
        return np.zeros(0, dtype=np.int64)
    leaps: NDArray[np.int64] = np.flatnonzero(clock > _GAP * float(np.median(rising))) + 1
    return leaps


def _repeats(moments: NDArray[np.float64]) -> bool:
    """Whether many rows share a moment, as where each recording counts from its own beginning."""
    return len(np.unique(moments)) < 0.9 * len(moments)


def _floats(names: list[str]) -> bool:
    """Whether the labels are numbers of which some are not whole."""
    values, wrong = values_of(names)
    return not wrong and bool((values != np.floor(values)).any())
