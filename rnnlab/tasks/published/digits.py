"""Written digits of 8 × 8 pixels, row by row: a data set of scikit-learn.

The test set of UCI's Optical Recognition of Handwritten Digits (1998).
"""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.types import Subset

SIDE = 8
DARKEST = 16
"""Maximum of a pixel: the number of its 16 finer pixels that are dark."""
_MARKS = ".123456789abcdefg"
"""Pixel → the letter it is shown as."""
_VALUES = {mark: value for value, mark in enumerate(_MARKS)} | {"0": 0}


def read(_config: RunConfig) -> Dataset:
    """1,797 images (1797, 8, 8): steps are rows of pixels from the top, channels the pixels of a row, 0 to 1."""
    pixels, targets = _published()
    return Dataset(
        inputs=(pixels / DARKEST).astype(np.float32).reshape(-1, SIDE, SIDE),
        lengths=np.full(len(pixels), SIDE, dtype=np.int64),
        targets=targets,
        keys=[row.tobytes().hex() for row in pixels],
        input_size=SIDE,
        outputs=10,
        classes=tuple("0123456789"),
        show_input=show_image,
    )


def _published() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pixels (rows, 64) and digits (rows,)."""
    # The file behind sklearn.datasets.load_digits; scikit-learn's own import would take a hundred times as long.
    found = importlib.util.find_spec("sklearn")
    folders = (found.submodule_search_locations if found is not None else None) or ()
    for folder in folders:
        path = Path(folder, "datasets", "data", "digits.csv.gz")
        if path.is_file():
            with gzip.open(path, "rt", encoding="ascii") as lines:
                table = np.loadtxt(lines, delimiter=",", dtype=np.int64)
            return table[:, :-1].astype(np.uint8), table[:, -1]
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise UsageError(f"the digits come with scikit-learn, which cannot be imported ({error})") from None
    data, targets = load_digits(return_X_y=True)
    return np.asarray(data).astype(np.uint8), np.asarray(targets).astype(np.int64)


def show_image(subset: Subset, row: int) -> str:
    """An image as its rows of pixels, `..5d91.. ..dfaf5. …`: a dot is white, g the darkest."""
    pixels = np.rint(subset.inputs[row, : subset.lengths[row]] * DARKEST).astype(np.int64)
    return " ".join("".join(_MARKS[value] for value in line) for line in pixels.tolist())


def encode(_summary: DataSummary, text: str) -> NDArray[np.float32]:
    """Values (rows of pixels, 8) of an image as typed, in the form it is shown in; or as numbers 0 to 16.

    Raises `UsageError`.
    """
    words = text.replace(";", " ").replace(",", " ").split()
    if not words:
        raise UsageError(f"there is nothing to predict on: the text is empty; type rows of pixels such as {_example()}")
    if len(words) > 1 and len(words) % SIDE == 0 and all(len(word) <= 2 and word.isdecimal() for word in words):
        values = [int(word) for word in words]
    else:
        values = _marks(words)
    if max(values) > DARKEST:
        raise UsageError(f"a pixel is 0 to {DARKEST}, and one of these is {max(values)}")
    if len(values) > SIDE * SIDE:
        raise UsageError(f"these are {len(values):,} pixels; an image has {SIDE * SIDE}")
    pixels: NDArray[np.float32] = np.array(values, dtype=np.float32) / np.float32(DARKEST)
    return pixels.reshape(-1, SIDE)


def _marks(words: list[str]) -> list[int]:
    for number, word in enumerate(words, start=1):
        if len(word) != SIDE or not set(word.lower()) <= _VALUES.keys():
            raise UsageError(
                f"row {number} of pixels, {word[:20]!r}, is not {SIDE} of {_MARKS}; type rows such as {_example()[:17]}"
            )
    return [_VALUES[mark] for word in words for mark in word.lower()]


def _example() -> str:
    return TASKS["digits"].example
