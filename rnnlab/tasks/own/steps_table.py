"""A table with a step in each row: many recordings below one another, each with a label.

A recording whose label is the same throughout is one sequence. Where labels change along it, windows are cut (`data.window`,
`data.stride`) that lie within one person, one recording and one label, and that no gap of the clock crosses.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnlab.config.data import Data
from rnnlab.tasks.own.column_roles import Roles
from rnnlab.tasks.own.dates import DateForm, moments_of
from rnnlab.tasks.own.findings import TOLERATED, Findings, Refusal, Report, sentence
from rnnlab.tasks.own.labels import LONGEST_LABEL, same_label
from rnnlab.tasks.own.limits import LARGEST
from rnnlab.tasks.own.numbers import NumberStyle, values_of
from rnnlab.tasks.own.records import Block
from rnnlab.tasks.own.sequences import Sequences
from rnnlab.tasks.own.source import quiet
from rnnlab.tasks.own.table import Table
from rnnlab.tasks.own.table_layout import Layout
from rnnlab.tasks.own.windowing import CutSequences, Segment, cut_windows, is_set

_GAP = 10.0
"""Usual steps of the clock from which on two rows do not follow one another."""
_RESTARTS = 0.02
"""Maximum share of rows at which the clock runs back for recordings that begin anew; with more the rows are out of order."""


@dataclass
class _Steps:
    """All steps of the file, in its order."""

    values: array[float] = field(default_factory=lambda: array("d"))
    moments: array[float] = field(default_factory=lambda: array("d"))
    labels: array[int] = field(default_factory=lambda: array("i"))
    groups: array[int] = field(default_factory=lambda: array("i"))
    persons: array[int] = field(default_factory=lambda: array("i"))
    lines: array[int] = field(default_factory=lambda: array("q"))
    label_names: dict[str, int] = field(default_factory=dict)
    group_names: dict[tuple[str, ...], int] = field(default_factory=dict)
    person_names: dict[str, int] = field(default_factory=dict)
    unlabelled: int = 0
    read: int = 0
    timed: bool = False
    """Whether the clock of the steps is known."""


def read_steps(
    table: Table, roles: Roles, data: Data, findings: Findings, *, keep: bool, report: Report = quiet
) -> CutSequences:
    """All recordings of the table, whole or as windows. Raises `Refusal` where their order or their target is unclear."""
    layout = roles.layout
    assert layout is not None
    steps = _gathered(table, roles, layout, findings, report)
    if not steps.read:
        findings.stop("empty", f"{findings.name} holds no step that can be read")
        return CutSequences(Sequences(findings, classifies=True, keep=keep), None, "")
    title = table.header[layout.label]
    recordings = _recordings(steps, len(layout.grid), steps.timed, findings)
    names = list(steps.label_names)
    alike = _alike(names)
    constant = [bool((alike[labels] == alike[labels[0]]).all()) for _, labels, _ in recordings]
    numbered = bool(layout.person is not None or layout.recording)
    whole = numbered and all(constant) and not is_set(data)
    regresses = data.problem != "classes" and _floats(names)
    if regresses and not whole:
        raise Refusal(
            "target",
            f"{findings.name}: {title[:40]} holds numbers that change within a recording; a number can be predicted for a whole "
            "recording only (data.group_column names the column that tells them apart)",
        )
    sequences = Sequences(findings, classifies=not regresses, keep=keep)
    persons = list(steps.person_names)
    people = [persons[steps.persons[int(rows[0])]] for _, _, rows in recordings]
    person = table.header[layout.person] if layout.person is not None else ""
    if whole:
        for (values, labels, rows), who in zip(recordings, people, strict=True):
            name = names[labels[0]]
            target = (float(name),) if regresses else name
            sequences.add(values, target, f"line {steps.lines[int(rows[0])]:,}", group=who)
        findings.facts["recordings"] = len(recordings)
        sequences.finish("recordings")
        return CutSequences(sequences, None, person)
    ids = list(steps.group_names)
    segments = [
        Segment(
            values[a:b],
            names[labels[a]],
            f"line {steps.lines[int(rows[a])]:,}",
            who,
            " ".join(ids[steps.groups[int(rows[a])]]),
        )
        for (values, labels, rows), who in zip(recordings, people, strict=True)
        for a, b in _runs(alike[labels])
    ]
    cut = cut_windows(sequences, segments, data, person)
    sequences.finish("windows")
    return cut


def _alike(names: list[str]) -> NDArray[np.int32]:
    """A number for each label, the same for ways to write one."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(same_label(name), len(numbers)) for name in names], dtype=np.int32)


def _gathered(table: Table, roles: Roles, layout: Layout, findings: Findings, report: Report) -> _Steps:
    """The steps of all rows that can be read; the others are noted and counted."""
    steps = _Steps()
    inner = Findings(findings.name)
    if layout.time is not None:
        steps.timed = roles.form is not None or layout.time in roles.styles
        if not steps.timed:
            findings.warn(
                "order",
                f"the times in {table.header[layout.time][:40]} cannot be read; the rows were taken in the order of the file",
            )
    channels = len(layout.grid)
    most = LARGEST // (8 * (channels + 4))
    for block in table.blocks(inner, report):
        if len(block):
            _take_block(block, table, roles, layout, steps, inner)
        if steps.read > most:
            findings.stop(
                "large", f"{findings.name} has more than {most:,} steps of {channels} channels; take a sample"
            )
            break
    if inner.left_out > TOLERATED * (steps.read + inner.left_out):
        inner.judge(steps.read, "steps")
    for kind, problem in inner.problems.items():
        if problem.stops:
            findings.stop(problem.kind, problem.message, problem.where, problem.count)
        else:
            findings.warn(kind, sentence(problem), problem.where, problem.count)
    if steps.unlabelled:
        findings.warn(
            "unlabelled", f"{steps.unlabelled:,} steps have no label and are left out", count=steps.unlabelled
        )
    return steps


def _take_block(block: Block, table: Table, roles: Roles, layout: Layout, steps: _Steps, findings: Findings) -> None:
    good = np.ones(len(block), dtype=bool)
    columns = []
    for (index,) in layout.grid:
        values, wrong = values_of(block.columns[index], roles.styles.get(index, NumberStyle()), roles.missing)
        _note_wrong(wrong, block, index, table, good, findings)
        columns.append(values)
    moments = np.zeros(len(block))
    if layout.time is not None and steps.timed:
        moments = _moments(block.columns[layout.time], roles, layout.time)
        _note_wrong(np.flatnonzero(np.isnan(moments)).tolist(), block, layout.time, table, good, findings, "a time")
    words = list(map(str.strip, block.columns[layout.label]))
    labels = {word: roles.is_label(word) for word in set(words)}
    unlabelled = ~np.fromiter(map(labels.__getitem__, words), dtype=bool, count=len(words))
    steps.unlabelled += int((unlabelled & good).sum())
    good &= ~unlabelled
    if any(len(word) > LONGEST_LABEL for word in labels):
        for row in np.flatnonzero([len(word) > LONGEST_LABEL for word in words]).tolist():
            findings.row("label", f"line {block.lines[row]}", f"a label of {len(words[row]):,} characters")
            good[row] = False
    kept = np.flatnonzero(good)
    _extend(steps.values, np.stack(columns, axis=1)[kept])
    _extend(steps.moments, moments[kept])
    for word in dict.fromkeys(words):
        if labels[word]:
            steps.label_names.setdefault(word, len(steps.label_names))
    codes = np.fromiter((steps.label_names.get(word, -1) for word in words), dtype=np.int32, count=len(words))
    steps.labels.frombytes(codes[kept].tobytes())
    persons = list(map(str.strip, block.columns[layout.person])) if layout.person is not None else [""] * len(words)
    keys = list(zip(persons, *(map(str.strip, block.columns[index]) for index in layout.recording), strict=True))
    for key in dict.fromkeys(keys):
        steps.group_names.setdefault(key, len(steps.group_names))
        steps.person_names.setdefault(key[0], len(steps.person_names))
    groups = np.fromiter(map(steps.group_names.__getitem__, keys), dtype=np.int32, count=len(words))
    people = np.fromiter(map(steps.person_names.__getitem__, persons), dtype=np.int32, count=len(words))
    steps.groups.frombytes(groups[kept].tobytes())
    steps.persons.frombytes(people[kept].tobytes())
    steps.lines.frombytes(np.asarray(block.lines, dtype=np.int64)[kept].tobytes())
    steps.read += len(kept)


def _moments(words: Sequence[str], roles: Roles, index: int) -> NDArray[np.float64]:
    """Times of the rows, NaN where a word is none."""
    if isinstance(roles.form, DateForm):
        return moments_of(words, roles.form)
    return values_of(words, roles.styles.get(index, NumberStyle()), roles.missing)[0]


def _extend(held: array[float], values: NDArray[np.float64]) -> None:
    held.frombytes(np.ascontiguousarray(values, dtype=np.float64).tobytes())


def _note_wrong(
    wrong: list[int],
    block: Block,
    index: int,
    table: Table,
    good: NDArray[np.bool_],
    findings: Findings,
    what: str = "a number",
) -> None:
    for row in wrong:
        if good[row]:
            word = block.columns[index][row].strip()[:20]
            message = f"{word!r} in the column {table.header[index][:40]} is not {what}"
            findings.row("not a number", f"line {block.lines[row]}", message)
            good[row] = False


Recording = tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int64]]
"""Values (steps, channels), the labels of the steps, and their indices in the file."""


def _recordings(steps: _Steps, channels: int, timed: bool, findings: Findings) -> list[Recording]:
    """The recordings in the order of their clock, parted where it begins anew or leaps."""
    values = np.frombuffer(steps.values, dtype=np.float64).reshape(-1, channels)
    moments = np.frombuffer(steps.moments, dtype=np.float64)
    labels = np.frombuffer(steps.labels, dtype=np.int32)
    groups = np.frombuffer(steps.groups, dtype=np.int32)
    order = np.argsort(groups, kind="stable")
    edges = np.flatnonzero(np.diff(groups[order])) + 1
    found: list[Recording] = []
    sorted_rows = gaps = restarts = 0
    for rows in np.split(order, edges):
        cuts = np.zeros(0, dtype=np.int64)
        if timed and len(rows) > 1:
            clock = np.diff(moments[rows])
            back = int((clock < 0).sum())
            if back and back <= max(1, _RESTARTS * len(rows)) and _repeats(moments[rows]):
                restarts += back
            elif back:
                sorted_rows += back
                rows = rows[np.argsort(moments[rows], kind="stable")]
                clock = np.diff(moments[rows])
            rising = clock[clock > 0]
            usual = float(np.median(rising)) if len(rising) else 0.0
            apart = (clock < 0) | (clock > _GAP * usual) if usual else clock < 0
            gaps += int((clock > _GAP * usual).sum()) if usual else 0
            cuts = np.flatnonzero(apart) + 1
        found += [(values[part], labels[part], part) for part in np.split(rows, cuts)]
    if sorted_rows:
        findings.warn("order", "the rows were put in the order of their clock", count=sorted_rows)
    if restarts:
        findings.warn(
            "restart", f"the clock begins anew {restarts:,} times: a recording begins there each time", count=restarts
        )
    if gaps:
        findings.warn(
            "gaps",
            f"the clock leaps at {gaps:,} {'place' if gaps == 1 else 'places'}: no sequence goes across",
            count=gaps,
        )
    return found


def _repeats(moments: NDArray[np.float64]) -> bool:
    """Whether many rows share a moment, as where each recording counts from its own beginning."""
    return len(np.unique(moments)) < 0.9 * len(moments)


def _runs(labels: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Beginning and end of each run of one label."""
    edges = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)]
    return list(pairwise(edges))


def _floats(names: list[str]) -> bool:
    """Whether the labels are numbers of which some are not whole."""
    values, wrong = values_of(names)
    return not wrong and bool((values != np.floor(values)).any())
