"""Sequential digits: the images of the task `digits`, one pixel a step, row by row from the top.

After sequential MNIST, in Le, Jaitly and Hinton 2015 (arXiv:1504.00941, section 4.2), of images of 8 × 8 pixels.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.published import digits
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.types import Subset

STEPS = digits.SIDE * digits.SIDE


def read(config: RunConfig) -> Dataset:
    """1,797 images (1797, 64, 1): a pixel a step, 0 to 1."""
    images = digits.read(config)
    return replace(
        images,
        inputs=images.inputs.reshape(-1, STEPS, 1),
        lengths=np.full(len(images), STEPS, dtype=np.int64),
        input_size=1,
        show_input=show_pixels,
    )


def show_pixels(subset: Subset, row: int) -> str:
    """An image, or its beginning, as its rows of pixels: `..5d91.. ..dfaf5. …`."""
    pixels = np.zeros(STEPS, dtype=np.float32)
    length = min(STEPS, int(subset.lengths[row]))
    pixels[:length] = subset.inputs[row, :length, 0]
    rows = -(-length // digits.SIDE)
    image = pixels[: rows * digits.SIDE].reshape(1, rows, digits.SIDE)
    shown = digits.show_image(Subset(image, np.array([rows]), subset.targets[row : row + 1]), 0)
    return shown[: length + (length - 1) // digits.SIDE]


def encode(summary: DataSummary, text: str) -> NDArray[np.float32]:
    """Values (pixels, 1) of an image as typed, as `digits` takes it. Raises `UsageError`."""
    return digits.encode(summary, text).reshape(-1, 1)
