"""Which runs were evaluated on the same data, so that their figures may stand in one ranking.

Two runs are comparable where the targets of their validation and test sequences are the same, in the same order. What the net
reads of those sequences may differ (channels added, another encoding, other training sequences): that is what one compares.
A log of before `DataSummary.evaluated` was recorded is held to be comparable with those of its fingerprint alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rnnlab.config.tree import FIELDS
from rnnlab.runs.summary import RunSummary

DATA_KEYS = tuple(key for key in FIELDS if key.startswith("data."))
EVALUATED_KEYS = tuple(key for key in DATA_KEYS if not FIELDS[key].setting.same_evaluation)
"""Keys of `data` on which the validation and test sequences or their targets depend."""


def data_settings(run: RunSummary, keys: Sequence[str] = DATA_KEYS) -> dict[str, Any]:
    """The run's values of these keys; the seed of the split is the one that draws it."""
    values = {key: run.settings.get(key, FIELDS[key].default) for key in keys}
    if values.get("data.seed", 0) is None:
        values["data.seed"] = run.settings.get("train.seed", FIELDS["train.seed"].default)
    return values


def comparable(runs: Iterable[RunSummary]) -> dict[str, int]:
    """The number of each run's data, by its path: equal for runs that may be ranked together.

    A run that has not loaded its data yet goes with those that were asked for the same evaluation.
    """
    begun: dict[Any, list[RunSummary]] = {}
    waiting: list[RunSummary] = []
    for run in runs:
        if run.evaluated:
            # Labels alone may be alike in two files of one's own.
            path = run.settings.get("data.path") if run.task == "own" else None
            begun.setdefault((run.task, path, run.evaluated), []).append(run)
        elif run.fingerprint:
            begun.setdefault((run.task, run.fingerprint), []).append(run)
        else:
            waiting.append(run)
    groups = _joined([part for group in begun.values() for part in _unchanged(group)])
    numbers = {run.path: number for number, group in enumerate(groups) for run in group}
    asked: dict[Any, int] = {}
    for group in groups if waiting else ():  # there may be thousands
        for run in group:
            asked.setdefault(_asked(run), numbers[run.path])
    for run in waiting:
        numbers[run.path] = asked.setdefault(_asked(run), len(groups) + len(asked))
    return numbers


def _asked(run: RunSummary) -> tuple[Any, ...]:
    return (run.task, *data_settings(run, EVALUATED_KEYS).values())


def _unchanged(group: list[RunSummary]) -> list[list[RunSummary]]:
    """The group; by fingerprint where the same settings brought different arrays, as the data were changed in between."""
    if len({run.fingerprint for run in group}) == 1:
        return [group]
    seen: dict[Any, str] = {}
    if all(seen.setdefault(tuple(data_settings(run).values()), run.fingerprint) == run.fingerprint for run in group):
        return [group]
    parts: dict[str, list[RunSummary]] = {}
    for run in group:
        parts.setdefault(run.fingerprint, []).append(run)
    return list(parts.values())


def _joined(groups: list[list[RunSummary]]) -> list[list[RunSummary]]:
    """The groups, those with a fingerprint in common made one."""
    joined: list[list[RunSummary]] = []
    owner: dict[tuple[str, str], list[RunSummary]] = {}
    for group in groups:
        keys = {(run.task, run.fingerprint) for run in group if run.fingerprint}
        target: list[RunSummary] = []
        for other in {id(owner[key]): owner[key] for key in keys if key in owner}.values():
            target += other
            joined.remove(other)
            for run in other:
                owner[run.task, run.fingerprint] = target
        target += group
        joined.append(target)
        for key in keys:
            owner[key] = target
    return joined
