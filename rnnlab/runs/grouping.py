"""The best configuration of each value of one or more settings, and how many were tried of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from rnnlab.runs.comparison import Compared, Comparison, first_eligible


class Tried(msgspec.Struct, frozen=True):
    """What the rows of a grouped comparison were chosen from.

    `keys` are the settings that were grouped by. `counts` is for each row, by the names of its runs, how many configurations
    with its values could have been chosen: those with a result that may be the best. `uncounted` are the runs of the others.
    """

    keys: tuple[str, ...]
    counts: dict[tuple[str, ...], int]
    uncounted: tuple[str, ...]


def best_by(comparison: Comparison, keys: Sequence[str]) -> tuple[Comparison, Tried]:
    """The comparison with one row for each combination of the keys' values: the best configuration on the validation part.

    Where none of a combination may be the best, its first row by rank stands there, and its count is 0.
    """
    groups: dict[tuple[Any, ...], list[Compared]] = {}
    for row in comparison.rows:
        groups.setdefault(tuple(comparison.setting(row, key) for key in keys), []).append(row)
    rows: list[Compared] = []
    counts: dict[tuple[str, ...], int] = {}
    for group in groups.values():
        # They stand in the order of their rank.
        row = group[first_eligible(group, comparison.ranked_by) or 0]
        rows.append(row)
        counts[row.runs] = sum(first_eligible([each], comparison.ranked_by) is not None for each in group)
    uncounted = [
        name
        for row in comparison.rows
        if first_eligible([row], comparison.ranked_by) is None and counts.get(row.runs) != 0
        for name in row.runs
    ]
    order = {row.runs: index for index, row in enumerate(comparison.rows)}
    rows.sort(key=lambda row: order[row.runs])
    return msgspec.structs.replace(comparison, rows=tuple(rows)), Tried(tuple(keys), counts, tuple(uncounted))
