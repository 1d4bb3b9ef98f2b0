"""Types of a split task: its subsets and all that is needed to read their arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.task_card import TaskCard
from rnnlab.runs.events import SubsetName

SUBSET_NAMES: tuple[SubsetName, ...] = ("train", "validation", "test")
TRAIN, VALIDATION, TEST = range(3)
"""Indices of the subsets, in the order of `SUBSET_NAMES`."""


@dataclass(frozen=True)
class Subset:
    """Rows of one subset: sequences with their targets.

    `inputs`: int32 tokens (rows, steps) or float32 values (rows, steps, channels), zero past each row's length.
    `lengths`: int64 (rows,), at least 1. `targets`: int64 classes (rows,), or of each step (rows, steps) with -1 where a
    step has no target; or numbers (rows, outputs), float32, or float64
    where they are far from zero and single precision would blur them.
    `step_kinds`: int8 (rows, steps), the kind of each step with a target, an index into `Split.step_kind_names`; None: one
    kind. `groups`: int64 (rows,), the person or recording that a row is from; None where it is unknown. `spans`: int64
    (rows, 3), of a window of a series its first step, the first step to be forecast, and the step after the last.
    `rows`: int64 (rows,), the index of each row in the task's dataset, or of a window the first step to be forecast: equal for
    equal data, whatever the seed; None: rows are numbered as they stand.
    """

    inputs: NDArray[np.int32] | NDArray[np.float32]
    lengths: NDArray[np.int64]
    targets: NDArray[np.int64] | NDArray[np.float32] | NDArray[np.float64]
    step_kinds: NDArray[np.int8] | None = None
    groups: NDArray[np.int64] | None = None
    spans: NDArray[np.int64] | None = None
    rows: NDArray[np.int64] | None = None

    @property
    def row_indices(self) -> NDArray[np.int64]:
        """`rows` (rows,), counted from 0 where there are none."""
        return np.arange(len(self), dtype=np.int64) if self.rows is None else self.rows

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass(frozen=True)
class ForecastSeries:
    """Series that forecasting windows are cut from.

    `values`: float32 (steps, channels), as the net reads them; `truth`: float64 (steps,), the forecast channel in its own
    unit. `labels`: a name a step (a date). `channel` is the column of `values` that is forecast. `validation` and `test` are
    the first steps of those subsets.
    """

    values: NDArray[np.float32]
    truth: NDArray[np.float64]
    labels: tuple[str, ...]
    channel: int
    window: int
    horizon: int
    season: int
    validation: int
    test: int
    naive: dict[str, int] = field(default_factory=dict)
    """Lags of the naive forecasts to compare with, by name; empty: the last value and the last season."""


@dataclass(frozen=True)
class Split:
    """A task, split: the input of the training process.

    `classes` names the classes of a classification, empty otherwise. `symbols`: symbol i is token i + 1, token 0 stands for
    any other symbol and for padding; of texts read word by word `vocabulary` stands in its place.
    `show_input(subset, row)` is a row's input as text for people, `show_number(y)` a target or a prediction (outputs,) of a
    regression likewise. `input_size` counts symbols or words + 1 (tokens) or channels (values).
    `scale` holds the numbers with which a model's raw output is scaled back: `target_scale` and `target_offset`
    (prediction = output × target_scale + target_offset), so that a net learns targets of about unit size; and, where the
    channels of the inputs were normalised, `input_scale_i` and `input_offset_i` of channel i, from the training rows
    (value as read = input × input_scale_i + input_offset_i).
    """

    card: TaskCard
    train: Subset
    validation: Subset
    test: Subset
    input_size: int
    outputs: int
    classes: tuple[str, ...] = ()
    symbols: str = ""
    vocabulary: tuple[str, ...] = ()
    texts: dict[SubsetName, tuple[str, ...]] = field(default_factory=dict)
    """Texts of the rows of each subset as they stand in the file, of a person's own texts; equal ones are equal inputs."""
    scale: dict[str, float] = field(default_factory=dict)
    show_input: Callable[[Subset, int], str] = field(
        default=lambda subset, row: str(subset.inputs[row, : subset.lengths[row]].tolist())
    )
    show_number: Callable[[NDArray[np.float32]], str] = field(default=lambda y: ", ".join(f"{v:.4g}" for v in y))
    step_kind_names: tuple[str, ...] = ()
    """Names of the kinds in `Subset.step_kinds`, each with an accuracy of its own: `accuracy_NAME`."""
    group: str = ""
    """What a number of `Subset.groups` stands for: `person`, `recording`."""
    group_names: tuple[str, ...] = ()
    """Name of each group; empty: its number."""
    extra: dict[str, Subset] = field(default_factory=dict)
    """Further test sets, by name: `200 steps`; evaluated once, at the end."""
    series: ForecastSeries | None = None
    unit: str = ""
    """Unit of the predictions."""
    split_kind: str = ""
    """The split, where it is not `data.split`: the test set of a file, a series split by time."""
    fold_set: str = ""
    """Digest of the folds of a cross-validation, whichever of them is the validation set; empty without folds."""
    notes: tuple[str, ...] = ()
    """What the loader changed: rows dropped, files skipped; a sentence each."""
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Titles of the columns of a person's own table, by their role: text, label, date, input, forecast."""

    def subset(self, name: SubsetName) -> Subset:
        """The subset called `name`."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    @property
    def longest(self) -> int:
        """Steps of the longest row of the three subsets."""
        return max(int(self.subset(name).lengths.max()) for name in SUBSET_NAMES)

    def fingerprint(self) -> str:
        """SHA-256 of all arrays in order: equal for equal data and split."""
        digest = hashlib.sha256()
        for name in SUBSET_NAMES:
            subset = self.subset(name)
            for array in (subset.inputs, subset.lengths, subset.targets):
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def evaluated(self) -> str:
        """SHA-256 of what metrics depend on: the classes, and the targets of validation and test in their own unit."""
        digest = hashlib.sha256("\0".join(self.classes).encode("utf-8", "surrogatepass"))
        for subset in (self.validation, self.test):
            digest.update(f"{subset.targets.dtype.str}{subset.targets.shape}".encode())
            digest.update(np.ascontiguousarray(subset.targets).data)
        return digest.hexdigest()
