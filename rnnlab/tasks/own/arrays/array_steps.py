"""Which steps of the rows of an array are true, by an array of lengths or a mask beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.arrays.array_files import ArrayReader, Stored
from rnnlab.tasks.own.arrays.array_layout import Layout
from rnnlab.tasks.own.common.findings import Findings

_PROBED = 2**20
"""Bytes of inputs, at most, by which it is decided what a mask's ones mean."""


@dataclass(frozen=True)
class TrueSteps:
    """True steps of each row of a part. Without lengths and mask all are."""

    layout: Layout
    lengths: NDArray[np.float64] | None = None
    front: bool = False
    """Padding stands before the true steps."""
    mask: Stored | None = None
    means_true: bool = True
    """Whether a mask's ones mark what is true, or what is padding."""
    reader: ArrayReader | None = None

    def masks(self, rows: int) -> Iterator[NDArray[np.bool_]]:
        """Blocks of a mask (rows, steps, 1 or channels), true where a value is; nothing without a mask."""
        if self.mask is None or self.reader is None:
            return
        for block in self.reader.blocks(self.mask, rows):
            yield _oriented(block, self.layout) == self.means_true

    def row(
        self, index: int, values: NDArray[np.float64], mask: NDArray[np.bool_] | None
    ) -> NDArray[np.float64] | None:
        """The true steps of a row (steps, channels), NaN where the mask marks no value; None where its length is none."""
        if mask is not None:
            values = np.where(mask, values, np.nan)
        if self.lengths is None:
            return values
        length = float(self.lengths[index])
        if not 1 <= length <= len(values) or length != int(length):
            return None
        return values[len(values) - int(length) :] if self.front else values[: int(length)]


def true_steps(
    part: str,
    layout: Layout,
    x: Stored,
    lengths: NDArray[np.float64] | None,
    mask: Stored | None,
    reader: ArrayReader,
    findings: Findings,
) -> TrueSteps:
    """What the arrays beside the inputs `x` say of their steps; what was assumed is noted."""
    probe = _probe(x, layout, reader)
    front = False
    if lengths is not None:
        lengths = lengths.reshape(-1).astype(np.float64)
        front = _padded_in_front(probe, lengths)
        if front:
            findings.warn(
                f"lengths {part}",
                f"the rows of {x.name} were taken to end with their true steps: padding stands in front",
            )
    if mask is None:
        return TrueSteps(layout, lengths, front)
    block = next(reader.blocks(mask, max(1, len(probe))))
    ones = _ones_are_true(_oriented(block, layout), probe)
    if ones is None:
        findings.warn(
            f"mask {part}", f"{mask.name} is not used: it does not tell whether 1 stands for a value or for padding"
        )
        return TrueSteps(layout, lengths, front)
    if not ones:
        findings.warn(f"mask {part}", f"a 1 in {mask.name} was taken for padding, as the values under it say")
    return TrueSteps(layout, lengths, front, mask, ones, reader)


def _probe(x: Stored, layout: Layout, reader: ArrayReader) -> NDArray[np.float64]:
    """The first rows of the inputs (rows, steps, channels)."""
    rows = max(1, min(x.shape[0], _PROBED // max(1, x.row_bytes)))
    block = next(reader.blocks(x, rows))
    with np.errstate(all="ignore"):
        values = block.astype(np.float64).reshape(len(block), layout.shape[1], -1)
    return values.transpose(0, 2, 1) if layout.first else values


def _oriented(block: NDArray[np.generic], layout: Layout) -> NDArray[np.bool_]:
    """A block of a mask as (rows, steps, 1 or channels)."""
    ones = block.astype(bool)
    if ones.ndim == 2:
        return ones[:, :, None]
    turned = layout.first and ones.shape[1] != layout.steps
    return ones.transpose(0, 2, 1) if turned else ones


def _padded_in_front(values: NDArray[np.float64], lengths: NDArray[np.float64]) -> bool:
    """Whether the steps beyond the length are constant in front of the rows, and not at their ends."""
    front = end = 0
    for row, length in zip(values, lengths.tolist(), strict=False):
        if not 1 <= length < len(row):
            continue
        padding = len(row) - int(length)
        front += _constant(row[:padding])
        end += _constant(row[-padding:])
    return front > end


def _ones_are_true(mask: NDArray[np.bool_], values: NDArray[np.float64]) -> bool | None:
    """Whether a mask's ones (rows, steps, 1 or channels) mark values: padding is constant. None: it cannot be told."""
    if mask.shape[1] != values.shape[1]:
        return None
    whole = np.broadcast_to(mask, values.shape) if mask.shape[2] in (1, values.shape[2]) else None
    if whole is None:
        return None
    under, beside = values[whole], values[~whole]
    if not len(beside) or not len(under):
        return bool(len(under))
    if _constant(beside) != _constant(under):
        return _constant(beside)
    begins = mask[:, 0].any(axis=1)
    return True if begins.all() else False if not begins.any() else None


def _constant(values: NDArray[np.float64]) -> bool:
    """Whether all values are one number, or all are missing."""
    missing = np.isnan(values)
    return bool(missing.all() or (not missing.any() and (values == values.flat[0]).all()))
