"""Written digits, one pixel a step."""

from __future__ import annotations

import numpy as np

from rnnlab.config import RunConfig
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
from rnnlab.tasks.published.pixels import encode, show_pixels
from rnnlab.tasks.splitting.prefixes import prefixes

CONFIG = RunConfig.from_settings({"task.name": "pixels", "data.test_prefixes": (20,)})


def test_they_are_the_digits_in_reading_order() -> None:
    pixels, rows = load(CONFIG), load(RunConfig.from_settings({"task.name": "digits"}))
    assert pixels.train.inputs.shape == (len(rows.train), 64, 1)
    np.testing.assert_array_equal(pixels.test.inputs.reshape(-1, 8, 8), rows.test.inputs)
    np.testing.assert_array_equal(pixels.test.targets, rows.test.targets)


def test_an_image_and_its_beginning_are_shown_and_typed_alike() -> None:
    split = load(CONFIG)
    summary = summarise_split(split, CONFIG)
    shown = show_pixels(split.test, 3)
    assert [len(word) for word in shown.split()] == [8] * 8
    np.testing.assert_allclose(encode(summary, shown), split.test.inputs[3], atol=1e-6)
    assert show_pixels(prefixes(split.test, 20), 3) == shown[:22], "two rows, a half, and the two blanks between"
