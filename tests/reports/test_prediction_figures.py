"""Figures of kept predictions: what they count is what was predicted."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from rnnlab.predictions.errors import calibration, calibration_bins
from rnnlab.predictions.predictions_file import SubsetPredictions
from rnnlab.reports.figures.errors import calibration_figure, error_figure
from rnnlab.reports.figures.rendering import svg
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO


def classes(right: list[bool], top: list[float]) -> SubsetPredictions:
    targets = np.zeros(len(right), np.int64)
    predictions = np.where(right, 0, 1)
    return SubsetPredictions(np.arange(len(right)), None, targets, predictions, None, np.array(top, np.float16))


def numbers(errors: list[float]) -> SubsetPredictions:
    targets = np.zeros((len(errors), 1), np.float32)
    return SubsetPredictions(np.arange(len(errors)), None, targets, np.array(errors, np.float32)[:, None], None, None)


def test_each_bin_holds_its_predictions_and_together_they_give_the_expected_calibration_error() -> None:
    held = classes([True, False, True, True, False], [0.95, 0.95, 0.91, 0.25, 0.3])
    bins = calibration_bins(held)
    assert [(each.low, each.high, each.predictions) for each in bins] == [(0.2, 0.3, 1), (0.3, 0.4, 1), (0.9, 1.0, 3)]
    assert bins[2].right == pytest.approx(2 / 3)
    found = calibration(held)
    assert found is not None
    gaps = sum(each.predictions * abs(each.right - each.probability) for each in bins) / len(held)
    assert gaps == pytest.approx(found.expected_error)
    figure = calibration_figure(held, "r", "test")
    assert figure is not None
    assert [row[2].values[0] for row in figure.numbers.rows] == [1, 1, 3]
    ElementTree.fromstring(svg(figure))
    assert "share right" in to_text(figure.lines(80, MONO))


def test_every_finite_error_is_in_one_range() -> None:
    figure = error_figure(numbers([-2.0, -1.0, 0.0, 0.5, 5.0, float("inf"), float("nan")]), "r", "test", "litres")
    assert figure is not None
    assert sum(int(row[2].values[0] or 0) for row in figure.numbers.rows) == 5
    assert "5 errors from -2.00 to 5.00 litres" in figure.description
    ElementTree.fromstring(svg(figure))


def test_the_mean_error_is_that_of_the_errors_and_not_of_their_ranges() -> None:
    figure = error_figure(numbers([0.0] * 9 + [210.0]), "r", "test")
    assert figure is not None
    assert "10 errors from 0 to 210, 21.0 on average" in figure.description


def test_what_has_no_probabilities_and_no_numbers_has_no_such_figure() -> None:
    held = classes([True], [0.5])
    assert error_figure(held, "r", "test") is None
    assert calibration_figure(numbers([1.0]), "r", "test") is None
    assert error_figure(numbers([float("nan")]), "r", "test") is None
