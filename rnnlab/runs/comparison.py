"""The runs of a session beside one another: what was set otherwise, and what came of it. Repeats are one row.

Runs that were evaluated on different data are never in one ranking (`rnnlab.runs.comparable`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from rnnlab.config.losses import loss_title
from rnnlab.config.tree import FIELDS
from rnnlab.runs.comparable import EVALUATED_KEYS, comparable, data_settings
from rnnlab.runs.events import real
from rnnlab.runs.repeats import Repeats, Spread, alike, repeats_of, seed_of, spread
from rnnlab.runs.summary import RunSummary

EACH = "each"
"""Where the seeds of repeats draw a split each."""
_NOT_SET = ("train.seed", "runtime.threads")
"""Keys that are no column: seeds are what repeats are over, and threads change no figure but the time."""

_OF_THE_LOSS = (
    "train.loss",
    "train.label_smoothing",
    "train.focal_gamma",
    "train.huber_delta",
    "data.balance",
    "data.class_weights",
)
"""Settings that make another figure of the loss."""
PARTS = ("train", "validation", "test")


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
    train: dict[str, Spread]
    validation: dict[str, Spread]
    test: dict[str, Spread]
    parameters: int
    seconds: float
    loss: str = "loss"
    """What its loss is called: `weighted loss`, say, which does not compare; see `plain_loss` then."""
    leaks: bool = False
    best: bool = False
    """Whether it is the best of its comparison, by the figure ranked by on the validation part."""

    def part(self, name: str) -> dict[str, Spread]:
        """The figures of a part of the split."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    def score(self, figure: str) -> float | None:
        """The figure that it is judged by, on the validation part."""
        spread = self.validation.get(figure)
        return real(spread.mean) if spread is not None else None


class Comparison(msgspec.Struct, frozen=True):
    """Runs of one task that were evaluated on the same data. `differing` are the keys of the settings that are not the same in
    all rows; the best row is the first."""

    task: str
    metric: str
    ranked_by: str
    """The figure by which the best row was chosen: the metric, unless all runs chose their best epoch by another one."""
    data: dict[str, Any]
    """What sets the data apart from those of the task's other comparisons: settings, by key."""
    fingerprint: str
    """Of the data of the first run; empty where none has loaded them yet."""
    alone: bool
    """Whether all of the task's runs are in this comparison."""
    differing: tuple[str, ...]
    rows: tuple[Compared, ...]


def compare(runs: Sequence[RunSummary], higher_is_better: Callable[[str], bool]) -> list[Comparison]:
    """Compare the runs, each with those of the same task that were evaluated on the same data.

    `higher_is_better` says it of a figure; runs that cannot be read are left out.
    """
    readable = [run for run in runs if not run.problem and run.task]
    groups = alike(readable)
    together = {run.path for group in groups for run in group}
    rows = [repeats_of(group) for group in groups]
    rows += [Repeats((run,)) for run in readable if run.path not in together]
    rows.sort(key=lambda row: (row.runs[0].task, row.runs[0].name))
    numbers = comparable(readable)
    # Seeds with a split each are compared with the same seeds' splits, over which they are averaged alike.
    of_data: dict[tuple[str, frozenset[int]], list[Repeats]] = {}
    for row in rows:
        of_data.setdefault((row.runs[0].task, frozenset(numbers[run.path] for run in row.runs)), []).append(row)
    data = [_data_of(group) for group in of_data.values()]
    comparisons = []
    for (task, _), group, own in zip(of_data, of_data.values(), data, strict=True):
        others = [other for (name, _), other in zip(of_data, data, strict=True) if name == task and other is not own]
        apart = {key: value for key, value in own.items() if any(other.get(key) != value for other in others)}
        comparisons.append(_comparison(task, group, apart, not others, higher_is_better))
    return comparisons


def _data_of(rows: Sequence[Repeats]) -> dict[str, Any]:
    """The settings of the data that all of these rows share."""
    settings = [data_settings(row.runs[0]) | {"data.seed": _split_seed(row)} for row in rows]
    return {key: settings[0][key] for key in EVALUATED_KEYS if all(each[key] == settings[0][key] for each in settings)}


def _comparison(
    task: str,
    rows: Sequence[Repeats],
    data: dict[str, Any],
    alone: bool,
    higher_is_better: Callable[[str], bool],
) -> Comparison:
    settings = [_settings(row) for row in rows]
    differing = tuple(
        key for key in FIELDS if key not in _NOT_SET and len({_value(each, key) for each in settings}) > 1
    )
    compared = [
        _compared(row, {key: _value(each, key) for key in differing}) for row, each in zip(rows, settings, strict=True)
    ]
    metric = next((row.metric for row in compared if row.metric), "")
    ranked_by = ranking_figure([run for row in rows for run in row.runs], metric)
    higher = higher_is_better(ranked_by)

    def order(row: Compared) -> tuple[bool, float, str]:
        score = row.score(ranked_by)
        return (score is None, (-score if higher else score) if score is not None else 0.0, row.runs[0])

    compared.sort(key=order)
    for index, row in enumerate(compared):
        # What did not get to its end, or has seen rows of the other parts, is shown and not chosen.
        if row.counted and row.score(ranked_by) is not None and not row.leaks:
            compared[index] = msgspec.structs.replace(row, best=True)
            break
    fingerprint = next((run.evaluated or run.fingerprint for row in rows for run in row.runs if run.fingerprint), "")
    return Comparison(task, metric, ranked_by, data, fingerprint, alone, differing, tuple(compared))


def ranking_figure(runs: Iterable[RunSummary], metric: str) -> str:
    """The figure by which all runs chose their best epoch; the metric where they did not agree, or where it is a loss that
    does not mean the same in all."""
    runs = [run for run in runs if run.metric]
    chosen = {run.selected for run in runs}
    if len(chosen) != 1:
        return metric
    (figure,) = chosen
    losses = {tuple(run.settings.get(key) for key in _OF_THE_LOSS) for run in runs}
    return metric if figure == "loss" and len(losses) > 1 else figure


def _split_seed(row: Repeats) -> Any:
    """The seed that draws the split, or `EACH` of the seeds."""
    held = row.runs[0].settings.get("data.seed")
    return held if held is not None else EACH if len(row.runs) > 1 else seed_of(row.runs[0])


def _settings(row: Repeats) -> dict[str, Any]:
    """What the runs have in common; the seed of the split is the one that draws it."""
    return row.runs[0].settings | {"data.seed": _split_seed(row)}


def _value(settings: dict[str, Any], key: str) -> Any:
    return settings.get(key, FIELDS[key].default)


def _compared(row: Repeats, settings: dict[str, Any]) -> Compared:
    runs = row.runs
    begun = next((run for run in runs if run.parameters), runs[0])
    alone = runs[0].final if len(runs) == 1 else {}
    figures = {
        part: row.of(part) or {name: spread([real(value)]) for name, value in alone.get(part, {}).items()}
        for part in PARTS
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
        train=figures["train"],
        validation=figures["validation"],
        test=figures["test"],
        parameters=begun.parameters,
        seconds=real(seconds.mean) if seconds is not None else runs[0].seconds,
        loss=_loss_title(runs[0]) if row.metric == "accuracy" else "loss",
        leaks=any(run.leaks for run in runs),
    )


def _loss_title(run: RunSummary) -> str:
    """As `loss_title`, of the settings that mean something beside the others."""
    settings = run.settings | {"task.name": run.task}

    def value_of(key: str) -> object:
        return _value(settings, key) if FIELDS[key].setting.stands(lambda other: _value(settings, other)) else None

    return loss_title(value_of)
