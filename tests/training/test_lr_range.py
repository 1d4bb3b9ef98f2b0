"""A learning-rate range test: what it advises, and a run that is one from the first update to its picture."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import pytest

from rnnlab.config import ConfigError, RunConfig
from rnnlab.plots.run.figures import loss_plot
from rnnlab.runs.commands import Command, Verb
from rnnlab.runs.events import (
    CheckpointSaved,
    CommandApplied,
    Evaluated,
    Event,
    Progress,
    Record,
    RunFinished,
    RunStarted,
)
from rnnlab.runs.folders import create_session
from rnnlab.runs.lr_range import RangeTest
from rnnlab.runs.reduce import reduce
from rnnlab.runs.state import RunState, initial_state
from rnnlab.text.lines import to_text
from rnnlab.text.palette import MONO
from rnnlab.training.loop import Training
from rnnlab.training.observe import progress
from rnnlab.training.persist.checkpoints import CheckpointStore
from rnnlab.training.range_test import LearningRateRangeTest, loop_for
from rnnlab.training.verify import verify
from tests.training.recorded_runs import recorded
from tests.training.small import of_kind, small_config, small_split


def valley(rate: float) -> float:
    """Flat, steepest at 1e-3, least at 3e-2, then up."""
    place = math.log10(rate)
    return 2.5 - 1.5 / (1 + math.exp(-4 * (place + 3))) + math.exp(3 * (place + 0.8))


def told(losses: list[float], rates: list[float]) -> RangeTest:
    test = RangeTest()
    test.add(rates, losses)
    return test


RATES = [1e-6 * 10 ** (7 * i / 299) for i in range(300)]


def test_the_advice_is_the_more_careful_of_steepest_and_a_decade_below_the_least() -> None:
    test = told([valley(rate) for rate in RATES], RATES)
    advice = test.advice()
    assert advice is not None
    assert 5e-4 < advice.steepest < 5e-3  # the average lags a little
    assert 1e-2 < advice.lowest < 2e-1
    assert advice.suggested <= min(advice.steepest, advice.lowest / 10)
    assert advice.suggested in (5e-4, 1e-3, 2e-3, 3e-3)
    assert test.blown_up
    assert len(test.rates) < len(RATES)
    assert f"try optim.lr = {advice.suggested:g}" in test.text()


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ([1.0] * 300, "fell at none of these rates"),
        ([1.0 + i / 100 for i in range(300)], "fell at none of these rates"),
        ([2.0] * 10, "too few updates"),
        ([2.0] * 5 + [math.nan] * 295, "too few updates"),
        ([2.0] * 100 + [math.inf] * 200, "fell at none of these rates"),
    ],
)
def test_nothing_is_advised_where_nothing_was_learned(losses: list[float], words: str) -> None:
    test = told(losses, RATES[: len(losses)])
    assert test.advice() is None
    assert words in test.text()


def settings(**more: Any) -> dict[str, Any]:
    return {"task": "surnames", "optim__schedule": "range", "train__batch_size": 16, "model__hidden": 16} | more


def reduced(events: list[Event]) -> RunState:
    state = initial_state()
    for place, event in enumerate(events):
        reduce(state, Record(place, 0.0, 0.0, event))  # type: ignore[arg-type]
    return state


def test_a_run_tries_every_rate_and_keeps_the_curve_and_no_weights() -> None:
    config = small_config(**settings(train__updates=150))
    events = list(LearningRateRangeTest(config, small_split(config)).events())
    rates = [rate for event in of_kind(events, Progress) for rate in event.rates]
    losses = [loss for event in of_kind(events, Progress) for loss in event.losses]
    assert of_kind(events, RunStarted)[0].steps_total == 150
    assert rates[0] == pytest.approx(1e-6)
    factors = [b / a for a, b in itertools.pairwise(rates)]
    assert factors == pytest.approx([1e7 ** (1 / 149)] * len(factors))
    assert len(rates) == len(losses) <= 150
    assert not of_kind(events, Evaluated)
    assert not of_kind(events, CheckpointSaved)
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.outcome == "completed"
    assert "try optim.lr = " in last.message
    state = reduced(events)
    assert state.curves["lr/tried"].mean == pytest.approx(rates)
    picture = to_text(loss_plot(state, width=80, height=16, palette=MONO))
    assert "loss over the learning rate" in picture
    assert "1e-4" in picture
    assert "▾ try" in picture


def test_a_test_is_one_pass_within_bounds() -> None:
    small = small_config(**settings(train__batch_size=64))
    assert LearningRateRangeTest(small, small_split(small)).steps_total == 100
    large = small_config(**settings(train__batch_size=1))
    assert LearningRateRangeTest(large, small_split(large)).steps_total == 300


def test_rates_at_which_the_loss_is_no_number_end_it_well() -> None:
    config = small_config("binary", optim__schedule="range", optim__name="sgd", optim__lr_to=1e4, optim__clip_norm=None)
    last = list(LearningRateRangeTest(config, small_split(config)).events())[-1]
    assert isinstance(last, RunFinished)
    assert last.outcome == "completed"
    assert last.step < 100


def test_a_test_of_rates_is_repeated_to_the_bit(tmp_path: Path) -> None:
    run = recorded(tmp_path, **settings())
    report = verify(run)
    assert (report.ok, report.mismatches, report.notes) == (True, [], [])
    assert report.compared > 200


def test_the_last_rate_lies_above_the_first() -> None:
    with pytest.raises(ConfigError, match=r"optim\.lr_to = 1e-07 is not allowed; it must be above optim\.lr_from"):
        RunConfig.from_settings({"optim.schedule": "range", "optim.lr_to": 1e-7})


class Commanding:
    """Commands given after update 30, one at each asking."""

    def __init__(self, *verbs: Verb) -> None:
        self.left = [Command(verb, 0.0, verb) for verb in verbs]

    def read(self, step: int) -> list[Command]:
        return [self.left.pop(0)] if self.left and step >= 30 else []


@pytest.mark.parametrize("verb", ["evaluate", "save", "rollback"])
def test_it_keeps_no_weights_whatever_it_is_told(verb: Verb, tmp_path: Path) -> None:
    config = small_config(**settings(train__updates=60))
    run = create_session("lab", root=tmp_path).create_run(config)
    events = list(
        LearningRateRangeTest(
            config, small_split(config), checkpoints=CheckpointStore(run), commands=Commanding(verb)
        ).events()
    )
    (refused,) = of_kind(events, CommandApplied)
    assert refused.error == "a learning-rate range test evaluates nothing and keeps no weights"
    assert not of_kind(events, CheckpointSaved)
    assert not list(run.path.glob("*.safetensors"))
    assert isinstance(events[-1], RunFinished)
    assert events[-1].step == 60


def test_what_is_told_in_a_pause_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "WINDOW", 0.01)  # so that one ends within the pause
    config = small_config(**settings(train__updates=60))
    training = LearningRateRangeTest(config, small_split(config), commands=Commanding("pause", "resume"))
    events = list(training.events())
    assert [event.command for event in of_kind(events, CommandApplied)] == ["pause", "resume"]
    assert training.result.rates == [rate for event in of_kind(events, Progress) for rate in event.rates]
    assert len(training.result.rates) == 60


def test_a_training_is_no_test_of_rates_and_the_test_is_no_training() -> None:
    test, training = small_config(**settings()), small_config()
    with pytest.raises(ValueError, match=r"Training is not the loop of optim\.schedule = range"):
        Training(test, small_split(test))
    with pytest.raises(ValueError, match=r"LearningRateRangeTest is not the loop of optim\.schedule = constant"):
        LearningRateRangeTest(training, small_split(training))
    assert (loop_for(test), loop_for(training)) == (LearningRateRangeTest, Training)
