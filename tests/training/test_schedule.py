"""Learning rates over time: PyTorch's where it has them, and what a person sets while a run trains."""

from __future__ import annotations

import itertools
import json
import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.optim import SGD
from torch.optim import lr_scheduler as pytorch

from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.config.optim import SCHEDULES, Optim
from rnnlab.runs.events import Progress
from rnnlab.training.loop import Training
from rnnlab.training.step.schedule import Schedule
from tests.training.small import Script, of_kind, order, small_config, small_split

TOTAL, EPOCH = 100, 10
SGD_ = Callable[[SGD], Any]

COUNTERPARTS: dict[str, tuple[dict[str, Any], SGD_]] = {
    "constant": ({}, lambda o: pytorch.ConstantLR(o, factor=1.0)),
    "step": (
        {"step_epochs": 2, "factor": 0.3},
        lambda o: pytorch.StepLR(o, 2 * EPOCH, 0.3),
    ),
    "exponential": ({"decay": 0.8}, lambda o: pytorch.ExponentialLR(o, 0.8 ** (1 / EPOCH))),
    "cosine": ({"lr_min": 0.02}, lambda o: pytorch.CosineAnnealingLR(o, TOTAL, 0.02)),
    "one-cycle": (
        {"rise": 0.4, "div_factor": 10.0, "final_div": 100.0},
        lambda o: pytorch.OneCycleLR(
            o, 0.8, TOTAL, pct_start=0.4, div_factor=10.0, final_div_factor=100.0, cycle_momentum=False
        ),
    ),
}


def schedule(name: str, total: int = TOTAL, **settings: Any) -> Schedule:
    return Schedule(Optim(lr=0.8, schedule=name, **settings), total, EPOCH)


def rates_of(make: SGD_, total: int = TOTAL) -> list[float]:
    optimiser = SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.8)
    scheduler = make(optimiser)
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SequentialLR calls its parts in a way that PyTorch warns of
        for _ in range(total):
            rates.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            scheduler.step()
    return rates


@pytest.mark.parametrize("name", COUNTERPARTS)
def test_rates_are_pytorchs(name: str) -> None:
    settings, counterpart = COUNTERPARTS[name]
    ours = schedule(name, **settings)
    assert [ours.at(step) for step in range(TOTAL)] == pytest.approx(rates_of(counterpart), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", ["constant", "step", "exponential", "cosine"])
def test_a_warm_up_stands_in_front_of_each(name: str) -> None:
    settings, counterpart = COUNTERPARTS[name]
    warmup = 8
    ours = schedule(name, TOTAL + warmup, warmup=warmup, **settings)

    def both(optimiser: SGD) -> Any:
        rise = pytorch.LinearLR(optimiser, 1 / warmup, total_iters=warmup - 1)
        return pytorch.SequentialLR(optimiser, [rise, counterpart(optimiser)], [warmup])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = rates_of(both, TOTAL + warmup)
    assert [ours.at(step) for step in range(TOTAL + warmup)] == pytest.approx(expected, rel=1e-9)


def test_a_plateau_lowers_the_rate_when_pytorchs_does() -> None:
    generator = torch.Generator().manual_seed(3)
    losses = [2.0 * 0.97**i + 0.2 * float(torch.rand(1, generator=generator)) for i in range(60)]
    losses += [losses[-1]] * 60
    settings: dict[str, Any] = {"factor": 0.4, "wait": 2, "threshold": 0.01, "cooldown": 3, "lr_min": 0.002}
    ours = schedule("plateau", **settings)
    optimiser = SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.8)
    theirs = pytorch.ReduceLROnPlateau(optimiser, "min", 0.4, 2, 0.01, cooldown=3, min_lr=0.002)
    rates = []
    for step, loss in enumerate(losses):
        ours.after_evaluation(step, loss)
        theirs.step(loss)
        rates.append(ours.at(step))
        assert rates[-1] == pytest.approx(optimiser.param_groups[0]["lr"], rel=1e-9)
    assert len(set(rates)) >= 5
    assert rates[-1] == pytest.approx(0.002)


def test_cosine_falls_from_the_rate_set_to_zero_just_after_the_last_update() -> None:
    ours = schedule("cosine")
    rates = [ours.at(step) for step in range(TOTAL)]
    assert rates[0] == 0.8
    assert rates[50] == pytest.approx(0.4)
    assert all(a > b for a, b in itertools.pairwise(rates))
    assert 0 < rates[-1] < 0.001


@pytest.mark.parametrize("warmup", [0, 70])
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_rate_set_by_hand_holds_at_once_and_the_shape_goes_on_from_it(name: str, warmup: int) -> None:
    ours, untouched = schedule(name, warmup=warmup), schedule(name, warmup=warmup)
    ours.set(50, 0.1)
    assert ours.at(50) == pytest.approx(0.1)
    for step in range(50, TOTAL):
        assert ours.at(step) == pytest.approx(untouched.at(step) * 0.1 / untouched.at(50))


def test_a_plateau_falls_on_from_a_rate_set_by_hand() -> None:
    ours = schedule("plateau", wait=0, factor=0.5)
    for loss in (1.0, 1.0):
        ours.after_evaluation(1, loss)
    assert ours.at(2) == pytest.approx(0.4)
    ours.set(2, 0.1)
    ours.after_evaluation(3, 1.0)
    assert ours.at(3) == pytest.approx(0.05)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_goes_on_from_a_state_kept_as_json(name: str) -> None:
    first = schedule(name, wait=1, factor=0.5)
    for step, loss in enumerate((1.0, 2.0, 2.0, 2.0)):
        first.after_evaluation(step, loss)
    first.set(4, 0.07)
    second = schedule(name, wait=1, factor=0.5)
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    for step, loss in enumerate((2.0, 2.0, 0.5, 0.6, 0.6, 0.6), start=4):
        for one in (first, second):
            one.after_evaluation(step, loss)
        assert first.at(step) == second.at(step)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize(("total", "warmup"), [(1, 0), (2, 0), (3, 5), (400_000, 0)])
def test_a_rate_is_above_zero_however_long_or_short_the_run(name: str, total: int, warmup: int) -> None:
    ours = schedule(name, total, warmup=warmup)
    rates = [ours.at(step) for step in sorted({0, total // 2, total - 1, total + 3})]
    most = 10.0 if name == "range" else 0.8
    assert all(0 < rate <= most * (1 + 1e-12) for rate in rates)


def test_rprop_hears_of_no_rate() -> None:
    ours = Schedule(Optim(name="rprop", lr=0.01, schedule="cosine", warmup=5), TOTAL, EPOCH)
    assert {ours.at(step) for step in range(TOTAL)} == {0.01}
    with pytest.raises(UsageError, match="Rprop"):
        ours.set(3, 0.1)


def test_the_least_rate_lies_below_the_first() -> None:
    with pytest.raises(ConfigError, match=r"optim\.lr_min = 0\.1 is not allowed; it must be at most optim\.lr"):
        RunConfig.from_settings({"optim.schedule": "cosine", "optim.lr": 0.01, "optim.lr_min": 0.1})


def test_a_run_lowers_its_rate_where_validation_stands_still_and_tells_so() -> None:
    config = small_config("binary", optim__schedule="plateau", optim__wait=1, optim__factor=0.5, optim__lr=1e-6)
    config = RunConfig.from_settings(config.flat() | {"train.epochs": 7, "optim.threshold": 0.1})
    training = Training(config, small_split(config), boundaries=range(1, 1000))
    rates = [event.lr for event in of_kind(list(training.events()), Progress) if event.steps]
    # The first look is the best; of those after it every second one is one too many, the third and the fifth.
    assert rates[0] == 1e-6
    assert rates[-1] == pytest.approx(1e-6 / 4)


def test_a_run_warms_up_and_a_rate_set_meanwhile_is_risen_on_from() -> None:
    config = small_config("binary", optim__warmup=100, optim__lr=0.01)
    split = small_split(config)
    training = Training(
        config, split, commands=Script({3: [order("set", "optim.lr", 1e-4)]}), boundaries=range(1, 1000)
    )
    rates = {event.step: event.lr for event in of_kind(list(training.events()), Progress) if event.steps}
    assert rates[1] == pytest.approx(0.01 / 100)
    assert rates[3] == pytest.approx(0.03 / 100)
    assert rates[4] == pytest.approx(1e-4)
    assert rates[8] == pytest.approx(2e-4)
    assert math.isfinite(rates[max(rates)])
