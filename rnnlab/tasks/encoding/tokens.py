"""Texts to tokens and back. Symbol i of an alphabet is token i + 1; token 0 is any other character, and padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import UsageError
from rnnlab.tasks.splitting.types import Subset

LONGEST = 10_000
"""Maximum steps of a text to predict on."""


def to_tokens(texts: Sequence[str], symbols: str) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Tokens (rows, steps), zero past each text's end, and lengths (rows,). No text may be empty."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    # NumPy keeps texts as four-byte code points: one look-up in a table turns all of them into tokens.
    padded = np.array(texts, dtype=np.str_)
    codes = padded.view(np.uint32).reshape(len(texts), -1)
    table = np.zeros(max(map(ord, symbols)) + 2, dtype=np.int32)
    for token, symbol in enumerate(symbols, start=1):
        table[ord(symbol)] = token
    tokens: NDArray[np.int32] = table[np.minimum(codes, len(table) - 1)]
    return tokens, lengths


def to_text(tokens: NDArray[np.int32], symbols: str) -> str:
    """Text of one row of tokens (steps,); `�` for token 0."""
    return "".join(symbols[token - 1] if token else "\ufffd" for token in tokens.tolist())


def shown_as_text(symbols: str) -> Callable[[Subset, int], str]:
    """Function that shows a row of tokens over `symbols`."""

    def show(subset: Subset, row: int) -> str:
        return to_text(subset.inputs[row, : subset.lengths[row]].astype(np.int32), symbols)

    return show


def tokens_of(text: str, symbols: str) -> NDArray[np.int32]:
    """Tokens (steps,) of one cleaned typed text. Raises `UsageError` where no symbol of it is known."""
    if not text:
        raise UsageError("there is nothing to predict on: the text is empty; type a name such as Kowalska")
    if len(text) > LONGEST:
        raise UsageError(f"the text is {len(text):,} characters long; at most {LONGEST:,} can be predicted on")
    tokens: NDArray[np.int32] = to_tokens([text], symbols)[0][0]
    if not tokens.any():
        raise UsageError(f"{text[:40]!r} has no character of those the net was trained on: {symbols[:80]}")
    return tokens
