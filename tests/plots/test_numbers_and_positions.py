"""Drawings of kept predictions: numbers over true ones, accuracy by position, marks at the wrong steps, single examples."""

from __future__ import annotations

import math
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.plots.predictions.examples import ExampleTable, example_lines
from rnnlab.plots.predictions.marked import marked_samples, step_pairs
from rnnlab.plots.predictions.positions import mean_accuracy, position_plot
from rnnlab.plots.predictions.scatter import scatter_plot, scatter_text
from rnnlab.predictions.positions import number_pairs, position_accuracy
from rnnlab.predictions.predictions_file import SubsetPredictions
from rnnlab.runs.events import Sample
from rnnlab.text.lines import to_text, width_of
from rnnlab.text.palette import DARK, MONO
from rnnlab.ui.examples.query import report_of
from tests import recorded_errors


def of_numbers(targets: list[float], predictions: list[float]) -> SubsetPredictions:
    pair = [np.array(values, np.float32).reshape(-1, 1) for values in (targets, predictions)]
    return SubsetPredictions(np.arange(len(targets)), None, pair[0], pair[1], None, None)


def test_right_predictions_lie_on_the_line_from_corner_to_corner() -> None:
    lines = to_text(
        scatter_plot([(0.0, 0.0), (5.0, 5.0), (10.0, 10.0)], width=40, height=12, palette=DARK)
    ).splitlines()
    assert "predicted = true" in lines[0]
    assert lines[-1].rstrip().endswith("true")
    assert scatter_text([(0.0, 1.0), (10.0, 9.0)], "items") == "2 numbers, MAE 1.00 items, R² .960"
    assert scatter_text([(3.0, 4.0)]) == "1 number, MAE 1.00"
    assert "No finite number" in scatter_text([(math.nan, 1.0)])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=30), st.integers(1, 120), st.integers(1, 40))
def test_any_numbers_are_drawn_in_the_space_there_is(pairs: list[tuple[float, float]], width: int, height: int) -> None:
    lines = scatter_plot(pairs, width=width, height=height, palette=MONO)
    assert [width_of(line) for line in lines] == [width] * height
    assert scatter_text(pairs)


def test_of_many_numbers_the_largest_errors_are_kept() -> None:
    targets = [float(at) for at in range(3000)]
    predictions = [each + (500.0 if at == 1234 else 0.1) for at, each in enumerate(targets)]
    found, total = number_pairs(of_numbers(targets, predictions), 100)
    assert total == 3000
    assert len(found) <= 100
    assert (1234, 1234.0, 1734.0) in found
    assert number_pairs(of_numbers([1.0, math.nan], [1.0, 2.0]), 100)[1] == 1


def test_accuracy_by_position_counts_only_what_is_asked() -> None:
    targets = np.array([[0, 1, -1], [0, 0, 1]])
    predictions = np.array([[0, 0, 0], [1, 0, 1]])
    held = SubsetPredictions(np.arange(2), None, targets, predictions, None, None)
    positions = position_accuracy(held)
    assert [(each.position, each.steps, each.right) for each in positions] == [(1, 2, 0.5), (2, 2, 0.5), (3, 1, 1.0)]
    assert mean_accuracy(positions) == pytest.approx(3 / 5)
    text = to_text(position_plot(positions, width=60, height=12, palette=DARK))
    assert "all positions .600" in text
    assert position_accuracy(of_numbers([1.0], [1.0])) == []


def sample(target: str, prediction: str, given: str = "") -> Sample:
    return Sample(input=given, target=target, prediction=prediction, correct=target == prediction)


def test_wrong_steps_are_marked_below_and_what_was_not_asked_is_not() -> None:
    lines = to_text(
        marked_samples([sample("a·cd", "a·xd", "wxyz")], "abcdx", width=40, height=8, palette=MONO)
    ).splitlines()
    assert lines[0] == "✗ 2 of 3 steps right, 67 %"
    assert lines[1].endswith("wxyz")
    mark = next(line for line in lines if "^" in line)
    assert mark.index("^") == lines[3].index("x")
    assert mark.count("^") == 1
    words = sample("noun verb", "noun noun")
    assert step_pairs(words, ("noun", "verb")) == (("noun", "noun"), ("verb", "noun"))
    assert step_pairs(sample("ab", "a"), "ab") == ()


def test_long_sequences_are_wrapped_with_their_marks() -> None:
    lines = to_text(
        marked_samples([sample("a" * 50, "a" * 49 + "b")], "ab", width=41, height=12, palette=MONO)
    ).splitlines()
    assert sum("target" in line for line in lines) == 2
    assert [line for line in lines if "^" in line] == [" " * 30 + "^"] or any(line.endswith("^") for line in lines)


@pytest.mark.parametrize("make", [recorded_errors.names, recorded_errors.steps, recorded_errors.recordings])
@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_examples_fit_any_width_and_hold_nothing_that_a_terminal_obeys(make: object, width: int) -> None:
    report = report_of(make())  # type: ignore[operator]
    table = ExampleTable(report, width, DARK)
    lines = [*table.lines(), table.line(0, cursor=True)]
    assert {width_of(line) for line in lines} == {width}
    for row in report.worst:
        full = example_lines(report, row, width, DARK)
        assert {width_of(line) for line in full} == {width}
        assert not any(unicodedata.category(c) in ("Cc", "Cf") for c in to_text(full) if c != "\n")


def test_where_both_classes_were_asked_for_they_are_in_no_column_and_curves_share_a_scale() -> None:
    report = report_of(recorded_errors.names())
    assert "target" not in to_text([ExampleTable(report, 80, DARK).head()])
    text = to_text([ExampleTable(report_of(recorded_errors.recordings()), 60, DARK).head()])
    assert "channels, each on one scale" in text
    stepwise = to_text(ExampleTable(report_of(recorded_errors.steps()), 120, DARK).lines())
    assert "thiswiqewoman" in stepwise
