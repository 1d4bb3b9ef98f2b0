"""The adding problem: two of many numbers are marked; the target is their sum.

Hochreiter and Schmidhuber 1997, Long short-term memory, Neural Computation 9(8), experiment 4, in the form of Le, Jaitly and
Hinton 2015 (arXiv:1504.00941, section 4.1): at each step a number drawn evenly from [0, 1) and a mark, 1 at two steps and
0 at all others; the target is the sum of the two marked numbers. As in Arjovsky, Shah and Bengio 2016 (arXiv:1511.06464,
section 5.2), one mark stands in the first half and one in the second. Always predicting 1, the mean, has a mean squared
error of 1/6, the variance of the sum of two such numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.numbers import number_of, numbers_typed
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.types import Subset
from rnnlab.tasks.synthetic.generate import array_keys, check_size, draws, further_subsets

EXAMPLE = "0.2 0.71* 0.5 0.13 0.9* 0.4"


def make(draw: np.random.Generator, rows: int, steps: int) -> Subset:
    """Inputs (rows, steps, 2): number and mark; targets (rows, 1): the sum of the marked numbers."""
    inputs = np.zeros((rows, steps, 2), dtype=np.float32)
    inputs[:, :, 0] = draw.random((rows, steps), dtype=np.float32)
    half, row = steps // 2, np.arange(rows)
    first, second = draw.integers(0, half, rows), draw.integers(half, steps, rows)
    inputs[row, first, 1] = inputs[row, second, 1] = 1.0
    targets = inputs[row, first, 0] + inputs[row, second, 0]
    return Subset(inputs, np.full(rows, steps, dtype=np.int64), targets[:, None])


def show(subset: Subset, row: int) -> str:
    """The marked numbers of a row: `0.71 at step 2, 0.90 at step 88 of 100`."""
    length = int(subset.lengths[row])
    marked = np.flatnonzero(subset.inputs[row, :length, 1])
    text = ", ".join(f"{subset.inputs[row, step, 0]:.2f} at step {step + 1}" for step in marked.tolist())
    return f"{text} of {length}"


def read(config: RunConfig) -> Dataset:
    """Dataset of `data.rows` sequences of `data.steps` steps. Raises `UsageError` where that is impossible."""
    check_size(config, least_steps=2)
    rows, steps = config.data.rows, config.data.steps
    subset = make(draws("adding", steps, rows), rows, steps)
    return Dataset(
        inputs=subset.inputs,
        lengths=subset.lengths,
        targets=subset.targets,
        keys=array_keys(subset.inputs),
        input_size=2,
        outputs=1,
        extra=further_subsets(config, make),
        show_input=show,
        show_number=lambda number: f"{float(number[0]):.3f}",
    )


def encode(_summary: DataSummary, text: str) -> NDArray[np.float32]:
    """Values (steps, 2) of numbers as typed, the two to be added marked with `*`: `0.2 0.71* 0.5 0.9*`.

    Raises `UsageError`.
    """
    values = []
    for index, word in enumerate(numbers_typed(text, EXAMPLE), start=1):
        value = number_of(word.removesuffix("*"), index, EXAMPLE)
        values.append((value, 1.0 if word.endswith("*") else 0.0))
    marked = sum(mark > 0 for _, mark in values)
    if marked != 2:
        raise UsageError(f"{marked} of these numbers are marked with *; mark the two to be added, as in {EXAMPLE}")
    return np.array(values, dtype=np.float32)
