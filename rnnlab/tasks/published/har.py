"""Human activity from a smartphone at the waist: the raw signals of UCI HAR, 128 steps of 9 (Anguita et al., ESANN 2013)."""

from __future__ import annotations

import re
from collections.abc import Mapping
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

SIGNALS = tuple(f"{kind}_{axis}" for kind in ("body_acc", "body_gyro", "total_acc") for axis in "xyz")
"""The channels in their order: acceleration without gravity (g), angular velocity (rad/s), acceleration with gravity (g)."""
PARTS = ("train", "test")

_WANTED = re.compile(rf"activity_labels\.txt|(?:y|subject|{'|'.join(SIGNALS)})_(?:{'|'.join(PARTS)})\.txt")
_VERSION = 1
_GRAVITY = 1.2
"""g; a signal is drawn between minus this and this."""


def read(config: RunConfig) -> Dataset:
    """10,299 windows as published (10299, 128, 9), with the person and the published subset of each.

    Raises `UsageError`; `MissingData` where the data set is not here.
    """
    source = find_source(TASKS["har"], config)
    held = cached("har", _VERSION, source, lambda: _parse(source))
    people = held["people"].astype(np.int64)
    numbers = np.unique(people)
    classes = tuple(str(name) for name in held["classes"])
    return Dataset(
        inputs=held["inputs"].astype(np.float32, copy=False),
        lengths=np.full(len(people), held["inputs"].shape[1], dtype=np.int64),
        targets=held["targets"].astype(np.int64),
        keys=[str(key) for key in held["keys"]],
        input_size=len(SIGNALS),
        outputs=len(classes),
        classes=classes,
        show_input=shown_as_curves({axis: SIGNALS.index(f"total_acc_{axis}") for axis in "xyz"}, -_GRAVITY, _GRAVITY),
        groups=np.searchsorted(numbers, people),
        group="person",
        group_names=tuple(str(number) for number in numbers.tolist()),
        spans=held["spans"].astype(np.int64),
        given=held["given"].astype(np.int8),
        normalise=True,
    )


def encode(summary: DataSummary, text: str) -> NDArray[np.float32]:
    """Values (steps, 9) of numbers as typed, nine a step in the order of `SIGNALS`. Raises `UsageError`."""
    return row_as_typed(text, SIGNALS, summary.scale, TASKS["har"].example.partition(";")[0])


def _parse(source: Path) -> Arrays:
    """The published files as arrays. Raises `UsageError` for files that do not belong together."""
    parsed: dict[str, NDArray[np.float64]] = {}
    labels: tuple[str, ...] = ()
    for name, data in files_in(source, _WANTED):
        if name == "activity_labels.txt":
            labels = _labels(data, source)
        else:
            parsed[name] = parsed_numbers(data, f"{name} in {source}")
    parts = [_part(parsed, part, source) for part in PARTS]
    inputs = np.concatenate([inputs for inputs, _, _ in parts])
    targets = np.concatenate([targets for _, targets, _ in parts])
    people = np.concatenate([people for _, _, people in parts])
    if not labels:
        raise UsageError(f"activity_labels.txt is missing from {source}; fetch the data set again")
    if targets.min() < 1 or targets.max() > len(labels):
        raise UsageError(f"the labels in {source} are not all among the {len(labels)} activities; fetch it again")
    lengths = np.full(len(inputs), inputs.shape[1])
    return {
        "inputs": inputs,
        "targets": targets - 1,
        "people": people,
        "given": np.repeat(np.array([0, 2], dtype=np.int8), [len(inputs) for inputs, _, _ in parts]),
        "spans": _spans(inputs, people),
        "keys": np.array(row_keys(inputs, lengths)),
        "classes": np.array(labels),
    }


def _labels(data: bytes, source: Path) -> tuple[str, ...]:
    lines = [line.split() for line in data.decode("ascii", "replace").splitlines() if line.strip()]
    if [line[0] for line in lines] != [str(number) for number in range(1, len(lines) + 1)] or len(lines) < 2:
        raise UsageError(f"activity_labels.txt in {source} does not number the activities; fetch the data set again")
    return tuple(" ".join(line[1:]) for line in lines)


def _part(
    parsed: Mapping[str, NDArray[np.float64]], part: str, source: Path
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """Inputs (rows, steps, 9), labels (rows,) and people (rows,) of one published subset."""
    missing = [f"{kind}_{part}.txt" for kind in ("y", "subject", *SIGNALS) if f"{kind}_{part}.txt" not in parsed]
    if missing:
        raise UsageError(f"{missing[0]} is missing from {source}; fetch the data set again")
    targets = parsed[f"y_{part}.txt"].astype(np.int64)
    people = parsed[f"subject_{part}.txt"].astype(np.int64)
    rows = len(targets)
    signals = [parsed[f"{signal}_{part}.txt"] for signal in SIGNALS]
    steps = len(signals[0]) // rows
    for name, numbers in zip(("subject", *SIGNALS), (people, *signals), strict=True):
        expected = rows if name == "subject" else rows * steps
        if len(numbers) != expected or not steps:
            raise UsageError(
                f"{name}_{part}.txt in {source} holds {len(numbers):,} numbers where {rows:,} windows have "
                f"{expected:,}; fetch the data set again"
            )
    inputs = np.stack([numbers.reshape(rows, steps) for numbers in signals], axis=2).astype(np.float32)
    return inputs, targets, people


def _spans(inputs: NDArray[np.float32], people: NDArray[np.int64]) -> NDArray[np.int64]:
    """Span of each window (rows, 3), in steps counted over all recordings.

    The files do not hold it, but windows were cut every half window: the first half of a window equals the last half of
    the one before it, to the digit, where both are of one recording.
    """
    steps = inputs.shape[1]
    half = steps // 2
    goes_on = (inputs[1:, :half] == inputs[:-1, steps - half :]).all(axis=(1, 2)) & (people[1:] == people[:-1])
    starts = np.concatenate([[0], np.cumsum(np.where(goes_on, steps - half, steps))])
    return np.stack([starts, starts + steps, starts + steps], axis=1)
