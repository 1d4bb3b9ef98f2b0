"""Features of a row that say little of its order, for the learned baselines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.splitting.types import Split, Subset

LAST_SYMBOLS = 3
_MOST_SYMBOLS = 300
"""Symbols with a feature of their own: the most frequent of the training rows."""


def simple_features(split: Split) -> Callable[[Subset], NDArray[np.float32]]:
    """Function from a subset to its features (rows, features).

    Tokens: the count of each symbol, the last three symbols, the length. Values: of each channel the mean,
    standard deviation, minimum, maximum and last; the length.
    """
    if split.card.inputs == "values":
        return _of_values
    inside = np.arange(split.train.inputs.shape[1]) < split.train.lengths[:, None]
    counts = np.bincount(split.train.inputs[inside].astype(np.int64), minlength=split.input_size)
    kept = np.sort(np.argsort(-counts, kind="stable")[:_MOST_SYMBOLS])
    feature = np.full(split.input_size, len(kept), dtype=np.int64)
    feature[kept] = np.arange(len(kept))

    def of_tokens(subset: Subset) -> NDArray[np.float32]:
        return _of_tokens(subset, feature, len(kept))

    return of_tokens


def _of_tokens(subset: Subset, feature: NDArray[np.int64], kept: int) -> NDArray[np.float32]:
    symbols = feature[subset.inputs]
    rows = np.arange(len(subset))
    found = np.zeros((len(subset), (1 + LAST_SYMBOLS) * (kept + 1) + 1), dtype=np.float32)
    for step in range(symbols.shape[1]):
        there = rows[subset.lengths > step]
        found[there, symbols[there, step]] += 1
    for back in range(1, LAST_SYMBOLS + 1):
        there = rows[subset.lengths >= back]
        found[there, back * (kept + 1) + symbols[there, subset.lengths[there] - back]] = 1
    found[:, -1] = subset.lengths
    return found


def _of_values(subset: Subset) -> NDArray[np.float32]:
    lengths = subset.lengths.astype(np.float32)[:, None]
    if int(subset.lengths.min()) == subset.inputs.shape[1]:
        values = subset.inputs
        mean, spread = values.mean(axis=1), values.std(axis=1)
        least, greatest = values.min(axis=1), values.max(axis=1)
    else:
        inside = (np.arange(subset.inputs.shape[1]) < subset.lengths[:, None])[:, :, None]
        mean = np.where(inside, subset.inputs, 0).sum(axis=1) / lengths
        spread = np.sqrt(np.where(inside, (subset.inputs - mean[:, None]) ** 2, 0).sum(axis=1) / lengths)
        least = np.where(inside, subset.inputs, np.inf).min(axis=1)
        greatest = np.where(inside, subset.inputs, -np.inf).max(axis=1)
    last = subset.inputs[np.arange(len(subset)), subset.lengths - 1]
    return np.concatenate([mean, spread, least, greatest, last, lengths], axis=1).astype(np.float32)
