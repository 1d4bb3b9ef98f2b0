"""Statistics against SciPy's closed forms and cases worked out by hand, and where they say that nothing can be said."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from rnnlab.sweeps.results import Interval
from rnnlab.sweeps.statistics import (
    holm,
    luck_of_the_best,
    mean_interval,
    new_rows_interval,
    paired_rows,
    smallest_effect,
    smallest_gain,
    welch,
    welch_all,
)

FIVE = [0.832, 0.826, 0.836, 0.841, 0.829]
FIVE_MORE = [0.822, 0.829, 0.811, 0.818, 0.824]


def ends(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    return interval.low, interval.high


def nets(seeds: int, rows: int, accuracy: float, seed_std: float = 0.0, seed: int = 0) -> np.ndarray:
    """What simulated nets get right, (seeds, rows); half of what decides on a row is the row's."""
    rng = np.random.default_rng(seed)
    level = stats.norm.ppf(accuracy) + seed_std / stats.norm.pdf(stats.norm.ppf(accuracy)) * rng.normal(size=(seeds, 1))
    shared = np.random.default_rng(99).normal(size=rows)
    right = level + math.sqrt(0.5) * shared + math.sqrt(0.5) * rng.normal(size=(seeds, rows)) > 0
    return np.asarray(right, dtype=float)


def test_the_interval_of_three_seeds_is_worked_out_by_hand() -> None:
    # t of 2 degrees of freedom is 4.3027; the deviation .01; so ± 4.3027 × .01 / √3.
    low, high = ends(mean_interval([0.83, 0.84, 0.85]))
    assert low == pytest.approx(0.84 - 0.024841, abs=1e-6)
    assert high == pytest.approx(0.84 + 0.024841, abs=1e-6)


def test_the_interval_of_a_mean_is_scipys() -> None:
    expected = stats.t.interval(0.9, 4, np.mean(FIVE), stats.sem(FIVE))
    assert ends(mean_interval(FIVE, 0.9)) == pytest.approx(expected)


@pytest.mark.parametrize("values", [[], [0.8], [1.0, 1.0, 1.0], [0.8, math.nan], [0.8, math.inf]])
def test_what_does_not_scatter_or_is_not_finite_has_no_interval(values: list[float]) -> None:
    assert mean_interval(values) is None


@pytest.mark.parametrize("b", [FIVE_MORE, FIVE_MORE[:2]])
def test_welch_is_scipys(b: list[float]) -> None:
    found, expected = welch(FIVE, b), stats.ttest_ind(FIVE, b, equal_var=False)
    assert found.value == pytest.approx(np.mean(FIVE) - np.mean(b))
    assert found.p == pytest.approx(expected.pvalue)
    assert ends(found.interval) == pytest.approx(tuple(expected.confidence_interval()))
    assert (found.method, found.target) == ("Welch", "seeds on this split")


def test_against_a_side_without_scatter_the_other_decides() -> None:
    found, half = welch(FIVE, [0.8, 0.8, 0.8]), stats.t.ppf(0.975, 4) * stats.sem(FIVE)
    assert ends(found.interval) == pytest.approx((np.mean(FIVE) - 0.8 - half, np.mean(FIVE) - 0.8 + half))


@pytest.mark.parametrize(("a", "b"), [([0.8], FIVE), (FIVE, [0.8]), ([1.0, 1.0], [0.99, 0.99])])
def test_a_difference_without_scatter_or_of_one_seed_has_no_p(a: list[float], b: list[float]) -> None:
    found = welch(a, b)
    assert (found.interval, found.p) == (None, None)
    assert found.value == pytest.approx(np.mean(a) - np.mean(b))


@pytest.mark.parametrize("a", [[], [math.nan, 0.8]])
def test_a_difference_of_nothing_is_refused(a: list[float]) -> None:
    with pytest.raises(ValueError, match="at least one value"):
        welch(a, FIVE)


def test_many_pairs_at_once_are_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    sides = rng.normal(0.8, 0.01, (2, 50, 4))
    moments = [(side.mean(1), side.std(1, ddof=1), np.full(50, 4.0)) for side in sides]
    value, half, p = welch_all(*moments[0], *moments[1])
    for index in range(50):
        one = welch(sides[0, index].tolist(), sides[1, index].tolist())
        assert (one.value, one.p) == pytest.approx((value[index], p[index]))
        assert ends(one.interval)[1] - one.value == pytest.approx(half[index])


def test_holm_is_worked_out_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.01, 0.02], comparisons=10) == pytest.approx([0.1, 0.18])
    assert holm([0.5, 0.6]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []
    told = holm([0.01, math.nan, 0.2])
    assert (told[0], told[2]) == pytest.approx((0.02, 0.2))
    assert math.isnan(told[1])


@pytest.mark.parametrize("seeds", [2, 3, 5, 20])
def test_the_smallest_gain_is_found_in_four_of_five_cases(seeds: int) -> None:
    rng = np.random.default_rng(seeds)
    a = rng.normal(smallest_gain(seeds, 0.01), 0.01, (20_000, seeds))
    b = rng.normal(0.0, 0.01, (20_000, seeds))
    assert np.mean(stats.ttest_ind(a, b, axis=1).pvalue < 0.05) == pytest.approx(0.8, abs=0.012)


def test_three_seeds_find_three_deviations_and_one_seed_none() -> None:
    assert smallest_effect(3) == pytest.approx(3.0, abs=0.1)
    assert smallest_effect(1) == math.inf
    assert all(more < fewer for fewer, more in pairwise(map(smallest_effect, (2, 3, 5, 10, 100))))


@pytest.mark.parametrize("settings", [2, 3, 5, 10, 50])
def test_the_luck_of_the_best_is_the_expected_maximum(settings: int) -> None:
    draws = np.random.default_rng(0).normal(size=(20_000, settings)).max(1)
    assert luck_of_the_best(settings) == pytest.approx(draws.mean(), abs=0.04)
    assert luck_of_the_best(1) == 0


@pytest.mark.parametrize(("right", "rows"), [(167, 200), (196, 200), (200, 200), (0, 30), (1500, 1800)])
def test_one_net_on_new_rows_has_the_exact_interval(right: int, rows: int) -> None:
    scores = np.array([1.0] * right + [0.0] * (rows - right))
    expected = stats.binomtest(right, rows).proportion_ci(0.95, method="exact")
    assert ends(new_rows_interval(scores)) == pytest.approx((expected.low, expected.high))


def test_the_interval_on_new_rows_is_that_of_the_analysis_of_variance() -> None:
    errors = np.random.default_rng(3).gamma(2.0, size=(4, 60)) + np.random.default_rng(4).normal(size=60)
    seeds, rows = errors.shape
    mean, by_seed, by_row = errors.mean(), errors.mean(1, keepdims=True), errors.mean(0, keepdims=True)
    ms_seeds = rows * ((by_seed - mean) ** 2).sum() / (seeds - 1)
    ms_rows = seeds * ((by_row - mean) ** 2).sum() / (rows - 1)
    ms_rest = ((errors - by_seed - by_row + mean) ** 2).sum() / ((seeds - 1) * (rows - 1))
    parts = stats.t.ppf(0.975, seeds - 1) ** 2 * ms_seeds, stats.t.ppf(0.975, rows - 1) ** 2 * (ms_rows - ms_rest)
    half = math.sqrt(sum(parts) / (seeds * rows))
    assert ends(new_rows_interval(errors)) == pytest.approx((mean - half, mean + half))


def test_the_interval_on_new_rows_holds_that_over_seeds() -> None:
    scores = nets(3, 1800, 0.836, seed_std=0.02)
    inner, outer = ends(mean_interval(scores.mean(1).tolist())), ends(new_rows_interval(scores))
    assert outer[1] - outer[0] > inner[1] - inner[0]
    alone = ends(new_rows_interval(scores[:1]))
    assert outer[1] - outer[0] > alone[1] - alone[0]  # which does not know that seeds differ


def test_seeds_that_agree_on_every_row_are_no_more_than_one() -> None:
    scores = nets(1, 1800, 0.836)
    one, five = ends(new_rows_interval(scores)), ends(new_rows_interval(np.repeat(scores, 5, axis=0)))
    assert five == pytest.approx(one, abs=0.001)


def test_all_right_is_not_certain_to_stay_so() -> None:
    low, high = ends(new_rows_interval(np.ones((5, 200))))
    assert high == 1
    assert 0.97 < low < 0.99
    assert ends(new_rows_interval(np.zeros((5, 200)))) == pytest.approx((1 - high, 1 - low))


def test_shares_stay_between_0_and_1() -> None:
    scores = np.zeros((3, 40))
    scores[:, 0] = scores[0, 1] = 1
    low, high = ends(new_rows_interval(scores))
    assert 0 <= low < scores.mean() < high <= 1


def test_the_interval_for_new_people_is_that_of_the_people() -> None:
    people = np.random.default_rng(5).normal(70, 8, 12)
    expected = stats.t.interval(0.95, 11, people.mean(), stats.sem(people))
    found = new_rows_interval(np.repeat(people, 30), np.repeat([f"person {n}" for n in range(12)], 30))
    assert ends(found) == pytest.approx(expected)


def test_more_rows_of_the_same_people_promise_no_more() -> None:
    people = np.array([0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    few, many = (
        ends(new_rows_interval(np.repeat(people, n), np.repeat(np.arange(8), n), share=True)) for n in (2, 200)
    )
    assert many == pytest.approx(few, abs=0.01)
    alone = ends(new_rows_interval(np.repeat(people, 200)))
    assert many[1] - many[0] > 5 * (alone[1] - alone[0])


@pytest.mark.parametrize(
    ("scores", "groups"),
    [
        (np.ones((3, 0)), None),
        (np.ones((3, 1)), None),
        (np.array([[1.0, math.nan, 0.0]]), None),
        (np.array([[1.0, 0.0, 0.0]]), np.array(["a", "a", "a"])),
        (np.full((2, 9), 3.5), None),
    ],
    ids=["no row", "one row", "not finite", "one person", "nothing scatters"],
)
def test_no_interval_on_new_rows(scores: np.ndarray, groups: np.ndarray | None) -> None:
    assert new_rows_interval(scores, groups) is None


def test_two_nets_errors_are_the_paired_t_test() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.gamma(2.0, size=(2, 80))
    found, expected = paired_rows(a, b), stats.ttest_rel(a, b)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-6)
    assert ends(found.interval) == pytest.approx(tuple(expected.confidence_interval()))
    assert found.target == "these nets on new rows"


@pytest.mark.parametrize("only_a", range(1, 9))
def test_a_few_rows_that_differ_are_judged_as_the_sign_test_does(only_a: int) -> None:
    a, b = np.zeros(1800), np.zeros(1800)
    a[:900] = b[:900] = 1
    b[:only_a] = 0
    p = paired_rows(a, b).p
    assert p is not None
    assert (p < 0.05) is bool(stats.binomtest(only_a, only_a).pvalue < 0.05)


def test_a_lucky_seed_is_no_gain() -> None:
    # Two settings that are equal, of seeds that differ by two points: what the rows alone call certain.
    a, b = nets(3, 1800, 0.85, seed_std=0.02, seed=1), nets(3, 1800, 0.85, seed_std=0.02, seed=5)
    rows_alone, found = paired_rows(a.mean(0), b.mean(0), share=True).p, paired_rows(a, b).p
    assert rows_alone is not None
    assert found is not None
    assert rows_alone < 0.01 < 0.05 < found


def test_paired_rows_hold_the_seeds_and_the_rows() -> None:
    a, b = nets(5, 400, 0.85, seed=1), nets(5, 400, 0.80, seed=2)
    found, seeds = paired_rows(a, b), welch(a.mean(1).tolist(), b.mean(1).tolist())
    assert found.value == pytest.approx(seeds.value)
    low, high = ends(found.interval)
    assert low <= ends(seeds.interval)[0] + 1e-12
    assert high >= ends(seeds.interval)[1] - 1e-12
    assert found.target == "fresh seeds on new rows"
    assert found.p is not None
    assert (found.p < 0.05) is (low > 0)


@pytest.mark.parametrize("gain", [0.0, 0.01, 0.02, 0.03, 0.05])
def test_p_and_interval_agree(gain: float) -> None:
    found = paired_rows(nets(4, 900, 0.8 + gain, seed=3), nets(4, 900, 0.8, seed=4))
    low, high = ends(found.interval)
    assert found.p is not None
    assert (found.p < 0.05) is not (low <= 0 <= high)


def test_rows_of_few_people_tell_less_apart() -> None:
    a, b = nets(1, 800, 0.85, seed=3)[0], nets(1, 800, 0.80, seed=4)[0]
    people = np.repeat(np.arange(8), 100)
    order = np.argsort(a - b, kind="stable")  # some people gain, others lose
    rows, grouped = paired_rows(a[order], b[order]), paired_rows(a[order], b[order], people)
    assert ends(grouped.interval)[1] - ends(grouped.interval)[0] > ends(rows.interval)[1] - ends(rows.interval)[0]


def test_equal_predictions_differ_by_nothing_and_prove_nothing() -> None:
    scores = nets(1, 300, 0.9)
    found = paired_rows(scores, scores)
    assert (found.value, found.interval, found.p) == (0.0, None, None)


@pytest.mark.parametrize(
    "b", [np.ones((2, 9)), np.full((2, 10), math.nan), np.ones((0, 10))], ids=["other rows", "not finite", "no seed"]
)
def test_rows_that_do_not_pair_are_refused(b: np.ndarray) -> None:
    with pytest.raises(ValueError, match="the same rows"):
        paired_rows(np.ones((2, 10)), b)


def test_importing_it_is_quick() -> None:
    script = "import sys\nimport rnnlab.sweeps.{}\nprint({!r} in sys.modules)"
    for module, heavy in (("statistics", "scipy"), ("results", "numpy"), ("conclude.conclusions", "sklearn")):
        done = subprocess.run(
            [sys.executable, "-c", script.format(module, heavy)], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "False", module
