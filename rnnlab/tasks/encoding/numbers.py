"""Typed numbers, parsed and shown."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import UsageError
from rnnlab.tasks.encoding.tokens import LONGEST
from rnnlab.tasks.splitting.types import Subset


def show_values(subset: Subset, row: int) -> str:
    """A row as its numbers, two digits each."""
    return ", ".join(f"{value:.2f}" for value in np.ravel(subset.inputs[row, : subset.lengths[row]]))


def numbers_typed(text: str, example: str) -> list[str]:
    """Numbers of a typed series, as texts, with commas, semicolons or spaces between. Raises `UsageError`: none, or too many."""
    words = text.replace(",", " ").replace(";", " ").split()
    if not words:
        raise UsageError(f"there is nothing to predict on: the text is empty; type numbers such as {example}")
    if len(words) > LONGEST:
        raise UsageError(f"these are {len(words):,} numbers; at most {LONGEST:,} can be predicted on")
    return words


def number_of(word: str, index: int, example: str) -> float:
    """Number written as `word`; `index`, from 1, is its position in the input. Raises `UsageError`."""
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e6:
        raise UsageError(
            f"number {index}, {word[:40]!r}, is not one the net can read; type numbers such as {example}"
        ) from None
    return value


def numbers_of(text: str, example: str) -> NDArray[np.float32]:
    """Values (steps, 1) of numbers as typed. Raises `UsageError`."""
    values = [number_of(word, index, example) for index, word in enumerate(numbers_typed(text, example), start=1)]
    return np.array(values, dtype=np.float32)[:, None]
