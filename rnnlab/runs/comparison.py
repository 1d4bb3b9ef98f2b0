"""The runs of a session beside one another: what was set otherwise, and what came of it. Repeats are one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from rnnlab.config.tree import FIELDS
from rnnlab.runs.events import real
from rnnlab.runs.repeats import Repeats, Spread, alike, repeats_of, seed_of, spread
from rnnlab.runs.summary import RunSummary

EACH = "each"
"""Where the seeds of repeats draw a split each."""
_NOT_SET = ("train.seed", "runtime.threads")
"""Keys that are no column: seeds are what repeats are over, and threads change no figure but the time."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A run, or runs that differ in their seed only. Figures are those of the best weights, by part of the split and metric,
    over the `counted` runs that got to their end; of one run alone also where it was stopped before."""

    runs: tuple[str, ...]
    """Their names."""
    seeds: tuple[int, ...]
    counted: int
    task: str
    model: str
    status: str
    metric: str
    settings: dict[str, Any]
    """The settings in which the rows differ."""
    validation: dict[str, Spread]
    test: dict[str, Spread]
    parameters: int
    seconds: float
    leaks: bool = False
    best: bool = False
    """Whether it is the best of its task, by the task's metric on the validation part."""

    @property
    def score(self) -> float | None:
        """The figure that it is judged by."""
        told = self.validation.get(self.metric)
        return real(told.mean) if told is not None else None


class Comparison(msgspec.Struct, frozen=True):
    """The runs of one task. `differing` are the keys of the settings that are not the same in all rows; the best row is
    the first."""

    task: str
    metric: str
    differing: tuple[str, ...]
    rows: tuple[Compared, ...]


def compare(runs: Sequence[RunSummary], higher_is_better: Callable[[str], bool]) -> list[Comparison]:
    """Compare the runs task by task. `higher_is_better` says it of a metric; runs that cannot be read are left out."""
    readable = [run for run in runs if not run.problem and run.task]
    groups = alike(readable)
    together = {run.path for group in groups for run in group}
    rows = [repeats_of(group) for group in groups]
    rows += [Repeats((run,)) for run in readable if run.path not in together]
    tasks = sorted({row.runs[0].task for row in rows})
    return [_of_task(task, [row for row in rows if row.runs[0].task == task], higher_is_better) for task in tasks]


def _of_task(task: str, rows: Sequence[Repeats], higher_is_better: Callable[[str], bool]) -> Comparison:
    settings = [_settings(row) for row in rows]
    differing = tuple(
        key for key in FIELDS if key not in _NOT_SET and len({_value(each, key) for each in settings}) > 1
    )
    compared = [
        _compared(row, {key: _value(each, key) for key in differing}) for row, each in zip(rows, settings, strict=True)
    ]
    metric = next((row.metric for row in compared if row.metric), "")
    higher = higher_is_better(metric)

    def order(row: Compared) -> tuple[bool, float, str]:
        score = row.score
        return (score is None, (-score if higher else score) if score is not None else 0.0, row.runs[0])

    compared.sort(key=order)
    for index, row in enumerate(compared):
        # What did not get to its end, or has seen rows of the other parts, is shown and not chosen.
        if row.counted and row.score is not None and not row.leaks:
            compared[index] = msgspec.structs.replace(row, best=True)
            break
    return Comparison(task, metric, differing, tuple(compared))


def _settings(row: Repeats) -> dict[str, Any]:
    """What the runs have in common; the seed of the split is the one that draws it."""
    first = row.runs[0].settings
    if "data.seed" in first:
        return first
    return first | {"data.seed": EACH if len(row.runs) > 1 else seed_of(row.runs[0])}


def _value(settings: dict[str, Any], key: str) -> Any:
    return settings.get(key, FIELDS[key].default)


def _compared(row: Repeats, settings: dict[str, Any]) -> Compared:
    runs = row.runs
    begun = next((run for run in runs if run.parameters), runs[0])
    alone = runs[0].final if len(runs) == 1 else {}
    figures = {
        part: row.of(part) or {name: spread([real(value)]) for name, value in alone.get(part, {}).items()}
        for part in ("validation", "test")
    }
    seconds = row.seconds
    done = len(row.counted)
    return Compared(
        runs=tuple(run.name for run in runs),
        seeds=tuple(map(seed_of, runs)),
        counted=done,
        task=begun.task,
        model=begun.model,
        status=(runs[0].status or "")
        if len(runs) == 1
        else f"{done} done"
        if done == len(runs)
        else f"{done}/{len(runs)} done",
        metric=row.metric,
        settings=settings,
        validation=figures["validation"],
        test=figures["test"],
        parameters=begun.parameters,
        seconds=real(seconds.mean) if seconds is not None else runs[0].seconds,
        leaks=any(run.leaks for run in runs),
    )
