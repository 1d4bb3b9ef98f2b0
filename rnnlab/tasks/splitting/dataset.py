"""Dataset of a task before it is split, as the task's module reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.splitting.types import Subset


def _show_values(subset: Subset, row: int) -> str:
    return ", ".join(f"{value:g}" for value in np.ravel(subset.inputs[row, : subset.lengths[row]]))


def _show_number(number: NDArray[np.float32]) -> str:
    return ", ".join(f"{value:.4g}" for value in number)


@dataclass(frozen=True)
class Dataset:
    """All rows as published, cleaned; a row is one sequence with its target.

    `inputs`, `lengths` and `targets` have the shapes of a `Subset`. `keys` are the inputs as texts: equal keys are equal
    inputs. `as_published` are those texts before their ends were stripped, where that makes a difference; `changed` counts
    the rows of which a letter was left out or replaced.
    `groups` and `spans` are those of a `Subset`, `group` what a group is (`person`), `group_names` their names.
    `given` int8 (rows,) is the subset that the data come with: 0 train, 1 validation, 2 test. `dropped` (rows,) is true for
    rows that are counted as published but not used. With `normalise` the inputs are normalised as `data.normalise` says.
    `middle` (channels,) was taken off the inputs of channels far from zero, which single precision would blur; with `gaps`
    they are NaN where a channel begins without a value.
    The other fields are those of the `Split` to be made.
    """

    inputs: NDArray[np.int32] | NDArray[np.float32]
    lengths: NDArray[np.int64]
    targets: NDArray[np.int64] | NDArray[np.float32] | NDArray[np.float64]
    keys: Sequence[str]
    input_size: int
    outputs: int
    classes: tuple[str, ...] = ()
    symbols: str = ""
    vocabulary: tuple[str, ...] = ()
    as_published: Sequence[str] = ()
    changed: int = 0
    notes: tuple[str, ...] = ()
    step_kinds: NDArray[np.int8] | None = None
    """int8 (rows, steps), the kind of each step, as in a `Subset`."""
    step_kind_names: tuple[str, ...] = ()
    extra: dict[str, Subset] = field(default_factory=dict)
    """Further test sets by name, such as other lengths; they are not split."""
    show_input: Callable[[Subset, int], str] = field(default=_show_values)
    show_number: Callable[[NDArray[np.float32]], str] = field(default=_show_number)
    groups: NDArray[np.int64] | None = None
    group: str = ""
    group_names: tuple[str, ...] = ()
    spans: NDArray[np.int64] | None = None
    given: NDArray[np.int8] | None = None
    dropped: NDArray[np.bool_] | None = None
    normalise: bool = False
    middle: NDArray[np.float64] | None = None
    gaps: bool = False
    rows: NDArray[np.int64] | None = None
    """Index of each row in the dataset that this one was taken from; None: it is whole."""

    def __len__(self) -> int:
        return len(self.keys)

    def labels(self) -> NDArray[np.int64]:
        """The class of each row (rows,); 0 for all where the targets are numbers, or classes at each step."""
        if self.classes and self.targets.ndim == 1:
            return self.targets.astype(np.int64)
        return np.zeros(len(self), dtype=np.int64)

    @property
    def row_indices(self) -> NDArray[np.int64]:
        """Index of each row (rows,) in the dataset as it was read: the same for equal data, whatever the seed of the split."""
        return np.arange(len(self), dtype=np.int64) if self.rows is None else self.rows

    def take(self, chosen: NDArray[np.int64]) -> Dataset:
        """Only the rows at the indices `chosen` (rows,), in that order."""
        indices = chosen.tolist()
        return replace(
            self,
            inputs=self.inputs[chosen],
            lengths=self.lengths[chosen],
            targets=self.targets[chosen],
            keys=[self.keys[index] for index in indices],
            as_published=[self.as_published[index] for index in indices] if self.as_published else (),
            step_kinds=None if self.step_kinds is None else self.step_kinds[chosen],
            groups=None if self.groups is None else self.groups[chosen],
            spans=None if self.spans is None else self.spans[chosen],
            given=None if self.given is None else self.given[chosen],
            dropped=None if self.dropped is None else self.dropped[chosen],
            rows=self.row_indices[chosen],
        )

    def of_classes(self, chosen: tuple[str, ...]) -> Dataset:
        """Only the rows of the classes `chosen`, renumbered in their order."""
        if chosen == self.classes:
            return self
        number = np.full(len(self.classes), -1, dtype=np.int64)
        for index, name in enumerate(chosen):
            number[self.classes.index(name)] = index
        kept = np.flatnonzero(number[self.labels()] >= 0)
        taken = self.take(kept)
        return replace(taken, targets=number[taken.labels()], classes=chosen, outputs=len(chosen))
