"""Typed inputs as arrays, for a trained net: only the run's `DataSummary` is needed."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import UsageError
from rnnlab.runs.data_summary import DataSummary

Encoded = NDArray[np.int32] | NDArray[np.float32]


def encode_inputs(summary: DataSummary, texts: Sequence[str]) -> tuple[Encoded, NDArray[np.int64]]:
    """Inputs of `texts` as in a `Subset`: tokens (rows, steps) or values (rows, steps, channels), and lengths (rows,).

    Names are texts, bytes are bits of any number, series are numbers with commas between. Raises `UsageError` for what
    cannot be read so, and for a task that this version does not have.
    """
    card = TASKS.get(summary.task)
    if card is None:
        raise UsageError(
            f"this run learned the task {summary.task!r}, which this rnnlab does not have; its tasks are {', '.join(TASKS)}"
        )
    if not texts:
        raise UsageError(f"there is nothing to predict on; type an input such as {card.example}")
    module = importlib.import_module(f"rnnlab.tasks.{card.module}")
    return padded([module.encode(summary, text) for text in texts])


def encode_each(summary: DataSummary, texts: Sequence[str]) -> list[Encoded | UsageError]:
    """Input of each text, tokens (steps,) or values (steps, channels), or why it cannot be read.

    Raises `UsageError` as `encode_inputs` where the task is not known, or there is no text.
    """
    each: list[Encoded | UsageError] = []
    for text in texts:
        try:
            inputs, lengths = encode_inputs(summary, [text])
            each.append(inputs[0, : lengths[0]])
        except UsageError as error:
            if summary.task not in TASKS:
                raise
            each.append(error)
    return each


def padded(rows: Sequence[Encoded]) -> tuple[Encoded, NDArray[np.int64]]:
    """Inputs of some rows as one array, zero past each one's end, and lengths (rows,)."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    together = np.zeros((len(rows), int(lengths.max()), *rows[0].shape[1:]), dtype=rows[0].dtype)
    for index, row in enumerate(rows):
        together[index, : len(row)] = row
    return together, lengths
