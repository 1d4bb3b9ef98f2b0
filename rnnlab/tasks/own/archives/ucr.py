"""The text files of the UCR archive: a case a line, its class first, then its values, with blanks, tabs or commas between.

Described at https://www.cs.ucr.edu/~eamonn/time_series_data_2018/: no titles, a class in whole numbers, and cases of different
lengths filled up with NaN at their ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from rnnlab.tasks.own.common.findings import Findings, Refusal, Report
from rnnlab.tasks.own.common.limits import LONGEST_SERIES
from rnnlab.tasks.own.common.number_labels import class_name
from rnnlab.tasks.own.common.row_batch import RowBatch
from rnnlab.tasks.own.common.sequences import Sequences
from rnnlab.tasks.own.common.source import chunks, lines, quiet, scan
from rnnlab.tasks.own.tables.pairs import partner, warn_validation
from rnnlab.tasks.own.values.number_values import plain_numbers
from rnnlab.tasks.own.values.numbers import number_of

ENDINGS = ("", ".tsv", ".txt", ".csv", ".dat")
_SAMPLED = 200
"""Lines by which such a file is known."""
_FEWEST = 4
"""Minimum number of fields of a line: a class and three values."""
_MOST_CLASSES = 100
_SPREAD = 5
"""How many times as many values as classes whole measurements take at least, for a class to be told from them."""


def is_ucr(path: Path) -> bool:
    """Whether the file has a partner and looks like one of the archive: numbers alone, the first of each line a class."""
    train, test = partner(path)
    if test is None or path.suffix.lower() not in ENDINGS:
        return False
    return all(_looks_so(file) for file in (train, test))


def _looks_so(path: Path) -> bool:
    labels: list[float] = []
    fractions = 0
    values: set[str] = set()
    try:
        for words in _cases(path):
            if len(words) < _FEWEST or any(number_of(word) is None for word in words[:LONGEST_SERIES]):
                return False
            label = number_of(words[0])
            if label is None or label != label or label != int(label):
                return False
            fractions += any("." in word for word in words[1:])
            values.update(words[1:])
            labels.append(label)
            if len(labels) >= _SAMPLED:
                break
    except Refusal:
        return False
    classes = len(set(labels))
    if not 0 < classes <= min(_MOST_CLASSES, max(2, len(labels) // 2)):
        return False
    return fractions > 0.5 * len(labels) or len(values) >= _SPREAD * classes


def _cases(path: Path) -> Iterator[list[str]]:
    for _, line in lines(scan(path, Findings(path.name)), Findings(path.name)):
        if line.strip():
            yield _words(line)


def _words(line: str) -> list[str]:
    return [word.strip() for word in line.strip().split(",")] if "," in line else line.split()


def read_ucr(path: Path, findings: Findings, *, keep: bool, report: Report = quiet) -> Sequences:
    """Every case of the file, and of its partner as the test set."""
    train, test = partner(path)
    warn_validation(train, findings)
    sequences = Sequences(findings, classifies=True, keep=keep)
    for file, tested in ((train, False), (test, True)):
        if file is not None:
            _read_file(file, sequences, findings, tested, report)
    findings.facts["train_file"] = train.name if test is not None else None
    findings.facts["test_file"] = test.name if test is not None else None
    sequences.finish("cases")
    return sequences


def _read_file(path: Path, sequences: Sequences, findings: Findings, tested: bool, report: Report) -> None:
    prefix = f"{path.name} " if tested else ""
    batch = RowBatch(sequences, test=tested)
    for numbers, block in chunks(scan(path, findings, report), findings, report):
        for number, line in zip(numbers, block, strict=True):
            if line.strip():
                _read_case(line, batch, f"{prefix}line {number}")
        batch.flush()


def _read_case(line: str, batch: RowBatch, where: str) -> None:
    words = _words(line)
    if len(words) > LONGEST_SERIES + 1:
        batch.row("long", where, f"{len(words):,} values; at most {LONGEST_SERIES:,} can be in a row")
        return
    values: Sequence[float | None] | None = plain_numbers(words)
    if values is None:
        values = [number_of(word) for word in words]
        wrong = next((index for index, value in enumerate(values) if value is None), None)
        if wrong is not None:
            batch.row("not a number", where, f"value {wrong + 1:,}, {words[wrong][:20]!r}, is not a number")
            return
    case = np.array(values, dtype=np.float64)
    if len(case) < 2 or np.isnan(case[0]):
        batch.row("label", where, "no label and values")
        return
    batch.add(case[1:, None], class_name(float(case[0])), where)
