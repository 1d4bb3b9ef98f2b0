"""File of a run's predictions, `predictions.safetensors`: what the best weights predict for each row of validation and test.

Each tensor is called `SUBSET.FIELD`, as `test.rows`. Whole numbers have the smallest type that holds them, probabilities are
float16: rounded to a two-thousandth near 1. What a huge subset leaves out stands in the header, whose one key keeps the bytes
of equal predictions equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from rnnlab.errors import UsageError
from rnnlab.runs.checkpoint_file import read_checked
from rnnlab.runs.events import SubsetName
from rnnlab.runs.files import PREDICTIONS_LIMIT
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.kept_predictions import why_no_predictions
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.summary import saved_predictions
from rnnlab.runs.tensor_header import checked_metadata

PREDICTIONS_FORMAT = 1
KEPT_SUBSETS: tuple[SubsetName, ...] = ("validation", "test")
"""Subsets whose predictions are kept."""
ALL_PROBABILITIES = 32
"""Classes up to which the probability of each is kept; beyond, that of the prediction alone."""
SUBSET_LIMIT = 32 << 20
"""Bytes of one subset: a million rows with a dozen probabilities each. What is beyond is left out, probabilities first."""
_HEADER = "predictions"


@dataclass(frozen=True)
class SubsetPredictions:
    """Predictions of the best weights for the rows of one subset.

    `rows` (rows,) are the indices of the rows in the task's dataset, equal for equal data whatever the seed; `groups` (rows,)
    the person or recording of each, where the data say so. `targets` and `predictions`: int64 classes (rows,), or (rows, steps)
    with -1 where nothing is asked; or float32 numbers (rows, outputs) in the target's own unit.
    """

    rows: NDArray[np.int64]
    groups: NDArray[np.int64] | None
    targets: NDArray[Any]
    predictions: NDArray[Any]
    probabilities: NDArray[np.float16] | None
    """(rows, classes), of at most 32 classes; None of more, of numbers, and of classes at each step."""
    top: NDArray[np.float16] | None
    """(rows,) or (rows, steps): probability of the prediction; None of numbers, and where a huge subset leaves it out."""
    left_out: str = ""
    """What is not kept of a huge subset, in words; empty where nothing is left out."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def of_numbers(self) -> bool:
        """Whether numbers are predicted, not classes."""
        return self.targets.dtype.kind == "f"

    @property
    def per_step(self) -> bool:
        """Whether a class is predicted at each step."""
        return not self.of_numbers and self.targets.ndim == 2

    def scores(self) -> NDArray[np.float64]:
        """How well each row is predicted (rows,), more is better.

        1 or 0 of a class; of classes at each step the share of right ones among the steps asked (nan where none is); of numbers
        minus their mean absolute error.
        """
        if self.of_numbers:
            with np.errstate(over="ignore", invalid="ignore"):  # what diverged may be infinite
                errors = np.abs(self.predictions.astype(np.float64) - self.targets)
            worse: NDArray[np.float64] = -errors.reshape(len(self), -1).mean(axis=1)
            return worse
        right = self.predictions == self.targets
        if not self.per_step:
            each: NDArray[np.float64] = right.astype(np.float64)
            return each
        asked = self.targets >= 0
        counts = asked.sum(axis=1)
        shares = np.full(len(self), np.nan)
        np.divide((right & asked).sum(axis=1), counts, out=shares, where=counts > 0)
        return shares


Probabilities = Literal["all", "top", "none"]
_FEWER: tuple[Probabilities, ...] = ("all", "top", "none")


@dataclass(frozen=True)
class Layout:
    """What is kept of a subset: its first `rows` rows, and the probabilities of all classes, of the prediction, or none."""

    rows: int
    probabilities: Probabilities
    left_out: str = ""


def layout(rows: int, values: int, classes: int, *, per_step: bool = False, limit: int = SUBSET_LIMIT) -> Layout:
    """Layout of a subset of `rows` rows with `values` predictions each (steps or outputs); `classes` is 0 for numbers."""
    wanted: Probabilities = "none" if not classes else "top" if per_step or classes > ALL_PROBABILITIES else "all"
    of_prediction = np.min_scalar_type(-classes).itemsize if classes else np.dtype(np.float32).itemsize
    each = 2 * np.dtype(np.int32).itemsize + 2 * of_prediction * values  # row, group, target and prediction
    costs = {"all": 2 * classes, "top": 2 * values, "none": 0}
    choices = _FEWER[_FEWER.index(wanted) :]
    kept = next((choice for choice in choices if rows * (each + costs[choice]) <= limit), choices[-1])
    held = min(rows, max(1, limit // (each + costs[kept])))
    left_out = []
    if kept != wanted:
        left_out.append("the probabilities" if kept == "none" else "all probabilities but that of the prediction")
    if held < rows:
        left_out.append(f"{rows - held:,} of {rows:,} rows")
    return Layout(held, kept, " and ".join(left_out))


def pack_predictions(subsets: Mapping[SubsetName, SubsetPredictions]) -> bytes:
    """The bytes of a file with these predictions: equal for equal ones."""
    tensors: dict[str, NDArray[Any]] = {}
    for name, held in subsets.items():
        arrays: dict[str, NDArray[Any] | None] = {
            "rows": held.rows,
            "groups": held.groups,
            "targets": held.targets,
            "predictions": held.predictions,
            "probabilities": held.probabilities,
            "top": held.top if held.probabilities is None else None,
        }
        tensors |= {f"{name}.{field}": _small(array) for field, array in arrays.items() if array is not None}
    header = {
        "format": PREDICTIONS_FORMAT,
        "left_out": {name: held.left_out for name, held in subsets.items() if held.left_out},
    }
    packed: bytes = safetensors.numpy.save(tensors, {_HEADER: json.dumps(header)})
    return packed


def _small(array: NDArray[Any]) -> NDArray[Any]:
    """The array, contiguous, whole numbers in the smallest type that holds them."""
    if array.dtype.kind in "iu" and array.size:
        kinds = np.min_scalar_type(int(array.min())), np.min_scalar_type(int(array.max()))
        array = array.astype(np.promote_types(*kinds))
    return np.ascontiguousarray(array)


def read_predictions(run: RunFolder, subset: SubsetName) -> SubsetPredictions:
    """The predictions of the run's best weights for the rows of `subset`.

    Raises `UsageError` where none are kept (an older run, one that is not at its end, a part that was not tested, a file that
    was deleted), where the file is damaged, and where it is another one than the log says.
    """
    saved = saved_predictions(run)
    if saved is None:
        raise UsageError(f"no predictions of {run.name} are kept: {why_no_predictions(read_state(run.events_path)[0])}")
    if subset not in saved.rows:
        kept = " and ".join(saved.rows)
        why = "it was not tested (train.test = false)" if subset == "test" else f"they are kept of {kept} alone"
        raise UsageError(f"no predictions of the {subset} part of {run.name} are kept: {why}")
    path = run.predictions_path
    if saved.path != path.name:
        raise UsageError(f"the log of {run.name} names {saved.path!r} as its predictions, which lie in {path}")
    data, _ = read_checked(path, [saved], "predictions", limit=PREDICTIONS_LIMIT)
    try:
        return unpack_predictions(data, subset)
    except DamagedPredictions as error:
        raise UsageError(f"{path} holds no predictions that can be read: {error}") from None


class DamagedPredictions(ValueError):
    """Bytes that hold no predictions of a subset."""


def unpack_predictions(data: bytes, subset: SubsetName) -> SubsetPredictions:
    """The predictions of one subset in a file's bytes. Raises `DamagedPredictions`."""
    try:
        header = json.loads(checked_metadata(data)[_HEADER])
        tensors = safetensors.numpy.load(data)
        if header["format"] != PREDICTIONS_FORMAT:
            raise DamagedPredictions(f"it has format {header['format']}, this rnnlab reads {PREDICTIONS_FORMAT}")
        found = {
            field: tensors.get(f"{subset}.{field}")
            for field in ("rows", "groups", "targets", "predictions", "probabilities", "top")
        }
        return _checked(found, str(header["left_out"].get(subset, "")))
    except DamagedPredictions:
        raise
    except (SafetensorError, KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise DamagedPredictions(str(error)) from None


def _checked(found: Mapping[str, NDArray[Any] | None], left_out: str) -> SubsetPredictions:
    """Predictions whose arrays fit together: a file may come from a stranger, with the log that names it."""
    rows, groups, targets, predictions = (found[name] for name in ("rows", "groups", "targets", "predictions"))
    probabilities, top = found["probabilities"], found["top"]
    if rows is None or targets is None or predictions is None:
        raise DamagedPredictions("rows, targets or predictions are missing")
    classes = targets.dtype.kind in "iu"
    fits = (
        _is(rows, "iu", (len(rows),))
        and (groups is None or _is(groups, "iu", rows.shape))
        and targets.shape == predictions.shape
        and targets.ndim in ((1, 2) if classes else (2,))
        and len(targets) == len(rows)
        and _is(predictions, "iu" if classes else "f", targets.shape)
        and (classes or _is(targets, "f", targets.shape))
        and (
            probabilities is None
            or (_is(probabilities, "f", (len(rows), *probabilities.shape[1:])) and probabilities.ndim == 2)
        )
        and (top is None or _is(top, "f", targets.shape))
        and (probabilities is None or (targets.ndim == 1 and _within(predictions, probabilities.shape[1])))
    )
    if not fits:
        raise DamagedPredictions("its arrays do not fit together")
    if classes:
        targets, predictions = targets.astype(np.int64), predictions.astype(np.int64)
    if probabilities is not None:
        top = probabilities[np.arange(len(rows)), predictions]
    return SubsetPredictions(
        rows=rows.astype(np.int64),
        groups=None if groups is None else groups.astype(np.int64),
        targets=targets,
        predictions=predictions,
        probabilities=probabilities,
        top=top,
        left_out=left_out,
    )


def _is(array: NDArray[Any], kinds: str, shape: tuple[int, ...]) -> bool:
    return array.dtype.kind in kinds and array.shape == shape


def _within(labels: NDArray[Any], classes: int) -> bool:
    return not labels.size or (int(labels.min()) >= 0 and int(labels.max()) < classes)
