"""Statistics of a few seeds and of shared rows: intervals, differences, corrections, each with its target in its docstring.

Two targets are kept apart. (a) The mean over seeds on this split: what other seeds would give on these very rows. (b) The score
on new rows of the same kind: it scatters with the seeds and with the rows. How often each interval holds its target is what
`python -m benchmarks.coverage` measures (docs/statistics.md). SciPy is imported in the functions: importing this module is quick.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnnlab.sweeps.results import Difference, Interval, Target

LEVEL = 0.95
POWER = 0.8
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RowScores:
    """Scores of one run, row by row: 1 and 0 for right and wrong, or an error in the figure's unit.

    `rows` are the rows' indices in the data set, `groups` whose row each is (a person's label), where the split is by person.
    All have one element a row.
    """

    rows: NDArray[np.int64]
    scores: Floats
    groups: NDArray[Any] | None = None


def t_quantile(df: ArrayLike, level: float = LEVEL) -> Floats:
    """Two-sided quantile of Student's t: the half-width in standard errors; of whole arrays of degrees of freedom."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(np.asarray(df, dtype=float), (1 + level) / 2))


def mean_interval(values: Sequence[float], level: float = LEVEL) -> Interval | None:
    """t-interval for (a), the mean over seeds on this split.

    None of fewer than two values, of values that are not finite, and of equal ones: without scatter nothing can be said.
    """
    found = np.asarray(values, dtype=float)
    if len(found) < 2 or not np.isfinite(found).all() or np.ptp(found) == 0:
        return None
    half = float(t_quantile(len(found) - 1, level)) * float(found.std(ddof=1)) / math.sqrt(len(found))
    return Interval(float(found.mean()) - half, float(found.mean()) + half, level)


def welch(a: Sequence[float], b: Sequence[float], level: float = LEVEL) -> Difference:
    """Welch's t-test of the difference of two means for (a): seeds on this split. Values that are not finite raise ValueError.

    Without interval and p where a side has one value, or no side scatters. Source: Welch, Biometrika 34 (1947).
    """
    sides = [np.asarray(side, dtype=float) for side in (a, b)]
    if any(len(side) == 0 or not np.isfinite(side).all() for side in sides):
        raise ValueError("a difference needs at least one value on each side, all of them finite")
    moments = [(side.mean(), 0.0 if np.ptp(side) == 0 else side.std(ddof=1), len(side)) for side in sides]
    value, half, p = welch_all(*(np.array([number]) for moment in moments for number in moment), level=level)
    interval = None if math.isnan(p[0]) else Interval(float(value[0] - half[0]), float(value[0] + half[0]), level)
    return Difference(
        float(value[0]), interval, None if interval is None else float(p[0]), "Welch", "seeds on this split"
    )


def welch_all(
    mean_a: Floats, std_a: Floats, n_a: Floats, mean_b: Floats, std_b: Floats, n_b: Floats, *, level: float = LEVEL
) -> tuple[Floats, Floats, Floats]:
    """Welch's test of many pairs at once, from means, standard deviations (n - 1) and counts, which broadcast.

    Gives differences, half-widths and p-values; the last two NaN where a count is below two or nothing scatters.
    """
    from scipy.special import stdtr

    with np.errstate(invalid="ignore", divide="ignore"):
        part_a, part_b = std_a**2 / n_a, std_b**2 / n_b
        variance = part_a + part_b
        usable = (n_a > 1) & (n_b > 1) & (variance > 0)
        df = variance**2 / (part_a**2 / (n_a - 1) + part_b**2 / (n_b - 1))
        value, error = mean_a - mean_b, np.sqrt(variance)
        half = np.where(usable, t_quantile(df, level) * error, np.nan)
        p = np.where(usable, 2 * stdtr(df, -np.abs(value) / error), np.nan)
    return value, half, p


def folds_interval(values: Floats, folds: int, level: float = LEVEL) -> Interval | None:
    """t-interval for the mean over all parts of a cross-validation, from the figure on each fold, `values` (folds,).

    `folds` is how many parts the rows were cut into. Folds share most of their training rows, so that the variance of their mean
    is more than s²/n: 1/n becomes 1/n + 1/(folds - 1), the share of validation to training rows added. None of fewer than
    two values and of equal ones. Source: Nadeau and Bengio, Machine Learning 52 (2003).
    """
    half, _ = _over_folds(values, folds, level)
    mean = float(np.mean(values)) if len(values) else math.nan
    return None if half is None else Interval(mean - half, mean + half, level)


def paired_folds(a: Floats, b: Floats, folds: int, level: float = LEVEL) -> Difference:
    """Difference of two settings over the same folds of one cross-validation, `a` (folds,) and `b` (folds,), fold by fold.

    What makes a fold hard is so for both and cancels. The variance is corrected as in `folds_interval`. Without interval and p
    where the differences do not scatter.
    """
    differences = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    value = float(differences.mean())
    half, p = _over_folds(differences, folds, level)
    interval = None if half is None else Interval(value - half, value + half, level)
    return Difference(value, interval, p, "paired folds", "folds of one cross-validation")


def _over_folds(values: Floats, folds: int, level: float) -> tuple[float | None, float | None]:
    """Half-width of the interval of the folds' mean, and the p-value against a mean of 0; None where nothing scatters."""
    n = len(values)
    if n < 2 or folds < 2 or not np.isfinite(values).all() or np.ptp(values) == 0:
        return None, None
    from scipy.special import stdtr

    error = float(np.std(values, ddof=1)) * math.sqrt(1 / n + 1 / (folds - 1))
    return float(t_quantile(n - 1, level)) * error, float(2 * stdtr(n - 1, -abs(float(np.mean(values))) / error))


def holm(p_values: Sequence[float], comparisons: int | None = None) -> list[float]:
    """Holm's correction: p-values that hold the level over all of them together. NaN stays NaN and counts for nothing.

    `comparisons` is how many these were picked from, where that is more: the best row against the others was picked from all
    pairs. Source: Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    found = np.asarray(p_values, dtype=float)
    known = np.flatnonzero(~np.isnan(found))
    family = max(comparisons or 0, len(known))
    order = known[np.argsort(found[known], kind="stable")]
    adjusted = np.full(len(found), np.nan)
    if len(order):
        steps = np.maximum.accumulate((family - np.arange(len(order))) * found[order])
        adjusted[order] = np.minimum(1.0, steps)
    return [float(p) for p in adjusted]


@functools.lru_cache(maxsize=256)
def smallest_effect(seeds: int, power: float = POWER, level: float = LEVEL) -> float:
    """Difference, in standard deviations, that two settings of so many seeds each show with this power in a t-test.

    For (a). Infinite of one seed. Of three seeds it is about three, of five two, of twenty one.
    """
    if seeds < 2:
        return math.inf
    from scipy.special import nctdtr

    df, root = 2 * (seeds - 1), math.sqrt(seeds / 2)
    bound = float(t_quantile(df, level))
    low, high = 0.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        if 1 - nctdtr(df, middle * root, bound) < power:
            low = middle
        else:
            high = middle
    return high


def smallest_gain(seeds: int, std: float) -> float:
    """Gain that so many seeds a setting find in four of five cases, in the unit of `std`, the deviation between seeds."""
    return smallest_effect(seeds) * std


def luck_of_the_best(settings: int) -> float:
    """Expected maximum of so many standard normal numbers: how far the best of equal settings stands above their mean.

    In standard errors of a setting's mean. Blom's approximation, within .02; source: Blom (1958).
    """
    return 0.0 if settings < 2 else statistics.NormalDist().inv_cdf((settings - 0.375) / (settings + 0.25))


def new_rows_interval(
    scores: Floats, groups: NDArray[Any] | None = None, *, level: float = LEVEL, share: bool | None = None
) -> Interval | None:
    """Interval for (b): the score on new rows of the same kind, with fresh seeds, trained on the same training rows.

    `scores` (seeds, rows), all seeds on the same rows. `groups` (rows,): whose row each is; then it is for new people, each
    with the weight of their rows, and with under 20 of them its level is not promised. Of one seed it is for that net alone.
    `share`: whether scores are shares of one; where None, whether all are 0 or 1. None where it cannot be given.

    The squared half-width is the sum of the seeds' (Student's t, so that the interval for (a) lies within) and that of the rows'
    own part of the variance (Howe's sum). For shares the ends are Wilson's at that width, Clopper and Pearson's for one seed or
    people (Korn and Graubard 1998), as a symmetric interval fails near 0 and 1.
    """
    scores = np.atleast_2d(np.asarray(scores, dtype=float))
    seeds, rows = scores.shape
    if rows < 2 or seeds < 1 or not np.isfinite(scores).all():
        return None
    codes = None if groups is None else np.unique(groups, return_inverse=True)[1]
    units = rows if codes is None else int(codes.max()) + 1
    if units < 2:
        return None
    if share is None:
        share = bool(np.isin(scores, (0.0, 1.0)).all())
    mean, quantile = float(scores.mean()), float(t_quantile(units - 1, level))
    from_seeds, interaction = _seed_parts(scores, codes)
    from_rows = max(0.0, _mean_variance(scores.mean(0), codes) - interaction)
    squared = quantile**2 * from_rows
    if seeds > 1:
        squared += float(t_quantile(seeds - 1, level)) ** 2 * from_seeds
    if not share:
        half = math.sqrt(squared)
        return Interval(mean - half, mean + half, level) if half > 0 else None
    binomial = mean * (1 - mean)
    normal = statistics.NormalDist().inv_cdf((1 + level) / 2)
    if seeds == 1 and codes is None:
        effective = float(rows)
    elif squared > 0 and binomial > 0:
        effective = normal**2 * binomial / squared
    else:
        effective = float(units)
    if seeds == 1 or codes is not None:
        return Interval(*_exact(mean, min(effective, rows), level), level)
    return Interval(*_wilson(mean, effective, normal), level)


def share_scores(share: float, rows: int) -> Floats:
    """Scores (rows,) of so many rows of which the share is right, in any order."""
    return np.where(np.arange(rows) < round(share * rows), 1.0, 0.0)


def paired_rows(
    scores_a: Floats,
    scores_b: Floats,
    groups: NDArray[Any] | None = None,
    *,
    level: float = LEVEL,
    share: bool | None = None,
) -> Difference:
    """Difference of two settings' expected score on new rows with fresh seeds, (b), from the same rows, paired.

    `scores_a` (seeds, rows) and `scores_b` (seeds, rows) on the same rows in the same order; `groups` as in `new_rows_interval`.
    Where a side has one seed its target is these nets on new rows. Rows that are hard for both cancel; what remains scatters
    with the seeds of both (Welch's part, in full: a paired test of the rows alone takes a lucky seed for a gain) and with
    the rows' own part. Shares count two rows more that differ (Bonett and Price 2012), as a few rows that differ are no normal
    sample. Without interval and p where nothing scatters. Raises ValueError where shapes do not fit or values are not finite.
    """
    sides = [np.atleast_2d(np.asarray(side, dtype=float)) for side in (scores_a, scores_b)]
    rows = sides[0].shape[1]
    if sides[1].shape[1] != rows or rows < 1 or not all(len(side) and np.isfinite(side).all() for side in sides):
        raise ValueError("paired rows need finite scores of the same rows on both sides")
    codes = None if groups is None else np.unique(groups, return_inverse=True)[1]
    units = rows if codes is None else int(codes.max()) + 1
    both = all(len(side) > 1 for side in sides)
    target: Target = "fresh seeds on new rows" if both else "these nets on new rows"
    difference = sides[0].mean(0) - sides[1].mean(0)
    value = float(difference.mean())
    if units < 2:
        return Difference(value, None, None, "paired rows", target)
    from_rows = _mean_variance(difference, codes)
    if share if share is not None else all(np.isin(side, (0.0, 1.0)).all() for side in sides):
        from_rows += 2 / rows**2 if from_rows > 0 or value else 0.0
    parts = [_seed_parts(side, codes) for side in sides] if both else []
    from_seeds = sum(part for part, _ in parts)
    from_rows = max(0.0, from_rows - sum(interaction for _, interaction in parts))
    df = 1.0
    if from_seeds > 0:
        df = from_seeds**2 / sum(part**2 / (len(side) - 1) for (part, _), side in zip(parts, sides, strict=True))
    if from_seeds + from_rows <= 0:
        return Difference(value, None, None, "paired rows", target)

    def half_width(at: float) -> float:
        seeds_part = float(t_quantile(df, at)) ** 2 * from_seeds if from_seeds > 0 else 0.0
        return math.sqrt(seeds_part + float(t_quantile(units - 1, at)) ** 2 * from_rows)

    half = half_width(level)
    return Difference(
        value, Interval(value - half, value + half, level), _p_value(half_width, abs(value)), "paired rows", target
    )


def _p_value(half_width: Any, distance: float) -> float:
    """1 - the level at which an interval of that half-width just reaches over the distance; 1e-15 where it is less."""
    low, high = -15.0, 0.0  # of the p-value's logarithm to base 10; below, 1 - p is 1
    if distance == 0:
        return 1.0
    for _ in range(36):
        middle = (low + high) / 2
        if half_width(1 - 10.0**middle) > distance:
            low = middle
        else:
            high = middle
    return float(10.0**high)


def _mean_variance(values: Floats, codes: NDArray[Any] | None) -> float:
    """Sampling variance of the mean of `values` (rows,) over new rows; over new people by the jackknife, one left out."""
    rows = len(values)
    if codes is None:
        return float(values.var(ddof=1)) / rows
    sizes, sums = np.bincount(codes), np.bincount(codes, values)
    without = (sums.sum() - sums) / (rows - sizes)
    return float(((without - values.mean()) ** 2).sum()) * (len(sizes) - 1) / len(sizes)


def _seed_parts(scores: Floats, codes: NDArray[Any] | None) -> tuple[float, float]:
    """Of the variance of the mean over seeds: what the seeds' means show, and what of it is seeds that differ by row.

    `scores` (seeds, rows). The second stands in the rows' variance too and is to be counted once. Both 0 of one seed.
    """
    seeds = len(scores)
    if seeds < 2:
        return 0.0, 0.0
    common = scores.mean(0)
    by_row = sum(_mean_variance(seed - common, codes) for seed in scores) / seeds
    return float(scores.mean(1).var(ddof=1)) / seeds, by_row / (seeds - 1)


def _wilson(mean: float, rows: float, normal: float) -> tuple[float, float]:
    """Wilson's ends for a share of so many (effective) rows."""
    k = normal**2 / rows
    centre = (mean + k / 2) / (1 + k)
    half = math.sqrt(k * mean * (1 - mean) + k**2 / 4) / (1 + k)
    return max(0.0, centre - half), min(1.0, centre + half)


def _exact(mean: float, rows: float, level: float) -> tuple[float, float]:
    """Clopper and Pearson's ends for a share of so many (effective) rows."""
    from scipy.special import betaincinv

    hits, misses, tail = mean * rows, (1 - mean) * rows, (1 - level) / 2
    low = float(betaincinv(hits, misses + 1, tail)) if hits > 1e-9 else 0.0
    high = float(betaincinv(hits + 1, misses, 1 - tail)) if misses > 1e-9 else 1.0
    return low, high
