"""A table with a sequence in each row: its values in numbered columns, or features, and its label."""

from __future__ import annotations

import numpy as np

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Findings, Report
from rnnlab.tasks.own.common.labels import LONGEST_LABEL
from rnnlab.tasks.own.common.number_labels import WholeNumbers, class_word
from rnnlab.tasks.own.common.row_batch import RowBatch
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.roles.column_roles import Layout, Roles
from rnnlab.tasks.own.tables.paired_table import PairedTable
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.numbers import NumberStyle, values_of

_MOST_CODES = 20
"""Whole numbers that are classes however few the rows; of more, a class needs three rows on average."""


def read_rows(
    table: Table,
    roles: Roles,
    data: Data,
    findings: Findings,
    *,
    keep: bool,
    report: Report = quiet,
    test: PairedTable | None = None,
) -> Sequences:
    """All rows of the table as sequences (steps, channels), and those of `test` as the test set."""
    layout = roles.layout
    assert layout is not None
    regresses = data.problem != "classes" and _regresses(table, roles, layout.label)
    sequences = Sequences(findings, classifies=not regresses, keep=keep)
    whole = WholeNumbers()
    for part, prefix in ((table, ""), (test, f"{test.name} " if test is not None else "")):
        for block in part.blocks(findings, report) if part is not None else ():
            _take_block(block, table, roles, layout, sequences, whole, prefix, tested=part is test)
    channels, steps = len(layout.grid), len(layout.grid[0])
    if layout.numbered:
        findings.facts["sequence"] = (
            f"{steps:,} steps of {channels:,} {'channel' if channels == 1 else 'channels'} in each row"
        )
    else:
        findings.warn(
            "features",
            f"each row was read as a sequence of {steps:,} steps, its columns in their order; features that have no order are "
            "no sequence, and other methods suit them better",
        )
    sequences.finish("rows")
    if regresses:
        whole.warn(findings, sequences.rows, f"the column {table.header[layout.label][:40]}")
    return sequences


def _regresses(table: Table, roles: Roles, label: int) -> bool:
    """Whether the targets are numbers to predict: in the first rows not whole, or too many to be classes."""
    words = [word for word in table.column(label) if not roles.missing.is_missing(word)]
    values, wrong = values_of(words, roles.styles.get(label, NumberStyle()), roles.missing)
    if wrong or not len(values):
        return False
    many = len(np.unique(values)) > max(_MOST_CODES, len(values) // 3)
    return many or bool((values != np.floor(values)).any())


def _take_block(
    block: Block,
    table: Table,
    roles: Roles,
    layout: Layout,
    sequences: Sequences,
    whole: WholeNumbers,
    prefix: str,
    *,
    tested: bool,
) -> None:
    """Adds the rows of one block; those that cannot be read are noted."""
    findings = sequences.findings
    indices = [index for channel in layout.grid for index in channel]
    shape = (len(layout.grid), len(layout.grid[0]))
    good = np.ones(len(block), dtype=bool)
    values = np.empty((len(block), len(indices)))
    for place, index in enumerate(indices):
        style = roles.styles.get(index, NumberStyle())
        values[:, place], wrong = values_of(block.columns[index], style, roles.missing)
        for row in wrong:
            if good[row]:
                word = block.columns[index][row].strip()[:20]
                message = f"{word!r} in the column {table.header[index][:40]} is not a number"
                findings.row("not a number", f"{prefix}line {block.lines[row]}", message)
                good[row] = False
    batch = RowBatch(sequences, test=tested)
    targets: dict[str, str | tuple[float, ...] | None] = {}
    for row in np.flatnonzero(good).tolist():
        where = f"{prefix}line {block.lines[row]}"
        word = block.columns[layout.label][row].strip()
        if word not in targets:
            targets[word] = _target(word, roles, layout.label, sequences.classifies)
        target = targets[word]
        if target is None:
            batch.row("label", where, _no_target(word, roles))
            continue
        if not isinstance(target, str):
            whole.add_number(target[0])
        group = block.columns[layout.person][row].strip() if layout.person is not None else ""
        batch.add(values[row].reshape(shape).T, target, where, group)
    batch.flush()


def _target(word: str, roles: Roles, label: int, classifies: bool) -> str | tuple[float, ...] | None:
    """The label of a row, or its number; None where there is none."""
    if not roles.is_label(word) or len(word) > LONGEST_LABEL:
        return None
    if classifies:
        return class_word(word)
    number = roles.styles.get(label, NumberStyle()).value(word)
    return None if number is None or number != number else (number,)


def _no_target(word: str, roles: Roles) -> str:
    """Why the word is no target."""
    if not roles.is_label(word):
        return "the label is missing"
    if len(word) > LONGEST_LABEL:
        return f"a label of {len(word):,} characters; at most {LONGEST_LABEL} can be one"
    return f"the target {word[:20]!r} is not a number"
