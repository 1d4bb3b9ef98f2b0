"""Columns of recordings, the same in all files: matched by their titles where these stand in another order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import Findings, Refusal
from rnnlab.tasks.own.layouts.recording import Recording
from rnnlab.tasks.own.layouts.recording_file import RecordingFile, column_kinds, read_file
from rnnlab.tasks.own.roles.named import named_column, named_columns, refuse_shared
from rnnlab.tasks.own.values.numbers import values_of

_MOST_CODES = 30
_LONG_RUN = 20
"""Mean rows of a run of one code at least."""
_SAMPLED = 8
"""Files by which the columns are known."""
_REASONS = {
    "index": "it counts the rows",
    "clock": "it is the time of a step",
    "text": "it does not hold numbers",
    "label": "it holds the label",
}


class ColumnsOfFile(NamedTuple):
    """Columns of one file, by their indices in it: the channels, and that of the label."""

    channels: tuple[int, ...]
    label: int | None


@dataclass
class RecordingColumns:
    """The columns of all files. `titles` are empty where the files have none; `channels` and `label` are indices."""

    titles: tuple[str, ...]
    width: int
    channels: tuple[int, ...]
    label: int | None
    left_out: tuple[tuple[int, str], ...] = ()
    named: bool = False
    """Whether a setting names the channels."""
    codes: tuple[int, ...] = ()
    """Columns of a few whole numbers in long runs, which may be labels."""
    reordered: int = 0
    further: Counter[str] = field(default_factory=Counter)
    untitled: int = 0

    @property
    def numbers(self) -> list[int]:
        """The channels as `data.input_column` counts them, from 1."""
        return [index + 1 for index in self.channels]

    def title(self, index: int) -> str:
        """Title of a column, or its number."""
        return (self.titles[index] if index < len(self.titles) else "") or f"column {index + 1}"

    def in_file(self, file: RecordingFile, where: str, findings: Findings) -> ColumnsOfFile | None:
        """The columns of one file, by title where it has titles; None, and noted, where one is not there."""
        wanted = [*self.channels, *([] if self.label is None else [self.label])]
        folded = _folded(file.titles)
        mine = _folded(self.titles)
        if not self.titles or not file.titles or folded == mine:
            if max(wanted) >= file.width:
                findings.row("columns", where, f"it has {file.width} columns, and no column {max(wanted) + 1}")
                return None
            if not self.named and file.width != self.width:
                findings.row("ragged", where, f"{file.width} columns where the files before have {self.width}")
                return None
            self.untitled += bool(self.titles) and not file.titles
            return ColumnsOfFile(self.channels, self.label)
        lost = next((index for index in wanted if mine[index] not in folded), None)
        if lost is not None:
            others = ", ".join(title[:20] for title in file.titles[:6])
            findings.row("columns", where, f"it has no column {self.title(lost)[:40]}; its columns are {others}")
            return None
        at = [folded.index(mine[index]) for index in wanted]
        self.reordered += at != wanted
        self.further.update(title for title, name in zip(file.titles, folded, strict=True) if name not in mine)
        channels = tuple(at[: len(self.channels)])
        return ColumnsOfFile(channels, at[-1] if self.label is not None else None)

    def say(self, findings: Findings, files: int) -> None:
        """Notes what was taken and what was not, once all files are read."""
        findings.facts["input_columns"] = [self.title(index) for index in self.channels]
        roles = [] if self.label is None else [(self.label, "label")]
        roles += [(index, "input") for index in self.channels]
        findings.facts["roles"] = [{"column": self.title(index), "role": role, "note": ""} for index, role in roles]
        findings.facts["left_out"] = [
            {"column": self.title(index), "reason": reason} for index, reason in self.left_out
        ]
        if self.label is not None:
            findings.facts["target_column"] = self.title(self.label)
        if self.reordered:
            findings.warn(
                "column order",
                f"the columns stand in another order in {self.reordered:,} of {files:,} files, and were matched by their titles",
                count=self.reordered,
            )
        if self.further:
            some = ", ".join(title[:30] for title in list(self.further)[:6])
            count = max(self.further.values())
            findings.warn(
                "further columns",
                f"up to {count:,} of {files:,} files have further columns, left out: {some}",
                count=count,
            )
        if self.untitled:
            findings.warn(
                "no titles",
                f"{self.untitled:,} of {files:,} files have no titles, and were read by the order of their columns",
                count=self.untitled,
            )


def _folded(titles: Sequence[str]) -> list[str]:
    return [" ".join(title.lower().split()) for title in titles]


def recording_columns(found: Sequence[Recording], data: Data, findings: Findings) -> RecordingColumns:
    """Columns of the recordings, as most of some files spread over all have them. Raises `Refusal` where none is known."""
    step = max(1, len(found) // _SAMPLED)
    sample = []
    for recording in found[::step][: 2 * _SAMPLED]:
        file = read_file(recording.path, recording.where, Findings(recording.where))
        if file is not None:
            sample.append((file, recording))
    if not sample:
        return RecordingColumns((), 0, (0,), None)
    seen = Counter((tuple(_folded(file.titles)), tuple(column_kinds(file))) for file, _ in sample)
    best = max(seen, key=lambda pair: (bool(pair[0]), seen[pair]) if any(t for t, _ in seen) else (True, seen[pair]))
    file, recording = next(
        (file, recording)
        for file, recording in sample
        if (tuple(_folded(file.titles)), tuple(column_kinds(file))) == best
    )
    kinds = list(best[1])
    label = _label(file, kinds, recording, data, findings)
    channels = named_columns(_titles(file), data.input_column, "data.input_column", findings.name)
    named = bool(channels)
    if named:
        chosen = () if label is None else (label,)
        keys = {"data.target_column": chosen, "data.input_column": channels}
        refuse_shared(_titles(file), keys, findings.name)
    else:
        channels = tuple(index for index, kind in enumerate(kinds) if kind == "value" and index != label)
    left = tuple(
        (index, _REASONS[kind] if kind != "label" else "its folder, or its name, says the label")
        for index, kind in enumerate(kinds)
        if kind in _REASONS and index not in channels and index != label and not named
    )
    if not channels:
        raise Refusal("columns", f"{findings.name}: {recording.where} has no column of numbers to read")
    return RecordingColumns(file.titles, file.width, channels, label, left, named, _codes(file))


def _codes(file: RecordingFile) -> tuple[int, ...]:
    """Columns of the file that hold a few whole numbers in long runs."""
    rows = [row for _, part, _ in file.parts for row in part]
    found = []
    for index, words in enumerate(zip(*rows, strict=True)):
        runs = label_runs(words)
        values, wrong = values_of(list({label for _, _, label in runs}), file.style)
        few = 2 <= len(values) <= _MOST_CODES and len(runs) <= len(rows) / _LONG_RUN
        if few and not wrong and bool((values == np.floor(values)).all()):
            found.append(index)
    return tuple(found)


def _label(file: RecordingFile, kinds: list[str], recording: Recording, data: Data, findings: Findings) -> int | None:
    """Index of the column that holds the labels: the one that is named, or where no folder says them the one that does."""
    if data.target_column:
        return named_column(_titles(file), data.target_column, "data.target_column", findings.name)
    if recording.label:
        return None
    for kind in ("label", "text"):
        if kind in kinds:
            return kinds.index(kind)
    return None


def _titles(file: RecordingFile) -> tuple[str, ...]:
    """Titles of the columns of a file; empty ones where it has none."""
    return file.titles or ("",) * file.width


def label_runs(words: Sequence[str]) -> list[tuple[int, int, str]]:
    """Beginning, end and label of each run of one label."""
    labels = [word.strip() for word in words]
    edges = [0, *(index for index in range(1, len(labels)) if labels[index] != labels[index - 1]), len(labels)]
    return [(begin, end, labels[begin]) for begin, end in pairwise(edges)]
