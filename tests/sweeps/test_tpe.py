"""Points by TPE: the same for the same history, better than points drawn blindly, and none twice."""

from __future__ import annotations

import importlib.util
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rnnlab.errors import UsageError
from rnnlab.sweeps.points import sobol_points
from rnnlab.sweeps.space import Choices, Dimension, Range
from rnnlab.sweeps.tpe import STARTUP, Tried, check_installed, suggest

needs_optuna = pytest.mark.skipif(
    importlib.util.find_spec("optuna") is None, reason="needs Optuna: pip install 'optuna>=4'"
)
SPACE: dict[str, Dimension] = {
    "optim.lr": Range(1e-4, 1e-1, log=True),
    "model.hidden": Choices(((32,), (64,), (128,), (256,))),
    "model.name": Choices(("lstm", "gru", "elman")),
    "model.dropout": Range(0, 0.5),
    "train.batch_size": Range(8, 256, log=True, whole=True),
}
Values = Mapping[str, Any]


def loss(values: Values) -> float:
    """Least at a rate of .005, 128 units of an LSTM, dropout .2 and batches of 32."""
    return float(
        (math.log10(values["optim.lr"]) + 2.3) ** 2
        + 0.1 * abs(math.log2(values["model.hidden"][0] / 128))
        + {"lstm": 0.0, "gru": 0.05, "elman": 0.4}[values["model.name"]]
        + (values["model.dropout"] - 0.2) ** 2
        + 0.02 * abs(math.log2(values["train.batch_size"] / 32))
    )


def searched(
    count: int,
    seed: int,
    scored: Callable[[Values], float | None] = loss,
    space: Mapping[str, Dimension] = SPACE,
    *,
    higher: bool = False,
) -> list[Tried]:
    history: list[Tried] = []
    for _ in range(count):
        for values in suggest(space, history, 1, seed, higher_is_better=higher):
            history.append(Tried(values, scored(values)))
    return history


def best(history: list[Tried]) -> float:
    return min(tried.figure for tried in history if tried.figure is not None)


@needs_optuna
def test_the_same_history_and_seed_give_the_same_points() -> None:
    history = searched(15, 3)
    again = searched(15, 3)
    assert history == again
    three = suggest(SPACE, history, 3, 3, higher_is_better=False)
    assert three == suggest(SPACE, list(history), 3, 3, higher_is_better=False)
    assert three[:1] == suggest(SPACE, history, 1, 3, higher_is_better=False)
    assert three != suggest(SPACE, history, 3, 4, higher_is_better=False)


@needs_optuna
def test_every_point_lies_in_the_space_and_none_comes_twice() -> None:
    history = searched(40, 0)
    for tried in history:
        values = tried.values
        assert list(values) == list(SPACE)
        assert 1e-4 <= values["optim.lr"] <= 1e-1
        assert values["optim.lr"] == float(f"{values['optim.lr']:.3g}")
        assert 0 <= values["model.dropout"] <= 0.5
        assert values["model.hidden"] in ((32,), (64,), (128,), (256,))
        assert isinstance(values["train.batch_size"], int)
        assert 8 <= values["train.batch_size"] <= 256
    assert len({repr(tried.values) for tried in history}) == 40


@needs_optuna
def test_it_finds_better_points_than_a_blind_sequence_of_as_many() -> None:
    found = [best(searched(40, seed)) for seed in range(5)]
    blind = [min(loss(values) for values in sobol_points(SPACE, 40, seed)) for seed in range(5)]
    assert statistics.median(found) < 0.8 * statistics.median(blind)
    accuracy = searched(40, 0, lambda values: 1 - loss(values), higher=True)
    assert accuracy[0].figure is not None
    assert max(tried.figure or 0 for tried in accuracy) > 0.9


@needs_optuna
def test_points_that_are_pending_are_not_given_again() -> None:
    history = searched(14, 1)
    first = suggest(SPACE, history, 1, 1, higher_is_better=False)[0]
    second = suggest(SPACE, [*history, Tried(first, pending=True)], 1, 1, higher_is_better=False)[0]
    assert first != second
    several = suggest(SPACE, history, 8, 1, higher_is_better=False)
    assert len({repr(values) for values in several}) == 8
    begun = suggest(SPACE, [], 4, 1, higher_is_better=False)
    assert begun == list(sobol_points(SPACE, 4, 1)), "there is nothing to go by yet"
    pending = [Tried(values, pending=True) for values in begun]
    assert suggest(SPACE, pending, 1, 1, higher_is_better=False)[0] not in begun


@needs_optuna
def test_where_runs_fail_fewer_points_are_taken() -> None:
    def diverges(values: Values) -> float | None:
        return None if values["optim.lr"] > 3e-3 else 1.0

    late = [tried for seed in range(4) for tried in searched(40, seed, diverges)[STARTUP:]]
    blind = sum(diverges(values) is None for values in sobol_points(SPACE, 1024, 0)) / 1024
    assert sum(tried.figure is None for tried in late) / len(late) < 0.5 * blind
    strange = [Tried(tried.values, math.nan if tried.figure is None else tried.figure) for tried in late[:20]]
    assert suggest(SPACE, strange, 1, 0, higher_is_better=False)


@needs_optuna
def test_what_lies_outside_the_space_is_left_out() -> None:
    history = searched(12, 2)
    strange = [
        Tried(dict(history[0].values) | {"optim.lr": 5.0}, 0.0),
        Tried(dict(history[0].values) | {"model.name": "mingru"}, 0.0),
        Tried(dict(history[0].values) | {"train.batch_size": 12.5}, 0.0),
        Tried({"train.seed": 1}, 0.0),
        Tried({}, 0.0),
    ]
    plain = suggest(SPACE, history, 2, 2, higher_is_better=False)
    assert suggest(SPACE, [*strange, *history], 2, 2, higher_is_better=False) == plain


@needs_optuna
def test_a_setting_that_a_point_does_not_read_may_be_missing() -> None:
    space: dict[str, Dimension] = {
        "optim.name": Choices(("adam", "sgd")),
        "optim.momentum": Choices((0.0, 0.5, 0.9)),
    }
    history = [Tried({"optim.name": "adam"}, 0.5), Tried({"optim.name": "sgd", "optim.momentum": 0.0}, 0.4)]
    rest = suggest(space, history, 5, 0, higher_is_better=False)
    assert sorted(values["optim.momentum"] for values in rest) == [0.5, 0.9], "adam reads no momentum"
    assert {values["optim.name"] for values in rest} == {"sgd"}


@needs_optuna
def test_once_every_point_was_tried_there_are_no_more() -> None:
    space: dict[str, Dimension] = {
        "model.hidden": Choices(((8,), (16, 8), (32,))),
        "model.layers": Range(1, 4, whole=True),
    }
    history = searched(20, 0, lambda values: float(values["model.layers"]), space)
    assert len(history) == 12
    assert suggest(space, history, 3, 0, higher_is_better=False) == []
    as_read = [Tried({"model.hidden": list(t.values["model.hidden"]), "model.layers": 1}) for t in history[:1]]
    assert len(suggest(space, as_read, 20, 0, higher_is_better=False)) >= 11


@needs_optuna
def test_nothing_is_printed_and_three_hundred_points_are_soon_told(capfd: pytest.CaptureFixture[str]) -> None:
    points = list(sobol_points(SPACE, 300, 0))
    history = [Tried(values, loss(values)) for values in points]
    suggest(SPACE, history[:20], 1, 0, higher_is_better=False)  # which imports Optuna
    began = time.process_time()
    suggest(SPACE, history, 1, 0, higher_is_better=False)
    assert time.process_time() - began < 2
    assert capfd.readouterr() == ("", "")


def test_without_optuna_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError, match=r"pip install 'optuna>=4', or take Sobol points"):
        check_installed()
    with pytest.raises(UsageError, match="not installed here"):
        suggest(SPACE, [], 1, 0, higher_is_better=True)
