"""The configurations that a sweep tries."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from rnnlab.config import UsageError
from rnnlab.config.files import parse_toml
from rnnlab.sweeps.complete import completer
from rnnlab.sweeps.method import method_of
from rnnlab.sweeps.points import Points, points_of
from rnnlab.sweeps.space import parse_over
from rnnlab.sweeps.specification import POINTS, Specification, from_toml


def sweep(*over: str, **options: Any) -> Specification:
    settings = {"task.name": "surnames", **options.pop("settings", {})}
    return Specification(settings=settings, over=parse_over(over), **options)


def points(*over: str, **options: Any) -> Points:
    return points_of(sweep(*over, **options), completer("surnames", options.get("parameters", 0)))


def test_one_or_two_settings_are_a_grid() -> None:
    found = points("model.hidden=16;32", "optim.lr=1e-3..1e-1:log:3")
    assert [(point.config.model.hidden, point.config.optim.lr) for point in found.points] == list(
        product([(16,), (32,)], [0.001, 0.01, 0.1])
    )


def test_beyond_two_settings_points_are_spread_over_all_values() -> None:
    specification = sweep("model.hidden=8..128:log", "optim.lr=1e-3..1e-1:log", "model.dropout=0;.2;.4")
    assert method_of(specification) == "sobol"
    found = points_of(specification, completer("surnames")).points
    assert len(found) == POINTS
    assert len({point.config for point in found}) == POINTS
    # A Sobol sequence puts the same number in each half of each setting.
    halves = [
        sum(point.values["optim.lr"] < 0.01 for point in found),
        sum(point.config.model.hidden[0] < 32 for point in found),
    ]
    assert all(abs(half - POINTS / 2) <= 3 for half in halves)
    assert {point.values["model.dropout"] for point in found} == {0.0, 0.2, 0.4}


def test_more_points_begin_with_the_same_ones_and_the_same_command_draws_the_same() -> None:
    over = ("model.hidden=8..128:log", "optim.lr=1e-3..1e-1:log", "model.dropout=0..0.5")
    few, many = points(*over, points=8), points(*over, points=20)
    assert many.points[:8] == few.points
    assert points(*over, points=8) == few
    assert points(*over, points=8, draw=1) != few


def test_a_grid_that_is_small_is_taken_whole_also_of_three_settings() -> None:
    assert method_of(sweep("model.hidden=8;16", "model.dropout=0;.2", "model.layers=1;2")) == "grid"
    assert len(points("model.hidden=8;16", "model.dropout=0;.2", "model.layers=1;2").points) == 8


def test_what_means_nothing_beside_another_value_makes_no_second_run() -> None:
    found = points("optim.name=adam;sgd", "optim.momentum=0;0.9")
    assert [dict(point.values) for point in found.points] == [
        {"optim.name": "adam"},
        {"optim.name": "sgd", "optim.momentum": 0.0},
        {"optim.name": "sgd", "optim.momentum": 0.9},
    ]
    assert found.merged == 1
    assert any("optim.momentum is read only where optim.name is" in sentence for sentence in found.unread)


def test_each_value_of_a_setting_gets_its_own_defaults() -> None:
    by_name = {point.config.optim.name: point.config.optim.lr for point in points("optim.name=adam;sgd").points}
    assert by_name["adam"] != by_name["sgd"]


def test_values_that_are_not_allowed_together_are_left_out_and_said() -> None:
    found = points("model.layers=1;3", "model.hidden=64;32,64")
    assert len(found.points) == 3
    (sentence,) = found.invalid
    assert sentence.startswith("model.layers = 3, model.hidden = 32,64: ")


def test_a_range_in_a_grid_needs_a_number_and_a_grid_of_a_million_is_refused() -> None:
    with pytest.raises(UsageError, match=r"optim\.lr.*1e-3\.\.1e-1:log:5.*--sobol"):
        points("optim.lr=1e-3..1e-1:log")
    with pytest.raises(UsageError, match="1,000,000 configurations"):
        points("optim.lr=1e-3..1e-1:log:1000", "model.dropout=0..0.5:1000")


def test_more_runs_than_anybody_trains_are_refused_before_they_are_listed() -> None:
    with pytest.raises(UsageError, match="20,000,000 runs"):
        points("optim.lr=1e-3..1e-1:log:1000", seeds=tuple(range(1000)), folds=20)
    with pytest.raises(UsageError, match="points = 1000000000 "):
        points("optim.lr=1e-3..1e-1:log", method="sobol", points=10**9)
    with pytest.raises(UsageError, match="confirm = 1000000000 "):
        points("optim.lr=1e-3;1e-1", confirm=10**9)


def test_a_text_with_many_dots_is_no_deep_key() -> None:
    text = "dots. And more of them. " * 2000 + "." * 2000 + "x" * 200_000
    document = parse_toml(f'notes = """{text}"""\nshort = "{text}"\n', "session.toml")
    assert document == {"notes": text, "short": text}


def test_nets_get_about_as_many_parameters_as_asked_for() -> None:
    from rnnlab.models.plan.count import count_parameters
    from rnnlab.models.plan.plan_for_task import plan_for

    found = points("model.name=elman;lstm;gru", parameters=10_000)
    for point in found.points:
        plan = plan_for(point.config)
        assert plan is not None
        assert sum(layer.total for layer in count_parameters(plan)) == pytest.approx(10_000, rel=0.1)
    with pytest.raises(UsageError, match="--match-parameters"):
        sweep("model.hidden=3;4", parameters=100)


@pytest.mark.parametrize("key", ["train.seed", "data.seed", "task.name"])
def test_what_decides_whether_runs_compare_is_not_swept_over(key: str) -> None:
    with pytest.raises(UsageError, match="cannot be swept over"):
        Specification(over=parse_over((f"{key}={'names;har' if key == 'task.name' else '1;2'}",)))


def test_a_specification_is_written_and_read_again() -> None:
    before = sweep(
        "model.hidden=8;16,32;",
        "optim.lr=1e-3..1e-1:log",
        settings={"train.epochs": 3, "train.patience": None, "model.bidirectional": True},
        seeds=(0, 2),
        method="sobol",
        points=5,
        halving="always",
        confirm=5,
    )
    assert from_toml(before.to_toml(), "sweep.toml") == before


def test_a_person_may_write_tables_and_lists() -> None:
    found = from_toml(
        """
        seeds = 3
        [settings.task]
        name = "surnames"
        [over]
        model.hidden = [8, [16, 32]]
        optim.lr = "1e-3;1e-2"
        """,
        "mine.toml",
    )
    assert found == Specification(
        settings={"task.name": "surnames"},
        over=parse_over(("model.hidden=8;16,32", "optim.lr=1e-3;1e-2")),
        seeds=(0, 1, 2),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("overs = 1", "there is no 'overs' in a sweep"),
        ("format = 9", "newer rnnlab"),
        ("points = -1", "points = -1"),
        ("method = 'random'", "grid, one-at-a-time, sobol, tpe"),
        ("[over]\noptim.lrr = '1;2'", "did you mean optim.lr?"),
        ("[settings]\n'train.epochs' = 'many'", "train.epochs"),
        ("over = 3", "must be tables"),
        ("seeds = [1, 1]", "none of them twice"),
        ("not toml", "not a TOML file"),
        ("seeds = [2147483647]\nconfirm = 1", "take smaller seeds"),
        ("halving = 'always'\n[settings]\n'train.evaluate_every' = 9", "train.evaluate_every"),
        ("halving = 'auto'\n[over]\n'train.evaluate_every' = [3, 9]", "train.evaluate_every"),
    ],
)
def test_a_wrong_file_is_one_sentence_that_names_it(text: str, words: str) -> None:
    with pytest.raises(UsageError) as error:
        from_toml(text, "mine.toml")
    assert "mine.toml" in str(error.value)
    assert words in str(error.value)


_LONG = "9" * 5000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(f"seeds = '{_LONG}'", "seeds", id="seeds"),
        pytest.param(f"[over]\n'model.hidden' = '1..9:{_LONG}'", "number of values", id="number of values"),
        pytest.param("a" + ".a" * 150_000 + " = 1", "nested deeper", id="key"),
        pytest.param("b = {'a'" + " . 'a'" * 80_000 + " = 1}", "nested deeper", id="key of an inline table"),
        pytest.param("[a" + ".a" * 150_000 + "]", "nested deeper", id="table"),
    ],
)
def test_a_hostile_file_is_refused_at_once(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        from_toml(text, "mine.toml")
