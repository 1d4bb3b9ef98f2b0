"""Results of statistics as data, without NumPy: what the app and `--json` pass on, and what sentences are made of."""

from __future__ import annotations

from typing import Literal

import msgspec

from rnnlab.runs.event_numbers import Number

Target = Literal[
    "seeds on this split",
    "seeds and splits",
    "folds of one cross-validation",
    "fresh seeds on new rows",
    "these nets on new rows",
]
"""What an interval is about.

`seeds on this split`: the mean over all seeds, on these very rows. `fresh seeds on new rows`: the same mean on new rows of the
same kind, trained on the same training rows. `these nets on new rows`: one trained net, or two, without a word on other seeds.
`seeds and splits`: the mean over seeds that draw a split each, whose interval is too short, as the splits share most rows
(Nadeau and Bengio 2003). `folds of one cross-validation`: the mean over all folds, corrected for what they share.
"""
Word = Literal[
    "better",
    "worse",
    "no difference seen",
    "too few seeds",
    "too few folds",
    "no scatter",
    "no figure",
    "reference",
    "not compared",
]
Statistics = Literal["auto", "validation", "test", "off"]
"""Part of the data that statistics are asked for on; `auto`: validation, where a configuration was trained from several seeds,
and test, where the best of a search were confirmed."""


class Interval(msgspec.Struct, frozen=True):
    """Confidence interval: two ends and the level, .95 say, at which intervals made like it hold the target."""

    low: float
    high: float
    level: float


class Difference(msgspec.Struct, frozen=True):
    """Difference of two settings, the first minus the second, in the figure's unit.

    `interval` and `p` are None where nothing scatters, or one seed alone says nothing about others.
    """

    value: float
    interval: Interval | None
    p: float | None
    method: Literal["Welch", "paired rows", "paired folds"]
    target: Target
    adjusted_p: float | None = None
    """The p-value after Holm's correction for all the comparisons that were made."""


class Importance(msgspec.Struct, frozen=True):
    """Main effect of one setting: the share of the variance between configurations that its values explain alone.

    `by_chance` is the share that 95 % of shuffled studies stay below, for a setting that does nothing; `p` is corrected by Holm
    for the number of settings.
    """

    key: str
    share: float
    by_chance: float
    p: float


class RowConclusion(msgspec.Struct, frozen=True, kw_only=True):
    """What one row of a comparison says: its figure with both intervals, and how it does against the reference row."""

    runs: tuple[str, ...]
    """The runs that have the figure, one a seed."""
    values: tuple[Number, ...]
    """Their figures, in that order."""
    left_out: int
    """Runs whose figure is not finite: they are in no mean here."""
    mean: float | None
    std: float | None
    """Of a sample (n - 1); None of one value."""
    seeds_interval: Interval | None
    """For the mean over seeds on this split; over seeds and splits where `split_each`, over `folds` where there are any."""
    split_each: bool = False
    """Whether each seed drew a split of its own."""
    folds: tuple[int, ...] = ()
    """The fold of each run, where the figure is one of the validation part of a cross-validation."""
    new_rows_interval: Interval | None
    """For the figure on new rows of the same kind, where each row's score is known."""
    new_rows_target: Target | None = None
    n_rows: int | None = None
    n_groups: int | None = None
    """People, where rows belong to people."""
    difference: Difference | None = None
    verdict: Word = "not compared"
    text: str = ""
    """The verdict in words, with the numbers it rests on."""


class Conclusions(msgspec.Struct, frozen=True, kw_only=True):
    """What a table of runs says, row by row in the comparison's order, and in sentences."""

    figure: str
    part: str
    higher_is_better: bool
    winner: int | None
    """Index of the row marked best on the validation part."""
    against: int | None
    """Index of the reference row."""
    comparisons: int
    """The number of comparisons that p-values are corrected for."""
    rows: tuple[RowConclusion, ...]
    importance: tuple[Importance, ...]
    sentences: tuple[str, ...]
