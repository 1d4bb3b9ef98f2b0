"""A folder of recordings: a file of numbers each, in a folder that is named for its label.

`FOLDER/label/file.csv`; folders above the label's say whom it is from (`FOLDER/person/label/file.txt`), and those named train
and test, right below FOLDER, part the training from the test recordings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.tasks.own.findings import Findings, Refusal, Report
from rnnlab.tasks.own.labels import LONGEST_LABEL
from rnnlab.tasks.own.limits import LONGEST_SERIES, MOST_CHANNELS
from rnnlab.tasks.own.sequences import Sequences
from rnnlab.tasks.own.source import lines, quiet, scan
from rnnlab.tasks.own.words import number_of

ENDINGS = (".csv", ".txt", ".tsv", ".dat")
_DEEPEST = 6
MOST_FILES = 200_000
_MOST_VALUES = 4_000_000
"""Maximum numbers of one recording."""
_PARTS = {"train": False, "training": False, "test": True, "testing": True}


@dataclass(frozen=True)
class Recording:
    """One file: its label, its group (empty where it is unknown), and whether it is in the test set."""

    path: Path
    where: str
    label: str
    group: str
    test: bool


def recordings_of(folder: Path, findings: Findings) -> list[Recording]:
    """The recordings in the folder, in the order of their names. Raises `Refusal` where there is none."""
    found: list[Recording] = []
    skipped = 0
    parted = any((folder / name).is_dir() for name, test in _PARTS.items() if test)
    for path in _files(folder, findings):
        parts = path.relative_to(folder).parts
        if path.suffix.lower() not in ENDINGS:
            skipped += 1
            continue
        test = False
        above = parts[:-1]
        if parted and above and above[0].lower() in _PARTS:
            test = _PARTS[above[0].lower()]
            above = above[1:]
        where = "/".join(parts).encode("utf-8", "replace").decode()
        if not above:
            findings.note_at("no label", where, "the file lies in no folder that names its label; it was passed over")
            continue
        label, group = (part.encode("utf-8", "replace").decode() for part in (above[-1], "/".join(above[:-1])))
        if len(found) >= MOST_FILES:
            raise Refusal("large", f"{findings.name} holds more than {MOST_FILES:,} recordings; take a sample")
        found.append(Recording(path, where, label[:LONGEST_LABEL], group, test))
    if skipped:
        findings.warn(
            "other files",
            f"{skipped:,} other {'file' if skipped == 1 else 'files'}, not {', '.join(ENDINGS)}, passed over",
            count=skipped,
        )
    if not found:
        raise Refusal(
            "empty",
            f"{findings.name} is a folder without recordings: there is no file LABEL/NAME.csv or .txt in it",
        )
    return found


def _files(folder: Path, findings: Findings) -> Iterator[Path]:
    """The files below a folder, sorted; hidden ones and links to folders are passed over."""

    def refuse(error: OSError) -> None:
        raise Refusal("missing", f"{findings.name} cannot be read: {(error.strerror or str(error)).lower()}")

    for parent, folders, names in os.walk(folder, onerror=refuse):
        below = Path(parent)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        if len(below.relative_to(folder).parts) >= _DEEPEST:
            folders.clear()
        yield from (below / name for name in sorted(names) if not name.startswith("."))


def read_recordings(
    folder: Path, columns: str | None, findings: Findings, *, keep: bool, report: Report = quiet
) -> Sequences:
    """All recordings of the folder; of the columns those that are named, by their numbers from 1, or all.

    Raises `Refusal` where there is none.
    """
    found = recordings_of(folder, findings)
    chosen = _chosen(columns, findings)
    sequences = Sequences(findings, classifies=True, keep=keep)
    for index, recording in enumerate(found, start=1):
        values = _read(recording, findings)
        if values is not None and chosen is not None:
            if max(chosen) >= values.shape[1]:
                findings.row(
                    "columns", recording.where, f"it has {values.shape[1]} columns, and no column {max(chosen) + 1}"
                )
                continue
            values = values[:, chosen]
        if values is not None:
            sequences.add(values, recording.label, recording.where, test=recording.test, group=recording.group)
        if index % 100 == 0 or index == len(found):
            report(index, len(found))
    sequences.finish("recordings")
    if sequences.rising is not None and sequences.rising.any() and sequences.rows > 1:
        clocks = np.flatnonzero(sequences.rising) if chosen is None else np.array(chosen)[sequences.rising]
        others = [index + 1 for index in range(sequences.channels) if index not in clocks] if chosen is None else []
        names = ("column " if len(clocks) == 1 else "columns ") + ", ".join(str(index + 1) for index in clocks.tolist())
        rises = "always rises, as a clock does: it" if len(clocks) == 1 else "always rise, as a clock does: they"
        hint = f"; keep to the others with data.input_column={','.join(map(str, others))}" if others else ""
        findings.warn(
            "clock",
            f"{names} {rises} can tell one recording from another without any skill{hint}",
            count=len(clocks),
        )
    return sequences


def _chosen(columns: str | None, findings: Findings) -> list[int] | None:
    """Indices of the columns that are named, as `4,5,6`. Raises `Refusal`."""
    if not columns:
        return None
    words = [word.strip() for word in columns.split(",")]
    if not all(word.isascii() and word.isdigit() and 0 < len(word) < 6 and int(word) > 0 for word in words):
        raise Refusal(
            "columns",
            f"{findings.name}: data.input_column = {columns[:40]!r} names no columns; those of recordings are numbered: 4,5,6",
        )
    return [int(word) - 1 for word in words]


def _read(recording: Recording, findings: Findings) -> np.ndarray[tuple[int, int], np.dtype[np.float64]] | None:
    """The numbers of one file (steps, channels); None, and noted, where they cannot be read."""
    inner = Findings(recording.where)
    rows: list[list[float]] = []
    separator: str | None = None
    comma = False
    try:
        for number, line in lines(scan(recording.path, inner), inner):
            if not line.strip():
                continue
            if not rows:
                separator, comma = _separator(line)
            if line.count(separator or " ") > 2 * MOST_CHANNELS:
                findings.row("long", recording.where, f"line {number} has more than {MOST_CHANNELS:,} values")
                return None
            words = [word.strip('" ') for word in line.split(separator)]
            if rows and len(words) == len(rows[0]) + 1 and not words[-1]:
                words.pop()
            row = _numbers(words, comma)
            if row is None:
                if not rows:
                    continue  # titles, or a line about the recording
                bad = next(word for word in words if number_of(word, comma) is None)
                findings.row("not a number", recording.where, f"line {number}: {bad[:20]!r} is not a number")
                return None
            if rows and len(row) != len(rows[0]):
                findings.row(
                    "ragged", recording.where, f"line {number} has {len(row)} values where the first has {len(rows[0])}"
                )
                return None
            if len(row) > MOST_CHANNELS or len(rows) >= LONGEST_SERIES or (len(rows) + 1) * len(row) > _MOST_VALUES:
                findings.row(
                    "long",
                    recording.where,
                    f"it has more than {LONGEST_SERIES:,} steps, {MOST_CHANNELS:,} channels or {_MOST_VALUES:,} values",
                )
                return None
            rows.append(row)
    except Refusal as refusal:
        kind = "empty row" if refusal.kind == "empty" else refusal.kind
        findings.row(kind, recording.where, refusal.message.removeprefix(f"{recording.where} "))
        return None
    if inner.left_out:
        findings.row("encoding", recording.where, "some of its lines are not text")
        return None
    if not rows:
        findings.row("not a number", recording.where, "there is no line of numbers in it")
        return None
    return np.array(rows, dtype=np.float64)


def _separator(line: str) -> tuple[str | None, bool]:
    """Delimiter of the values of a line (None: blanks), and whether a comma is the decimal sign."""
    for separator in (";", "\t"):
        if separator in line:
            return separator, "," in line and "." not in line
    return ("," if "," in line else None), False


def _numbers(words: list[str], comma: bool) -> list[float] | None:
    if not comma:
        try:
            return [float(word) for word in words]
        except ValueError:
            pass
    values = [number_of(word, comma) for word in words]
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(words) or all(value != value for value in numbers):
        # A line of missing values alone is a step, but not where it would be the first: those are titles.
        return numbers if numbers and len(numbers) == len(words) else None
    return numbers
