"""Conclusions from a comparison: of each row its intervals and its verdict against a reference, and sentences for the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from rnnlab.errors import UsageError
from rnnlab.plots.comparison.columns import setting_text, short_key
from rnnlab.plots.run.figures import is_share, title_of
from rnnlab.runs.comparison import Compared, Comparison
from rnnlab.runs.event_numbers import number, real
from rnnlab.runs.events import SubsetName
from rnnlab.runs.repeats import spread
from rnnlab.sweeps.conclude import sentences as words
from rnnlab.sweeps.conclude.importance import setting_importance
from rnnlab.sweeps.results import Conclusions, Difference, Interval, RowConclusion
from rnnlab.sweeps.statistics import (
    LEVEL,
    Floats,
    RowScores,
    folds_interval,
    holm,
    new_rows_interval,
    paired_folds,
    paired_rows,
    t_quantile,
    welch_all,
)
from rnnlab.text.sanitise import plain

_SETTINGS_NAMED = 4
"""Settings that stand beside the name of the best row in a sentence, at most."""


@dataclass(frozen=True)
class _Rows:
    """Scores (seeds, rows) of all runs of one configuration on the same rows, in the order of the rows' indices."""

    rows: NDArray[np.int64]
    scores: Floats
    groups: NDArray[Any] | None


@dataclass
class _Problems:
    """Reasons why scores of single rows were not used, in the order found."""

    found: list[str] = field(default_factory=list)


def conclude(
    comparison: Comparison,
    *,
    figure: str,
    part: SubsetName = "validation",
    against: int | None = None,
    scores: Callable[[str], RowScores | None] | None = None,
    n_rows: int | None = None,
) -> Conclusions:
    """Conclusions from the comparison's rows, by one figure on one part of the split.

    `against` is the index of the reference row; where None it is the row marked best, which was picked from the rows, so that
    p-values are corrected for all pairs. `scores` gives a run's scores row by row, whose mean is the figure, where they are
    known; `n_rows` is the size of the part, where it is. Raises `UsageError` for a reference that is no row, and for a figure
    that no row has.
    """
    _check(comparison, figure, part, against)
    problems = _Problems()
    winner = next((index for index, row in enumerate(comparison.rows) if row.best), None)
    fresh = part == "test" and is_confirmed(comparison)
    if fresh and winner is not None and figure not in comparison.rows[winner].part(part):
        winner = next(index for index, row in enumerate(comparison.rows) if figure in row.part(part))
    reference = winner if against is None else against
    rows = [_row(row, figure, part) for row in comparison.rows]
    rows = _with_seed_intervals(rows, figure)
    compared, tables = _with_row_scores(rows, figure, scores, reference, problems)
    picked = reference is not None and reference == winner
    rows, comparisons = _with_verdicts(compared, tables, figure, reference, picked)
    if fresh:  # the search is not tested
        rows = [msgspec.structs.replace(row, verdict="not compared") if not row.values else row for row in rows]
    importance = setting_importance(
        [row.settings for row in comparison.rows], [math.nan if row.mean is None else row.mean for row in rows]
    )
    tried = sum(row.mean is not None for row in rows)
    best: list[str] = []
    if winner is not None:
        label = _label(comparison.rows[winner], _settings_text(comparison, winner))
        best = words.winner_sentences(label, rows[winner], tried, figure, part, n_rows)
    label = "" if reference is None else _label(comparison.rows[reference])
    sentences = [
        *best[:1],
        *words.verdict_sentences(rows, figure, tried=tried, comparisons=comparisons, reference=label, picked=picked),
        *best[1:],
        *words.table_sentences(rows, figure, tried=tried, fresh=fresh),
    ]
    sentences += words.part_sentences(rows, figure, part, n_rows)
    sentences.append(words.importance_sentence(importance, tried, 0 if fresh else len(comparison.differing)))
    sentences.append(words.problems_sentence(problems.found))
    return Conclusions(
        figure=figure,
        part=part,
        higher_is_better=is_share(figure),
        winner=winner,
        against=reference,
        comparisons=comparisons,
        rows=tuple(rows),
        importance=tuple(importance),
        sentences=tuple(filter(None, sentences)),
    )


def _check(comparison: Comparison, figure: str, part: SubsetName, against: int | None) -> None:
    """Raise `UsageError` for a reference that is no row, and for a figure that no row has."""
    if against is not None and not 0 <= against < len(comparison.rows):
        raise UsageError(f"there is no row {against} to compare against; the table has {len(comparison.rows)}")
    if not any(figure in row.part(part) for row in comparison.rows):
        known = sorted({name for row in comparison.rows for name in row.part(part)})
        raise UsageError(f"no run has {figure} on the {part} part; the runs have {', '.join(known) or 'no figure yet'}")


def is_confirmed(comparison: Comparison) -> bool:
    """Whether the best of a search, whose runs are not tested, were trained again from fresh seeds and tested then."""
    return "train.test" in comparison.differing and any(row.test and row.counted > 1 for row in comparison.rows)


def _label(row: Compared, settings: str = "") -> str:
    return plain(row.runs[0], 40) + (f" ({settings})" if settings else "")


def _settings_text(comparison: Comparison, index: int) -> str:
    """What sets the row apart from the others, as a person would type it; empty where that is too much for a sentence."""
    keys = [key for key in comparison.differing if key != "train.test"]
    if len(keys) > _SETTINGS_NAMED:
        return ""
    row = comparison.rows[index]
    return ", ".join(f"{short_key(key)} {plain(setting_text(key, comparison.setting(row, key)), 40)}" for key in keys)


def _row(row: Compared, figure: str, part: str) -> RowConclusion:
    """The row's figures, without what is not finite."""
    held = row.each.get(part, {}).get(figure, {})
    fold_of = dict(zip(row.runs, row.folds, strict=False))
    kept = {name: real(value) for name, value in held.items() if math.isfinite(real(value))}
    values = tuple(kept.values())
    summed = spread(values) if values else None
    std = None if summed is None or summed.std is None else real(summed.std)
    if std is not None and min(values) == max(values):
        std = 0.0  # without the last bits of a sum
    return RowConclusion(
        runs=tuple(kept),
        values=tuple(map(number, values)),
        left_out=len(held) - len(kept),
        mean=None if summed is None else real(summed.mean),
        std=std,
        seeds_interval=None,
        new_rows_interval=None,
        split_each=row.split == "a split each" and len(values) > 1,
        folds=tuple(fold_of[name] for name in kept) if row.folds and part == "validation" else (),
    )


def _moments(rows: Sequence[RowConclusion]) -> tuple[Floats, Floats, Floats]:
    """Means, standard deviations and counts; NaN, 0 and 0 where there is none."""
    mean = np.array([math.nan if row.mean is None else row.mean for row in rows])
    return mean, np.array([row.std or 0.0 for row in rows]), np.array([float(len(row.values)) for row in rows])


def _with_seed_intervals(rows: Sequence[RowConclusion], figure: str) -> list[RowConclusion]:
    """The rows with the t-interval for the mean over seeds, or folds, all at once."""
    mean, std, n = _moments(rows)
    usable = (n > 1) & (std > 0)
    half = np.zeros(len(rows))
    half[usable] = t_quantile(n[usable] - 1) * std[usable] / np.sqrt(n[usable])
    found = list(rows)
    for i, row in enumerate(rows):
        if row.folds:
            means = _fold_means(row)
            interval = folds_interval(np.array(list(means.values())), max(means))
        elif usable[i]:
            interval = Interval(float(mean[i] - half[i]), float(mean[i] + half[i]), LEVEL)
        else:
            continue
        found[i] = msgspec.structs.replace(row, seeds_interval=_possible(interval, figure))
    return found


def _possible(interval: Interval | None, figure: str) -> Interval | None:
    """The interval without what no figure can be: a share is not below 0 or above 1."""
    if interval is None or not is_share(figure):
        return interval
    return Interval(max(0.0, interval.low), min(1.0, interval.high), interval.level)


def _fold_means(row: RowConclusion) -> dict[int, float]:
    """The figure on each fold, by its number: the mean over the seeds that were trained on it."""
    by_fold: dict[int, list[float]] = {}
    for fold, value in zip(row.folds, row.values, strict=True):
        by_fold.setdefault(fold, []).append(real(value))
    return {fold: math.fsum(values) / len(values) for fold, values in sorted(by_fold.items())}


def _paired_folds(row: RowConclusion, reference: RowConclusion) -> Difference | None:
    """The difference over the folds that both were trained on; None where those are not two."""
    if not (row.folds and reference.folds):
        return None
    a, b = _fold_means(row), _fold_means(reference)
    both = sorted(a.keys() & b.keys())
    if len(both) < 2:
        return None
    return paired_folds(np.array([a[fold] for fold in both]), np.array([b[fold] for fold in both]), max({*a, *b}))


def _with_row_scores(
    rows: Sequence[RowConclusion],
    figure: str,
    scores: Callable[[str], RowScores | None] | None,
    reference: int | None,
    problems: _Problems,
) -> tuple[list[RowConclusion], dict[int, Difference]]:
    """The rows with their intervals on new rows, and by row the paired difference to the reference on the same rows."""
    if scores is None:
        return list(rows), {}
    share = is_share(figure)
    known = reference is not None and not rows[reference].folds
    against = _scores_of(rows[reference], figure, scores, problems) if reference is not None and known else None
    found, differences = list(rows), {}
    for index, row in enumerate(rows):
        if row.folds:
            continue  # each fold has rows of its own
        table = against if index == reference else _scores_of(row, figure, scores, problems)
        if table is None:
            continue
        found[index] = msgspec.structs.replace(
            row,
            new_rows_interval=new_rows_interval(table.scores, table.groups, share=share),
            new_rows_target="fresh seeds on new rows" if len(table.scores) > 1 else "these nets on new rows",
            n_rows=len(table.rows),
            n_groups=None if table.groups is None else len(np.unique(table.groups)),
        )
        if against is not None and index != reference:
            if np.array_equal(table.rows, against.rows):
                differences[index] = paired_rows(table.scores, against.scores, against.groups, share=share)
            else:
                problems.found.append(f"{plain(row.runs[0], 40)} was evaluated on other rows than the reference")
    return found, differences


def _scores_of(
    row: RowConclusion, figure: str, scores: Callable[[str], RowScores | None], problems: _Problems
) -> _Rows | None:
    """The scores of all the row's runs, rows in the order of their indices; None where one's are not known or do not fit."""
    tables: list[RowScores] = []
    for run, value in zip(row.runs, row.values, strict=True):
        told = scores(run)
        if told is None:
            return None
        if len(told.rows) != len(told.scores) or not len(told.rows):
            problems.found.append(f"{plain(run, 40)} has scores that do not fit its rows")
            return None
        # Scores of another checkpoint or part would make an interval around another figure.
        if not math.isclose(float(np.mean(told.scores)), real(value), rel_tol=1e-3, abs_tol=1e-6):
            problems.found.append(f"the scores of {plain(run, 40)} do not average to its {title_of(figure)}")
            return None
        order = np.argsort(told.rows, kind="stable")
        groups = None if told.groups is None else told.groups[order]
        tables.append(RowScores(told.rows[order], told.scores[order], groups))
    if not tables:
        return None
    if not all(np.array_equal(each.rows, tables[0].rows) for each in tables):
        problems.found.append(f"the seeds of {plain(row.runs[0], 40)} were evaluated on different rows")
        return None
    return _Rows(tables[0].rows, np.stack([each.scores for each in tables]), tables[0].groups)


def _with_verdicts(
    rows: Sequence[RowConclusion],
    paired: dict[int, Difference],
    figure: str,
    reference: int | None,
    picked: bool,
) -> tuple[list[RowConclusion], int]:
    """The rows with difference and verdict, and the number of comparisons that p-values are corrected for.

    Folds of one cross-validation are paired, and rows where scores of the same rows are known of both sides; else it is Welch's
    test of the seeds.
    """
    if reference is None or rows[reference].mean is None:
        return [row if row.values else msgspec.structs.replace(row, verdict="no figure") for row in rows], 0
    mean, std, n = _moments(rows)
    at = slice(reference, reference + 1)
    value, half, p = welch_all(mean, std, n, mean[at], std[at], n[at])
    fewer = np.minimum(n, n[reference])
    differences: dict[int, Difference] = {}
    for index in np.flatnonzero(n > 0).tolist():
        if index == reference:
            continue
        known = not math.isnan(p[index])
        by_fold = _paired_folds(rows[index], rows[reference])
        differences[index] = (
            by_fold
            or paired.get(index)
            or Difference(
                float(value[index]),
                Interval(float(value[index] - half[index]), float(value[index] + half[index]), LEVEL)
                if known
                else None,
                float(p[index]) if known else None,
                "Welch",
                "seeds and splits" if rows[index].split_each or rows[reference].split_each else "seeds on this split",
            )
        )
    # One seed a side tells two nets apart, which is no verdict on settings.
    family = [i for i, each in differences.items() if each.p is not None and fewer[i] > 1]
    settings = int((n > 1).sum())
    comparisons = settings * (settings - 1) // 2 if picked else len(family)
    adjusted = holm([differences[index].p or 0.0 for index in family], comparisons)
    for index, corrected in zip(family, adjusted, strict=True):
        differences[index] = msgspec.structs.replace(differences[index], adjusted_p=corrected)
    done = list(rows)
    for index, row in enumerate(rows):
        if index == reference:
            done[index] = msgspec.structs.replace(row, verdict="reference", text="the reference")
        elif (difference := differences.get(index)) is None:
            done[index] = msgspec.structs.replace(row, verdict="no figure", text="no finite figure")
        else:
            both = math.sqrt((std[index] ** 2 + std[reference] ** 2) / 2)
            seeds = int(fewer[index])
            word, text = words.verdict(difference, seeds, both, figure, is_share(figure), comparisons)
            done[index] = msgspec.structs.replace(row, difference=difference, verdict=word, text=text)
    return done, comparisons
