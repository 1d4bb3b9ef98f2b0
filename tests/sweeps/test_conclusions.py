"""What a table of runs says: each verdict where the numbers bear it, and the sentence that goes with it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

from rnnlab.errors import UsageError
from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparison import Comparison, compare
from rnnlab.runs.folders import Session
from rnnlab.runs.summary import summarise
from rnnlab.sweeps.conclude.conclusions import conclude
from rnnlab.sweeps.conclude.sentences import verdict
from rnnlab.sweeps.results import Conclusions, Difference, Interval, Word
from rnnlab.sweeps.statistics import RowScores, mean_interval, welch
from tests.recorded_repeats import SHIFTS, record_repeats
from tests.sweeps.studies import ROWS, held, row_scores, studied

BEST = [0.840, 0.843, 0.838, 0.841, 0.844]
LESS = [0.826, 0.821, 0.829, 0.824, 0.823]
SAME = [0.841, 0.838, 0.842, 0.839, 0.840]


def two(folder: Path, other: Sequence[float] = LESS, best: Sequence[float] = BEST) -> Comparison:
    return studied(folder, [({"model.hidden": 64}, best), ({"model.hidden": 32}, other)])


def said(conclusions: Conclusions) -> str:
    return "\n".join(conclusions.sentences)


def test_real_repeats_have_mean_deviation_and_each_seeds_value(tmp_path: Path) -> None:
    session = Session(record_repeats(tmp_path))
    (comparison,) = compare([summarise(run) for run in session.runs()], is_share)
    found = conclude(comparison, figure="accuracy", n_rows=1800)
    index = next(i for i, row in enumerate(comparison.rows) if len(row.runs) == 5)
    row, values = found.rows[index], [held(comparison)[name] for name in comparison.rows[index].runs]
    assert [round(value - values[0], 6) for value in values] == [pytest.approx(shift, abs=1e-6) for shift in SHIFTS]
    assert row.values == tuple(values)
    assert row.seeds_interval == mean_interval(values)
    assert row.new_rows_interval is None
    assert "(mean ± standard deviation of 5 seeds: " in said(found)
    assert "1,800 rows alone move it by ± .009" in said(found)
    assert [each.verdict for i, each in enumerate(found.rows) if i != index] == ["too few seeds", "too few seeds"]
    assert "2 of 3 have one seed" in said(found)


def test_a_setting_that_is_worse_is_called_worse_and_the_other_way_round_better(tmp_path: Path) -> None:
    comparison = two(tmp_path)
    found = conclude(comparison, figure="accuracy")
    assert (found.winner, found.against) == (0, 0)
    assert [row.verdict for row in found.rows] == ["reference", "worse"]
    difference, expected = found.rows[1].difference, welch(LESS, BEST)
    assert difference is not None
    assert difference.p == pytest.approx(expected.p)
    assert difference.interval is not None
    assert expected.interval is not None
    assert difference.interval.low == pytest.approx(expected.interval.low)
    # By hand: .0166 ± 2.33 standard errors of .00173.
    assert found.rows[1].text == "worse by .017 (−.021 to −.013)"
    turned = conclude(comparison, figure="accuracy", against=1)
    assert [row.verdict for row in turned.rows] == ["better", "reference"]
    assert turned.rows[0].text == "better by .017 (+.013 to +.021)"


def test_of_errors_the_lower_is_better(tmp_path: Path) -> None:
    settings = [({"model.hidden": 64}, [2.1, 2.2, 2.0, 2.15, 2.05]), ({"model.hidden": 32}, [3.1, 3.3, 3.2, 3.0, 3.4])]
    comparison = studied(tmp_path, settings, "regression")
    found = conclude(comparison, figure="mae", against=1)
    assert not found.higher_is_better
    assert comparison.rows[0].settings["model.hidden"] == (64,)
    assert [row.verdict for row in found.rows] == ["better", "reference"]
    assert found.rows[0].text.startswith("better by 1.10 (−1.")
    assert "mean absolute error" in said(found)


def test_no_difference_says_what_it_could_be(tmp_path: Path) -> None:
    found = conclude(two(tmp_path, SAME), figure="accuracy")
    other = next(row for row in found.rows if row.verdict != "reference")
    assert other.verdict == "no difference seen"
    assert other.text.startswith("no difference seen (could be −.00")
    assert " to +.00" in other.text


def test_three_seeds_that_show_nothing_are_called_too_few(tmp_path: Path) -> None:
    found = conclude(two(tmp_path, SAME[:3], BEST[:3]), figure="accuracy")
    other = next(row for row in found.rows if row.verdict != "reference")
    assert other.verdict == "too few seeds"
    assert other.text.startswith("too few seeds: 3 seeds show only differences from .00")
    assert "Few seeds: 3 seeds show only differences from .00" in said(found)
    assert "(3.1 standard deviations); 5 from .00" in said(found)


def test_three_seeds_find_a_gain_that_is_large(tmp_path: Path) -> None:
    found = conclude(two(tmp_path, LESS[:3], BEST[:3]), figure="accuracy")
    assert found.rows[1].verdict == "worse"


def test_one_seed_says_nothing_about_others(tmp_path: Path) -> None:
    found = conclude(two(tmp_path, LESS[:1], BEST[:1]), figure="accuracy")
    assert found.rows[1].verdict == "too few seeds"
    assert found.rows[1].text == "too few seeds: one says nothing about others (−.014)"
    assert said(found).count("one seed, which says nothing about others: train five of each") == 1
    assert "One seed says nothing" not in said(found)
    assert found.rows[0].seeds_interval is None


def test_seeds_that_all_give_the_same_have_no_interval(tmp_path: Path) -> None:
    found = conclude(two(tmp_path, [0.99] * 3, [1.0] * 3), figure="accuracy")
    assert (found.rows[0].std, found.rows[0].seeds_interval) == (0.0, None)
    assert (found.rows[1].verdict, found.rows[1].text) == (
        "no scatter",
        "no interval: no seed differs from another (−.010)",
    )
    assert "without scatter there is no interval" in said(found)


def test_a_run_without_a_finite_figure_is_left_out_and_named(tmp_path: Path) -> None:
    settings = [
        ({"model.hidden": 64}, BEST),
        ({"model.hidden": 32}, [*LESS[:4], "nan"]),
        ({"model.hidden": 16}, ["nan"]),
    ]
    comparison = studied(tmp_path, settings)  # type: ignore[arg-type]
    found = conclude(comparison, figure="accuracy", against=next(i for i, r in enumerate(comparison.rows) if r.best))
    by_left_out = {row.left_out: row for row in found.rows if row.verdict == "worse"}
    assert by_left_out[1].values == tuple(LESS[:4])
    assert [row.verdict for row in found.rows if not row.values] == ["no figure"]
    assert "2 runs have no finite accuracy and count in no mean" in said(found)


def test_the_best_of_many_is_one_of_many_tried(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    settings = [({"model.hidden": 8 * (1 + n)}, rng.normal(0.83, 0.005, 3).tolist()) for n in range(8)]
    found = conclude(studied(tmp_path, settings), figure="accuracy")
    assert found.comparisons == 8 * 7 // 2
    assert "The best of 8 equal settings looks .00" in said(found)
    assert "(1.4 standard errors) too good by luck" in said(found)
    assert "take its test figure from fresh seeds" in said(found)
    assert "corrected by Holm for 28 comparisons (all pairs, as the best was picked from them)" in said(found)
    assert all(
        row.difference is None or row.difference.p is None or row.difference.adjusted_p > row.difference.p  # type: ignore[operator]
        for row in found.rows
    )
    assert not any(row.verdict in ("better", "worse") for row in found.rows)
    fixed = conclude(studied(tmp_path / "again", settings), figure="accuracy", against=5)
    assert fixed.comparisons == 7
    assert "7 comparisons (one for each other row)" in said(fixed)


def test_what_many_comparisons_show_by_chance_is_no_difference() -> None:
    difference = Difference(0.006, Interval(0.001, 0.011, 0.95), 0.02, "Welch", "seeds on this split", 0.18)
    assert verdict(difference, 5, 0.004, "accuracy", True, 9) == (
        "no difference seen",
        "no difference seen among 9 comparisons (alone +.001 to +.011)",
    )


def test_few_seeds_are_blamed_before_many_comparisons_and_the_interval_is_explained(tmp_path: Path) -> None:
    difference = Difference(0.006, Interval(0.001, 0.011, 0.95), 0.02, "Welch", "seeds on this split", 0.18)
    assert verdict(difference, 2, 0.004, "accuracy", True, 9) == (
        "too few seeds",
        "too few seeds to tell among 9 comparisons (alone +.001 to +.011)",
    )
    settings = [({"model.hidden": 8 * (1 + n)}, [0.83 + n / 200, 0.831 + n / 200, 0.836 + n / 200]) for n in range(4)]
    found = conclude(studied(tmp_path, settings), figure="accuracy")
    alone = [row for row in found.rows if row.difference and row.difference.p and row.difference.p < 0.05]
    lost = [row for row in alone if row.verdict not in ("better", "worse")]
    assert lost
    assert f"out 0, which among {found.comparisons} comparisons is not enough for a verdict" in said(found)


def test_the_verdict_follows_the_best_at_once_and_the_best_is_named_by_its_settings(tmp_path: Path) -> None:
    found = conclude(two(tmp_path), figure="accuracy")
    assert found.sentences[0].startswith("100-0 (hidden 64) is the best of 2: accuracy .841")
    assert found.sentences[1] == "Against 100-0: 1 worse."


def test_folds_are_compared_fold_by_fold_and_are_called_folds(tmp_path: Path) -> None:
    found = conclude(
        studied(tmp_path, [({"model.hidden": 64}, BEST), ({"model.hidden": 32}, LESS)], folds=True), figure="accuracy"
    )
    differences = np.array(LESS) - np.array(BEST)
    error = differences.std(ddof=1) * math.sqrt(1 / 5 + 1 / 4)  # Nadeau and Bengio: 1/n + validation / training rows
    half = 2.776445 * error  # t of 4 degrees of freedom
    worse = found.rows[1]
    assert worse.verdict == "worse"
    assert worse.difference is not None
    assert worse.difference.interval is not None
    assert (worse.difference.method, worse.difference.target) == ("paired folds", "folds of one cross-validation")
    assert worse.difference.interval.high == pytest.approx(differences.mean() + half, abs=1e-6)
    best = found.rows[0].seeds_interval
    assert best is not None
    assert best.high - best.low == pytest.approx(2 * 2.776445 * np.std(BEST, ddof=1) * math.sqrt(0.45), abs=1e-6)
    assert "standard deviation of 5 folds" in said(found)
    assert "The mean over all folds: " in said(found)
    assert "seeds on" not in said(found)
    assert "Left out" not in said(found)


def test_an_interval_of_a_share_ends_at_0_and_1(tmp_path: Path) -> None:
    found = conclude(two(tmp_path, [0.02, 0.10, 0.03], [0.97, 0.999, 0.92]), figure="accuracy")
    best, other = (row.seeds_interval for row in found.rows)
    assert best is not None
    assert other is not None
    assert (best.high, other.low) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("value", "higher", "word"),
    [(0.1, True, "better"), (-0.1, True, "worse"), (0.1, False, "worse"), (-0.1, False, "better")],
)
def test_the_sign_decides_with_the_figure(value: float, higher: bool, word: Word) -> None:
    ends = Interval(value - 0.01, value + 0.01, 0.95)
    difference = Difference(value, ends, 0.001, "paired rows", "fresh seeds on new rows", 0.001)
    found, text = verdict(difference, 5, 0.01, "accuracy" if higher else "mae", higher, 1)
    assert found == word
    assert text.endswith(" on new rows)")


def test_rows_known_one_by_one_give_intervals_on_new_rows_and_pair(tmp_path: Path) -> None:
    comparison = two(tmp_path, [value - 0.02 for value in LESS])
    found = conclude(comparison, figure="accuracy", scores=row_scores(held(comparison)))
    assert [row.n_rows for row in found.rows] == [ROWS, ROWS]
    best, other = found.rows
    assert best.new_rows_interval is not None
    assert best.seeds_interval is not None
    wide, narrow = (interval.high - interval.low for interval in (best.new_rows_interval, best.seeds_interval))
    assert wide > 4 * narrow  # of 1,000 rows more than of seeds three thousandths apart
    assert "holds the scatter of seeds and of the 1,000 rows" in said(found)
    assert other.difference is not None
    assert (other.difference.method, other.difference.target) == ("paired rows", "fresh seeds on new rows")
    assert other.verdict == "worse"
    assert other.text.endswith("on new rows)")
    assert "Small validation part" not in said(found), "the interval on new rows says it"
    alone = conclude(comparison, figure="accuracy", n_rows=ROWS)
    assert "Small validation part: another 1,000 rows would move a figure by ± .012" in said(alone)


def test_one_seed_with_rows_is_about_this_net_alone(tmp_path: Path) -> None:
    comparison = two(tmp_path, LESS[:1], BEST[:1])
    found = conclude(comparison, figure="accuracy", scores=row_scores(held(comparison)))
    assert found.rows[0].new_rows_target == "these nets on new rows"
    assert "this one net reaches .81" in said(found)
    assert found.rows[1].verdict == "too few seeds"
    assert "these two nets differ by −.014 (−" in found.rows[1].text
    assert found.comparisons == 0


@pytest.mark.parametrize(("people", "told"), [(8, True), (25, False)])
def test_few_people_are_named(tmp_path: Path, people: int, told: bool) -> None:
    comparison = two(tmp_path)
    scores = row_scores(held(comparison), np.arange(ROWS) % people)
    found = conclude(comparison, figure="accuracy", scores=scores)
    assert found.rows[0].n_groups == people
    assert f"holds the scatter of seeds and of the {people} people" in said(found)
    assert ("an interval for new people is not promised" in said(found)) is told


def test_scores_of_something_else_are_not_used_and_said(tmp_path: Path) -> None:
    comparison = two(tmp_path)
    found = conclude(comparison, figure="accuracy", scores=row_scores(dict.fromkeys(held(comparison), 0.5)))
    assert all(row.new_rows_interval is None for row in found.rows)
    assert found.rows[1].difference is not None
    assert found.rows[1].difference.method == "Welch"
    assert "Left out of the intervals on new rows: the scores of 100-0 do not average to its accuracy" in said(found)


def test_seeds_on_rows_of_their_own_do_not_pair(tmp_path: Path) -> None:
    comparison = two(tmp_path)
    plain = row_scores(held(comparison))

    def moved(run: str) -> RowScores | None:
        told = plain(run)
        assert told is not None
        return RowScores(told.rows + int(run.endswith("-3")), told.scores)

    found = conclude(comparison, figure="accuracy", scores=moved)
    assert "the seeds of 100-0 were evaluated on different rows" in said(found)
    assert found.rows[0].new_rows_interval is None


def test_seeds_with_a_split_each_are_not_said_to_be_on_the_same_rows(tmp_path: Path) -> None:
    settings = [({"model.hidden": 64}, BEST), ({"model.hidden": 32}, LESS)]
    found = conclude(studied(tmp_path, settings, split_each=True), figure="accuracy")
    assert "The mean over all seeds, a split each: .838 to .844 (95 % t-interval, too short" in said(found)
    assert "on these validation rows" not in said(found)
    assert found.rows[1].difference is not None
    assert found.rows[1].difference.target == "seeds and splits"


def test_which_setting_matters_is_told_from_24_configurations_on(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    settings: list[tuple[dict[str, object], list[float]]] = []
    for n in range(24):
        hidden, rate = (16, 32, 64)[n % 3], 10 ** float(rng.uniform(-4, -2))
        settings.append(
            ({"model.hidden": hidden, "optim.lr": rate}, [0.7 + hidden / 1000 + float(rng.normal(0, 0.005))])
        )
    found = conclude(studied(tmp_path / "all", settings), figure="accuracy")
    assert found.importance[0].key == "model.hidden"
    assert "that a setting explains alone: model.hidden 9" in said(found)
    fewer = conclude(studied(tmp_path / "fewer", settings[:5]), figure="accuracy")
    assert fewer.importance == ()
    assert "explains" not in said(fewer)


def test_a_reference_that_is_no_row_and_a_figure_that_none_has_are_refused(tmp_path: Path) -> None:
    comparison = two(tmp_path)
    with pytest.raises(UsageError, match="there is no row 2 to compare against; the table has 2"):
        conclude(comparison, figure="accuracy", against=2)
    with pytest.raises(UsageError, match="no run has mae on the validation part; the runs have accuracy, loss"):
        conclude(comparison, figure="mae")


def test_names_from_files_are_never_obeyed(tmp_path: Path) -> None:
    comparison = two(tmp_path)
    names = {name: f"\x1b]0;x\x07{name}[/red]" for row in comparison.rows for name in row.runs}
    text = msgspec.json.encode(comparison).decode()
    for name, hostile in names.items():
        text = text.replace(f'"{name}"', msgspec.json.encode(hostile).decode())
    found = conclude(msgspec.json.decode(text, type=Comparison), figure="accuracy")
    assert "100-0" in said(found)
    assert "\x1b" not in said(found)
    assert "\x07" not in said(found)


def test_it_is_json_and_back(tmp_path: Path) -> None:
    found = conclude(two(tmp_path), figure="accuracy")
    assert msgspec.json.decode(msgspec.json.encode(found), type=Conclusions) == found


@pytest.mark.slow
def test_two_thousand_settings_of_five_seeds_are_concluded_at_once(tmp_path: Path) -> None:
    comparison = two(tmp_path)
    rng = np.random.default_rng(0)
    rows = []
    for n in range(2000):
        values = {f"{n}-{seed}": float(value) for seed, value in enumerate(rng.normal(0.83, 0.005, 5))}
        settings = {"optim.lr": 10 ** float(rng.uniform(-4, -1)), "model.hidden": (int(rng.integers(16, 256)),)}
        rows.append(
            msgspec.structs.replace(
                comparison.rows[0],
                runs=tuple(values),
                best=n == 0,
                settings=settings,
                each={"validation": {"accuracy": values}},
            )
        )
    many = msgspec.structs.replace(comparison, rows=tuple(rows), differing=("optim.lr", "model.hidden"))
    conclude(many, figure="accuracy")
    began = time.process_time()
    found = conclude(many, figure="accuracy")
    assert time.process_time() - began < 1.0
    assert len(found.rows) == 2000
    assert all(math.isfinite(row.difference.value) for row in found.rows if row.difference is not None)
