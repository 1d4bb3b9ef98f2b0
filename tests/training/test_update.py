"""One update: in parts as in one piece, and from a state that was kept as if it had never stopped."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.config.optimisers import OPTIMISERS
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Evaluated, Progress, RunStarted
from rnnlab.training.evaluation.best import Selection
from rnnlab.training.evaluation.evaluate import EvaluationResult
from rnnlab.training.loop import Training
from rnnlab.training.persist.state_file import pack, unpack
from tests.training.small import of_kind, small_config, small_split

CASES: dict[str, dict[str, Any]] = {
    "plain": {"task": "surnames"},
    "weighted and smoothed": {"task": "surnames", "data__balance": "weights", "train__label_smoothing": 0.1},
    "focal and weighted": {"task": "surnames", "data__balance": "weights", "train__loss": "focal"},
    "batches of all classes": {"task": "surnames", "data__balance": "batches"},
    "a step": {"task": "anbn", "data__steps": 12},
    "numbers": {"task": "binary", "train__loss": "huber", "train__huber_delta": 0.2},
}


def training_of(rows: int = 150, **settings: Any) -> Training:
    config = small_config(**settings, optim__name="sgd", optim__lr=0.5, optim__momentum=0.5)
    return Training(config, small_split(config, rows), boundaries=range(1, 1000))


@pytest.mark.parametrize("case", CASES)
def test_parts_of_an_update_are_one_large_batch(case: str) -> None:
    """Of 150 rows the last update gets 30, and the last part of the others is as large as the first."""
    parts = training_of(**CASES[case], train__batch_size=12, train__accumulate=4)
    whole = training_of(**CASES[case], train__batch_size=48)
    told, expected = list(parts.events()), list(whole.events())
    assert of_kind(told, RunStarted)[0].steps_per_epoch == of_kind(expected, RunStarted)[0].steps_per_epoch
    figures = [[(e.step, e.examples, e.steps) for e in of_kind(events, Progress)] for events in (told, expected)]
    assert figures[0] == figures[1]
    for one, other in zip(of_kind(told, Progress), of_kind(expected, Progress), strict=True):
        assert real(one.loss or 0.0) == pytest.approx(real(other.loss or 0.0), rel=1e-4)
        assert real(one.grad_norm or 0.0) == pytest.approx(real(other.grad_norm or 0.0), rel=1e-3)
    for ours, theirs in zip(parts.net.parameters(), whole.net.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)
    looks = [[e.metrics for e in of_kind(events, Evaluated) if e.running] for events in (told, expected)]
    for told_metrics, metrics in zip(*looks, strict=True):
        assert {k: real(v) for k, v in told_metrics.items()} == pytest.approx({k: real(v) for k, v in metrics.items()})


def test_a_run_in_parts_counts_updates_not_parts() -> None:
    training = training_of(train__batch_size=8, train__accumulate=3, train__evaluate_every=2, train__updates=7)
    events = list(training.events())
    looks = [event.step for event in of_kind(events, Evaluated) if event.running]
    assert looks == [2, 4, 6, 7]
    assert training.steps_per_epoch == -(-150 // 24)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_an_update_goes_on_from_a_state_that_was_packed(name: str) -> None:
    def new() -> Training:
        config = RunConfig.from_settings(
            {
                "task.name": "surnames",
                "model.hidden": 8,
                "optim.name": name,
                "model.dropout": 0,
                "runtime.device": "cpu",
            }
        )
        return Training(config, small_split(config, 160))

    first = new()
    batches = list(first.batches.epoch(1))
    for batch in batches[:2]:
        first.update(batch, 0.01)
    kept = pack({"update": first.update.state_dict(), "net": first.net.state_dict()})
    again = new()
    state = unpack(kept)
    again.net.load_state_dict(state["net"])
    again.update.load_state_dict(state["update"])
    for batch in (batches[2], batches[0]):
        assert first.update(batch, 0.02).loss == again.update(batch, 0.02).loss
    for ours, theirs in zip(first.net.parameters(), again.net.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_patience_begins_anew_only_where_a_look_is_better_by_enough() -> None:
    def look(accuracy: float) -> EvaluationResult:
        return EvaluationResult(1.0, {"accuracy": accuracy})

    selection = Selection(TASKS["surnames"], min_delta=0.05)
    assert [selection.consider(look(accuracy), 1, 1) for accuracy in (0.5, 0.53, 0.54, 0.56, 0.55)] == [True] * 4 + [
        False
    ]
    assert selection.without_better == 1
    assert selection.result is not None
    assert selection.result.metrics["accuracy"] == 0.56
    again = Selection(TASKS["surnames"], min_delta=0.05)
    again.load_state_dict(selection.state_dict())
    again.consider(look(0.6), 2, 2)
    assert again.without_better == 2  # better, but not by enough than 0.56


def test_a_run_stops_early_where_nothing_is_better_by_enough() -> None:
    config = small_config("binary", train__patience=2, train__min_delta=1e6, train__epochs=9)
    looks = of_kind(list(Training(config, small_split(config, 60)).events()), Evaluated)
    assert max(event.epoch for event in looks if event.running) == 3
