"""A few numbers a row that know little of its order: what a learned baseline is fitted on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.splitting.types import Split, Subset

LAST_SYMBOLS = 3
_MOST_SYMBOLS = 300
"""Symbols that are told apart in the features: the commonest of the training rows."""


def simple_features(split: Split) -> Callable[[Subset], NDArray[np.float32]]:
    """A function of a part to its features (rows, features).

    Tokens: how often each symbol stands there, which the last three are, the length. Values: of each channel the mean,
    standard deviation, least, greatest and last; the length.
    """
    if split.card.inputs == "values":
        return _of_values
    inside = np.arange(split.train.inputs.shape[1]) < split.train.lengths[:, None]
    counts = np.bincount(split.train.inputs[inside].astype(np.int64), minlength=split.input_size)
    kept = np.sort(np.argsort(-counts, kind="stable")[:_MOST_SYMBOLS])
    place = np.full(split.input_size, len(kept), dtype=np.int64)
    place[kept] = np.arange(len(kept))

    def of_tokens(part: Subset) -> NDArray[np.float32]:
        return _of_tokens(part, place, len(kept))

    return of_tokens


def _of_tokens(part: Subset, place: NDArray[np.int64], kept: int) -> NDArray[np.float32]:
    symbols = place[part.inputs]
    rows = np.arange(len(part))
    found = np.zeros((len(part), (1 + LAST_SYMBOLS) * (kept + 1) + 1), dtype=np.float32)
    for step in range(symbols.shape[1]):
        there = rows[part.lengths > step]
        found[there, symbols[there, step]] += 1
    for back in range(1, LAST_SYMBOLS + 1):
        there = rows[part.lengths >= back]
        found[there, back * (kept + 1) + symbols[there, part.lengths[there] - back]] = 1
    found[:, -1] = part.lengths
    return found


def _of_values(part: Subset) -> NDArray[np.float32]:
    lengths = part.lengths.astype(np.float32)[:, None]
    if int(part.lengths.min()) == part.inputs.shape[1]:
        values = part.inputs
        mean, spread = values.mean(axis=1), values.std(axis=1)
        least, greatest = values.min(axis=1), values.max(axis=1)
    else:
        inside = (np.arange(part.inputs.shape[1]) < part.lengths[:, None])[:, :, None]
        mean = np.where(inside, part.inputs, 0).sum(axis=1) / lengths
        spread = np.sqrt(np.where(inside, (part.inputs - mean[:, None]) ** 2, 0).sum(axis=1) / lengths)
        least = np.where(inside, part.inputs, np.inf).min(axis=1)
        greatest = np.where(inside, part.inputs, -np.inf).max(axis=1)
    last = part.inputs[np.arange(len(part)), part.lengths - 1]
    return np.concatenate([mean, spread, least, greatest, last, lengths], axis=1).astype(np.float32)
