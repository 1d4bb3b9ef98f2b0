"""The temporal order problem: the order of two signals far apart in noise.

Hochreiter and Schmidhuber 1997, Long short-term memory, Neural Computation 9(8), experiment 6, task 6a. A sequence starts
with E, ends with B, and is otherwise of symbols drawn evenly from a, b, c, d, except at steps t1 and t2, where X or Y stands.
There its length is drawn from 100 to 110, t1 from 10 to 20, t2 from 50 to 60 (steps counted from E as 0, ends included).
The classes: X, X → Q; X, Y → R; Y, X → S; Y, Y → U. For another length L the bounds keep their proportions: L to 1.1 L, L/10 to
L/5, L/2 to 3 L/5.
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

SYMBOLS = "EBabcdXY"
CLASSES = ("Q: X, X", "R: X, Y", "S: Y, X", "U: Y, Y")


def make(draw: np.random.Generator, rows: int, steps: int) -> Subset:
    """Tokens (rows, 1.1 · steps) and classes (rows,)."""
    longest = steps + steps // 10
    row = np.arange(rows)
    lengths = draw.integers(steps, longest, rows, endpoint=True)
    first = draw.integers(steps // 10, steps // 5, rows, endpoint=True)
    second = draw.integers(steps // 2, 3 * steps // 5, rows, endpoint=True)
    signals = draw.integers(0, 2, (rows, 2))
    inputs = draw.integers(SYMBOLS.index("a"), SYMBOLS.index("d"), (rows, longest), endpoint=True).astype(np.int32) + 1
    inputs[:, 0] = SYMBOLS.index("E") + 1
    inputs[row, lengths - 1] = SYMBOLS.index("B") + 1
    inputs[row, first] = SYMBOLS.index("X") + 1 + signals[:, 0]
    inputs[row, second] = SYMBOLS.index("X") + 1 + signals[:, 1]
    inputs[np.arange(longest) >= lengths[:, None]] = 0
    return Subset(inputs, lengths.astype(np.int64), 2 * signals[:, 0] + signals[:, 1])


def read(config: RunConfig) -> Dataset:
    """Dataset of `data.rows` sequences of about `data.steps` steps. Raises `UsageError` where that is impossible."""
    check_size(config, least_steps=10)
    rows, steps = config.data.rows, config.data.steps
    subset = make(draws("temporal_order", steps, rows), rows, steps)
    return dataset_of_symbols(subset, SYMBOLS, CLASSES, further_subsets(config, make))


def encode(summary: DataSummary, text: str) -> NDArray[np.int32]:
    """Tokens (steps,) of a typed sequence such as `EacXbdYcB`. Raises `UsageError`."""
    typed = "".join(text.split())
    if strange := sorted(set(typed) - set(SYMBOLS)):
        raise UsageError(f"{strange[0]!r} is no symbol of this task; type some of {SYMBOLS}, such as EacXbdaYcB")
    return tokens_of(typed, summary.symbols)
