"""Training inputs changed afresh each epoch: how much, the same again for the same seed, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from rnnlab.config import RunConfig, UsageError
from rnnlab.config.data import Data
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import Subset
from rnnlab.training.data.augmentation import Augmentation
from rnnlab.training.data.batches import Batches
from rnnlab.training.verify import verify
from tests.training.recorded_runs import recorded

CPU = torch.device("cpu")


def tokens(rows: int = 400, longest: int = 20) -> Subset:
    draw = np.random.default_rng(0)
    lengths = draw.integers(1, longest + 1, rows)
    inputs = draw.integers(1, 50, (rows, longest)).astype(np.int32)
    inputs[np.arange(longest) >= lengths[:, None]] = 0
    return Subset(inputs, lengths, np.zeros(rows, dtype=np.int64))


def values(rows: int = 400, longest: int = 20) -> Subset:
    draw = np.random.default_rng(0)
    lengths = draw.integers(1, longest + 1, rows)
    inputs = draw.standard_normal((rows, longest, 3)).astype(np.float32)
    inputs[np.arange(longest) >= lengths[:, None]] = 0
    return Subset(inputs, lengths, np.zeros(rows, dtype=np.int64))


def batches(part: Subset, data: Data, seed: int = 1) -> Batches:
    augmentation = Augmentation(data, tokens=part.inputs.ndim == 2, seed=seed, device=CPU)
    return Batches(part, 32, seed, augmentation=augmentation)


def rows_of(part: Subset, drawn: Batches, epoch: int, start: int = 0) -> np.ndarray:
    """The inputs of an epoch, put back in the part's order and to its full length."""
    seen = np.zeros_like(part.inputs)
    for batch in drawn.epoch(epoch, start):
        seen[batch.indices, : batch.inputs.shape[1]] = batch.inputs.numpy()
    return seen


def test_hidden_symbols_are_the_share_wanted_and_the_others_stay() -> None:
    part = tokens()
    seen = rows_of(part, batches(part, Data(hide=0.25)), 1)
    real = part.inputs > 0
    assert (seen[real] == 0).mean() == pytest.approx(0.25, abs=0.02)
    kept = seen > 0
    assert np.array_equal(seen[kept], part.inputs[kept])


def test_noise_is_a_number_a_value_and_shift_one_a_row_and_channel() -> None:
    part = values()
    true = np.broadcast_to((np.arange(20) < part.lengths[:, None])[:, :, None], part.inputs.shape)
    noise = rows_of(part, batches(part, Data(noise=0.3)), 1) - part.inputs
    shift = rows_of(part, batches(part, Data(shift=0.5)), 1) - part.inputs
    assert noise[true].std() == pytest.approx(0.3, rel=0.05)
    assert shift[:, 0].std() == pytest.approx(0.5, rel=0.1)
    assert not noise[~true].any()
    assert not shift[~true].any()
    constant = np.where(true, shift - shift[:, :1], 0.0)
    assert np.abs(constant).max() < 1e-5


@pytest.mark.parametrize("changes", [Data(noise=0.3, shift=0.2), Data(hide=0.2)])
def test_epochs_differ_and_are_the_same_again(changes: Data) -> None:
    part = tokens() if changes.hide else values()
    first = rows_of(part, batches(part, changes), 1)
    assert np.array_equal(first, rows_of(part, batches(part, changes), 1))
    assert not np.array_equal(first, rows_of(part, batches(part, changes), 2))
    assert not np.array_equal(first, rows_of(part, batches(part, changes, seed=2), 1))

    resumed = rows_of(part, batches(part, changes), 1, start=5)
    there = resumed.reshape(len(resumed), -1).any(axis=1)
    assert 0 < there.sum() < len(part)
    assert np.array_equal(resumed[there], first[there])


def test_evaluation_sees_the_rows_as_they_are() -> None:
    part = values()
    drawn = batches(part, Data(noise=1.0))
    for batch in drawn.ordered(64):
        assert np.array_equal(batch.inputs.numpy(), part.inputs[batch.indices, : batch.inputs.shape[1]])
    assert np.array_equal(drawn.take(np.array([3])).inputs[0].numpy(), part.inputs[3, : part.lengths[3]])


@pytest.mark.parametrize(
    "settings",
    [
        {"task": "surnames", "data__hide": 0.1},
        {"task": "sinusoids", "data__noise": 0.2, "data__shift": 0.1},
    ],
)
def test_a_run_verifies(tmp_path: Path, settings: dict[str, object]) -> None:
    run = recorded(tmp_path, None, train__epochs=1, train__updates=40, **settings)
    report = verify(run)
    assert (report.ok, report.mismatches) == (True, [])


def test_a_share_of_one_hides_all_and_is_refused() -> None:
    with pytest.raises(UsageError, match=r"data\.hide"):
        RunConfig.from_settings({"task.name": "names", "data.hide": 1.0})


def test_values_have_no_symbols_to_hide() -> None:
    config = RunConfig.from_settings({"task.name": "sinusoids"})
    assert not config.applies("data.hide")
    assert config.applies("data.noise")
    assert msgspec.structs.asdict(config.data)["noise"] == 0.0
    assert load(config).card.inputs == "values"
