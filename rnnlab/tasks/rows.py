"""All rows of a task, cleaned, before any is dropped or put in a split: what a task's module reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.split import Part


def _show_values(part: Part, row: int) -> str:
    return ", ".join(f"{value:g}" for value in np.ravel(part.inputs[row, : part.lengths[row]]))


def _show_number(answer: NDArray[np.float32]) -> str:
    return ", ".join(f"{value:.4g}" for value in answer)


@dataclass(frozen=True)
class Rows:
    """The rows as published, cleaned.

    `inputs`, `lengths` and `targets` have the shapes of a `Part`. `keys` are the inputs as texts: equal keys are equal
    inputs. `as_published` are those texts before cleaning took anything off their ends, where that makes a difference; `changed`
    counts the rows of which something was left out or turned into another letter.
    The other fields are those of the `Split` to be made.
    """

    inputs: NDArray[np.int32] | NDArray[np.float32]
    lengths: NDArray[np.int64]
    targets: NDArray[np.int64] | NDArray[np.float32]
    keys: Sequence[str]
    input_size: int
    outputs: int
    classes: tuple[str, ...] = ()
    symbols: str = ""
    as_published: Sequence[str] = ()
    changed: int = 0
    notes: tuple[str, ...] = ()
    marks: NDArray[np.int8] | None = None
    """int8 (rows, steps), the kind of each step, as in a `Part`; `mark_names` names the kinds."""
    mark_names: tuple[str, ...] = ()
    extra: dict[str, Part] = field(default_factory=dict)
    """Further parts to be tested at the end, by name, such as other lengths; they are not split."""
    show_input: Callable[[Part, int], str] = field(default=_show_values)
    show_number: Callable[[NDArray[np.float32]], str] = field(default=_show_number)

    def __len__(self) -> int:
        return len(self.keys)

    def labels(self) -> NDArray[np.int64]:
        """The class of each row (rows,); one for all where numbers are predicted, or a class at each step."""
        if self.classes and self.targets.ndim == 1:
            return self.targets.astype(np.int64)
        return np.zeros(len(self), dtype=np.int64)
