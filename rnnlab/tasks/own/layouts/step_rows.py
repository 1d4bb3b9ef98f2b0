"""The rows of a table with a step in each: their values, times, labels and whom they are from."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.common.findings import TOLERATED, Findings, Report, sentence
from rnnlab.tasks.own.common.labels import LONGEST_LABEL
from rnnlab.tasks.own.common.limits import LARGEST
from rnnlab.tasks.own.roles.column_roles import Layout, Roles
from rnnlab.tasks.own.tables.paired_table import PairedTable
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.dates import DateForm, moments_of
from rnnlab.tasks.own.values.numbers import NumberStyle, values_of


@dataclass
class Steps:
    """All steps of the file, in its order."""

    values: array[float] = field(default_factory=lambda: array("d"))
    moments: array[float] = field(default_factory=lambda: array("d"))
    labels: array[int] = field(default_factory=lambda: array("i"))
    groups: array[int] = field(default_factory=lambda: array("i"))
    persons: array[int] = field(default_factory=lambda: array("i"))
    channels: array[int] = field(default_factory=lambda: array("i"))
    """Channel of the one value of each row, where a column names it."""
    lines: array[int] = field(default_factory=lambda: array("q"))
    label_names: dict[str, int] = field(default_factory=dict)
    group_names: dict[tuple[str, ...], int] = field(default_factory=dict)
    person_names: dict[str, int] = field(default_factory=dict)
    unlabelled: int = 0
    channel_names: dict[str, int] = field(default_factory=dict)
    read: int = 0
    timed: bool = False
    """Whether the clock of the steps is known."""


def gathered(
    table: Table | PairedTable,
    train: Table,
    roles: Roles,
    layout: Layout,
    findings: Findings,
    report: Report,
    channel_names: dict[str, int] | None = None,
) -> Steps:
    """The steps of all rows that can be read; the others are noted and counted."""
    # The channels of a test set are those of the training set, in their order.
    steps = Steps(channel_names=dict(channel_names or {}))
    inner = Findings(findings.name)
    if layout.time is not None:
        steps.timed = roles.form is not None or layout.time in roles.styles
        if not steps.timed:
            findings.warn(
                "order",
                f"the times in {train.header[layout.time][:40]} cannot be read; the rows were taken in the order of the file",
            )
    channels = len(layout.grid)
    most = LARGEST // (8 * (channels + 4))
    for block in table.blocks(inner, report):
        if len(block):
            _take_block(block, train, roles, layout, steps, inner)
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
    if layout.channel is not None and steps.read:
        steps = spread_out(steps)
    if steps.unlabelled:
        findings.warn(
            "unlabelled", f"{steps.unlabelled:,} steps have no label and are left out", count=steps.unlabelled
        )
    return steps


def _take_block(block: Block, table: Table, roles: Roles, layout: Layout, steps: Steps, findings: Findings) -> None:
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
    if layout.channel is not None:
        named = list(map(str.strip, block.columns[layout.channel]))
        of = [steps.channel_names.setdefault(word, len(steps.channel_names)) for word in named]
        steps.channels.frombytes(np.array(of, dtype=np.int32)[kept].tobytes())
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


def spread_out(steps: Steps) -> Steps:
    """Steps whose rows hold one channel each, with all channels of a moment in one row; NaN where one is missing."""
    groups = np.frombuffer(steps.groups, dtype=np.int32)
    channels = np.frombuffer(steps.channels, dtype=np.int32)
    moments = np.frombuffer(steps.moments, dtype=np.float64)
    if not steps.timed:
        moments = _counted(groups, channels)
    _, first, row = np.unique(np.stack([groups, moments], axis=1), axis=0, return_index=True, return_inverse=True)
    values = np.full((len(first), len(steps.channel_names)), np.nan)
    values[row.reshape(-1), channels] = np.frombuffer(steps.values, dtype=np.float64)
    spread = Steps(
        label_names=steps.label_names,
        group_names=steps.group_names,
        person_names=steps.person_names,
        channel_names=steps.channel_names,
        read=len(first),
        timed=True,
        unlabelled=steps.unlabelled,
    )
    _extend(spread.values, values)
    _extend(spread.moments, moments[first])
    for name in ("labels", "groups", "persons"):
        getattr(spread, name).frombytes(np.frombuffer(getattr(steps, name), dtype=np.int32)[first].tobytes())
    spread.lines.frombytes(np.frombuffer(steps.lines, dtype=np.int64)[first].tobytes())
    return spread


def _counted(groups: NDArray[np.int32], channels: NDArray[np.int32]) -> NDArray[np.float64]:
    """Number of each row among those of its group and channel, in the order of the file."""
    order = np.lexsort((channels, groups))
    sorted_keys = np.stack([groups[order], channels[order]], axis=1)
    new = np.r_[True, (np.diff(sorted_keys, axis=0) != 0).any(axis=1)]
    begins = np.flatnonzero(new)
    counted = np.empty(len(groups))
    counted[order] = np.arange(len(groups)) - np.repeat(begins, np.diff(np.r_[begins, len(groups)]))
    return counted
