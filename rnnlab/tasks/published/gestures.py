"""Twenty gestures with a smart watch on the wrist (Costante, Porzi, Lanz, Valigi, Ricci: EUSIPCO 2014)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.download.filesets import files_in, find_source
from rnnlab.tasks.encoding.signals import parsed_numbers, row_as_typed, row_keys, shown_as_curves
from rnnlab.tasks.published.cache import Arrays, cached
from rnnlab.tasks.splitting.dataset import Dataset

AXES = ("x", "y", "z")

_RECORDING = re.compile(r"(U\d+)/(\d+)/\d+\.txt")
"""Person, gesture, recording; info.txt and a picture lie beside them."""
_COLUMNS = 6
"""Milliseconds, nanoseconds, the event's nanoseconds, x, y, z."""
_LONGEST = 10_000
_VERSION = 1
_REACH = 20
"""m/s²; a curve is drawn between minus this and this."""


def read(config: RunConfig) -> Dataset:
    """3,251 recordings as published (rows, at most 51, 3) in m/s², with the person of each.

    A recording with two gestures is used with the first of them only. Raises `UsageError`; `MissingData`
    where the data set is not here.
    """
    source = find_source(TASKS["gestures"], config)
    held = cached("gestures", _VERSION, source, lambda: _parse(source))
    names = [str(name) for name in held["names"]]
    classes, targets = np.unique([name.split("/")[1] for name in names], return_inverse=True)
    people, groups = np.unique([name.split("/")[0] for name in names], return_inverse=True)
    keys = [str(key) for key in held["keys"]]
    twins = _twins(keys, targets.tolist())
    dropped = np.zeros(len(names), dtype=np.bool_)
    dropped[list(twins)] = True
    return Dataset(
        inputs=held["inputs"].astype(np.float32, copy=False),
        lengths=held["lengths"].astype(np.int64),
        targets=targets.astype(np.int64),
        keys=keys,
        input_size=len(AXES),
        outputs=len(classes),
        classes=tuple(str(name) for name in classes),
        notes=tuple(
            f"{names[row]} was dropped: it holds the same recording as {names[first]}, under another gesture"
            for row, first in twins.items()
        ),
        show_input=shown_as_curves({axis: channel for channel, axis in enumerate(AXES)}, -_REACH, _REACH),
        groups=groups.astype(np.int64),
        group="person",
        group_names=tuple(str(name) for name in people),
        dropped=dropped,
        normalise=True,
    )


def encode(summary: DataSummary, text: str) -> NDArray[np.float32]:
    """Values (steps, 3) of numbers as typed, x, y and z of each step. Raises `UsageError`."""
    return row_as_typed(text, AXES, summary.scale, TASKS["gestures"].example.partition(";")[0])


def _twins(keys: list[str], targets: list[int]) -> dict[int, int]:
    """Map from each row that equals an earlier one in all but its class to that row."""
    first: dict[str, int] = {}
    found = {}
    for row, key in enumerate(keys):
        earlier = first.setdefault(key, row)
        if targets[earlier] != targets[row]:
            found[row] = earlier
    return found


def _parse(source: Path) -> Arrays:
    """Recordings as arrays, in the order of their paths. Raises `UsageError` for a file that is no recording."""
    names: list[str] = []
    recordings: list[NDArray[np.float32]] = []
    for name, data in files_in(source, _RECORDING):
        numbers = parsed_numbers(data, f"{name} in {source}")
        if len(numbers) % _COLUMNS or len(numbers) > _LONGEST * _COLUMNS:
            raise UsageError(
                f"{name} in {source} is no recording: it holds {len(numbers):,} numbers, which are not {_COLUMNS} a step; "
                "fetch the data set again"
            )
        names.append(name)
        recordings.append(numbers.reshape(-1, _COLUMNS)[:, -len(AXES) :].astype(np.float32))
    if not names:
        raise UsageError(f"{source} holds no recording such as U01/01/01.txt; fetch the data set again")
    lengths = np.array([len(recording) for recording in recordings], dtype=np.int64)
    inputs = np.zeros((len(names), int(lengths.max()), len(AXES)), dtype=np.float32)
    for row, recording in enumerate(recordings):
        inputs[row, : len(recording)] = recording
    return {
        "inputs": inputs,
        "lengths": lengths,
        "names": np.array(names),
        "keys": np.array(row_keys(inputs, lengths)),
    }
