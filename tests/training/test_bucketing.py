"""Which sequences stand in a batch together: measurements mixed as shuffling mixes them, symbols sorted by length."""

from __future__ import annotations

import os
from itertools import pairwise

import numpy as np
import pytest

from rnnlab.config import RunConfig
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import Split, Subset
from rnnlab.training.data.batches import MOST_SORTED, Batches, sorted_together

real = pytest.mark.skipif("RNNLAB_DATA" not in os.environ, reason="needs the published data sets in RNNLAB_DATA")


def of_length_goes_with_class(rows: int = 2000, classes: int = 10) -> Subset:
    """Sequences of measurements whose length nearly tells their class."""
    chance = np.random.default_rng(0)
    targets = np.arange(rows, dtype=np.int64) % classes
    lengths = 5 + 3 * targets + chance.integers(0, 4, rows)
    return Subset(np.zeros((rows, int(lengths.max()), 1), dtype=np.float32), lengths, targets)


def unevenness(part: Subset, together: int, size: int = 32) -> float:
    """How far the classes of a batch are from those of the part, 1 where sequences are drawn at random."""
    classes = int(part.targets.max()) + 1
    shares = np.bincount(part.targets, minlength=classes) / len(part)
    distances = []
    for epoch in range(1, 5):
        for batch in Batches(part, size, bucketing=together).epoch(epoch):
            drawn = np.bincount(part.targets[batch.indices], minlength=classes) / len(batch)
            expected = (1 - (shares**2).sum()) / len(batch) * (1 - (len(batch) - 1) / (len(part) - 1))
            distances.append(((drawn - shares) ** 2).sum() / max(expected, 1e-12))
    return float(np.mean(distances))


def steps_of(split: Split, together: int) -> float:
    """Steps of a batch, what is padded with them."""
    return float(np.mean([batch.inputs.shape[1] for batch in Batches(split.train, 64, bucketing=together).epoch(1)]))


def test_shuffled_batches_hold_all_classes_and_sorted_ones_few() -> None:
    part = of_length_goes_with_class()
    assert unevenness(part, 1) == pytest.approx(1, abs=0.1)
    assert unevenness(part, MOST_SORTED) > 5


def test_batches_sorted_together_are_of_one_length_and_in_no_order() -> None:
    part = of_length_goes_with_class()
    lengths = [batch.inputs.shape[1] for batch in Batches(part, 32, bucketing=MOST_SORTED).epoch(1)]
    assert max(np.ptp(part.lengths[batch.indices]) for batch in Batches(part, 32, bucketing=MOST_SORTED).epoch(1)) <= 2
    assert any(one > other for one, other in pairwise(lengths))


@real
def test_batches_of_gestures_are_as_mixed_as_shuffled_ones() -> None:
    split = load(RunConfig.from_settings({"task.name": "gestures"}))
    together = sorted_together("auto", split)
    assert unevenness(split.train, together) == pytest.approx(1, abs=0.1)
    assert unevenness(split.train, sorted_together("full", split)) > 1.5


@real
def test_batches_of_names_are_hardly_padded() -> None:
    split = load(RunConfig.from_settings({"task.name": "names"}))
    assert steps_of(split, sorted_together("auto", split)) < 1.05 * split.train.lengths.mean()
    assert steps_of(split, sorted_together("off", split)) > 1.5 * split.train.lengths.mean()
