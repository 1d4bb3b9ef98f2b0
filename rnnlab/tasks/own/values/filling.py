"""Missing values that take the value before them, and the sentence that says so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_PIECE = 2**16
"""Steps that are filled at a time."""


def filled_text(count: int, leading: int = 0) -> str:
    """Sentence on missing values: those that `filled` has filled, and those at a beginning that take a mean."""
    parts = []
    if count:
        took = (
            f"{count:,} missing values took the value before them"
            if count > 1
            else "a missing value took the one before it"
        )
        parts.append(took)
    if leading:
        some = f"{leading:,} missing values" if leading > 1 else "a missing value"
        them = "them" if leading > 1 else "it"
        parts.append(f"{some} with none before {them} took the mean of the training part")
    return "; ".join(parts)


def filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values (steps, channels) where a missing one takes the one before it; with none before it stays NaN."""
    taken = values.copy()
    columns = np.arange(values.shape[1])
    # Piece by piece: indices of all values would take three times their memory.
    for start in range(0, len(taken), _PIECE):
        piece = taken[start : start + _PIECE]
        if start:
            piece[0] = np.where(np.isnan(piece[0]), taken[start - 1], piece[0])
        last = np.maximum.accumulate(np.where(np.isnan(piece), 0, np.arange(len(piece))[:, None]), axis=0)
        piece[:] = piece[last, columns]
    return taken
