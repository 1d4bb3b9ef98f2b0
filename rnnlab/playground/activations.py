"""Where else a cell is on: the steps of a subset at which one cell of the hidden state or of a gate is strongest."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.config import UsageError
from rnnlab.models.step_outputs import Recorded, recorded_states
from rnnlab.playground.sequences import TaskSequences
from rnnlab.runs.step_prediction import Activation, Activations
from rnnlab.tasks.encoding.encode import Encoded, padded
from rnnlab.training.evaluation.predict import TrainedNet
from rnnlab.training.evaluation.predict_steps import labels_of

MOST_SEQUENCES = 1000
"""Sequences that are read, evenly spaced over the subset."""
MOST_STEPS = 100_000
"""Steps of all of them together."""
FOUND = 50
"""Sequences that are listed."""
_BATCH = 64
_CONTEXT = 24
"""Steps before and after the one that is found."""


def find_activations(
    trained: TrainedNet, sequences: TaskSequences, *, subset: str, strip: str, cell: int, sign: int
) -> Activations:
    """Sequences of the subset by the strongest value of one cell, or for `sign` -1 the lowest, each with the step of it.

    `strip` is the title of a strip, `cell` counts from 0. A sample of at most 1,000 sequences is read. Raises `UsageError`.
    """
    rows = sequences.subset(subset)
    chosen = _sample(rows.lengths)
    found: list[tuple[float, int, int]] = []
    for batch in _batches(trained, chosen, rows.lengths):
        encoded = [sequences.encoded(subset, index) for index in batch]
        for index, row, values in zip(batch, encoded, _cell_values(trained, encoded, strip, cell), strict=True):
            if not np.isfinite(values).any():
                continue
            step = int(np.argmax(np.where(np.isfinite(values), values * sign, -np.inf)))
            # After convolutions there are fewer steps than in the input.
            found.append((float(values[step]), index, step * len(row) // len(values)))
    found.sort(key=lambda each: -sign * each[0])
    return Activations(
        strip=strip,
        cell=cell,
        sign=sign,
        subset=subset,
        sequences=len(chosen),
        rows=len(rows),
        found=tuple(_described(trained, sequences, subset, *each) for each in found[:FOUND]),
    )


def _sample(lengths: NDArray[np.int64]) -> list[int]:
    """Indices of the sequences that are read: evenly spaced, and not more steps than are read in a moment."""
    most = max(1, min(len(lengths), MOST_SEQUENCES, int(MOST_STEPS / max(1.0, float(lengths.mean())))))
    return sorted({each * len(lengths) // most for each in range(most)})


def _batches(trained: TrainedNet, chosen: list[int], lengths: NDArray[np.int64]) -> Iterator[list[int]]:
    """Indices in batches, those of like length together; alone where convolutions shorten each by its own length."""
    size = 1 if trained.net.front is not None else _BATCH
    order = sorted(chosen, key=lambda index: int(lengths[index]))
    for first in range(0, len(order), size):
        yield order[first : first + size]


def _cell_values(trained: TrainedNet, encoded: list[Encoded], strip: str, cell: int) -> Iterator[NDArray[np.float64]]:
    """Values of the cell at the true steps of each sequence, (steps,)."""
    inputs, lengths = padded(encoded)
    given = None if len(encoded) == 1 else torch.from_numpy(lengths)
    recorded = _strip_called(recorded_states(trained.net, torch.from_numpy(inputs), given), strip)
    if not 0 <= cell < recorded.values.shape[2]:
        raise UsageError(f"{strip} has {recorded.values.shape[2]:,} cells, and none with the number {cell:,}")
    values = recorded.values[:, :, cell].double().numpy()
    for at, length in enumerate(lengths.tolist()):
        yield values[:, at] if given is None else values[:length, at]


def _strip_called(recorded: list[Recorded], strip: str) -> Recorded:
    for each in recorded:
        if f"{each.layer} · {each.name}" == strip:
            return each
    raise UsageError(f"this net has no {strip[:80]}")


def _described(
    trained: TrainedNet, sequences: TaskSequences, subset: str, value: float, index: int, step: int
) -> Activation:
    """One place, with what is read around it."""
    rows, row = sequences.subset(subset), sequences.encoded(subset, index)
    data = trained.data
    first, after = max(0, step - _CONTEXT), min(len(row), step + 1 + _CONTEXT)
    labels = labels_of(data, row, range(first, after))
    between = "" if data.symbols else " "
    return Activation(
        index=index,
        row=int(rows.row_indices[index]),
        step=step,
        steps=len(row),
        value=value,
        before=between.join(labels[: step - first]),
        at=labels[step - first],
        after=between.join(labels[step - first + 1 :]),
        target=sequences.target(rows, index),
    )
