"""Rows of a split as they stand in the file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.runs.events import SubsetName
from rnnlab.tasks.splitting.normalise import as_read
from rnnlab.tasks.splitting.types import Split


def in_own_units(split: Split, name: SubsetName = "test") -> NDArray[np.floating[Any]]:
    """The values of a part (rows, steps, channels), as they were before they were normalised."""
    return as_read(split.subset(name).inputs.astype(np.float32), split.scale)
