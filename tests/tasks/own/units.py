"""Rows of a split as they stand in the file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.scale import as_read
from rnnlab.tasks.split import PartName, Split


def in_own_units(split: Split, name: PartName = "test") -> NDArray[np.float32]:
    """The values of a part (rows, steps, channels), as they were before they were normalised."""
    return as_read(split.part(name).inputs.astype(np.float32), split.scale)
