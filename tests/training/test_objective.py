"""Every loss, in training and in a look: what it is, and that both say the same of the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import ConfigError, RunConfig
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import Evaluated, RunFinished
from rnnlab.training.loop import Training
from rnnlab.training.step import update
from rnnlab.training.step.loss import Objective
from tests.training.small import of_kind, small_config, small_split, trained

CPU = torch.device("cpu")

CASES: dict[str, dict[str, Any]] = {
    "plain": {"task": "surnames"},
    "smoothed": {"task": "surnames", "train__label_smoothing": 0.1},
    "weighted": {"task": "surnames", "data__balance": "weights"},
    "smoothed and weighted": {"task": "surnames", "data__balance": "weights", "train__label_smoothing": 0.2},
    "focal": {"task": "surnames", "train__loss": "focal"},
    "focal and weighted": {"task": "surnames", "data__balance": "weights", "train__loss": "focal"},
    "a step": {"task": "vigenere", "data__rows": 100},
    "a step, smoothed": {"task": "vigenere", "data__rows": 100, "train__label_smoothing": 0.1},
    "a step, focal": {"task": "vigenere", "data__rows": 100, "train__loss": "focal", "train__focal_gamma": 0.5},
    "squared": {"task": "binary"},
    "absolute": {"task": "binary", "train__loss": "mae"},
    "huber": {"task": "binary", "train__loss": "huber", "train__huber_delta": 0.3},
    "squared, regression": {"task": "adding", "data__rows": 300, "data__steps": 3, "train__loss": "mse"},
    "huber, regression": {"task": "adding", "data__rows": 300, "data__steps": 3, "train__loss": "huber"},
}


def objective_of(config: RunConfig, rows: int = 100) -> tuple[Objective, Tensor, Tensor]:
    """The loss, with answers drawn at random to the training rows' targets."""
    split = small_split(config, rows)
    targets = torch.from_numpy(split.train.targets)
    shape = targets.shape if not split.card.classifies else (*targets.shape, split.outputs)
    return Objective(config, split, CPU), torch.randn(shape, generator=torch.manual_seed(1)), targets


@pytest.mark.parametrize("case", CASES)
def test_what_a_look_sums_up_is_the_mean_that_training_makes_small(case: str) -> None:
    objective, outputs, targets = objective_of(small_config(**CASES[case]))
    whole = float(objective.loss(outputs, targets))
    sums = np.sum([objective.total(outputs[rows], targets[rows]) for rows in (slice(0, 30), slice(30, None))], axis=0)
    assert sums[0] / sums[1] == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize(
    ("case", "reference"),
    [
        ("smoothed", lambda o, t: functional.cross_entropy(o, t, label_smoothing=0.1)),
        ("absolute", lambda o, t: (o - t).abs().mean()),
        ("huber", lambda o, t: functional.huber_loss(o, t, delta=0.3)),
        ("huber, regression", lambda o, t: functional.huber_loss(o, t)),
    ],
)
def test_losses_are_pytorchs(case: str, reference: Any) -> None:
    objective, outputs, targets = objective_of(small_config(**CASES[case]))
    if not objective.classification:
        targets = (targets - objective.offset) / objective.scale
        expected = reference(outputs, targets)
        targets = targets * objective.scale + objective.offset
    else:
        expected = reference(outputs, targets)
    assert float(objective.loss(outputs, targets)) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("case", ["focal", "focal and weighted", "a step, focal"])
def test_focal_loss_is_its_formula_and_without_gamma_cross_entropy(case: str) -> None:
    settings = CASES[case] | {"train__focal_gamma": 2.0}
    objective, outputs, targets = objective_of(small_config(**settings))
    flat, asked = outputs.flatten(0, -2), targets.flatten()
    flat, asked = flat[asked >= 0], asked[asked >= 0]
    right = flat.double().softmax(1).gather(1, asked[:, None])[:, 0]
    weights = torch.ones(len(asked)).double() if objective.weights is None else objective.weights.double()[asked]
    expected = (weights * (1 - right) ** 2 * -right.log()).sum() / weights.sum()
    assert float(objective.loss(outputs, targets)) == pytest.approx(float(expected), rel=1e-5)
    plain, _, _ = objective_of(small_config(**settings | {"train__focal_gamma": 0.0}))
    usual, _, _ = objective_of(small_config(**settings | {"train__loss": "auto"}))
    torch.testing.assert_close(plain.loss(outputs, targets), usual.loss(outputs, targets))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_loss_has_a_slope_where_the_net_is_certain(gamma: float) -> None:
    config = small_config("surnames", train__loss="focal", train__focal_gamma=gamma)
    objective, _, _ = objective_of(config)
    outputs = torch.zeros(2, objective.outputs)
    outputs[0, 0] = outputs[1, 1] = 200.0  # certain, once rightly and once wrongly
    outputs.requires_grad_()
    objective.loss(outputs, torch.tensor([0, 0])).backward()  # type: ignore[no-untyped-call]
    assert outputs.grad is not None
    assert torch.isfinite(outputs.grad).all()
    assert outputs.grad[0].abs().max() < 1e-6
    assert outputs.grad[1, 0] < -0.4


@pytest.mark.parametrize("case", [case for case in CASES if "step" not in case])
def test_batches_of_one_row_learn_the_same_by_hand(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small_config(**CASES[case], train__batch_size=1, train__epochs=1, optim__lr=0.002)

    def losses() -> list[float]:
        return [real(event.loss) for event in of_kind(trained(config, rows=60), Evaluated)]

    manual = losses()
    monkeypatch.setattr(update, "single_sequence_step", lambda *_: None)
    assert manual == pytest.approx(losses(), rel=1e-3)


@pytest.mark.parametrize("case", CASES)
def test_a_net_learns_with_each_loss_and_validation_has_the_same_one(case: str) -> None:
    config = small_config(**CASES[case], optim__lr=0.02, train__batch_size=16, train__epochs=4)
    training = Training(config, small_split(config, 200))
    events = list(training.events())
    looks = [event for event in of_kind(events, Evaluated) if event.split == "validation" and not event.final]
    assert real(looks[-1].loss) < real(looks[0].loss)
    part = training.split.validation
    batch = training.evaluation._batches["validation"].take(np.arange(len(part)))
    training.net.eval()
    with torch.no_grad():
        told = training.objective.loss(training.net(batch.inputs, batch.lengths), batch.targets)
    finished = of_kind(events, RunFinished)[0]
    assert real(finished.final["validation"]["loss"]) == pytest.approx(float(told), rel=1e-4)


def unsuitable() -> Iterator[tuple[str, str]]:
    for name, card in TASKS.items():
        if name != "own":
            yield from ((name, loss) for loss in (("mse", "mae", "huber") if card.classifies else ("focal",)))


@pytest.mark.parametrize(("task", "loss"), unsuitable())
def test_a_loss_that_does_not_suit_the_task_is_refused_with_those_that_do(task: str, loss: str) -> None:
    with pytest.raises(ConfigError, match=rf"^train\.loss = '{loss}' is not allowed; it must be one of auto, .*{task}"):
        RunConfig.from_settings({"task.name": task, "train.loss": loss})


def test_of_ones_own_data_the_loss_is_checked_when_it_is_known_what_is_learned() -> None:
    config = small_config("surnames")
    wrong = RunConfig.from_settings(config.flat() | {"task.name": "own", "train.loss": "huber"})
    with pytest.raises(ConfigError, match=r"train\.loss = 'huber'.*cross-entropy, focal, as this is classification"):
        Objective(wrong, replace(small_split(config)), CPU)
