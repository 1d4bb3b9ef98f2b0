"""The 256 bytes, read bit by bit, most significant first; what is learned is the number they stand for.

A recurrent net could do it with one unit, y ← 2y + bit, but only one whose state is not squashed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.events import DataSummary
from rnnlab.tasks.rows import Rows
from rnnlab.tasks.split import Part
from rnnlab.tasks.symbols import LONGEST

BITS = 8


def show_bits(part: Part, row: int) -> str:
    """A row as its bits: `10110101`."""
    return "".join("1" if bit > 0.5 else "0" for bit in np.ravel(part.inputs[row, : part.lengths[row]]))


def read(_config: RunConfig) -> Rows:
    """All 256 rows: bits (256, 8, 1), targets 0 to 255 (256, 1)."""
    numbers = np.arange(2**BITS)
    bits = (numbers[:, None] >> np.arange(BITS - 1, -1, -1)) & 1
    return Rows(
        inputs=bits[:, :, None].astype(np.float32),
        lengths=np.full(len(numbers), BITS, dtype=np.int64),
        targets=numbers[:, None].astype(np.float32),
        keys=[f"{number:0{BITS}b}" for number in numbers],
        input_size=1,
        outputs=1,
        show_input=show_bits,
        show_number=lambda answer: f"{float(answer[0]):.1f}",
    )


def encode(_summary: DataSummary, text: str) -> NDArray[np.float32]:
    """Values (steps, 1) of bits as typed: `11111111`, of any length; spaces and `_` between them are allowed.

    Raises `UsageError` for anything else.
    """
    bits = text.strip().removeprefix("0b").replace("_", "").replace(" ", "")
    if not bits:
        raise UsageError("there is nothing to predict on: the text is empty; type bits such as 11111111")
    if not set(bits) <= {"0", "1"}:
        raise UsageError(f"{text.strip()[:40]!r} is not made of bits; type zeros and ones such as 11111111")
    if len(bits) > LONGEST:
        raise UsageError(f"these are {len(bits):,} bits; at most {LONGEST:,} can be predicted on")
    return np.array([[float(bit)] for bit in bits], dtype=np.float32)
