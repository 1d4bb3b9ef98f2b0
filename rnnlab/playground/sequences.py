"""Sequences of a run's own data: one by its number, as text, with edits, and with its target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnlab.config import UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.step_prediction import SequenceOf
from rnnlab.tasks.encoding.encode import Encoded, encode_each
from rnnlab.tasks.encoding.signals import typed_row
from rnnlab.tasks.encoding.spell import spell
from rnnlab.tasks.encoding.tokens import to_text
from rnnlab.tasks.encoding.words import words_text
from rnnlab.tasks.splitting.normalise import as_read, as_trained
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset

_LONGEST_TEXT = 2000
"""Characters of an input that is typed; a longer one is edited value by value."""


class TaskSequences:
    """The sequences that a run was trained and tested on, as the net reads them."""

    def __init__(self, split: Split, data: DataSummary) -> None:
        self.split = split
        self._data = data

    def subset(self, name: str) -> Subset:
        """The subset called `name`. Raises `UsageError`."""
        if name not in SUBSET_NAMES:
            raise UsageError(f"there is no subset {name[:40]!r}; the subsets are {', '.join(SUBSET_NAMES)}")
        return self.split.subset(name)

    def index_of(self, subset: str, row: int) -> int:
        """Place in the subset of a row of the task's dataset. Raises `UsageError` where it is in another one."""
        found = np.flatnonzero(self.subset(subset).row_indices == row)
        if not len(found):
            raise UsageError(f"row {row:,} of the data is not in the {subset} subset of this run")
        return int(found[0])

    def encoded(self, subset: str, index: int) -> Encoded:
        """The sequence at `index` of a subset as the net reads it: tokens (steps,) or values (steps, channels).

        Raises `UsageError` where there are not so many.
        """
        rows = self.subset(subset)
        if not 0 <= index < len(rows):
            raise UsageError(f"the {subset} subset has {len(rows):,} sequences, and none with the number {index + 1:,}")
        return rows.inputs[index, : rows.lengths[index]]

    def described(self, subset: str, index: int) -> SequenceOf:
        """The sequence at `index` as text, and its target."""
        rows = self.subset(subset)
        text, typed = self._text(rows, index)
        return SequenceOf(
            subset=subset,
            index=index,
            row=int(rows.row_indices[index]),
            rows=len(rows),
            text=text,
            typed=typed,
            target=self.target(rows, index),
        )

    def _text(self, rows: Subset, index: int) -> tuple[str, bool]:
        """The input as text, and whether that text, typed, is exactly this input."""
        row = rows.inputs[index, : rows.lengths[index]]
        shown = self.split.show_input(rows, index)
        for text in self._candidates(rows, index, shown):
            if 0 < len(text) <= _LONGEST_TEXT:
                (again,) = encode_each(self._data, [text])
                if not isinstance(again, UsageError) and np.array_equal(again, row):
                    return text, True
        return shown, False

    def _candidates(self, rows: Subset, index: int, shown: str) -> list[str]:
        """Texts that may stand for the input: as in the file, as tokens, as it is shown, as numbers."""
        row = rows.inputs[index, : rows.lengths[index]]
        if self._data.reads_tokens:
            name = next(each for each in SUBSET_NAMES if self.split.subset(each) is rows)
            tokens = row.astype(np.int32)
            spelled = (
                words_text(tokens, self._data.vocabulary)
                if self._data.vocabulary
                else to_text(tokens, self._data.symbols)
            )
            return [*self.split.texts.get(name, ())[index : index + 1], spelled, shown]
        return [shown, typed_row(as_read(row.astype(np.float32), self._data.scale))]

    def target(self, rows: Subset, index: int) -> str:
        """The target of a sequence as text: a class, the classes of its steps, or numbers."""
        target = rows.targets[index]
        if not self._data.classes:
            return self.split.show_number(target)
        if rows.targets.ndim == 2:
            return spell(self._data.classes, target[: rows.lengths[index]].tolist())
        return self._data.classes[int(target)]

    def target_steps(self, subset: str, index: int, columns: Sequence[int]) -> tuple[str, ...]:
        """True class at the steps `columns`, `·` where none is asked; empty where there is not one at each step."""
        targets = self.subset(subset).targets
        if not self._data.classes or targets.ndim != 2:
            return ()
        return tuple(spell(self._data.classes, [label]) for label in targets[index, list(columns)].tolist())

    def numbers_after(self, subset: str, index: int) -> tuple[float, ...]:
        """True numbers that follow a window, or are the targets of a regression; none of classes."""
        return () if self._data.classes else tuple(map(float, self.subset(subset).targets[index].tolist()))


def edited(row: Encoded, edits: Sequence[tuple[int, int, float]], data: DataSummary) -> Encoded:
    """Values (steps, channels) with some replaced: step, channel, and the new value in its own unit. Raises `UsageError`.

    Without edits it is the row itself, to the bit.
    """
    if not edits:
        return row
    if data.reads_tokens:
        raise UsageError("single values are edited where the net reads numbers; this one reads text: type it")
    values = as_read(row.astype(np.float32), data.scale).astype(np.float64)
    for step, channel, value in edits:
        if not (0 <= step < values.shape[0] and 0 <= channel < values.shape[1]):
            raise UsageError(f"there is no step {step + 1:,} of channel {channel + 1:,} in this sequence")
        if not (np.isfinite(value) and abs(value) <= 1e12):
            raise UsageError(f"{value:g} is no value that the net can read")
        values[step, channel] = value
    return as_trained(values, data.scale)
