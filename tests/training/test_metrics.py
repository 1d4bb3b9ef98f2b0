"""The figures are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from sklearn.utils.class_weight import compute_class_weight

from rnnlab.training.evaluation.metrics import ClassScores, NumberScores, accuracy, count_confusion, macro_f1
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


def test_class_weights_are_scikit_learns_balanced_ones() -> None:
    targets = np.array([0] * 90 + [1] * 9 + [3])
    weights = class_weights(targets, 5)
    assert weights[[0, 1, 3]] * 5 / 3 == pytest.approx(
        compute_class_weight("balanced", classes=np.array([0, 1, 3]), y=targets), rel=1e-6
    )
    assert weights[2] == weights[4] == 0.0  # no training row: it weighs nothing
