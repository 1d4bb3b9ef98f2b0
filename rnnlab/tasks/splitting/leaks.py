"""What a split lets training see of its validation and test parts: rows, people, windows, the future.

A figure got that way says how well a net remembers, so such a split is refused unless a person chooses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.events import SubsetName
from rnnlab.tasks.splitting.types import Split, Subset

REFUSED = ("rows", "people", "windows", "future")
"""The kinds of leak for which a split is refused, in the order in which they are told."""
_HELD_OUT: tuple[SubsetName, ...] = ("validation", "test")
_PLURALS = {"person": "people", "class": "classes"}


@dataclass(frozen=True)
class Leaks:
    """What validation, or the test, shares with training.

    `rows`: rows with the same input and target there; `inputs`: rows with the same input there, whatever the target.
    `people`: groups (people, or what the task's groups are) that have rows there as well. `windows`: windows that overlap
    one of training's. `future`: training rows that answer for steps at or after the first that this part asks for.
    """

    rows: int = 0
    inputs: int = 0
    people: int = 0
    windows: int = 0
    future: int = 0


def leaks_by_part(split: Split) -> dict[SubsetName, Leaks]:
    """What validation and the test share with the parts before them. Hashes each row once."""
    found: dict[SubsetName, Leaks] = {}
    inputs, rows = _row_keys(split.train)
    seen_inputs, seen_rows = set(inputs), set(rows)
    forecasts = split.card.problem == "forecasting"
    for name in _HELD_OUT:
        subset = split.subset(name)
        inputs, rows = _row_keys(subset)
        found[name] = Leaks(
            # A series that repeats itself is no leak: what was known by then may come again.
            rows=0 if forecasts else sum(row in seen_rows for row in rows),
            inputs=0 if forecasts else sum(key in seen_inputs for key in inputs),
            people=_shared_groups(split.train, subset),
            windows=_overlapping(split.train, subset, forecasts),
            future=_after(split.train, subset) if forecasts else 0,
        )
    return found


def count_leaks(split: Split, by_part: Mapping[SubsetName, Leaks] | None = None) -> dict[str, int]:
    """The leaks by kind, of both parts together: `rows`, `inputs`, `people`, `windows`, `future`.

    A person in both parts counts once, and so does a training row of the future. `by_part` are those of `leaks_by_part`,
    where they have been counted.
    """
    by_part = leaks_by_part(split) if by_part is None else by_part
    told = {kind: sum(getattr(leaks, kind) for leaks in by_part.values()) for kind in ("rows", "inputs", "windows")}
    held_out = [split.subset(name) for name in _HELD_OUT]
    told["people"] = _shared_groups(split.train, *held_out)
    told["future"] = max(leaks.future for leaks in by_part.values())
    return told


def leaks_told(split: Split) -> dict[str, int]:
    """The leaks for which a split is refused, those alone that are there: what a run's log says of them."""
    found = count_leaks(split)
    return {kind: found[kind] for kind in REFUSED if found[kind]}


def refuse_leaks(split: Split, config: RunConfig) -> None:
    """Raises `UsageError` where training shares rows, people, windows or the future with another part: what, how many, and
    both ways out.
    """
    found = leaks_told(split)
    if not found:
        return
    others = [kind for kind in split.card.splits if kind != config.data.split]
    remedy = f"choose another data.split ({', '.join(others)})" if others else "take other data"
    raise UsageError(
        f"data.split = {config.data.split} leaks: training shares {leak_words(found, split.group)} with validation or "
        f"test, so their figures would flatter the net; {remedy}, or allow it with data.leaks=allow, which marks "
        "every figure of the run"
    )


def leak_words(found: dict[str, int], group: str = "") -> str:
    """Counted leaks in words: `1,480 rows and 8 people`."""
    names = {
        "rows": "row",
        "people": group or "person",
        "windows": "overlapping window",
        "future": "row of the future",
    }
    parts = [_counted(found[kind], names[kind]) for kind in REFUSED if found.get(kind)]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _counted(count: int, name: str) -> str:
    if count == 1:
        return f"1 {name}"
    return f"{count:,} {'rows of the future' if name.endswith('future') else _PLURALS.get(name, name + 's')}"


def _row_keys(subset: Subset) -> tuple[list[int], list[int]]:
    """A 64-bit hash of each row's input, and of its input and target."""
    # Rows of different length differ in a step past the shorter's end only if that step's length says so.
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
    """How many windows of `subset` overlap one of training's.

    Of forecasts only the steps to be forecast are meant: what was known by then may well have been trained on.
    """
    if train.spans is None or subset.spans is None:
        return 0
    first = 1 if forecasts else 0
    starts, ends = train.spans[:, first], train.spans[:, 2]
    order = np.argsort(starts, kind="stable")
    starts = starts[order]
    reach = np.maximum.accumulate(ends[order])
    # Of all training windows that begin before this one ends, whether the one reaching furthest reaches into it.
    before = np.searchsorted(starts, subset.spans[:, 2], side="left")
    return int(((before > 0) & (reach[np.maximum(before - 1, 0)] > subset.spans[:, first])).sum())


def _after(train: Subset, subset: Subset) -> int:
    """How many training rows have a step to forecast at or after the first step that `subset` is asked for."""
    if train.spans is None or subset.spans is None:
        return 0
    return int((train.spans[:, 2] > subset.spans[:, 1].min()).sum())
