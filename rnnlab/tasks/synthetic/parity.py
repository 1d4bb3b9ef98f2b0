"""Parity: whether the number of ones in a sequence of bits is even or odd.

One flipped bit changes the class, so nothing short of reading every bit helps, and a single bit of state is all that is needed.
Minsky and Papert 1969 (Perceptrons, chapter 3) show what it costs without recurrence; as a test of recurrent nets with one
target at the end of a sequence of random length it is in Bengio, Simard and Frasconi 1994 (Learning long-term dependencies
with gradient descent is difficult, IEEE Transactions on Neural Networks 5(2)) and Hochreiter and Schmidhuber 1997. Here the
length is drawn evenly from 1 to `data.steps`, so that short sequences help to learn long ones; each sequence is kept once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.tokens import tokens_of
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.types import Subset
from rnnlab.tasks.synthetic.generate import check_size, dataset_of_symbols, draws, further_subsets

SYMBOLS = "01"
CLASSES = ("even", "odd")


def make(draw: np.random.Generator, rows: int, steps: int, shortest: int | None = None) -> Subset:
    """Tokens (rows, steps) of lengths from `shortest` to `steps` (None: all of `steps`), and classes (rows,)."""
    lengths = draw.integers(steps if shortest is None else shortest, steps, rows, endpoint=True)
    bits = draw.integers(0, 2, (rows, steps))
    true = np.arange(steps) < lengths[:, None]
    targets = (bits * true).sum(axis=1) % 2
    return Subset(np.where(true, bits + 1, 0).astype(np.int32), lengths.astype(np.int64), targets.astype(np.int64))


def read(config: RunConfig) -> Dataset:
    """Dataset of `data.rows` sequences of 1 to `data.steps` bits. Raises `UsageError` where that is impossible."""
    check_size(config, least_steps=1)
    rows, steps = config.data.rows, config.data.steps
    subset = make(draws("parity", steps, rows), rows, steps, shortest=1)
    return dataset_of_symbols(subset, SYMBOLS, CLASSES, further_subsets(config, make))


def encode(summary: DataSummary, text: str) -> NDArray[np.int32]:
    """Tokens (steps,) of bits as typed; spaces and `_` between them are allowed. Raises `UsageError`."""
    typed = "".join(text.replace("_", "").split())
    if not set(typed) <= set(SYMBOLS):
        raise UsageError(f"{text.strip()[:40]!r} is not made of bits; type zeros and ones such as 1011")
    return tokens_of(typed, summary.symbols)
