"""Which runs may be ranked together: those that were evaluated on the same sequences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparable import comparable
from rnnlab.runs.comparison import Comparison, compare
from rnnlab.runs.confusion_figures import balanced_accuracy, macro_f1
from rnnlab.runs.folders import Session, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.repeats import repeats_among
from rnnlab.runs.summary import RunSummary, summarise
from rnnlab.tasks.load import load
from rnnlab.training.evaluation import metrics
from rnnlab.training.loop import Training
from tests.training.small import small_config, small_split


def run(name: str, fingerprint: str = "", evaluated: str = "", task: str = "names", **settings: Any) -> RunSummary:
    return RunSummary(
        path=f"/{name}",
        session="s",
        name=name,
        status="completed" if fingerprint else "queued",
        task=task,
        metric="accuracy",
        fingerprint=fingerprint,
        evaluated=evaluated,
        settings={key.replace("__", "."): value for key, value in settings.items()},
        final={"validation": {"accuracy": 0.5}} if fingerprint else {},
    )


def together(*runs: RunSummary) -> list[set[str]]:
    """The names of the runs that may be ranked together, by the first of them."""
    groups: dict[int, set[str]] = {}
    numbers = comparable(runs)
    for each in runs:
        groups.setdefault(numbers[each.path], set()).add(each.name)
    return list(groups.values())


@pytest.mark.parametrize(
    ("runs", "groups"),
    [
        # Of old logs the fingerprint alone says it.
        ([run("a", "1"), run("b", "1"), run("c", "2")], [{"a", "b"}, {"c"}]),
        # What the net reads may differ, as long as the same targets are predicted.
        ([run("a", "1", "t"), run("b", "2", "t", data__compand=100.0), run("c", "3", "u")], [{"a", "b"}, {"c"}]),
        # Equal settings with other arrays: the files were changed in between, though the labels are alike.
        ([run("a", "1", "t"), run("b", "2", "t")], [{"a"}, {"b"}]),
        # Two files of one's own whose labels are alike by chance; and one file, copied.
        (
            [run(n, f, "t", task="own", data__path=p) for n, f, p in (("a", "1", "x.npz"), ("b", "2", "y.npz"))],
            [{"a"}, {"b"}],
        ),
        (
            [run(n, "1", "t", task="own", data__path=p) for n, p in (("a", "x.npz"), ("b", "y.npz"))],
            [{"a", "b"}],
        ),
        # An old log and a new one of the same arrays.
        ([run("a", "1"), run("b", "1", "t"), run("c", "2", "t", data__compand=9.0)], [{"a", "b", "c"}]),
        # A run that waits goes with those that were asked for the same evaluation; the training is its own.
        (
            [
                run("a", "1", "t", data__seed=1),
                run("b", "2", "u"),
                run("c", data__balance="weights"),
                run("d", data__seed=2),
            ],
            [{"a"}, {"b", "c"}, {"d"}],
        ),
        # The seed of the training draws the split where data.seed does not.
        ([run("a", "1", "t", train__seed=1), run("b", data__seed=1), run("c")], [{"a", "b"}, {"c"}]),
        ([run("a", "1", "t"), run("b", "1", "t", task="own")], [{"a"}, {"b"}]),
    ],
)
def test_runs_are_comparable_where_they_predict_the_same_targets(
    runs: list[RunSummary], groups: list[set[str]]
) -> None:
    assert together(*runs) == groups
    assert sorted(map(sorted, together(*reversed(runs)))) == sorted(map(sorted, groups))


def trained(session: Session, rows: int = 150, **settings: object) -> str:
    """The name of a run that was really trained."""
    folder = session.create_run(small_config("surnames", train__epochs=1, **settings))
    with LogWriter(folder.events_path) as log:
        for event in Training(folder.config(), small_split(folder.config(), rows), run=folder.name).events():
            log.append(event)
    return folder.name


def test_each_split_has_a_ranking_and_a_best_of_its_own(tmp_path: Path) -> None:
    session = create_session("lab", root=tmp_path)
    first = [trained(session), trained(session, data__hide=0.3), trained(session, data__balance="weights")]
    other = [trained(session, data__seed=1), trained(session, data__seed=1, model__hidden=4)]
    runs = [summarise(folder) for folder in session.runs()]
    found = compare(runs, is_share)
    assert [sorted(name for row in each.rows for name in row.runs) for each in found] == [sorted(first), sorted(other)]
    assert [each.data for each in found] == [{"data.seed": 0}, {"data.seed": 1}]
    for each in found:
        assert [row.best for row in each.rows] == [True] + [False] * (len(each.rows) - 1)
    fewer = trained(session, rows=100)
    found = compare([*runs, summarise(next(f for f in session.runs() if f.name == fewer))], is_share)
    assert [len(each.rows) for each in found] == [3, 2, 1], "the same settings, other sequences"


def test_seeds_with_a_split_each_are_not_ranked_with_a_single_split() -> None:
    each = [run(f"e{seed}", f"f{seed}", f"t{seed}", train__seed=seed) for seed in range(3)]
    wide = [run(f"w{seed}", f"f{seed}", f"t{seed}", train__seed=seed, model__hidden=(9,)) for seed in range(3)]
    one = run("one", "f0", "t0", model__name="gru")

    def names(found: list[Comparison]) -> list[list[tuple[str, ...]]]:
        return [sorted(row.runs for row in comparison.rows) for comparison in found]

    found = compare([*each, *wide, one], is_share)
    assert names(found) == [[("e0", "e1", "e2"), ("w0", "w1", "w2")], [("one",)]]
    assert [comparison.data for comparison in found] == [{"data.seed": "each"}, {"data.seed": 0}]


def test_runs_of_changed_data_are_no_repeats() -> None:
    before = [run(f"a{seed}", "old", train__seed=seed, data__seed=0) for seed in (0, 1)]
    after = [run(f"b{seed}", "new", train__seed=seed, data__seed=0) for seed in (2, 3)]
    waits = run("c", train__seed=4, data__seed=0)
    (first, second) = repeats_among([*before, *after, waits])
    assert [each.name for each in first.runs] == ["a0", "a1"]
    assert [each.name for each in second.runs] == ["b2", "b3", "c"]


def test_the_ranking_follows_the_figure_that_all_runs_were_chosen_by() -> None:
    def scored(name: str, accuracy: float, f1: float, **settings: Any) -> RunSummary:
        figures: dict[str, Any] = {"accuracy": accuracy, "macro_f1": f1, "loss": 1.0}
        return msgspec.structs.replace(run(name, "1", **settings), final={"validation": figures})

    for select, by, best in (("macro_f1", "macro_f1", "b"), ("metric", "accuracy", "a")):
        runs = [
            scored("a", 0.9, 0.2, train__select=select),
            scored("b", 0.7, 0.6, train__select=select, model__name="gru"),
        ]
        (found,) = compare(runs, is_share)
        assert (found.ranked_by, found.rows[0].runs[0]) == (by, best)
    (found,) = compare([runs[0], scored("b", 0.7, 0.6, train__select="macro_f1")], is_share)
    assert found.ranked_by == "accuracy", "they were not chosen alike"
    losses = [
        scored("a", 0.9, 0.2, train__select="loss"),
        scored("b", 0.7, 0.6, train__select="loss", data__balance="weights"),
    ]
    (found,) = compare(losses, is_share)
    assert found.ranked_by == "accuracy", "a weighted loss does not rank with a plain one"


def test_the_hash_of_what_is_evaluated_knows_targets_and_classes() -> None:
    split = load(small_config("surnames"))
    assert load(small_config("surnames", data__hide=0.5)).evaluated() == split.evaluated()
    assert load(small_config("surnames", data__seed=1)).evaluated() != split.evaluated()
    assert replace(split, classes=tuple(reversed(split.classes))).evaluated() != split.evaluated()
    assert replace(split, train=split.test).evaluated() == split.evaluated()
    assert replace(split, validation=split.test).evaluated() != split.evaluated()


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=4, max_size=4).filter(
        lambda m: any(map(any, m))
    )
)
def test_figures_of_counts_are_those_of_the_training(confusion: list[list[int]]) -> None:
    counts = np.array(confusion, dtype=np.int64)
    assert macro_f1(confusion) == pytest.approx(metrics.macro_f1(counts), abs=1e-12)
    assert balanced_accuracy(confusion) == pytest.approx(metrics.balanced_accuracy(counts), abs=1e-12)
