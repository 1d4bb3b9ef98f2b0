"""The runs of a session beside one another: what was set otherwise, and what came of it. Repeats are one row.

Runs that were evaluated on different data are never in one ranking (`rnnlab.runs.comparable`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from rnnlab.config.objectives import loss_title
from rnnlab.config.tree import FIELDS
from rnnlab.runs.comparable import EVALUATED_KEYS, comparable, data_settings
from rnnlab.runs.event_numbers import Number, real
from rnnlab.runs.ranking import differently_chosen, may_be_best, rank, ranking_figure, tie_loss
from rnnlab.runs.repeats import Repeats, Spread, alike, fold_of, repeats_of, seed_of, spread, spreads
from rnnlab.runs.summary import RunSummary

EACH = "each"
"""Where the seeds of repeats draw a split each, or each is on a fold of its own."""
_NOT_SET = ("train.seed", "runtime.threads", "runtime.keep")
"""Keys that are no column: seeds are what repeats are over, and threads and what is kept change no figure but the time."""

PARTS = ("train", "validation", "test")


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A row: a run, or runs that differ in their seed and fold only.

    Figures are those of the best weights, by part of the split and metric, over the `counted` runs that got to their end; of
    one run alone also where it was stopped before.
    """

    runs: tuple[str, ...]
    """Their names."""
    seeds: tuple[int, ...]
    folds: tuple[int, ...] = ()
    """The folds of a cross-validation; empty where the row is not of several."""
    counted: int
    task: str
    model: str
    status: str
    paused_after: int = 0
    """Of a run alone, as in `RunFinished`."""
    metric: str
    settings: dict[str, Any]
    """The settings in which the rows differ."""
    train: dict[str, Spread]
    validation: dict[str, Spread]
    test: dict[str, Spread]
    extra: dict[str, dict[str, Spread]] = {}
    """The same of further tests, by name: other lengths, first steps alone."""
    each: dict[str, dict[str, dict[str, Number]]] = {}
    """What the spreads are of: part, figure, name of the run, value."""
    split: str = ""
    """Of repeats, whether they saw `the same split`, or `a split each` (see `Repeats.split_text`)."""
    parameters: int
    seconds: float
    seconds_spread: Spread | None = None
    examples_per_second: Spread | None = None
    best_epoch: Spread | None = None
    """Over the counted runs; of one run alone its own."""
    message: str = ""
    """Of a run alone: why it failed, was stopped or waits."""
    tags: tuple[str, ...] = ()
    notes: str = ""
    """What a person wrote; of repeats the tags that any of them has, and the notes one after another."""
    verdict: str = ""
    """What is wrong with its outcome: `diverged`, `below baseline`; of repeats with how many of them."""
    loss: str = "loss"
    """What its loss is called: `weighted loss`, say, which does not compare; see `plain_loss` then."""
    leaks: bool = False
    eligible: bool = False
    """Whether it may be called the best (see `may_be_best`)."""
    best: bool = False
    """Whether it is the best of its comparison, by the figure ranked by on the validation part."""

    def part(self, name: str) -> dict[str, Spread]:
        """The figures of a part of the split, or of a further test by its name; empty where it has none."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return parts[name] if name in parts else self.extra.get(name, {})

    def score(self, figure: str) -> float | None:
        """The figure that it is judged by, on the validation part."""
        spread = self.validation.get(figure)
        return real(spread.mean) if spread is not None else None


class Comparison(msgspec.Struct, frozen=True):
    """Runs of one task that were evaluated on the same data, by rank.

    `differing` are the keys of the settings that are not the same in all rows.
    """

    task: str
    metric: str
    ranked_by: str
    """The figure by which the best row was chosen (see `ranking_figure`)."""
    chosen_differently: bool
    """Whether the runs were after different things (see `differently_chosen`): who is best then depends on the figure."""
    data: dict[str, Any]
    """What sets the data apart from those of the task's other comparisons: settings, by key."""
    fingerprint: str
    """Of the data of the first run; empty where none has loaded them yet."""
    alone: bool
    """Whether all of the task's runs are in this comparison."""
    differing: tuple[str, ...]
    rows: tuple[Compared, ...]
    baselines: dict[str, dict[str, Spread]] = {}
    """Scores of the baselines that are more than a constant (learned ones, naive forecasts), by name and part."""
    common: dict[str, Any] = {}
    """Settings that are the same in all rows, those at the fields' own defaults left out."""

    def setting(self, row: Compared, key: str) -> Any:
        """The value of any setting in one of the rows; of seeds and threads, which are no settings of a row, the default."""
        if key in row.settings:
            return row.settings[key]
        return self.common.get(key, FIELDS[key].default)


def compare(
    runs: Sequence[RunSummary],
    higher_is_better: Callable[[str], bool],
    wanted: str = "",
    *,
    repeats_together: bool = True,
) -> list[Comparison]:
    """Compare the runs, each with those of the same task that were evaluated on the same data.

    `higher_is_better` decides it for a figure; `wanted` is the figure to rank by, where all have it. Runs that cannot be read
    are left out. Without `repeats_together` each run is a row, whatever repeats it.
    """
    readable = [run for run in runs if not run.problem and run.task]
    groups = alike(readable) if repeats_together else []
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
        differing = {key: value for key, value in own.items() if any(other.get(key) != value for other in others)}
        comparisons.append(_comparison(task, group, differing, not others, higher_is_better, wanted))
    return comparisons


def _data_of(rows: Sequence[Repeats]) -> dict[str, Any]:
    """The settings of the data that all of these rows share."""
    settings = [data_settings(row.runs[0]) | _differing_data(row) for row in rows]
    return {key: settings[0][key] for key in EVALUATED_KEYS if all(each[key] == settings[0][key] for each in settings)}


def _comparison(
    task: str,
    rows: Sequence[Repeats],
    data: dict[str, Any],
    alone: bool,
    higher_is_better: Callable[[str], bool],
    wanted: str,
) -> Comparison:
    settings = [_settings(row) for row in rows]
    changed = {key for each in settings for key in each}  # any other is at its default in all of thousands of rows
    differing = tuple(
        key
        for key in FIELDS
        if key in changed and key not in _NOT_SET and len({_value(each, key) for each in settings}) > 1
    )
    runs = [run for row in rows for run in row.runs]
    metric = next((row.metric for row in rows if row.metric), "")
    ranked_by = ranking_figure(runs, metric, wanted)
    higher, loss = higher_is_better(ranked_by), tie_loss(runs)
    compared = [
        _compared(row, {key: _value(each, key) for key in differing}) for row, each in zip(rows, settings, strict=True)
    ]

    def order(row: Compared) -> tuple[tuple[bool, float, float], str]:
        means = {name: spread.mean for name, spread in row.validation.items()}
        return rank(means.get(ranked_by), loss(means), higher), row.runs[0]

    compared.sort(key=order)
    best = first_eligible(compared, ranked_by)
    if best is not None:
        compared[best] = msgspec.structs.replace(compared[best], best=True)
    common = {key: value for key, value in settings[0].items() if key not in differing and key not in _NOT_SET}
    fingerprint = next((run.evaluated or run.fingerprint for row in rows for run in row.runs if run.fingerprint), "")
    chosen = differently_chosen(runs)
    return Comparison(
        task, metric, ranked_by, chosen, data, fingerprint, alone, differing, tuple(compared), _baselines(runs), common
    )


def first_eligible(rows: Sequence[Compared], figure: str) -> int | None:
    """The index of the first row that may be the best: what may not is shown and not chosen. None where none may."""
    for index, row in enumerate(rows):
        score = row.score(figure)
        if row.eligible and score is not None and not math.isnan(score):
            return index
    return None


def _split_seed(row: Repeats) -> Any:
    """The seed that draws the split, or `EACH` of the seeds."""
    held = row.runs[0].settings.get("data.seed")
    return held if held is not None else EACH if len(row.runs) > 1 else seed_of(row.runs[0])


def _differing_data(row: Repeats) -> dict[str, Any]:
    """The seed of the split, the one that draws it, and the fold where the runs are on several."""
    return {"data.seed": _split_seed(row)} | ({"data.fold": EACH} if row.by_fold else {})


def _settings(row: Repeats) -> dict[str, Any]:
    """What the runs have in common."""
    return row.runs[0].settings | _differing_data(row)


def _value(settings: dict[str, Any], key: str) -> Any:
    return settings.get(key, FIELDS[key].default)


def _compared(row: Repeats, settings: dict[str, Any]) -> Compared:
    runs = row.runs
    begun = next((run for run in runs if run.parameters), runs[0])
    further = tuple(dict.fromkeys(part for run in runs for part in run.extra if part not in PARTS))
    counted = row.counted
    figures: dict[str, dict[str, Spread]] = {}
    each: dict[str, dict[str, dict[str, Number]]] = {}
    figured = runs if len(runs) == 1 else counted  # those of one run alone stand however it ended
    for part in (*PARTS, *further):
        held = [(run.name, run.figures(part)) for run in figured]
        figures[part] = spreads(of_run for _, of_run in held)
        values = each[part] = {name: {} for name in figures[part]}
        for run_name, of_run in held:
            for name, value in of_run.items():
                values[name][run_name] = value
    seconds = spread([run.seconds for run in counted]) if counted else None
    return Compared(
        runs=tuple(run.name for run in runs),
        seeds=tuple(map(seed_of, runs)),
        folds=tuple(fold_of(run) or 0 for run in runs) if row.by_fold else (),
        counted=len(counted),
        task=begun.task,
        model=begun.model,
        status=(runs[0].status or "") if len(runs) == 1 else row.done_text,
        paused_after=runs[0].paused_after if len(runs) == 1 else 0,
        message=runs[0].message if len(runs) == 1 else "",
        tags=tuple(dict.fromkeys(tag for run in runs for tag in run.tags)),
        notes="\n".join(run.notes for run in runs if run.notes),
        verdict=runs[0].verdict.label if len(runs) == 1 else row.verdict_text,
        metric=row.metric,
        settings=settings,
        train=figures["train"],
        validation=figures["validation"],
        test=figures["test"],
        extra={part: figures[part] for part in further},
        each=each,
        split=row.split_text if len(runs) > 1 else "",
        parameters=begun.parameters,
        seconds=real(seconds.mean) if seconds is not None else runs[0].seconds,
        seconds_spread=_spread_of(figured, "seconds"),
        examples_per_second=_spread_of(figured, "examples_per_second"),
        best_epoch=_spread_of(figured, "best_epoch"),
        loss=_loss_title(runs[0]) if row.metric == "accuracy" else "loss",
        leaks=any(run.leaks for run in runs),
        eligible=may_be_best(row),
    )


def _baselines(runs: Sequence[RunSummary]) -> dict[str, dict[str, Spread]]:
    """The baselines that are more than a constant, each over the different data that the runs were trained on."""
    of_data: dict[str, dict[str, dict[str, Number]]] = {}
    for run in runs:
        # Runs of the same data may have been asked for different baselines.
        of_data.setdefault(run.fingerprint or run.path, {}).update(run.baselines)
    found: dict[str, dict[str, list[float]]] = {}
    for baselines in of_data.values():
        for name, scores in baselines.items():
            for part, score in scores.items():
                found.setdefault(name, {}).setdefault(part, []).append(real(score))
    return {name: {part: spread(values) for part, values in parts.items()} for name, parts in found.items()}


def _spread_of(runs: Sequence[RunSummary], name: str) -> Spread | None:
    """A number that stands in the runs' own rows, over those that have it."""
    values = [float(value) for run in runs if (value := getattr(run, name))]
    return spread(values) if values else None


def _loss_title(run: RunSummary) -> str:
    """As `loss_title`, of the settings that mean something beside the others."""
    settings = run.settings | {"task.name": run.task}

    def value_of(key: str) -> object:
        return _value(settings, key) if FIELDS[key].setting.stands(lambda other: _value(settings, other)) else None

    return loss_title(value_of)
