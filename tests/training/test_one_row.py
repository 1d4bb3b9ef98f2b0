"""Training at batch 1: the same run as PyTorch's graph would train, and the same one again."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from rnnlab.models.cpu.single_sequence import CELLS
from rnnlab.models.kernels.library import in_use
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import CheckpointSaved, Evaluated, Event, RunFinished
from rnnlab.training.loop import Training
from rnnlab.training.step import update
from tests.training.small import of_kind, small_config, small_split, trained

TASKS: dict[str, dict[str, Any]] = {
    "classes": {"task": "surnames", "model__dropout": 0.2},
    "weighted classes": {"task": "surnames", "data__balance": "weights"},
    "numbers": {"task": "sinusoids", "model__layers": 2},
    "an answer a step": {"task": "parity", "data__steps": 12},
}


def figures(events: list[Event]) -> list[float]:
    """The loss of every look."""
    return [real(event.loss) for event in of_kind(events, Evaluated)]


def saved(events: list[Event]) -> dict[str, str]:
    return {event.kind: event.sha256 for event in of_kind(events, CheckpointSaved)}


@pytest.mark.parametrize("model", CELLS)
@pytest.mark.parametrize("task", TASKS)
def test_a_run_is_the_one_that_pytorch_would_train(task: str, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small_config(**TASKS[task], model__name=model, train__batch_size=1, train__epochs=1, optim__lr=0.002)
    manual_backward = trained(config, rows=60)
    with monkeypatch.context() as patch:
        patch.setattr(update, "single_sequence_step", lambda *_: None)
        usual = trained(config, rows=60)
    assert figures(manual_backward) == pytest.approx(figures(usual), rel=1e-3)


def test_a_run_comes_out_bit_for_bit_again() -> None:
    config = small_config("surnames", model__hidden=64, model__dropout=0.3, train__batch_size=1)
    first, again = trained(config, rows=100), trained(config, rows=100)
    assert figures(first) == figures(again)
    assert saved(first) == saved(again) != {}


@pytest.mark.skipif(in_use().name == "torch", reason="needs kernels other than PyTorch's own in use")
def test_it_is_a_matter_of_the_configuration_alone() -> None:
    def manual_backward(**settings: object) -> bool:
        config = small_config("surnames", **settings)
        return Training(config, small_split(config, 40)).update.manual_backward is not None

    assert manual_backward(train__batch_size=1)
    assert not manual_backward(train__batch_size=2)
    assert not manual_backward(train__batch_size=1, model__bidirectional=True)
    assert not manual_backward(train__batch_size=1, model__readout="max")


def test_a_loss_that_is_no_number_ends_the_run_and_moves_nothing() -> None:
    config = small_config(
        "sinusoids",
        train__batch_size=1,
        optim__name="sgd",
        optim__lr=100.0,
        optim__clip_norm=None,
        model__name="elman",
        model__activation="relu",
    )
    training = Training(config, small_split(config, 60))
    last = list(training.events())[-1]
    assert isinstance(last, RunFinished)
    assert last.outcome == "diverged"
    assert all(bool(torch.isfinite(parameter).all()) for parameter in training.net.parameters())
