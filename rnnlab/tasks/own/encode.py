"""Typed inputs for a net trained on a user's own file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.tokens import LONGEST, tokens_of
from rnnlab.tasks.encoding.words import word_tokens
from rnnlab.tasks.own.text import LONGEST_TEXT
from rnnlab.tasks.own.values.numbers import number_of
from rnnlab.tasks.splitting.normalise import as_trained, channels_read


def own_example(summary: DataSummary) -> str:
    """Numbers as they may be typed for a net that reads numbers."""
    channels = _channels(summary)
    return "; ".join([", ".join(["0.5"] * min(channels, 9))] * 2) if channels > 1 else "0.1, 0.25, 0.4"


def _channels(summary: DataSummary) -> int:
    return max(1, channels_read(summary.input_size, summary.scale))


def encode(summary: DataSummary, text: str) -> NDArray[np.int32] | NDArray[np.float32]:
    """Tokens (steps,) of a text, or values (steps, channels) of numbers with commas between, in the file's own units.

    A text is read by characters or words, as the net was trained. The channels of a step stand together, a step after the
    other: `1,2,3; 4,5,6`. Raises `UsageError`.
    """
    if summary.vocabulary:
        return word_tokens(text.strip()[:LONGEST_TEXT], summary.vocabulary)
    if summary.symbols:
        return tokens_of(text.strip()[:LONGEST_TEXT], summary.symbols)
    channels, example = _channels(summary), own_example(summary)
    words = text.replace(",", " ").replace(";", " ").split()
    if not words:
        raise UsageError(f"there is nothing to predict on: the text is empty; type numbers such as {example}")
    if len(words) > LONGEST * channels:
        raise UsageError(f"these are {len(words):,} numbers; at most {LONGEST * channels:,} can be predicted on")
    if len(words) % channels:
        raise UsageError(
            f"these are {len(words):,} numbers, and a step has {channels} channels: type as many for each, such as {example}"
        )
    values = []
    for index, word in enumerate(words, start=1):
        value = number_of(word)
        if value is None or value != value:
            raise UsageError(
                f"number {index}, {word[:40]!r}, is not one the net can read; type numbers such as {example}"
            )
        values.append(value)
    return as_trained(np.array(values, dtype=np.float64).reshape(-1, channels), summary.scale)
