"""The `.ts` files of the UCR and UEA archives: a header of `@` lines, then a case a line.

Read here and not through aeon: its reader holds the whole file and more, stops at the first fault without its line, and
brings pandas and numba along, while the format is ten header words and `value,value,…:value,value,…:label`. The format is
described at https://www.aeon-toolkit.org/en/stable/api_reference/data_format.html.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.archives.ts_times import values_in_time
from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.labels import LONGEST_LABEL, MOST_CLASSES
from rnnlab.tasks.own.common.limits import MOST_CHANNELS
from rnnlab.tasks.own.common.number_labels import WholeNumbers, class_name
from rnnlab.tasks.own.common.row_batch import RowBatch
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import chunks, quiet, scan
from rnnlab.tasks.own.tables.pairs import partner
from rnnlab.tasks.own.values.number_values import plain_numbers
from rnnlab.tasks.own.values.numbers import number_of

_SHORT = 500
"""Characters of a line up to which its case is held, to be taken with others."""


@dataclass
class Header:
    """Header of `@` lines; with `numbers_are_classes` numeric targets are classes."""

    numbers_are_classes: bool
    whole: WholeNumbers
    """Numeric targets read so far."""

    classes: frozenset[str] = frozenset()
    classifies: bool = False
    regresses: bool = False
    dimensions: int = 0
    data: bool = False
    timed: bool = False
    """Whether a time stands before each value: `(0,1.5),(1,2.5)`."""

    @property
    def labelled(self) -> bool:
        """Whether the targets are classes."""
        return self.classifies or (self.regresses and self.numbers_are_classes)


def read_ts(path: Path, findings: Findings, *, classes: bool = False, keep: bool, report: Report = quiet) -> Sequences:
    """Every case of the file, and of its partner as the test set; with `classes`, its numbers name classes.

    Raises `Refusal` where it is not such a file.
    """
    train, test = partner(path)
    sequences: Sequences | None = None
    whole = WholeNumbers()
    for file, tested in ((train, False), (test, True)):
        if file is not None:
            sequences = _read_file(file, Header(classes, whole), sequences, findings, keep, tested, report)
    assert sequences is not None
    findings.facts["train_file"] = train.name if test is not None else None
    findings.facts["test_file"] = test.name if test is not None else None
    sequences.finish("cases")
    if not sequences.classifies:
        whole.warn(findings, sequences.rows, train.name)
    return sequences


def _read_file(
    path: Path,
    header: Header,
    sequences: Sequences | None,
    findings: Findings,
    keep: bool,
    tested: bool,
    report: Report,
) -> Sequences:
    prefix = f"{path.name} " if tested else ""
    batch: RowBatch | None = None
    for numbers, block in chunks(scan(path, findings, report), findings, report):
        for number, line in zip(numbers, map(str.strip, block), strict=True):
            if not line or line.startswith(("#", "%")):
                continue
            where = f"{prefix}line {number}"
            if batch is not None:
                _read_case(line, header, batch, where)
            elif not line.startswith("@"):
                raise Refusal(
                    "format", f"{findings.name} is not a .ts file: {where} stands before @data and is no @ line", where
                )
            elif _read_word(line, header, findings, where):
                batch = RowBatch(_started(header, sequences, findings, keep, where), test=tested)
        if batch is not None:
            batch.flush()
    if batch is None:
        raise Refusal("format", f"{findings.name} is not a .ts file: {path.name} has no line @data")
    return batch.sequences


def _started(header: Header, sequences: Sequences | None, findings: Findings, keep: bool, where: str) -> Sequences:
    if not header.classifies and not header.regresses:
        raise Refusal(
            "no target",
            f"{findings.name} has no targets: neither @classLabel true nor @targetLabel true stands before {where}",
        )
    if sequences is None:
        return Sequences(findings, header.labelled, keep)
    if sequences.classifies != header.labelled:
        raise Refusal("format", f"{findings.name} has labels in one of its two files and numbers in the other")
    return sequences


def _read_word(line: str, header: Header, findings: Findings, where: str) -> bool:
    """One `@` line of the header; unused words are skipped. Returns whether it was the last."""
    word, *values = line.split()
    enabled = bool(values) and values[0].lower() == "true"
    match word.lower():
        case "@data":
            header.data = True
        case "@classlabel":
            header.classifies, header.classes = enabled, frozenset(values[1:])
            if len(values) > MOST_CLASSES + 1:
                raise Refusal(
                    "many classes",
                    f"{findings.name} names {len(values) - 1:,} classes; at most {MOST_CLASSES:,} can be learned",
                    where,
                )
        case "@targetlabel":
            header.regresses = enabled
        case "@timestamps":
            header.timed = enabled
        case "@dimensions" | "@dimension" if values and values[0].isdecimal() and len(values[0]) < 9:
            header.dimensions = int(values[0])
        case _:
            pass
    return header.data


def _read_case(line: str, header: Header, batch: RowBatch, where: str) -> None:
    if len(line) <= _SHORT and (case := _short_case(line, header, batch.sequences)) is not None:
        batch.add(*case, where)
        return
    body, colon, label = line.rpartition(":")
    label = label.strip()
    if not colon or not body:
        batch.row("ragged", where, "there is no colon before a label")
        return
    if header.timed:
        timed = values_in_time(body, batch, where)
        if timed is None or not _fits(timed.shape[1], header, batch, where):
            return
        if _is_label(label, header, batch, where):
            _take(batch, header, timed, label, where)
        return
    dimensions = body.split(":", MOST_CHANNELS)
    if len(dimensions) > MOST_CHANNELS:
        batch.row("ragged", where, f"more than {MOST_CHANNELS:,} dimensions")
        return
    if not _fits(len(dimensions), header, batch, where) or not _is_label(label, header, batch, where):
        return
    channels = [_numbers(dimension, batch, where) for dimension in dimensions]
    if any(channel is None for channel in channels):
        return
    columns = [channel for channel in channels if channel is not None]
    if len(columns) == 1:
        _take(batch, header, columns[0][:, None], label, where)
        return
    longest = max(map(len, columns))
    if longest * len(columns) > 8 * sum(map(len, columns)) + 1000:
        batch.row("ragged", where, "its dimensions have very different lengths")
        return
    # Dimensions of different lengths: a missing end takes the last value, as any missing value does.
    values = np.full((longest, len(columns)), np.nan)
    for index, column in enumerate(columns):
        values[: len(column), index] = column
    _take(batch, header, values, label, where)


def _fits(dimensions: int, header: Header, batch: RowBatch, where: str) -> bool:
    """Whether a case has as many dimensions as those before, and as the header says; where not, that is noted."""
    if not batch.takes(dimensions, where):
        return False
    if header.dimensions and dimensions != header.dimensions:
        batch.row("ragged", where, f"{dimensions} dimensions where @dimensions says {header.dimensions}")
        return False
    return True


def _short_case(
    line: str, header: Header, sequences: Sequences
) -> tuple[NDArray[np.float64], str | tuple[float, ...]] | None:
    """Values (steps, channels) and target of a case of plain numbers; None where it must be read word by word."""
    body, _, label = line.rpartition(":")
    label = label.strip()
    words = body.split(":")
    if header.timed or not body or not _may_be_label(label, header) or len(words) != (header.dimensions or len(words)):
        return None
    if sequences.rows and len(words) != sequences.channels:
        return None
    try:
        channels = [list(map(float, dimension.split(","))) for dimension in words]
    except ValueError:
        some = [_with_gaps(dimension.split(",")) for dimension in words]
        channels = [channel for channel in some if channel is not None]
        if len(channels) < len(some):
            return None
    if len(set(map(len, channels))) > 1:
        return None
    values = np.array(channels).T
    if header.classifies:
        return values, label
    target = number_of(label)
    if target is None or target != target:
        return None
    header.whole.add_number(target)
    return values, class_name(target) if header.labelled else (target,)


def _with_gaps(words: list[str]) -> list[float] | None:
    """Plain numbers, NaN for each `?`; None where a word is something else."""
    known = plain_numbers([word for word in words if word != "?"])
    if known is None:
        return None
    numbers = iter(known)
    return [math.nan if word == "?" else next(numbers) for word in words]


def _may_be_label(label: str, header: Header) -> bool:
    return 0 < len(label) <= LONGEST_LABEL and label != "?" and (not header.classes or label in header.classes)


def _is_label(label: str, header: Header, batch: RowBatch, where: str) -> bool:
    """Whether the label is one that the header names; where not, that is noted."""
    if _may_be_label(label, header):
        return True
    batch.row("label", where, f"the label {label[:20]!r} is not one that @classLabel names" if label else "no label")
    return False


def _take(batch: RowBatch, header: Header, values: NDArray[np.float64], label: str, where: str) -> None:
    """Adds a case's values (steps, channels) and its label, or its number."""
    if header.classifies:
        batch.add(values, label, where)
        return
    target = number_of(label)
    if target is None or target != target:
        batch.row("label", where, f"the target {label[:20]!r} is not a number")
        return
    header.whole.add_number(target)
    batch.add(values, class_name(target) if header.labelled else (target,), where)


def _numbers(text: str, batch: RowBatch, where: str) -> NDArray[np.float64] | None:
    """The values of one dimension, NaN for `?`; None, and noted, where one is no number."""
    words = text.split(",")
    try:
        return np.array(list(map(float, words)))
    except ValueError:
        pass
    values = np.empty(len(words))
    for index, word in enumerate(words):
        value = number_of(word)
        if value is None:
            batch.row("not a number", where, f"value {index + 1:,}, {word.strip()[:20]!r}, is not a number")
            return None
        values[index] = value
    return values
