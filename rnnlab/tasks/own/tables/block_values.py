"""Numbers and dates of a block's columns, read once where the profile and the rows both need them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.values.dates import DateForm, moments_of
from rnnlab.tasks.own.values.numbers import Missing, NumberStyle, values_of


def values_in(block: Block, index: int, style: NumberStyle, missing: Missing) -> tuple[NDArray[np.float64], list[int]]:
    """Values of a column (rows,), and the indices of the words that are no numbers; not to be changed."""
    key = (index, style, missing)
    if key not in block.memo:
        block.memo[key] = values_of(block.columns[index], style, missing)
    return block.memo[key]


def moments_in(block: Block, index: int, form: DateForm) -> NDArray[np.float64]:
    """Moments of a column (rows,), NaN where a word is no date; not to be changed."""
    key = (index, form)
    if key not in block.memo:
        block.memo[key] = moments_of(block.columns[index], form), []
    return block.memo[key][0]
