"""Curves of a run as NumPy arrays: one value for each evaluation, and every curve of the log in full."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.api.frames import pandas_frame, polars_frame
from rnnlab.runs.series import Series
from rnnlab.runs.state import RunState

if TYPE_CHECKING:
    import pandas
    import polars

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve: a point ends at update `updates[i]`, epoch `epochs[i]` (a fraction) and second `seconds[i]` of training.

    `values`, `low` and `high` are the mean, the least and the greatest of the updates that a point stands for: beyond 2,000
    points neighbours are merged. All arrays are (points,).
    """

    updates: NDArray[np.int64]
    epochs: Floats
    seconds: Floats
    values: Floats
    low: Floats
    high: Floats

    def __len__(self) -> int:
        return len(self.updates)


class Curves(Mapping[str, Curve]):
    """The curves of a run.

    The attributes are arrays with a value for each evaluation on the validation part, (evaluations,). As a mapping it holds
    every curve of the log by name, `curves["loss/train"]`: `loss/train`, `loss/validation`, `METRIC/train`,
    `METRIC/validation`, `lr`, `grad_norm`.
    """

    def __init__(self, state: RunState) -> None:
        self._curves = {name: _curve(series) for name, series in state.curves.items() if len(series)}
        self.metric = state.metric
        """The name of the metric, such as `accuracy`; empty before the run has begun."""
        validation = self._curves.get("loss/validation") or self._curves.get(f"{self.metric}/validation") or _EMPTY
        self.epochs: Floats = validation.epochs
        """Epochs trained, as fractions."""
        self.updates: NDArray[np.int64] = validation.updates
        """Updates made."""
        self.seconds: Floats = validation.seconds
        """Seconds of training, pauses left out."""
        self.train_loss: Floats = self._mean_between(state.curves.get("loss/train"))
        """Mean loss of the updates since the evaluation before, as finely as the log has it: ten points a second."""
        self.validation_loss: Floats = self._at("loss/validation")
        self.train_metric: Floats = self._at(f"{self.metric}/train")
        """The metric on the training part, while the weights moved; nan where it was not measured."""
        self.validation_metric: Floats = self._at(f"{self.metric}/validation")

    def __getitem__(self, name: str) -> Curve:
        return self._curves[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._curves)

    def __len__(self) -> int:
        return len(self._curves)

    def __repr__(self) -> str:
        return f"<Curves: {len(self.epochs)} evaluations; {', '.join(self._curves)}>"

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each evaluation. Raises `UsageError` where pandas is not installed."""
        return pandas_frame(self._columns())

    def to_polars(self) -> polars.DataFrame:
        """The same. Raises `UsageError` where polars is not installed."""
        return polars_frame(self._columns())

    def _columns(self) -> dict[str, Any]:
        metric = self.metric or "metric"
        return {
            "epoch": self.epochs,
            "update": self.updates,
            "seconds": self.seconds,
            "train_loss": self.train_loss,
            "validation_loss": self.validation_loss,
            f"train_{metric}": self.train_metric,
            f"validation_{metric}": self.validation_metric,
        }

    def _at(self, name: str) -> Floats:
        """The curve's value at each evaluation; nan where it has none there."""
        found = np.full(len(self.updates), math.nan)
        if (curve := self._curves.get(name)) is not None:
            _, here, there = np.intersect1d(self.updates, curve.updates, return_indices=True)
            found[here] = curve.values[there]
        return found

    def _mean_between(self, series: Series | None) -> Floats:
        """The mean of a curve's values from one evaluation to the next, each weighted with the updates it stands for."""
        found = np.full(len(self.updates), math.nan)
        if series is None or not len(series):
            return found
        counts, values = np.asarray(series.count, float), np.asarray(series.mean)
        # The evaluation that follows each point; points after the last evaluation belong to none.
        owner = np.searchsorted(self.updates, np.asarray(series.step))
        held = owner < len(self.updates)
        weights = np.bincount(owner[held], counts[held], minlength=len(self.updates))
        sums = np.bincount(owner[held], (counts * values)[held], minlength=len(self.updates))
        np.divide(sums, weights, out=found, where=weights > 0)
        # Where several evaluations lie between two points, as the log has ten a second, the next point stands for all of them.
        after = np.searchsorted(np.asarray(series.step), self.updates)
        empty = (weights == 0) & (after < len(values))
        found[empty] = values[after[empty]]
        return found


def _curve(series: Series) -> Curve:
    return Curve(
        updates=np.asarray(series.step, np.int64),
        epochs=np.asarray(series.epoch, float),
        seconds=np.asarray(series.seconds, float),
        values=np.asarray(series.mean, float),
        low=np.asarray(series.low, float),
        high=np.asarray(series.high, float),
    )


_EMPTY = _curve(Series([], [], [], [], [], [], []))
