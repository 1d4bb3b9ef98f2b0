"""Predictions for the inputs of a file, with its true labels where it has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.runs.prediction import Prediction
from rnnlab.tasks.inputs.read import read_rows
from rnnlab.tasks.inputs.rows import InputFile, InputRow, class_of
from rnnlab.tasks.inputs.series import read_series_to_go_on
from rnnlab.tasks.splitting.normalise import as_trained
from rnnlab.tasks.splitting.types import ForecastSeries
from rnnlab.training.evaluation.forecast import SeriesForecaster
from rnnlab.training.evaluation.predict import TrainedNet


@dataclass(frozen=True)
class RowPrediction:
    """One input of a file and what is predicted for it; nothing where it cannot be read, or the net's output is not finite."""

    row: InputRow
    prediction: Prediction | None
    true: str = ""
    """The class that its label names; empty where it has none, or none of the run's."""

    @property
    def correct(self) -> bool | None:
        """Whether the true class is predicted; None where the file does not say it."""
        if not self.row.label or self.prediction is None or not self.prediction.ranked:
            return None
        return self.true == self.prediction.ranked[0][0]


@dataclass(frozen=True)
class FilePredictions:
    """Predictions for all inputs of a file, in its order."""

    rows: Sequence[RowPrediction]
    notes: tuple[str, ...]

    @property
    def failed(self) -> int:
        """How many inputs cannot be read."""
        return sum(row.prediction is None for row in self.rows)

    @property
    def labelled(self) -> int:
        """How many inputs have a prediction and a label."""
        return sum(row.correct is not None for row in self.rows)

    @property
    def accuracy(self) -> float | None:
        """Share of the labelled inputs whose class is predicted; None where there are none."""
        known = [row.correct for row in self.rows if row.correct is not None]
        return sum(known) / len(known) if known else None

    @property
    def mean_absolute_error(self) -> float | None:
        """Mean absolute error of predicted numbers, where the file has the true ones; None where it has not."""
        pairs = [
            (row.prediction.numbers, row.row.targets)
            for row in self.rows
            if row.prediction is not None and row.row.targets and len(row.row.targets) == len(row.prediction.numbers)
        ]
        return float(np.mean([np.abs(np.subtract(*pair)).mean() for pair in pairs])) if pairs else None

    @property
    def strange(self) -> tuple[str, ...]:
        """Labels of the file that are none of the run's classes."""
        return tuple(dict.fromkeys(row.row.label for row in self.rows if row.row.label and not row.true))


def predict_file(trained: TrainedNet, file: InputFile) -> FilePredictions:
    """The prediction for each input of the file. Raises `UsageError` where nothing in it can be read."""
    read = read_rows(file)
    good = [row for row in read.rows if row.encoded is not None]
    predicted = iter(
        trained.predict_rows([row.shown for row in good], [row.encoded for row in good if row.encoded is not None])
    )
    true = {label: class_of(label, trained.data.classes) for label in {row.label for row in read.rows}}
    rows = [
        _row_prediction(row, next(predicted) if row.encoded is not None else None, true[row.label]) for row in read.rows
    ]
    return FilePredictions(rows, read.notes)


def _row_prediction(row: InputRow, prediction: Prediction | None, true: str) -> RowPrediction:
    """The prediction of a row; none, and an error of the row, where it has one."""
    if prediction is not None and prediction.error:
        return RowPrediction(replace(row, error=prediction.error), None, true)
    return RowPrediction(row, prediction, true)


@dataclass(frozen=True)
class AheadForecast:
    """Forecast of a series past the end of its file: a label (a date, or a number) and a value for each step."""

    column: str
    step: str
    last: str
    labels: Sequence[str]
    values: NDArray[np.float64]
    notes: tuple[str, ...]


def forecast_file(trained: TrainedNet, file: InputFile, steps: int | None) -> AheadForecast:
    """Forecast of the `steps` after the end of the file's series, horizon after horizon.

    None: the horizon or the season, whichever is longer. Raises `UsageError` where the file cannot be read as the run's was.
    """
    series, data = read_series_to_go_on(file), file.config.data
    steps = max(data.horizon, data.season) if steps is None else steps
    track = ForecastSeries(
        values=as_trained(series.values, trained.data.scale),
        truth=series.values[:, 0],
        labels=(),
        channel=0,
        window=data.window,
        horizon=trained.data.outputs,
        season=data.season,
        validation=len(series.values),
        test=len(series.values),
    )
    values = SeriesForecaster(track, trained.data.scale, torch.device("cpu")).ahead(trained.net, steps)
    return AheadForecast(series.column, series.step, series.last, series.labels_ahead(steps), values, series.notes)
