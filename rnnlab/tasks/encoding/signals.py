"""Measurements of several channels: parsed, hashed, shown in a line, encoded from typed text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import UsageError
from rnnlab.tasks.encoding.numbers import number_of
from rnnlab.tasks.encoding.tokens import LONGEST
from rnnlab.tasks.splitting.normalise import as_trained, digits_of
from rnnlab.tasks.splitting.types import Subset
from rnnlab.text.sparkline import sparkline

_DIGITS = 6
"""Significant digits of a value as it may be typed."""


def parsed_numbers(data: bytes, called: str) -> NDArray[np.float64]:
    """The numbers of a text of numbers (n,), with white space between. Raises `UsageError` for anything else."""
    try:
        numbers = np.array(data.split(), dtype=np.float64)
    except ValueError:
        raise UsageError(f"{called} holds something that is not a number; fetch the data set again") from None
    if not len(numbers):
        raise UsageError(f"{called} is empty; fetch the data set again")
    if not np.isfinite(numbers).all():
        raise UsageError(f"{called} holds numbers that are not finite; fetch the data set again")
    return numbers


def row_keys(inputs: NDArray[np.float32], lengths: NDArray[np.int64]) -> list[str]:
    """Key of each row's true steps: equal for equal rows."""
    rows = np.ascontiguousarray(inputs)
    return [
        hashlib.blake2b(row[:length].data, digest_size=16).hexdigest()
        for row, length in zip(rows, lengths.tolist(), strict=True)
    ]


def shown_as_curves(
    channels: Mapping[str, int], low: float, high: float, width: int = 20
) -> Callable[[Subset, int], str]:
    """Function that shows a row in one line: `x ▃▃▅▆ y ▂▂▁▂`, for the channels named, all between `low` and `high`."""

    def show(subset: Subset, row: int) -> str:
        values = subset.inputs[row, : subset.lengths[row]]
        return " ".join(
            f"{name} {sparkline(values[:, channel].tolist(), width, low=low, high=high)}"
            for name, channel in channels.items()
        )

    return show


def typed_row(values: NDArray[np.floating[Any]]) -> str:
    """Values (steps, channels) as they may be typed: commas within a step, semicolons between steps."""
    digits = digits_of(values, _DIGITS)
    return "; ".join(
        ",".join(f"{value:.{many}g}" for value, many in zip(step, digits, strict=True)) for step in values.tolist()
    )


def row_as_typed(text: str, channels: Sequence[str], scale: Mapping[str, float], example: str) -> NDArray[np.float32]:
    """Values (steps, channels) as the net reads them, of numbers as typed. Raises `UsageError`.

    Commas or spaces are between the numbers of a step, semicolons or line ends between steps.
    """
    steps = [step.replace(",", " ").split() for step in text.replace("\n", ";").split(";")]
    steps = [step for step in steps if step]
    if not steps:
        raise UsageError(f"there is nothing to predict on: the text is empty; type steps such as {example}")
    if len(steps) > LONGEST:
        raise UsageError(f"these are {len(steps):,} steps; at most {LONGEST:,} can be predicted on")
    values = []
    index = 0
    for number, step in enumerate(steps, start=1):
        if len(step) != len(channels):
            raise UsageError(
                f"step {number} has {len(step)} numbers where the net reads {len(channels)} ({', '.join(channels)}); "
                f"type steps such as {example}"
            )
        values.append([number_of(word, index + at, example) for at, word in enumerate(step, start=1)])
        index += len(step)
    return as_trained(np.array(values, dtype=np.float32), scale)
