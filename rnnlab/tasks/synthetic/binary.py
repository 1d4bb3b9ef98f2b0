"""All 256 bytes, read bit by bit, most significant first; the target is the number they stand for.

A recurrent net could do it with one unit, y ← 2y + bit, but only one whose state is not squashed. Longer inputs, of
`data.test_steps` bits, show which rule was learned.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.encoding.tokens import LONGEST
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.types import Subset
from rnnlab.tasks.synthetic.generate import TEST_ROWS, draws

BITS = 8
MOST_BITS = 24
ALL_UP_TO = 4096
"""Maximum number of inputs of one length that are all tested."""


def show_bits(subset: Subset, row: int) -> str:
    """A row as its bits: `10110101`."""
    return "".join("1" if bit > 0.5 else "0" for bit in np.ravel(subset.inputs[row, : subset.lengths[row]]))


def make(numbers: NDArray[np.int64], bits: int) -> Subset:
    """Inputs of so many bits (rows, bits, 1), and their numbers (rows, 1)."""
    digits = (numbers[:, None] >> np.arange(bits - 1, -1, -1)) & 1
    return Subset(
        inputs=digits[:, :, None].astype(np.float32),
        lengths=np.full(len(numbers), bits, dtype=np.int64),
        targets=numbers[:, None].astype(np.float32),
    )


def read(config: RunConfig) -> Dataset:
    """Dataset of all 256 rows: bits (256, 8, 1), targets 0 to 255 (256, 1). Raises `ConfigError` for too long test inputs."""
    subset = make(np.arange(2**BITS), BITS)
    return Dataset(
        inputs=subset.inputs,
        lengths=subset.lengths,
        targets=subset.targets,
        keys=[f"{number:0{BITS}b}" for number in range(2**BITS)],
        input_size=1,
        outputs=1,
        extra={f"{bits} bits": _further(bits) for bits in dict.fromkeys(config.data.test_steps or ())},
        show_input=show_bits,
        show_number=lambda number: f"{float(number[0]):.1f}",
    )


def _further(bits: int) -> Subset:
    """All inputs of so many bits, or `TEST_ROWS` of them where they are many."""
    if bits > MOST_BITS:
        raise ConfigError(
            "data.test_steps", bits, f"at most {MOST_BITS} for the task binary: more do not fit a float32"
        )
    if 2**bits <= ALL_UP_TO:
        return make(np.arange(2**bits), bits)
    return make(draws("binary", bits).integers(0, 2**bits, TEST_ROWS), bits)


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
