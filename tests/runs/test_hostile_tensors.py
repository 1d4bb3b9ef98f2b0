"""Weights, saved states and predictions of a stranger: each file that is none ends in one sentence, at once."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from rnnlab.errors import UsageError
from rnnlab.predictions.predictions_file import (
    DamagedPredictions,
    SubsetPredictions,
    pack_predictions,
    unpack_predictions,
)
from rnnlab.runs.events import CheckpointSaved
from rnnlab.training.evaluation.saved_weights import load_checked
from rnnlab.training.persist.state_file import DamagedState, pack, unpack
from tests.hostile_weights import hostile_tensors

ROWS = np.arange(4)
HELD = SubsetPredictions(ROWS, ROWS, ROWS % 2, ROWS % 2, np.full((4, 2), 0.5, np.float16), None)
SOUND = {
    "weights": save({"weight": torch.zeros(2, 3), "bias": torch.ones(2)}, {"kind": "weights"}),
    "state": pack({"step": 3, 1: [(1, 2), torch.zeros(2)], "array": np.arange(3)}),
    "predictions": pack_predictions({"test": HELD}),
}
SECONDS = 2.0


def load_weights(data: bytes, folder: Path) -> None:
    path = folder / "best.safetensors"
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    load_checked(path, [CheckpointSaved(kind="best", path=path.name, sha256=digest, epoch=1, step=1)])


READERS: dict[str, Callable[[bytes, Path], object]] = {
    "weights": load_weights,
    "state": lambda data, _: unpack(data),
    "predictions": lambda data, _: unpack_predictions(data, "test"),
}


@pytest.mark.parametrize("kind", SOUND)
@pytest.mark.parametrize("about", hostile_tensors(SOUND["weights"]))
def test_it_is_read_or_refused_with_words_at_once(kind: str, about: str, tmp_path: Path) -> None:
    data = hostile_tensors(SOUND[kind])[about]
    began = time.process_time()
    with contextlib.suppress(UsageError, DamagedState, DamagedPredictions):
        READERS[kind](data, tmp_path)
    assert time.process_time() - began < SECONDS
    assert not list(tmp_path.glob("ran-*")), "a pickle in it was run"


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_one_is_read(kind: str, tmp_path: Path) -> None:
    READERS[kind](SOUND[kind], tmp_path)


def test_a_tensor_of_no_values_whose_strides_overflow_is_named(tmp_path: Path) -> None:
    data = hostile_tensors(SOUND["weights"])["shape-zeros"]
    with pytest.raises(UsageError, match=r"is not a file of weights: the tensor '\w+' would have more than"):
        load_weights(data, tmp_path)
