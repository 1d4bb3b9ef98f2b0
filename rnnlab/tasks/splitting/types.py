"""The arrays of a task: train, validation and test, and all that is needed to read them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.task_card import TaskCard
from rnnlab.runs.events import SubsetName

SUBSET_NAMES: tuple[SubsetName, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Subset:
    """The rows of one split.

    `inputs`: int32 tokens (rows, steps) or float32 values (rows, steps, channels), zero past each row's length.
    `lengths`: int64 (rows,), at least 1. `targets`: int64 classes (rows,), or of each step (rows, steps) with -1 where none
    is asked for; or float32 numbers (rows, outputs).
    `marks`: int8 (rows, steps), for answers at each step the kind of step, an index into `Split.marks`; None: all alike.
    `groups`: int64 (rows,), who or what a row is from (a person, a recording), None where that is not known. `spans`: int64
    (rows, 3), of a window cut from a series its first step, the first step to be forecast, and the step after the last.
    """

    inputs: NDArray[np.int32] | NDArray[np.float32]
    lengths: NDArray[np.int64]
    targets: NDArray[np.int64] | NDArray[np.float32]
    marks: NDArray[np.int8] | None = None
    groups: NDArray[np.int64] | None = None
    spans: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass(frozen=True)
class Track:
    """The series that forecasting windows are cut from.

    `values`: float32 (steps, channels), as the net reads them; `truth`: float64 (steps,), the forecast channel in its own
    unit. `labels`: a name a step (a date). `channel` is the column of `values` that is forecast. `validation` and `test` are
    the first steps of those parts.
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
    """Naive forecasts to compare with, by name, as how many steps back each looks; none: the last value and the last season."""


@dataclass(frozen=True)
class Split:
    """One task, split: what the training process is handed.

    `classes` names the classes of a classification, empty otherwise. `symbols`: symbol i is token i + 1, token 0 stands for
    any other symbol and for padding. `show_input(part, row)` is a row's input as text for people, `show_number(y)` a
    target or an answer (outputs,) of a regression likewise. `input_size` counts symbols + 1 (tokens) or channels (values).
    `scale` holds the numbers that a model's raw output is undone with: `target_scale` and `target_offset`
    (answer = output × target_scale + target_offset), so that a net learns targets of about unit size; and, where the
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
    scale: dict[str, float] = field(default_factory=dict)
    show_input: Callable[[Subset, int], str] = field(
        default=lambda part, row: str(part.inputs[row, : part.lengths[row]].tolist())
    )
    show_number: Callable[[NDArray[np.float32]], str] = field(default=lambda y: ", ".join(f"{v:.4g}" for v in y))
    marks: tuple[str, ...] = ()
    """The kinds of steps that `Subset.marks` tells apart, each with an accuracy of its own: `accuracy_NAME`."""
    group: str = ""
    """What `Subset.groups` numbers: `person`, `recording`."""
    group_names: tuple[str, ...] = ()
    """What each group is called; empty: its number."""
    extra: dict[str, Subset] = field(default_factory=dict)
    """Further parts to be tested once at the end, by name: `200 steps`."""
    track: Track | None = None
    unit: str = ""
    """Of what is predicted."""
    way: str = ""
    """How the rows were split, where that is not as `data.split` says: a test set that came with a file, a series."""
    notes: tuple[str, ...] = ()
    """What the loader did that a person should know: rows dropped, files skipped."""

    def part(self, name: SubsetName) -> Subset:
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    @property
    def longest(self) -> int:
        """Steps of the longest row of the three parts."""
        return max(int(self.part(name).lengths.max()) for name in SUBSET_NAMES)

    def fingerprint(self) -> str:
        """SHA-256 of all arrays in order: equal for equal data and split."""
        digest = hashlib.sha256()
        for name in SUBSET_NAMES:
            part = self.part(name)
            for array in (part.inputs, part.lengths, part.targets):
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def evaluated(self) -> str:
        """SHA-256 of what figures are measured on: the classes, and the targets of validation and test in their own unit."""
        digest = hashlib.sha256("\0".join(self.classes).encode("utf-8", "surrogatepass"))
        for part in (self.validation, self.test):
            digest.update(f"{part.targets.dtype.str}{part.targets.shape}".encode())
            digest.update(np.ascontiguousarray(part.targets).data)
        return digest.hexdigest()
