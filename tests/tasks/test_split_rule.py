"""Validation of data that come with a test part is a share of the training file; runs of before keep their own rule."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.draws import drawn
from rnnlab.tasks.splitting.split import assign, split_dataset
from rnnlab.tasks.splitting.types import Split


def with_test_part(trained: int, tested: int, classes: int = 3) -> Dataset:
    """One step a row, classes in turn; the last rows are for the test."""
    count = trained + tested
    return Dataset(
        inputs=np.arange(count, dtype=np.float32).reshape(count, 1, 1),
        lengths=np.ones(count, dtype=np.int64),
        targets=np.arange(count, dtype=np.int64) % classes,
        keys=[str(row) for row in range(count)],
        input_size=1,
        outputs=classes,
        classes=tuple("ABCDEF"[:classes]),
        given=np.repeat(np.array([0, 2], dtype=np.int8), [trained, tested]),
    )


def split_of(rows: Dataset, **settings: object) -> Split:
    chosen = {"task.name": "own", "data.split": "published"} | {
        key.replace("__", "."): value for key, value in settings.items()
    }
    return split_dataset(TASKS["own"], rows, RunConfig.from_settings(chosen))


@pytest.mark.parametrize(("trained", "tested"), [(36, 175), (300, 3), (60, 6000)])
@pytest.mark.parametrize("share", [0.1, 0.25])
def test_validation_is_a_share_of_the_training_file(trained: int, tested: int, share: float) -> None:
    split = split_of(with_test_part(trained, tested), data__validation=share)
    assert len(split.test) == tested
    assert len(split.train) + len(split.validation) == trained
    held = Counter(split.validation.targets.tolist())
    for label in range(3):
        # Stratified and rounded: not one row of a class more than its share.
        assert held[label] == pytest.approx(trained / 3 * share, abs=0.5)


def test_the_first_rule_is_still_there() -> None:
    """36 rows of training and 175 of test: a share of all, and a row of each class more, left 15 to train on."""
    split = split_of(with_test_part(36, 175), data__split_rule=1)
    assert [len(split.train), len(split.validation), len(split.test)] == [15, 21, 175]


def test_a_share_of_zero_takes_nothing() -> None:
    labels = np.repeat([0, 1, 2], 20)
    draws = drawn([str(row) for row in range(60)], labels, 0)
    places = assign(labels, np.arange(60), draws, 0.1, 0.0)
    assert np.bincount(places, minlength=3).tolist() == [54, 6, 0]
