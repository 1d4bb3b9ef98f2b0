"""Leakage: rows, people, windows or the future of validation and test that training has seen.

A metric on leaked rows measures memory, so such a split is refused unless a person chooses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.events import SubsetName
from rnnlab.tasks.splitting.types import Split, Subset
from rnnlab.text.leaks import LEAK_KINDS, leak_text

_HELD_OUT: tuple[SubsetName, ...] = ("validation", "test")


@dataclass(frozen=True)
class Leaks:
    """Counts of what validation, or test, shares with training.

    `rows`: rows with the same input and target; `inputs`: rows with the same input, whatever the target. `people`: groups
    (people, or what the task's groups are) with rows in both. `windows`: windows that overlap one of training. `future`:
    training rows with a target at or after the first step that this subset forecasts.
    """

    rows: int = 0
    inputs: int = 0
    people: int = 0
    windows: int = 0
    future: int = 0


def leaks_by_subset(split: Split) -> dict[SubsetName, Leaks]:
    """Leaks of validation and of test. Hashes each row once."""
    found: dict[SubsetName, Leaks] = {}
    inputs, rows = _row_keys(split, "train")
    seen_inputs, seen_rows = set(inputs), set(rows)
    forecasts = split.card.problem == "forecasting"
    for name in _HELD_OUT:
        subset = split.subset(name)
        inputs, rows = _row_keys(split, name)
        found[name] = Leaks(
            # A series that repeats itself is no leak: it was known by then.
            rows=0 if forecasts else sum(row in seen_rows for row in rows),
            inputs=0 if forecasts else sum(key in seen_inputs for key in inputs),
            people=_shared_groups(split.train, subset),
            windows=_overlapping(split.train, subset, forecasts),
            future=_after(split.train, subset) if forecasts else 0,
        )
    return found


def count_leaks(split: Split, by_subset: Mapping[SubsetName, Leaks] | None = None) -> dict[str, int]:
    """Leaks by kind, of both subsets together: `rows`, `inputs`, `people`, `windows`, `future`.

    A person in both subsets counts once, and so does a training row of the future. `by_subset` is the result of
    `leaks_by_subset`, where they have been counted.
    """
    by_subset = leaks_by_subset(split) if by_subset is None else by_subset
    counts = {kind: sum(getattr(leaks, kind) for leaks in by_subset.values()) for kind in ("rows", "inputs", "windows")}
    held_out = [split.subset(name) for name in _HELD_OUT]
    counts["people"] = _shared_groups(split.train, *held_out)
    counts["future"] = max(leaks.future for leaks in by_subset.values())
    return counts


def refused_leaks(split: Split, counts: Mapping[str, int] | None = None) -> dict[str, int]:
    """Leaks for which a split is refused, by kind, without zeros: as in a run's log. `counts` as for `refuse_leaks`."""
    found = count_leaks(split) if counts is None else counts
    return {kind: found[kind] for kind in LEAK_KINDS if found[kind]}


def refuse_leaks(split: Split, config: RunConfig, counts: Mapping[str, int] | None = None) -> None:
    """Raises `UsageError` where the split leaks, with kinds, counts and both remedies.

    `counts` is the result of `count_leaks`, where they have been counted.
    """
    found = refused_leaks(split, counts)
    if not found:
        return
    others = [kind for kind in split.card.splits if kind != config.data.split]
    remedy = f"choose another data.split ({', '.join(others)})" if others else "take other data"
    raise UsageError(
        f"data.split = {config.data.split} leaks: training shares {leak_text(found, split.group)} with validation or "
        f"test, so their figures would flatter the net; {remedy}, or allow it with data.leaks=allow, which marks "
        "every figure of the run"
    )


def _row_keys(split: Split, name: SubsetName) -> tuple[list[int], list[int]]:
    """A 64-bit hash of each row's input, and of its input and target."""
    subset = split.subset(name)
    if split.texts:
        # Texts that differ in unknown words alone are equal arrays, but nothing that training has seen.
        inputs = [hash(text) for text in split.texts[name]]
    else:
        # The length is hashed too: past its end a row is zero, as a longer row may be.
        inputs = [
            hash((length, row.data.tobytes()))
            for length, row in zip(subset.lengths.tolist(), np.ascontiguousarray(subset.inputs), strict=True)
        ]
    targets = np.ascontiguousarray(subset.targets)
    return inputs, [hash((key, target.tobytes())) for key, target in zip(inputs, targets, strict=True)]


def _shared_groups(train: Subset, *others: Subset) -> int:
    held = [subset.groups for subset in others if subset.groups is not None]
    if train.groups is None or not held:
        return 0
    return len(np.intersect1d(train.groups, np.concatenate(held)))


def _overlapping(train: Subset, subset: Subset, forecasts: bool) -> int:
    """Number of windows of `subset` that overlap one of training.

    Of forecasts only the steps to be forecast count: earlier steps were known by then.
    """
    if train.spans is None or subset.spans is None:
        return 0
    first = 1 if forecasts else 0
    starts, ends = train.spans[:, first], train.spans[:, 2]
    order = np.argsort(starts, kind="stable")
    starts = starts[order]
    reach = np.maximum.accumulate(ends[order])
    # Of all training windows that begin before this one ends, whether the one with the latest end reaches into it.
    before = np.searchsorted(starts, subset.spans[:, 2], side="left")
    return int(((before > 0) & (reach[np.maximum(before - 1, 0)] > subset.spans[:, first])).sum())


def _after(train: Subset, subset: Subset) -> int:
    """Number of training rows with a target at or after the first step that `subset` forecasts."""
    if train.spans is None or subset.spans is None:
        return 0
    return int((train.spans[:, 2] > subset.spans[:, 1].min()).sum())
