"""Nets of equal parameters, and what a net costs, before anything is loaded."""

from __future__ import annotations

from typing import Any

import pytest

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import ConfigError, RunConfig
from rnnlab.models.plan.cost import cost
from rnnlab.models.plan.count import count_parameters, total
from rnnlab.models.plan.plan_for_task import estimated_steps, longest_sequence, matched_to, plan_for
from rnnlab.tasks.load import load

WITH_UNITS = [name for name in MODELS if name != "linear"]


def config(**settings: Any) -> RunConfig:
    return RunConfig.from_settings({key.replace("__", "."): value for key, value in settings.items()})


def parameters(of: RunConfig) -> int:
    plan = plan_for(of)
    assert plan is not None
    return total(count_parameters(plan))


@pytest.mark.parametrize("name", WITH_UNITS)
def test_no_hidden_size_comes_nearer(name: str) -> None:
    for target in (2_000, 50_000):
        found, count = matched_to(config(task__name="digits", model__name=name), target)
        assert count == parameters(found)
        (units,) = found.model.hidden
        for other in (units - 1, units + 1):
            if other:
                given = config(task__name="digits", model__name=name, model__hidden=(other,))
                assert abs(parameters(given) - target) >= abs(count - target)


def test_sizes_keep_their_proportions() -> None:
    found, count = matched_to(config(model__hidden=(32, 64)), 100_000)
    first, second = found.model.hidden
    assert second == 2 * first
    assert count == pytest.approx(100_000, rel=0.05)


def test_where_there_is_no_hidden_size_to_find_it_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"model\.name = 'linear' .* an architecture with hidden units"):
        matched_to(config(task__name="digits", model__name="linear"), 1000)
    with pytest.raises(ConfigError, match=r"task\.name = 'own' .* a task whose sizes are known"):
        matched_to(config(task__name="own"), 1000)


@pytest.mark.parametrize("task", [name for name, card in TASKS.items() if name != "own" and not card.found_by])
def test_the_cards_say_how_long_rows_are(task: str) -> None:
    given = config(task__name=task)
    split = load(given)
    assert longest_sequence(given, TASKS[task]) == split.longest
    mean, longest = estimated_steps(given, TASKS[task])
    assert longest == split.longest
    assert mean == pytest.approx(float(split.train.lengths.mean()), rel=0.05)


@pytest.mark.parametrize("name", MODELS)
def test_a_larger_batch_and_longer_rows_cost_more(name: str) -> None:
    plan = plan_for(config(task__name="har", model__name=name))
    assert plan is not None
    little, batch, steps = cost(plan, 8, 128, 128), cost(plan, 64, 128, 128), cost(plan, 64, 512, 512)
    assert 0 < little.seconds < batch.seconds <= steps.seconds
    assert little.activations <= batch.activations <= steps.activations
