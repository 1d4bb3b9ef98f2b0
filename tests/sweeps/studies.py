"""Recorded sessions of several seeds a setting, whose figures are given, and scores of single rows that average to them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnlab.plots.run.figures import is_share
from rnnlab.runs.comparison import Comparison, compare
from rnnlab.runs.event_numbers import Number
from rnnlab.runs.folders import Session
from rnnlab.runs.summary import summarise
from rnnlab.sweeps.statistics import RowScores
from tests.recorded import Kind, record
from tests.recorded_variants import variant

ROWS = 1000


def studied(
    folder: Path,
    settings: Sequence[tuple[Mapping[str, object], Sequence[Number]]],
    kind: Kind = "finished",
    split_each: bool = False,
    folds: bool = False,
) -> Comparison:
    """The comparison of runs, some seeds each setting; the figure of every part is as given, one a seed.

    With `split_each` seed n has data of its own; with `folds` the figures are those of the folds of one cross-validation.
    """
    figure = "mae" if kind == "regression" else "accuracy"
    source = record(folder, kind)
    for place, (changes, values) in enumerate(settings):
        for seed, value in enumerate(values):
            keys = {"data.seed": None if split_each else 7, "train.seed": seed} | dict(changes)
            if folds:
                keys |= {"train.seed": 0, "data.folds": len(values), "data.fold": seed + 1}
            data = f"split {seed}" if split_each else ""
            variant(source, f"{100 + place}-{seed}", keys, fingerprint=data, figures={figure: value})
    shutil.rmtree(source)
    session = Session(source.parent.parent)
    (comparison,) = compare([summarise(run) for run in session.runs()], is_share)
    return comparison


def row_scores(
    values: Mapping[str, float], groups: NDArray[np.int64] | None = None, rows: int = ROWS
) -> Callable[[str], RowScores | None]:
    """Scores of each run by its name: right on that share of the rows, the same rows first for all, in another order each."""

    def scores(run: str) -> RowScores | None:
        if run not in values:
            return None
        rng = np.random.default_rng(sum(map(ord, run)))
        right = round(values[run] * rows)
        # Nine in ten are right on the easy rows, which are the same for all; the rest anywhere.
        easy = round(right * 0.9)
        found = np.zeros(rows)
        found[:easy] = 1
        found[easy + rng.permutation(rows - easy)[: right - easy]] = 1
        order = rng.permutation(rows)
        return RowScores(order.astype(np.int64), found[order], None if groups is None else groups[order])

    return scores


def held(comparison: Comparison, figure: str = "accuracy") -> dict[str, float]:
    """Each run's figure on the validation part."""
    return {
        name: float(value)
        for row in comparison.rows
        for name, value in row.each["validation"][figure].items()
        if name in row.runs
    }
