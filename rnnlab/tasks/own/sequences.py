"""Sequences of measurements with their targets, from any kind of file."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.findings import Findings
from rnnlab.tasks.own.labels import ENOUGH, Labels, first_indices
from rnnlab.tasks.own.limits import LONGEST_SERIES, MOST_ROWS, check_padded
from rnnlab.tasks.own.words import FARTHEST

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
    values: list[NDArray[np.float32]] = field(default_factory=list)
    """Each row's values (steps, channels), none missing."""
    labels: Labels = field(default_factory=Labels)
    targets: list[tuple[float, ...]] = field(default_factory=list)
    tested: array[int] = field(default_factory=lambda: array("b"))
    """1 for a row of the test set that came with the file."""
    groups: list[str] = field(default_factory=list)
    """Group of each row (a person, a recording), where it is known."""
    hashes: array[int] = field(default_factory=lambda: array("q"))
    rows: int = 0
    steps: int = 0
    channels: int = 0
    shortest: int = 0
    longest: int = 0
    longest_at: str = ""
    filled: int = 0
    rising: NDArray[np.bool_] | None = None
    """Channels (channels,) that rise from step to step in every row, as a clock does."""

    def add(
        self,
        values: NDArray[np.float64],
        target: str | tuple[float, ...],
        where: str,
        *,
        test: bool = False,
        group: str = "",
    ) -> bool:
        """Take one row: values (steps, channels), NaN where one is missing, and its label or its numbers.

        Missing values at the end in all channels are no part of the row. Another one takes the value before it, one at the
        beginning the first that there is. Returns whether the row was taken; where not, why is noted.
        """
        if not self.takes(values.shape[1], where):
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
        if channels <= _WATCHED and steps > 1 and (self.rising is None or self.rising.any()):
            rises = (np.diff(whole, axis=0) >= 0).all(axis=0) & (whole[-1] > whole[0])
            self.rising = rises if self.rising is None else self.rising & rises
        cleaned = np.ascontiguousarray(whole, dtype=np.float32)
        key = cleaned.tobytes()
        if isinstance(target, str):
            self.labels.add(target)
        elif self.keep:
            self.targets.append(target)
        self.rows += 1
        self.steps += steps
        self.shortest = min(self.shortest or steps, steps)
        if steps > self.longest:
            self.longest, self.longest_at = steps, where
        self.hashes.append(hash((key, target)))
        self.tested.append(test)
        if self.keep:
            self.values.append(cleaned)
            self.groups.append(group)
        return True

    def takes(self, channels: int, where: str) -> bool:
        """Whether a row has as many channels as those before; where not, that is noted."""
        if not self.rows or channels == self.channels:
            return True
        self.findings.row("ragged", where, f"{channels:,} channels where the rows before have {self.channels:,}")
        return False

    def _whole(self, values: NDArray[np.float64], where: str) -> NDArray[np.float64] | None:
        """The row's values, none missing; None, and noted, where too many are."""
        if not values.size:
            self.findings.row("empty row", where, "there is no value")
            return None
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
            end = int(present[-1]) + 1
            values, missing = values[:end], missing[:end]
        if len(values) > LONGEST_SERIES:
            message = f"{len(values):,} steps, and at most {LONGEST_SERIES:,} can be in a row"
            self.findings.row("long", where, message)
            return None
        if missing.any():
            count = int(missing.sum())
            if count > _MOST_MISSING * missing.size:
                self.findings.row("missing", where, f"{count:,} of {missing.size:,} values are missing")
                return None
            self.findings.note_at("missing values", where, filled_text(count))
            self.filled += count
            values = filled(values)
        return values

    def finish(self, noun: str = "rows") -> None:
        """Checks all rows, once they are added."""
        findings = self.findings
        findings.judge(self.rows, noun)
        if not self.rows:
            return
        hashes = np.frombuffer(self.hashes, dtype=np.int64)
        tested = np.frombuffer(self.tested, dtype=np.int8).astype(bool)
        first = first_indices(hashes)
        if self.classifies:
            self.labels.judge(first, findings)
        elif len(first) < ENOUGH:
            findings.stop(
                "few rows",
                f"{findings.name} has {len(first)} distinct {noun}; training, validation and test need one each",
            )
        if len(first) < self.rows:
            findings.warn(
                "duplicates",
                f"{self.rows - len(first):,} of {self.rows:,} {noun} repeat an earlier one, with the same values and target",
                count=self.rows - len(first),
            )
        if tested.all():
            findings.stop("few rows", f"{findings.name} has test {noun} alone, and nothing to train on")
        if tested.any():
            shared = int(np.isin(hashes[~tested], hashes[tested]).sum())
            if shared:
                findings.warn(
                    "leak", f"{shared:,} training {noun} are test {noun} too, and are not trained on", count=shared
                )
        check_padded(findings, self.rows, self.longest, self.steps, self.channels, self.longest_at)


def filled_text(count: int) -> str:
    """Sentence on missing values that `filled` has filled."""
    return (
        f"{count:,} missing values took the value before them"
        if count > 1
        else "a missing value took the one before it"
    )


def filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values (steps, channels) where a missing one takes the one before it, and those at the beginning the first there is.

    A channel without any value is zero.
    """
    missing = np.isnan(values)
    steps = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(missing, -1, steps), axis=0)
    first = np.argmax(~missing, axis=0)
    taken: NDArray[np.float64] = values[np.where(last < 0, first, last), np.arange(values.shape[1])]
    taken[np.isnan(taken)] = 0.0
    return taken


def padded(rows: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows (steps, channels) as one array (rows, longest, channels), zero past each end, and their lengths (rows,)."""
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    inputs = np.zeros((len(rows), int(lengths.max(initial=1)), rows[0].shape[1] if rows else 1), dtype=np.float32)
    for row, values in enumerate(rows):
        inputs[row, : len(values)] = values
    return inputs, lengths
