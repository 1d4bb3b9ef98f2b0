"""The figures are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from sklearn.utils.class_weight import compute_class_weight

from rnnlab.training.evaluation.metrics import (
    ClassScores,
    NumberScores,
    accuracy,
    count_confusion,
    macro_f1,
    target_ranks,
)
from rnnlab.training.step.loss import class_weights


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_class_figures_equal_scikit_learns(data: st.DataObject) -> None:
    """Also where a class is never a target, never an answer, or neither."""
    classes = data.draw(st.integers(2, 7))
    pairs = data.draw(
        st.lists(st.tuples(st.integers(0, classes - 1), st.integers(0, classes - 1)), min_size=1, max_size=60)
    )
    targets, answers = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    confusion = count_confusion(targets, answers, classes)
    assert (confusion == reference.confusion_matrix(targets, answers, labels=range(classes))).all()
    assert accuracy(confusion) == pytest.approx(reference.accuracy_score(targets, answers), abs=1e-12)
    expected = reference.f1_score(targets, answers, average="macro", zero_division=0.0)
    assert macro_f1(confusion) == pytest.approx(expected, abs=1e-12)


def test_scores_do_not_depend_on_the_portions_they_come_in() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(500, 5)).astype(np.float32)
    targets = generator.integers(0, 5, 500)
    whole, portions = ClassScores(5), ClassScores(5)
    whole.add(logits, targets)
    for first in range(0, 500, 37):
        portions.add(logits[first : first + 37], targets[first : first + 37])
    assert whole.metrics() == portions.metrics()
    assert (whole.confusion == portions.confusion).all()


@pytest.mark.parametrize("outputs", [1, 3])
def test_errors_are_scikit_learns_in_the_targets_own_unit(outputs: int) -> None:
    generator = np.random.default_rng(1)
    raw = generator.normal(size=(200, outputs)).astype(np.float32)
    targets = generator.normal(100, 30, size=(200, outputs)).astype(np.float32)
    scores = NumberScores(outputs, scale=73.0, offset=127.5)
    scores.add(raw[:90], targets[:90])
    scores.add(raw[90:], targets[90:])
    answers = raw.astype(np.float64) * 73.0 + 127.5
    figures = scores.metrics()
    assert figures["mae"] == pytest.approx(reference.mean_absolute_error(targets, answers), rel=1e-9)
    assert figures["rmse"] == pytest.approx(reference.root_mean_squared_error(targets, answers), rel=1e-9)
    assert figures["r2"] == pytest.approx(reference.r2_score(targets, answers), rel=1e-9)
    size = np.abs(targets.astype(np.float64)) + np.abs(answers)
    assert figures["smape"] == pytest.approx(np.mean(2 * np.abs(answers - targets) / size), rel=1e-9)


@pytest.mark.parametrize(
    ("targets", "predictions"),
    [
        ([1e8 + 1, 1e8 + 2, 1e8 + 4], [1e8 + 1, 1e8 + 3, 1e8 + 4]),  # sums of squares would cancel
        ([5, 5, 5], [5, 5, 5]),
        ([5, 5, 5], [5, 5, 6]),
        ([0, 1, 0], [0, 1, 0]),
    ],
)
def test_r2_is_scikit_learns_where_it_is_delicate(targets: list[float], predictions: list[float]) -> None:
    held, guessed = (np.array(values, np.float64)[:, None] for values in (targets, predictions))
    scores = NumberScores(1, scale=1.0, offset=0.0)
    for row in range(len(targets)):  # one by one
        scores.add(guessed[row : row + 1], held[row : row + 1])  # type: ignore[arg-type]
    assert scores.metrics()["r2"] == pytest.approx(reference.r2_score(held, guessed), abs=1e-9)
    assert scores.metrics()["smape"] >= 0


@pytest.mark.parametrize(("classes", "expected"), [(2, []), (3, [2]), (5, [2]), (6, [2, 5]), (18, [2, 5])])
def test_top_k_accuracy_is_scikit_learns_where_there_are_more_classes(classes: int, expected: list[int]) -> None:
    generator = np.random.default_rng(2)
    logits = generator.normal(size=(400, classes)).astype(np.float32)
    targets = generator.integers(0, classes, 400)
    scores = ClassScores(classes)
    scores.add(logits[:150], targets[:150])
    scores.add(logits[150:], targets[150:])
    figures = scores.metrics()
    assert [k for k in (2, 5) if f"top{k}_accuracy" in figures] == expected
    for k in expected:
        told = reference.top_k_accuracy_score(targets, logits, k=k, labels=range(classes))
        assert figures[f"top{k}_accuracy"] == pytest.approx(told, abs=1e-12)


def test_a_net_that_tells_nothing_apart_gains_nothing_by_top_k() -> None:
    """Equal logits rank in the order of the classes, as the prediction does; what is no number ranks last."""
    logits = np.zeros((6, 6), np.float32)
    targets = np.arange(6)
    assert target_ranks(logits, targets).tolist() == [0, 1, 2, 3, 4, 5]
    scores = ClassScores(6)
    scores.add(logits, targets)
    assert scores.metrics()["accuracy"] == pytest.approx(1 / 6)
    assert scores.metrics()["top2_accuracy"] == pytest.approx(2 / 6)
    lost = ClassScores(6)
    lost.add(np.full((6, 6), np.nan, np.float32), targets)
    assert lost.metrics()["top5_accuracy"] == lost.metrics()["accuracy"]


def test_top_k_counts_the_steps_that_are_asked_alone() -> None:
    logits = np.array([[3, 2, 1], [3, 2, 1], [1, 2, 3]], np.float32)
    scores = ClassScores(3)
    scores.add(logits, np.array([1, -1, 0]))
    assert scores.metrics()["top2_accuracy"] == 0.5


def test_a_state_of_an_older_version_goes_on_without_the_newer_figures() -> None:
    classes = ClassScores(6)
    classes.load_state_dict({"confusion": np.eye(6, dtype=np.int64), "asked": np.zeros(0), "right": np.zeros(0)})
    classes.add(np.eye(6, dtype=np.float32), np.arange(6))
    assert classes.metrics()["accuracy"] == 1.0
    assert "top2_accuracy" not in classes.metrics()
    numbers = NumberScores(1, 1.0, 0.0)
    numbers.load_state_dict({"rows": 1, "absolute": np.ones(1), "squared": np.ones(1)})
    numbers.add(np.zeros((1, 1), np.float32), np.zeros((1, 1), np.float32))
    assert numbers.metrics() == {"mae": 0.5, "rmse": pytest.approx(0.5**0.5)}
    again = NumberScores(1, 1.0, 0.0)
    again.load_state_dict(numbers.state_dict())
    assert again.metrics() == numbers.metrics()


def test_class_weights_are_scikit_learns_balanced_ones() -> None:
    targets = np.array([0] * 90 + [1] * 9 + [3])
    weights = class_weights(targets, 5)
    assert weights[[0, 1, 3]] * 5 / 3 == pytest.approx(
        compute_class_weight("balanced", classes=np.array([0, 1, 3]), y=targets), rel=1e-6
    )
    assert weights[2] == weights[4] == 0.0  # no training row: it weighs nothing
