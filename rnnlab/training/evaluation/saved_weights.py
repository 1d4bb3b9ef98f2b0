"""Loading the weights that a run saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from rnnlab.config import UsageError
from rnnlab.runs.checkpoint_file import read_checked
from rnnlab.runs.events import CheckpointSaved
from rnnlab.runs.tensor_header import DamagedTensors, checked_metadata


def unpack_weights(data: bytes) -> dict[str, Tensor]:
    """The weights in a safetensors file. Raises `SafetensorError`, `DamagedTensors`."""
    checked_metadata(data)
    return safetensors.torch.load(data)


def load_checked(path: Path, recorded: Sequence[CheckpointSaved]) -> tuple[dict[str, Tensor], CheckpointSaved]:
    """The weights at `path`, which must have the digest of one of the `recorded` checkpoints, and which one it is.

    Raises `UsageError` where the file is gone, cannot be read, or is another one.
    """
    data, saved = read_checked(path, recorded)
    try:
        return unpack_weights(data), saved
    except (SafetensorError, DamagedTensors) as error:
        raise UsageError(f"{path} is not a file of weights: {error}") from None
