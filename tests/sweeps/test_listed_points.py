"""Points that are no grid: one setting at a time, and points listed one by one."""

from __future__ import annotations

from typing import Any

import pytest

from rnnlab.config import UsageError
from rnnlab.sweeps.complete import completer
from rnnlab.sweeps.decide import halves
from rnnlab.sweeps.points import Points, points_of
from rnnlab.sweeps.space import parse_over
from rnnlab.sweeps.specification import Origin, Specification, from_toml

SURNAMES = {"task.name": "surnames"}


def alone(*over: str, **settings: Any) -> Specification:
    """A sweep of one setting at a time; `model__hidden` is `model.hidden`."""
    keys = {key.replace("__", "."): value for key, value in settings.items()}
    return Specification(settings=SURNAMES | keys, over=parse_over(over), method="one-at-a-time")


def listed(*points: dict[str, Any], over: tuple[str, ...] = (), **options: Any) -> Specification:
    return Specification(settings=SURNAMES, over=parse_over(over), listed=points, **options)


def points(specification: Specification) -> Points:
    return points_of(specification, completer("surnames"))


def test_each_value_stands_alone_beside_the_base() -> None:
    found = points(alone("model.hidden=16;32", "optim.lr=0.1,0.01", model__hidden=(64,), optim__lr=0.001)).points
    assert [(point.config.model.hidden, point.config.optim.lr) for point in found] == [
        ((64,), 0.001),
        ((16,), 0.001),
        ((32,), 0.001),
        ((64,), 0.1),
        ((64,), 0.01),
    ]
    assert all(set(point.values) == {"model.hidden", "optim.lr"} for point in found), (
        "a table shows the base's values too"
    )


def test_a_value_that_is_the_base_is_trained_once() -> None:
    found = points(alone("model.hidden=64;32", model__hidden=(64,)))
    assert (len(found.points), found.merged) == (2, 1)


def test_another_optimiser_brings_its_own_learning_rate() -> None:
    found = points(alone("optim.name=sgd", "optim.lr=0.02")).points
    assert [(point.config.optim.name, point.config.optim.lr) for point in found] == [
        ("adam", 0.005),
        ("sgd", 0.1),
        ("adam", 0.02),
    ]


def test_a_setting_that_means_nothing_there_is_said_and_not_trained_again() -> None:
    found = points(alone("optim.momentum=0.5;0.9"))
    assert (len(found.points), found.merged) == (1, 2)
    assert "optim.momentum is read only where" in found.unread[0]


def test_a_range_has_to_say_how_many_values() -> None:
    with pytest.raises(UsageError, match=r"one setting at a time needs to know how many values of the range optim\.lr"):
        points(alone("optim.lr=1e-3..1e-1:log"))


def test_listed_points_are_tried_alone_or_beside_a_grid() -> None:
    two = ({"model.name": "elman", "optim.lr": 0.01}, {"model.name": "lstm", "model.layers": 2})
    found = points(listed(*two)).points
    assert [(p.config.model.name, p.config.optim.lr, p.config.model.layers) for p in found] == [
        ("elman", 0.01, 1),
        ("lstm", 0.005, 2),
    ]
    assert len(points(listed(*two, over=("model.hidden=16;32",))).points) == 4
    with_sobol = listed(*two, over=("optim.lr=1e-4..1e-1:log",), method="sobol", points=8)
    assert len(points(with_sobol).points) == 10


def test_a_wrong_point_is_left_out_and_named() -> None:
    found = points(listed({"model.hidden": (16, 32), "model.layers": 3}, {"model.layers": 2}))
    assert len(found.points) == 1
    assert "model.hidden = 16,32" in found.invalid[0]


def test_tpe_takes_no_points_from_elsewhere() -> None:
    with pytest.raises(UsageError, match="--tpe chooses its points itself"):
        listed({"model.layers": 2}, over=("model.hidden=16;32",), method="tpe")


@pytest.mark.parametrize("point", [{"train.seed": 1}, {"data.seed": 1}, {"task.name": "digits"}])
def test_what_decides_the_comparison_is_no_point(point: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="cannot be swept over"):
        listed(point)


def test_runs_that_differ_in_their_learning_rate_are_not_judged_early() -> None:
    assert not halves(listed({"optim.lr": 0.1}, {"optim.lr": 0.01}, halving="auto"))
    assert halves(listed({"model.hidden": (16,)}, {"model.hidden": (32,)}, halving="auto"))


@pytest.mark.parametrize(
    "specification",
    [
        alone("model.hidden=16;32", model__hidden=(64,)),
        listed({"model.hidden": (16, 32)}, {"optim.clip_norm": None}),
        Specification(settings=SURNAMES, recipe=Origin("names-grid", "lstm", quick=True)),
    ],
)
def test_the_file_holds_all_of_it_and_an_older_rnnlab_is_told(specification: Specification) -> None:
    text = specification.to_toml()
    assert from_toml(text, "sweep.toml") == specification
    assert text.startswith("format = 2\n")


def test_what_an_older_rnnlab_reads_is_written_as_before() -> None:
    assert Specification(settings=SURNAMES, over=parse_over(("model.layers=1,2",))).to_toml().startswith("format = 1\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("point = 3", "points are listed as tables"),
        ("point = [3]", "each point must be tables"),
        ("point = [{ 'model.hiden' = 3 }]", "model.hidden"),
        ("recipe = 3", "recipe must be a table"),
        ("recipe = { name = 3 }", "recipe must be a table"),
        ("settings = 3", "settings, over and each point must be tables"),
    ],
)
def test_a_wrong_file_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        from_toml(text, "mine.toml")
    assert said in str(raised.value)
    assert str(raised.value).count("mine.toml") == 1
