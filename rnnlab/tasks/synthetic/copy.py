"""The copying memory problem: ten symbols, a long blank, a signal; then the symbols are to be repeated.

Hochreiter and Schmidhuber 1997 pose it as a memory test; in the form of Arjovsky, Shah and Bengio 2016 (Unitary evolution
recurrent neural networks, arXiv:1511.06464, section 5.1) it has an alphabet of ten: eight symbols, the blank and the
delimiter. A sequence is ten symbols drawn evenly, T - 1 blanks, the delimiter, ten blanks: T + 20 steps. The target is a
blank at each of the first T + 10 steps, then the ten symbols in order. Without memory the best prediction is the blank, then
any symbol: a mean cross-entropy of 10 ln 8 / (T + 20).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.tokens import tokens_of
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.types import Subset
from rnnlab.tasks.synthetic.generate import check_size, dataset_of_symbols, draws, further_subsets

SHOWN = 10
"""Symbols to be remembered."""
LETTERS, BLANK, DELIMITER = "ABCDEFGH", "_", ">"
SYMBOLS = LETTERS + BLANK + DELIMITER
CLASSES = tuple(LETTERS + BLANK)
STEP_KINDS = ("blank", "recall")
"""Steps whose target is the blank, and those whose target is a symbol to be remembered."""


def make(draw: np.random.Generator, rows: int, delay: int) -> Subset:
    """Tokens (rows, delay + 20) and the class at each step, with the kinds of `STEP_KINDS`. `delay` is the papers' T."""
    steps = delay + 2 * SHOWN
    letters = draw.integers(0, len(LETTERS), (rows, SHOWN))
    inputs = np.full((rows, steps), SYMBOLS.index(BLANK) + 1, dtype=np.int32)
    inputs[:, :SHOWN] = letters + 1
    inputs[:, SHOWN + delay - 1] = SYMBOLS.index(DELIMITER) + 1
    targets = np.full((rows, steps), CLASSES.index(BLANK), dtype=np.int64)
    targets[:, -SHOWN:] = letters
    step_kinds = np.zeros((rows, steps), dtype=np.int8)
    step_kinds[:, -SHOWN:] = STEP_KINDS.index("recall")
    return Subset(inputs, np.full(rows, steps, dtype=np.int64), targets, step_kinds)


def read(config: RunConfig) -> Dataset:
    """Dataset of `data.rows` sequences with a delay of `data.steps`. Raises `UsageError` where that is impossible."""
    check_size(config, least_steps=1, around=2 * SHOWN)
    rows, delay = config.data.rows, config.data.steps
    subset = make(draws("copy", delay, rows), rows, delay)
    dataset = dataset_of_symbols(subset, SYMBOLS, CLASSES, further_subsets(config, make, "delay {}"))
    return replace(dataset, step_kinds=subset.step_kinds, step_kind_names=STEP_KINDS)


def encode(summary: DataSummary, text: str) -> NDArray[np.int32]:
    """Tokens (steps,) of a typed sequence: letters A to H, `_` for a blank, `>` for the signal. Raises `UsageError`."""
    typed = "".join(text.upper().split())
    if strange := sorted(set(typed) - set(SYMBOLS)):
        raise UsageError(
            f"{strange[0]!r} is no symbol of this task; type letters A to H, {BLANK} for a blank and {DELIMITER} for the signal"
        )
    return tokens_of(typed, summary.symbols)
