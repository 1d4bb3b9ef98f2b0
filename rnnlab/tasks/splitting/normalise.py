"""Normalisation of measurements, by the training rows or by each row itself, and companded copies of them.

A copy is asinh(strength · movement), normalised, where movement is a normalised channel minus its mean over the row, which
depends on how a sensor is worn more than on what is done. Near zero it is linear, far from zero logarithmic, so that a
thousandth of the largest movement is still visible (as in μ-law companding, ITU-T G.711). A split's `scale` then holds
`compand`, the strength, and the numbers of the copies after those of the channels.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.runs.normalised import PER_SEQUENCE
from rnnlab.tasks.splitting.types import Subset
from rnnlab.text.numbers import FAR, digits_for

Values = NDArray[np.int32] | NDArray[np.float32]
_CONSTANT = 1e-12
"""A standard deviation below this share of the mean is rounding: the channel is constant."""
_ROWS = 512
"""Rows of a block that fits in the processor's cache."""


def in_single(numbers: NDArray[np.float64]) -> NDArray[np.float32] | NDArray[np.float64]:
    """Numbers (rows, columns) in single precision; as they are where a column is far from zero, which that would blur."""
    single = numbers.astype(np.float32)
    blurred = (
        _far(numbers.mean(axis=0), numbers.std(axis=0)) & (single != numbers).any(axis=0) if len(numbers) else False
    )
    return numbers if np.any(blurred) else single


def _far(center: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether numbers of this mean and standard deviation are far from zero; constant ones are not."""
    far: NDArray[np.bool_] = (np.abs(center) > FAR * spread) & (spread > _CONSTANT * np.abs(center))
    return far


def digits_of(values: NDArray[Any], least: int = 4) -> list[int]:
    """Significant digits to write the values of each column (columns,) of `values` (rows, columns) with.

    `least`, or more where a column is far from zero and these would not show how it moves.
    """
    exact = values.astype(np.float64)
    if not len(exact):
        return [least] * exact.shape[1]
    sizes, spreads = np.abs(exact).max(axis=0).tolist(), exact.std(axis=0).tolist()
    return [digits_for(size, spread, least) for size, spread in zip(sizes, spreads, strict=True)]


def channel_scale(train: Subset) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of each channel (channels,) over the true steps of the training rows."""
    channels = train.inputs.shape[2]
    steps = float(train.lengths.sum())
    center = _summed(train, np.zeros(channels), 1) / steps
    spread = np.sqrt(_summed(train, center, 2) / steps)
    spread = np.where(spread > _CONSTANT * np.maximum(1.0, np.abs(center)), spread, 1.0)
    return center.astype(np.float32), spread.astype(np.float32)


def _summed(subset: Subset, center: NDArray[np.float64], power: int) -> NDArray[np.float64]:
    """Sums over all true steps of (value - center) to a power, 1 or 2, in double precision: (channels,)."""
    rows, steps, channels = subset.inputs.shape
    # A row's steps and channels side by side: NumPy adds long rows many times as fast as short ones.
    flat = subset.inputs.reshape(rows, steps * channels)
    middle = np.tile(center, steps)
    step = np.repeat(np.arange(steps), channels)
    padded = int(subset.lengths.min()) < steps
    total = np.zeros(steps * channels)
    for first in range(0, rows, _ROWS):
        values = flat[first : first + _ROWS].astype(np.float64) - middle
        if padded:
            values *= step < subset.lengths[first : first + _ROWS, None]
        total += (values if power == 1 else values * values).sum(axis=0)
    summed: NDArray[np.float64] = total.reshape(steps, channels).sum(axis=0)
    return summed


def normalised(
    subset: Subset, center: NDArray[np.float32], spread: NDArray[np.float32], *, in_place: bool = False
) -> Subset:
    """Subset with its channels shifted by `center` and divided by `spread`; zero past each row's length as before."""
    rows, steps, channels = subset.inputs.shape
    flat = subset.inputs.astype(np.float32, copy=not in_place).reshape(rows, steps * channels)
    flat -= np.tile(center, steps)
    flat /= np.tile(spread, steps)
    inputs = flat.reshape(rows, steps, channels)
    if int(subset.lengths.min()) < steps:
        inputs[np.arange(steps) >= subset.lengths[:, None]] = 0
    return replace(subset, inputs=inputs)


def normalised_each(subset: Subset) -> Subset:
    """Subset with each row's channels normalised by mean and standard deviation over that row's true steps.

    Zero past its length as before. A channel that is constant in a row is zero there.
    """
    inputs = np.zeros(subset.inputs.shape, dtype=np.float32)
    for length in np.unique(subset.lengths).tolist():
        rows = np.flatnonzero(subset.lengths == length)
        inputs[rows, :length] = _each_normalised(subset.inputs[rows, :length])
    return replace(subset, inputs=inputs)


def _each_normalised(values: Values | NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Values (…, steps, channels), each channel of each row normalised."""
    exact = values.astype(np.float64)
    gaps = bool(np.isnan(exact).any())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a channel without a value, which becomes zero
        mean, deviation = (np.nanmean, np.nanstd) if gaps else (np.mean, np.std)
        center, spread = mean(exact, axis=-2, keepdims=True), deviation(exact, axis=-2, keepdims=True)
    spread = np.where(spread > _CONSTANT * np.maximum(1.0, np.abs(center)), spread, 1.0)
    result: NDArray[np.float32] = ((exact - center) / spread).astype(np.float32)
    return np.nan_to_num(result, copy=False, nan=0.0) if gaps else result


def companded(subsets: Sequence[Subset], strength: float) -> tuple[list[Subset], dict[str, float]]:
    """The subsets, training first, with companded copies after the channels, and their entries of `scale`."""
    channels = subsets[0].inputs.shape[2]
    copies = [
        replace(subset, inputs=_spread_out(subset.inputs, subset.lengths[:, None, None], strength))
        for subset in subsets
    ]
    center, spread = channel_scale(copies[0])
    copies = [normalised(copy, center, spread, in_place=True) for copy in copies]
    joined = [
        replace(subset, inputs=np.concatenate((subset.inputs, copy.inputs), axis=2).astype(np.float32, copy=False))
        for subset, copy in zip(subsets, copies, strict=True)
    ]
    return joined, {"compand": strength} | scale_of(center, spread, channels)


def _spread_out(values: Values, steps: NDArray[np.int64] | int, strength: float) -> NDArray[np.float32]:
    """Companded copy of values (…, steps, channels), zero past each row's length, before it is normalised."""
    middle = values.sum(axis=-2, keepdims=True) / steps
    copy: NDArray[np.float32] = np.arcsinh(strength * (values - middle)).astype(np.float32)
    return copy


def with_means(subsets: Sequence[Subset]) -> tuple[list[Subset], NDArray[np.float64], list[NDArray[np.bool_]]]:
    """The subsets, training first, with the mean of the training rows where a value is missing (NaN).

    Beside them the share of the training values of each channel (channels,) that is there, and where values are missing
    (rows, steps, channels) in each subset.
    """
    train = subsets[0]
    lost = [np.isnan(subset.inputs) for subset in subsets]
    there = train.lengths.sum() - lost[0].sum(axis=(0, 1), dtype=np.float64)
    whole = [replace(subset, inputs=np.nan_to_num(subset.inputs.astype(np.float32), nan=0.0)) for subset in subsets]
    center = (_summed(whole[0], np.zeros(train.inputs.shape[2]), 1) / np.maximum(1, there)).astype(np.float32)
    for subset, missing in zip(whole, lost, strict=True):
        np.copyto(subset.inputs, center, where=missing)
    return whole, there / float(train.lengths.sum()), lost


def scale_of(
    center: NDArray[np.float32] | NDArray[np.float64],
    spread: NDArray[np.float32] | NDArray[np.float64],
    first: int = 0,
) -> dict[str, float]:
    """Entries of a split's `scale` for the channels from `first` on."""
    scale = {f"input_scale_{channel}": float(value) for channel, value in enumerate(spread, first)}
    return scale | {f"input_offset_{channel}": float(value) for channel, value in enumerate(center, first)}


def channels_read(inputs: int, scale: Mapping[str, float]) -> int:
    """Number of channels without companded copies, of the `inputs` that a net reads."""
    return inputs // 2 if scale.get("compand") else inputs


def as_read(values: NDArray[np.float32], scale: Mapping[str, float]) -> NDArray[np.floating[Any]]:
    """Normalised values (…, inputs) in their own units again, (…, channels), by a split's `scale`.

    In double precision where channels are far from zero. Values normalised by the sequence stay as they are: their units are
    unknown.
    """
    channels = channels_read(values.shape[-1], scale)
    center, spread = _numbers(scale, channels)
    return values[..., :channels] * spread + center


def as_trained(values: NDArray[np.floating[Any]], scale: Mapping[str, float]) -> NDArray[np.float32]:
    """Values (…, channels) in their own units, as the net reads them, (…, inputs), by a split's `scale`.

    The mean of channels far from zero is taken off in double precision. A missing value (NaN) becomes 0, the mean. With
    companded copies the values are rows (…, steps, channels).
    """
    channels = values.shape[-1]
    if scale.get(PER_SEQUENCE):
        scaled = _each_normalised(values)
    else:
        center, spread = _numbers(scale, channels)
        exact: NDArray[np.floating[Any]] = values.astype(center.dtype, copy=False)
        scaled = ((exact - center) / spread).astype(np.float32, copy=False)
        if np.isnan(scaled).any():
            scaled = np.nan_to_num(scaled, nan=0.0)
    if not (strength := scale.get("compand")):
        return scaled
    center, spread = _numbers(scale, channels, channels)
    copy = (_spread_out(scaled, values.shape[-2], strength) - center) / spread
    return np.concatenate((scaled, copy.astype(np.float32, copy=False)), axis=-1)


def _numbers(
    scale: Mapping[str, float], channels: int, first: int = 0
) -> tuple[NDArray[np.float32] | NDArray[np.float64], NDArray[np.float32]]:
    """Mean and standard deviation of channels (channels,); the mean in double precision where one is far from zero."""
    indices = range(first, first + channels)
    center = np.array([scale.get(f"input_offset_{channel}", 0.0) for channel in indices], dtype=np.float64)
    spread = np.array([scale.get(f"input_scale_{channel}", 1.0) for channel in indices], dtype=np.float64)
    exact = bool(_far(center, spread).any())
    return center if exact else center.astype(np.float32), spread.astype(np.float32)


def shown_as_read(
    show: Callable[[Subset, int], str],
    center: NDArray[np.float32] | NDArray[np.float64],
    spread: NDArray[np.float32],
) -> Callable[[Subset, int], str]:
    """`show` for normalised rows: called with them in their own units."""

    def shown(subset: Subset, row: int) -> str:
        length = int(subset.lengths[row])
        values = (subset.inputs[row, :length, : len(center)] * spread + center).astype(center.dtype, copy=False)
        return show(_own_units(subset, row, values), 0)

    return shown


def shown_with_middle(show: Callable[[Subset, int], str], middle: NDArray[np.float64]) -> Callable[[Subset, int], str]:
    """`show` for rows that `middle` (channels,) was taken off: called with them in their own units."""

    def shown(subset: Subset, row: int) -> str:
        return show(_own_units(subset, row, subset.inputs[row, : int(subset.lengths[row])] + middle), 0)

    return shown


def _own_units(subset: Subset, row: int, values: NDArray[Any]) -> Subset:
    """One row of the subset alone, with other values (steps, channels); double precision is for showing them only."""
    return Subset(values[None], subset.lengths[row : row + 1], subset.targets[row : row + 1])
