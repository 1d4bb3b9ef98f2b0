"""The arrays of a task: train, validation and test, and all that is needed to read them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.card import TaskCard

PartName = Literal["train", "validation", "test"]
PART_NAMES: tuple[PartName, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Part:
    """The rows of one split.

    `inputs`: int32 tokens (rows, steps) or float32 values (rows, steps, channels), zero past each row's length.
    `lengths`: int64 (rows,), at least 1. `targets`: int64 classes (rows,) or float32 numbers (rows, outputs).
    """

    inputs: NDArray[np.int32] | NDArray[np.float32]
    lengths: NDArray[np.int64]
    targets: NDArray[np.int64] | NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass(frozen=True)
class Split:
    """One task, split: what the training process is handed.

    `classes` names the classes of a classification, empty otherwise. `symbols`: symbol i is token i + 1, token 0 stands for
    any other symbol and for padding. `show_input(part, row)` is a row's input as text for people, `show_number(y)` a
    target or an answer (outputs,) of a regression likewise. `input_size` counts symbols + 1 (tokens) or channels (values).
    `scale` holds the numbers that a model's raw output is undone with: `target_scale` and `target_offset`
    (answer = output × target_scale + target_offset), so that a net learns targets of about unit size.
    """

    card: TaskCard
    train: Part
    validation: Part
    test: Part
    input_size: int
    outputs: int
    classes: tuple[str, ...] = ()
    symbols: str = ""
    scale: dict[str, float] = field(default_factory=dict)
    show_input: Callable[[Part, int], str] = field(
        default=lambda part, row: str(part.inputs[row, : part.lengths[row]].tolist())
    )
    show_number: Callable[[NDArray[np.float32]], str] = field(default=lambda y: ", ".join(f"{v:.4g}" for v in y))
    notes: tuple[str, ...] = ()
    """What the loader did that a person should know: rows dropped, files skipped."""

    def part(self, name: PartName) -> Part:
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    def fingerprint(self) -> str:
        """SHA-256 of all arrays in order: equal for equal data and split."""
        digest = hashlib.sha256()
        for name in PART_NAMES:
            part = self.part(name)
            for array in (part.inputs, part.lengths, part.targets):
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()
