"""Descriptions of a split's further test sets: other lengths, and prefixes of the test sequences."""

from __future__ import annotations

import numpy as np

from rnnlab.config import RunConfig
from rnnlab.runs.data_summary import ExtraTest
from rnnlab.tasks.describe.baselines import class_counts
from rnnlab.tasks.splitting.prefixes import prefix_name
from rnnlab.tasks.splitting.types import Split, Subset


def describe_extra(split: Split, config: RunConfig) -> dict[str, ExtraTest]:
    """What each further test set is, by its name, in the order in which they are evaluated."""
    prefixes = {prefix_name(steps): steps for steps in config.data.test_prefixes or ()}
    others = [name for name in split.extra if name not in prefixes]
    lengths = dict(zip(others, dict.fromkeys(config.data.test_steps or ()), strict=True))
    trained = _row_keys(split.train) if lengths else frozenset()
    return {
        name: _prefix(split, subset, prefixes[name])
        if name in prefixes
        else _length(split, subset, lengths[name], trained)
        for name, subset in split.extra.items()
    }


def _prefix(split: Split, subset: Subset, steps: int) -> ExtraTest:
    ended = int((split.test.lengths <= steps).sum())
    return ExtraTest(
        kind="prefix", steps=steps, rows=len(split.test), ended=ended, baseline=_constant_score(split, subset)
    )


def _length(split: Split, subset: Subset, steps: int, trained: frozenset[bytes]) -> ExtraTest:
    outside = 0
    if not split.classes:
        low, high = split.train.targets.min(axis=0), split.train.targets.max(axis=0)
        outside = int(((subset.targets < low) | (subset.targets > high)).any(axis=1).sum())
    return ExtraTest(
        kind="length",
        steps=steps,
        rows=len(subset),
        trained=sum(key in trained for key in _keys(subset)),
        outside=outside,
        baseline=_constant_score(split, subset),
    )


def _row_keys(subset: Subset) -> frozenset[bytes]:
    return frozenset(_keys(subset))


def _keys(subset: Subset) -> list[bytes]:
    """Bytes of each row's true steps: equal for equal inputs, however they are padded."""
    return [row[:length].tobytes() for row, length in zip(subset.inputs, subset.lengths.tolist(), strict=True)]


def _constant_score(split: Split, subset: Subset) -> float:
    """Score of the majority class, or of the median, of the training rows."""
    if split.classes:
        counts = class_counts(split.train, len(split.classes))
        targets = class_counts(subset, len(split.classes))
        return float(targets[np.argmax(counts)] / max(1, targets.sum()))
    median = np.median(split.train.targets.astype(np.float64), axis=0)
    return float(np.mean(np.abs(subset.targets - median)))
