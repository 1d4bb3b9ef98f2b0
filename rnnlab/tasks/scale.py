"""Measurements brought to unit size, with what the training rows alone tell of each channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.split import Part


def channel_scale(train: Part) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of each channel (channels,) over the true steps of the training rows."""
    inside = np.arange(train.inputs.shape[1]) < train.lengths[:, None]
    values = train.inputs.reshape(-1, train.inputs.shape[2]) if inside.all() else train.inputs[inside]
    center = values.mean(axis=0, dtype=np.float64)
    spread = values.std(axis=0, dtype=np.float64)
    spread = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(center)), spread, 1.0)
    return center.astype(np.float32), spread.astype(np.float32)


def normalised(part: Part, center: NDArray[np.float32], spread: NDArray[np.float32]) -> Part:
    """The part with its channels shifted and divided; zero past each row's length as before."""
    inputs = ((part.inputs - center) / spread).astype(np.float32, copy=False)
    inputs[np.arange(inputs.shape[1]) >= part.lengths[:, None]] = 0
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
