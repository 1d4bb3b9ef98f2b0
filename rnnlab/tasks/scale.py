"""Measurements brought to unit size, with what the training rows alone tell of each channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.split import Part

_ROWS = 512
"""Rows worked on together: little enough to stay in the processor's cache."""


def channel_scale(train: Part) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of each channel (channels,) over the true steps of the training rows."""
    channels = train.inputs.shape[2]
    steps = float(train.lengths.sum())
    center = _summed(train, np.zeros(channels), 1) / steps
    spread = np.sqrt(_summed(train, center, 2) / steps)
    spread = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(center)), spread, 1.0)
    return center.astype(np.float32), spread.astype(np.float32)


def _summed(part: Part, center: NDArray[np.float64], power: int) -> NDArray[np.float64]:
    """Sums over all true steps of (value - center) to a power, 1 or 2, in double precision: (channels,)."""
    rows, steps, channels = part.inputs.shape
    # A row's steps and channels side by side: NumPy adds long rows many times as fast as short ones.
    flat = part.inputs.reshape(rows, steps * channels)
    middle = np.tile(center, steps)
    place = np.repeat(np.arange(steps), channels)
    padded = int(part.lengths.min()) < steps
    total = np.zeros(steps * channels)
    for first in range(0, rows, _ROWS):
        values = flat[first : first + _ROWS].astype(np.float64) - middle
        if padded:
            values *= place < part.lengths[first : first + _ROWS, None]
        total += (values if power == 1 else values * values).sum(axis=0)
    summed: NDArray[np.float64] = total.reshape(steps, channels).sum(axis=0)
    return summed


def normalised(part: Part, center: NDArray[np.float32], spread: NDArray[np.float32], *, in_place: bool = False) -> Part:
    """The part with its channels shifted and divided; zero past each row's length as before."""
    rows, steps, channels = part.inputs.shape
    flat = part.inputs.astype(np.float32, copy=not in_place).reshape(rows, steps * channels)
    flat -= np.tile(center, steps)
    flat /= np.tile(spread, steps)
    inputs = flat.reshape(rows, steps, channels)
    if int(part.lengths.min()) < steps:
        inputs[np.arange(steps) >= part.lengths[:, None]] = 0
    return replace(part, inputs=inputs)


def as_read(values: NDArray[np.float32], scale: Mapping[str, float]) -> NDArray[np.float32]:
    """Normalised values (…, channels) in their own units again, by a split's `scale`."""
    center, spread = _numbers(scale, values.shape[-1])
    return values * spread + center


def as_trained(values: NDArray[np.float32], scale: Mapping[str, float]) -> NDArray[np.float32]:
    """Values (…, channels) in their own units as the net reads them, by a split's `scale`."""
    center, spread = _numbers(scale, values.shape[-1])
    return ((values - center) / spread).astype(np.float32, copy=False)


def _numbers(scale: Mapping[str, float], channels: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    center = np.array([scale.get(f"input_offset_{channel}", 0.0) for channel in range(channels)], dtype=np.float32)
    spread = np.array([scale.get(f"input_scale_{channel}", 1.0) for channel in range(channels)], dtype=np.float32)
    return center, spread


def shown_as_read(
    show: Callable[[Part, int], str], center: NDArray[np.float32], spread: NDArray[np.float32]
) -> Callable[[Part, int], str]:
    """`show` for rows that have been normalised: it sees them in their own units."""

    def shown(part: Part, row: int) -> str:
        length = int(part.lengths[row])
        values = (part.inputs[row, :length] * spread + center).astype(np.float32)
        return show(Part(values[None], part.lengths[row : row + 1], part.targets[row : row + 1]), 0)

    return shown
