"""Which evaluation of a run is the best one."""

from __future__ import annotations

import pytest

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.training.evaluation.best import Selection
from rnnlab.training.evaluation.evaluate import EvaluationResult


def best_of(evaluations: list[tuple[float, float]], **settings: str) -> tuple[int, list[bool]]:
    """The best epoch of evaluations (accuracy, loss), and which of them were the best when they were made."""
    selection = Selection(TASKS["names"], **settings)  # type: ignore[arg-type]
    better = [
        selection.consider(EvaluationResult(loss, {"accuracy": accuracy}), epoch, epoch)
        for epoch, (accuracy, loss) in enumerate(evaluations, start=1)
    ]
    return selection.epoch, better


def test_of_equal_accuracies_the_lower_loss_is_better() -> None:
    """Ten rows of validation have eleven accuracies: the highest is there long before the net is trained."""
    assert best_of([(0.9, 1.2), (1.0, 1.09), (1.0, 0.4), (1.0, 0.5), (0.9, 0.1)]) == (
        3,
        [True, True, True, False, False],
    )


def test_a_higher_accuracy_is_better_whatever_its_loss() -> None:
    assert best_of([(0.8, 0.3), (0.9, 3.0), (0.85, 0.1)])[0] == 2


def test_the_same_again_is_not_better() -> None:
    assert best_of([(0.8, 0.3), (0.8, 0.3)]) == (1, [True, False])


def test_the_earliest_is_kept_where_it_is_asked_for() -> None:
    assert best_of([(1.0, 1.09), (1.0, 0.4)], ties="earliest")[0] == 1


def test_patience_counts_evaluations_whose_accuracy_did_not_rise() -> None:
    selection = Selection(TASKS["names"])
    for epoch, loss in enumerate([0.5, 0.4, 0.3], start=1):
        selection.consider(EvaluationResult(loss, {"accuracy": 0.9}), epoch, epoch)
    assert (selection.epoch, selection.without_better) == (3, 2)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_an_evaluation_without_a_loss_is_never_the_best(loss: float) -> None:
    assert best_of([(0.5, 1.0), (0.9, loss)])[0] == 1
