"""Sixty short series with a noisy rule behind them: so few that a large net memorises the noise.

Each is three numbers drawn evenly from [-1, 1), read one a step; the target after the third is (x1 + 2 x2 - x3) / 2, plus
noise with a standard deviation of 0.3. Twenty are trained on. What a net gains on those beyond the noise it loses elsewhere:
the training loss falls on, the validation loss turns. No net can do better on new rows than a mean absolute error of
0.3 · √(2/π) = 0.24.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.numbers import numbers_of, show_values
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.synthetic.generate import array_keys, draws

ROWS, STEPS, NOISE = 60, 3, 0.3
RULE = np.array([0.5, 1.0, -0.5])
EXAMPLE = "0.1,0.25,-0.4"


def read(_config: RunConfig) -> Dataset:
    """Dataset of inputs (60, 3, 1) and targets (60, 1)."""
    draw = draws("overfit", ROWS)
    values = (2 * draw.random((ROWS, STEPS)) - 1).astype(np.float32)
    targets = values @ RULE + NOISE * draw.standard_normal(ROWS)
    return Dataset(
        inputs=values[:, :, None],
        lengths=np.full(ROWS, STEPS, dtype=np.int64),
        targets=targets.astype(np.float32)[:, None],
        keys=array_keys(values),
        input_size=1,
        outputs=1,
        show_input=show_values,
        show_number=lambda number: f"{float(number[0]):.2f}",
    )


def encode(_summary: DataSummary, text: str) -> NDArray[np.float32]:
    """Values (steps, 1) of numbers as typed, with commas or spaces between them. Raises `UsageError`."""
    return numbers_of(text, EXAMPLE)
