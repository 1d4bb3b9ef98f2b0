"""Written digits, row by row of pixels."""

from __future__ import annotations

import numpy as np
import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load, read_dataset
from rnnlab.tasks.published.digits import encode
from rnnlab.tasks.splitting.types import SUBSET_NAMES

CONFIG = RunConfig.from_settings({"task.name": "digits"})


def test_they_are_scikit_learns() -> None:
    from sklearn.datasets import load_digits

    published = load_digits()
    rows = read_dataset(CONFIG)
    np.testing.assert_array_equal(rows.inputs * 16, published.images)
    np.testing.assert_array_equal(rows.targets, published.target)


@pytest.mark.parametrize("seed", [0, 1])
def test_classes_are_in_each_part_alike_and_no_image_in_two(seed: int) -> None:
    split = load(RunConfig.from_settings({"task.name": "digits", "train.seed": seed}))
    images = [row.tobytes() for name in SUBSET_NAMES for row in split.subset(name).inputs]
    assert len(images) == len(set(images)) == 1797
    for name in SUBSET_NAMES:
        shares = np.bincount(split.subset(name).targets) / len(split.subset(name))
        np.testing.assert_allclose(shares, 0.1, atol=0.01)


def test_an_image_is_shown_and_typed_alike() -> None:
    split = load(CONFIG)
    summary = summarise_split(split, CONFIG)
    for row in range(20):
        image = split.test.inputs[row]
        np.testing.assert_array_equal(encode(summary, split.show_input(split.test, row)), image)
        numbers = " ".join(str(round(value * 16)) for value in image.ravel().tolist())
        np.testing.assert_array_equal(encode(summary, numbers), image)
    # A part of an image is one that the net has not read to its end.
    np.testing.assert_array_equal(encode(summary, split.show_input(split.test, 0)[:17]), split.test.inputs[0, :2])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("..5d91..  ..dfa", "row 2 of pixels"),
        ("zzzzzzzz", "row 1 of pixels"),
        (" ".join(["17"] * 8), "one of these is 17"),
        ("........ " * 9, "72 pixels"),
    ],
)
def test_what_is_no_image_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        encode(summarise_split(load(CONFIG), CONFIG), text)
