"""Errors of a run's best weights: the worst rows, the most frequent confusions, and how far probabilities can be believed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import UsageError
from rnnlab.predictions.predictions_file import KEPT_SUBSETS, SubsetPredictions, read_predictions
from rnnlab.runs.error_report import Calibration, Confused, ErrorReport, WorstError
from rnnlab.runs.events import RunStarted, SubsetName
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import recorded_config
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.summary import saved_predictions
from rnnlab.tasks.encoding.spell import spell
from rnnlab.tasks.load import load_unchecked
from rnnlab.tasks.splitting.normalise import as_read
from rnnlab.tasks.splitting.types import Split

BINS = 10
"""Bins of the expected calibration error."""
LIKELIEST = 5
"""Classes of a row whose probabilities are listed."""
CURVE_STEPS = 60
"""Steps of a channel that are given for a small curve."""
MOST_CHANNELS = 12
CONFUSIONS = 10
"""Confusions that are listed."""


def kept_subset(run: RunFolder, wanted: SubsetName | None = None) -> SubsetName:
    """The subset `wanted`; else the last one whose predictions are kept: test where it was tested, else validation."""
    saved = saved_predictions(run)
    held = [name for name in KEPT_SUBSETS if saved is not None and name in saved.rows]
    return wanted or (held[-1] if held else "validation")


def error_report(
    run: RunFolder,
    subset: SubsetName,
    *,
    true: str = "",
    predicted: str = "",
    worst: int = 20,
    not_loaded: str = "",
) -> ErrorReport:
    """Report of the errors on one subset; `true` and `predicted` name the classes of the errors wanted (empty: any).

    Where both name the same class, the rows of it that are right are listed, the least probable first.

    The inputs are read from the task's data, where these are at hand and the run's; `not_loaded` is why they shall not be.
    Raises `UsageError` as `read_predictions`, and for a class that the run does not know.
    """
    held = read_predictions(run, subset)
    started = read_state(run.events_path)[0].started
    if started is None:
        raise UsageError(f"the log of {run.name} does not say what it was trained on, so its predictions mean nothing")
    classes = started.data.classes
    _check_classes(run, held, classes)
    wanted = _Wanted(_class_called(true, classes, "--true"), _class_called(predicted, classes, "--predicted"))
    wrong, chosen = _chosen(held, wanted)
    order = chosen[_worst_first(held, chosen, right=wanted.right)][:worst]
    inputs = _Inputs(run, started, subset, held, not_loaded) if len(order) else None
    notes = [f"of this part, {held.left_out} are not kept: it is too large"] if held.left_out else []
    if inputs is not None and inputs.missing:
        notes.append(inputs.missing)
    scores = held.scores()
    return ErrorReport(
        run=run.name,
        split=subset,
        problem=started.data.problem,
        rows=len(held),
        wrong=len(wrong),
        asked=len(chosen),
        true=true and classes[wanted.true],
        predicted=predicted and classes[wanted.predicted],
        score=float(np.nanmean(scores)) if np.isfinite(scores).any() else float("nan"),
        unit=started.data.unit,
        confusions=_confusions(held, wanted, classes),
        calibration=calibration(held),
        group=inputs.group if inputs is not None and held.groups is not None else "",
        worst=tuple(_worst_error(held, scores, index, classes, inputs) for index in order.tolist()) if inputs else (),
        notes=tuple(notes),
    )


class _Wanted(NamedTuple):
    """Indices of the classes of the errors wanted; -1: any."""

    true: int
    predicted: int

    @property
    def right(self) -> bool:
        """Whether right predictions of a class are wanted."""
        return self.true >= 0 and self.true == self.predicted


def _class_called(name: str, classes: Sequence[str], option: str) -> int:
    """The index of a class by its name, case ignored where that is clear; -1 for no name. Raises `UsageError`."""
    if not name:
        return -1
    if not classes:
        raise UsageError(f"{option} {name}: the run predicts numbers, not classes; leave {option} out")
    if name in classes:
        return classes.index(name)
    alike = [index for index, each in enumerate(classes) if each.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    folded = {each.casefold(): each for each in classes}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    shown = ", ".join(classes[:40]) + (", …" if len(classes) > 40 else "")
    hint = f" (did you mean {folded[near[0]]}?)" if near else ""
    raise UsageError(f"{option} {name}: there is no class {name!r}{hint}; the classes are {shown}")


def _check_classes(run: RunFolder, held: SubsetPredictions, classes: Sequence[str]) -> None:
    """Raise `UsageError` where the predictions do not suit what the log says was learned."""
    labels = () if held.of_numbers else (held.targets, held.predictions)
    if held.of_numbers == bool(classes) or any(
        len(each) and (int(each.max()) >= len(classes) or int(each.min()) < (-1 if held.per_step else 0))
        for each in labels
    ):
        raise UsageError(f"{run.predictions_path} holds predictions of another task than the log of {run.name}")


def _chosen(held: SubsetPredictions, wanted: _Wanted) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of the rows that are not entirely right, and of those among them that are wanted; of numbers all."""
    if held.of_numbers:
        everything = np.arange(len(held))
        return everything, everything
    mistaken = (held.predictions != held.targets) & (held.targets >= 0)
    asked = (held.targets >= 0) if wanted.right else mistaken.copy()
    if wanted.true >= 0:
        asked &= held.targets == wanted.true
    if wanted.predicted >= 0:
        asked &= held.predictions == wanted.predicted
    if held.per_step:
        mistaken, asked = mistaken.any(axis=1), asked.any(axis=1)
    return np.flatnonzero(mistaken), np.flatnonzero(asked)


def _worst_first(held: SubsetPredictions, chosen: NDArray[np.int64], *, right: bool = False) -> NDArray[np.int64]:
    """The order of the rows at the indices `chosen`: wrong with the highest probability first, or with the lowest score.

    Of `right` ones that with the lowest probability stands first.

    What is no number stands first, as nothing is worse.
    """
    if held.of_numbers or held.per_step or held.top is None:
        badness = -held.scores()[chosen]
    else:
        badness = held.top[chosen].astype(np.float64) * (-1 if right else 1)
    return np.argsort(-np.where(np.isnan(badness), np.inf, badness), kind="stable")


def _confusions(held: SubsetPredictions, wanted: _Wanted, classes: Sequence[str]) -> tuple[Confused, ...]:
    """The most frequent confusions among those wanted, the most frequent one first."""
    if held.of_numbers:
        return ()
    targets, predictions = held.targets.ravel(), held.predictions.ravel()
    asked = (targets >= 0) & (predictions >= 0) & (targets != predictions)
    if wanted.true >= 0:
        asked &= targets == wanted.true
    if wanted.predicted >= 0:
        asked &= predictions == wanted.predicted
    pairs, counts = np.unique(targets[asked] * len(classes) + predictions[asked], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:CONFUSIONS]
    return tuple(
        Confused(classes[pair // len(classes)], classes[pair % len(classes)], count)
        for pair, count in zip(pairs[order].tolist(), counts[order].tolist(), strict=True)
    )


class CalibrationBin(NamedTuple):
    """Predictions with a probability above `low` and up to `high`: how many, the mean of it, and the share of right ones."""

    low: float
    high: float
    predictions: int
    probability: float
    right: float


def calibration(held: SubsetPredictions) -> Calibration | None:
    """The calibration of the predictions, or of those of all steps asked; None where no probabilities are kept.

    A bin holds probabilities above its lower and up to its upper end.
    """
    binned = _binned(held)
    if binned is None:
        return None
    top, right, bins = binned
    gaps = np.bincount(bins, weights=right - top, minlength=BINS)
    return Calibration(float(np.abs(gaps).sum() / len(top)), BINS, float(top.mean()), float(right.mean()))


def calibration_bins(held: SubsetPredictions) -> list[CalibrationBin]:
    """The bins of `calibration` that hold any prediction; empty where no probabilities are kept."""
    binned = _binned(held)
    if binned is None:
        return []
    top, right, bins = binned
    counts = np.bincount(bins, minlength=BINS).tolist()
    sums = [np.bincount(bins, weights=values, minlength=BINS).tolist() for values in (top, right.astype(np.float64))]
    return [
        CalibrationBin(at / BINS, (at + 1) / BINS, count, sums[0][at] / count, sums[1][at] / count)
        for at, count in enumerate(counts)
        if count
    ]


def _binned(held: SubsetPredictions) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]] | None:
    """Of each prediction asked its probability, whether it is right, and its bin (predictions,); None without probabilities."""
    if held.top is None or held.of_numbers:
        return None
    asked = (held.targets >= 0) & np.isfinite(held.top)
    top = held.top[asked].astype(np.float64)
    if not len(top):
        return None
    return (
        top,
        (held.predictions == held.targets)[asked],
        np.clip(np.ceil(top * BINS).astype(np.int64) - 1, 0, BINS - 1),
    )


class ErrorHistogram(NamedTuple):
    """Predicted numbers less their targets: low end, high end and count of each range, and the mean of all."""

    ranges: list[tuple[float, float, int]]
    mean: float


def error_histogram(held: SubsetPredictions, ranges: int) -> ErrorHistogram | None:
    """Histogram of the finite errors in so many equal ranges; None of classes, and where no error is finite."""
    if not held.of_numbers:
        return None
    with np.errstate(over="ignore", invalid="ignore"):  # what diverged may be infinite
        errors = (held.predictions.astype(np.float64) - held.targets).ravel()
    errors = errors[np.isfinite(errors)]
    if not len(errors):
        return None
    counts, edges = np.histogram(errors, bins=ranges)
    return ErrorHistogram(
        list(zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True)), float(errors.mean())
    )


def _worst_error(
    held: SubsetPredictions,
    scores: NDArray[np.float64],
    index: int,
    classes: Sequence[str],
    inputs: _Inputs,
) -> WorstError:
    target, prediction = held.targets[index], held.predictions[index]
    probability: float | None = None
    steps: list[tuple[str, str]] = []
    if held.of_numbers:
        texts = inputs.number(target), inputs.number(prediction)
    elif held.per_step:
        asked = int(np.flatnonzero(target >= 0)[-1]) + 1  # padding is not spelled
        pairs = list(zip(target[:asked].tolist(), prediction[:asked].tolist(), strict=True))
        texts = spell(classes, [true for true, _ in pairs]), spell(classes, [predicted for _, predicted in pairs])
        steps = [(classes[true] if true >= 0 else "", classes[predicted]) for true, predicted in pairs]
    else:
        texts = classes[target], classes[prediction]
        probability = None if held.top is None or not np.isfinite(held.top[index]) else float(held.top[index])
    return WorstError(
        row=int(held.rows[index]),
        group="" if held.groups is None else inputs.name_of_group(int(held.groups[index])),
        input=inputs.text(index),
        target=texts[0],
        prediction=texts[1],
        probability=probability,
        score=float(scores[index]),
        likely=_likely(held, index, classes),
        channels=inputs.channels(index),
        steps=tuple(steps),
    )


def _likely(held: SubsetPredictions, index: int, classes: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """The likeliest classes of a row and their probabilities, where those of all classes are kept."""
    if held.probabilities is None or held.probabilities.shape[1] != len(classes):
        return ()
    shares = held.probabilities[index].astype(np.float64)
    order = np.argsort(-np.where(np.isfinite(shares), shares, -1.0), kind="stable")[:LIKELIEST]
    return tuple((classes[at], float(shares[at])) for at in order.tolist() if np.isfinite(shares[at]))


class _Inputs:
    """The inputs of a subset as texts, from the task's data; `missing` says why there are none."""

    def __init__(
        self, run: RunFolder, started: RunStarted, subset: SubsetName, held: SubsetPredictions, not_loaded: str
    ) -> None:
        self._subset = subset
        self._split: Split | None = None
        self.missing = not_loaded
        if not_loaded:
            return
        try:
            split = load_unchecked(recorded_config(started, run))
        except UsageError as error:
            self.missing = f"the inputs are not shown, as the data cannot be read here: {error}"
            return
        rows = split.subset(subset).row_indices[: len(held)]
        if split.fingerprint() != started.data.fingerprint or not np.array_equal(rows, held.rows):
            self.missing = "the inputs are not shown, as the data here are others than those of the run"
            return
        self._split = split

    @property
    def group(self) -> str:
        """What a group is."""
        return (self._split.group if self._split else "") or "group"

    def name_of_group(self, number: int) -> str:
        """The name of a group, or its number."""
        names = self._split.group_names if self._split else ()
        return names[number] if 0 <= number < len(names) else str(number)

    def text(self, index: int) -> str:
        """The input of the row at `index` of the subset; empty where it is not known."""
        return self._split.show_input(self._split.subset(self._subset), index) if self._split else ""

    def channels(self, index: int) -> tuple[tuple[float, ...], ...]:
        """The measurements of the row at `index`, a channel each, thinned to so many steps that a curve of them shows."""
        subset = self._split.subset(self._subset) if self._split else None
        if subset is None or subset.inputs.dtype.kind != "f":
            return ()
        assert self._split is not None
        values = as_read(subset.inputs[index, : int(subset.lengths[index])].astype(np.float32), self._split.scale)
        values = values.reshape(len(values), -1)
        kept = values[np.unique(np.linspace(0, len(values) - 1, min(len(values), CURVE_STEPS)).astype(np.int64))]
        finite = np.nan_to_num(kept[:, :MOST_CHANNELS].astype(np.float64))
        return tuple(tuple(float(f"{value:.4g}") for value in channel) for channel in finite.T.tolist())

    def number(self, values: NDArray[np.float32]) -> str:
        """A target or prediction (outputs,) of numbers."""
        show: Callable[[NDArray[np.float32]], str] = (
            self._split.show_number if self._split else lambda each: ", ".join(f"{value:.4g}" for value in each)
        )
        return show(values)
