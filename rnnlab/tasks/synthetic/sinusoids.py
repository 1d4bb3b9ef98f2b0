"""Short pieces of sine waves in six frequencies, three of them less than one cycle long."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.numbers import numbers_of, show_values
from rnnlab.tasks.splitting.dataset import Dataset

EXAMPLE = "0.1,0.25,0.4"
STEPS = 40
ROWS_PER_CLASS = 50
CYCLES = {
    "0.2 cycles": (0.15, 0.25),
    "0.4 cycles": (0.35, 0.45),
    "0.6 cycles": (0.55, 0.70),
    "1 cycle": (0.9, 1.1),
    "2 cycles": (1.9, 2.1),
    "3 cycles": (2.9, 3.1),
}
"""Minimum and maximum number of cycles in the 40 steps, by class."""

_AMPLITUDE = (0.4, 0.65)
_NOISE = 0.02
_LIMIT = 0.75
_SEED = 40
"""The waves are the same in every run; only the split depends on the run's seed, so that runs over seeds are comparable."""


def read(_config: RunConfig) -> Dataset:
    """Dataset of 300 rows (300, 40, 1): amplitude, phase and frequency drawn for each, a little noise added, |x| < 0.75."""
    draw = np.random.Generator(np.random.PCG64(_SEED))
    rows = len(CYCLES) * ROWS_PER_CLASS
    low, high = np.repeat(np.array(list(CYCLES.values())), ROWS_PER_CLASS, axis=0).T
    cycles = low + (high - low) * draw.random(rows)
    phase = 2 * np.pi * draw.random(rows)
    amplitude = _AMPLITUDE[0] + (_AMPLITUDE[1] - _AMPLITUDE[0]) * draw.random(rows)
    noise = _NOISE * (2 * draw.random((rows, STEPS)) - 1)
    time = np.arange(STEPS) / STEPS
    waves = amplitude[:, None] * np.sin(2 * np.pi * cycles[:, None] * time + phase[:, None]) + noise
    values = np.clip(waves, -_LIMIT + 1e-3, _LIMIT - 1e-3).astype(np.float32)
    return Dataset(
        inputs=values[:, :, None],
        lengths=np.full(rows, STEPS, dtype=np.int64),
        targets=np.repeat(np.arange(len(CYCLES)), ROWS_PER_CLASS).astype(np.int64),
        keys=[row.tobytes().hex() for row in values],
        input_size=1,
        outputs=len(CYCLES),
        classes=tuple(CYCLES),
        show_input=show_values,
    )


def encode(_summary: DataSummary, text: str) -> NDArray[np.float32]:
    """Values (steps, 1) of numbers as typed, with commas or spaces between them. Raises `UsageError`."""
    return numbers_of(text, EXAMPLE)
