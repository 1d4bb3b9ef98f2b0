"""Repeats: one configuration trained from several initialisation seeds, or on each fold, as mean ± standard deviation.

Which runs belong together is read from their configurations: those that differ in `train.seed` and `data.fold` only. Unless
each seed is to draw a split of its own, repeats share the split, or the folds of one cross-validation, so that the deviation
is that of initialisation, order and dropout, and of the folds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from rnnlab.config.tree import FIELDS, RunConfig
from rnnlab.errors import ConfigError, UsageError
from rnnlab.runs.event_numbers import Number, number, real
from rnnlab.runs.summary import WHOLE, RunSummary

MOST = 1000
"""Repeats that are made at once."""
_ALLOWED = f"a number of seeds up to {MOST} such as 5, or seeds such as 0,1,2, none of them twice"
_NOT_COMPARED = ("train.seed", "data.fold", "runtime.threads", "runtime.keep")
"""Keys that may differ among repeats: seed, fold, what is found out about the machine, and what stays on disk."""


def parse_seeds(text: str, first: int = 0) -> tuple[int, ...]:
    """The seeds that `5` (so many, from `first` on) or `0,1,2` stands for. Raises `ConfigError`."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 1:
        if not _is_number(parts[0]) or not 1 <= int(parts[0]) <= MOST:
            raise ConfigError("seeds", text, _ALLOWED)
        return parse_seeds(",".join(str(first + each) for each in range(int(parts[0]))) + ",")
    if not parts[-1]:
        parts.pop()  # `7,` is the one seed 7
    if not all(map(_is_number, parts)) or len({int(part) for part in parts}) < len(parts) or len(parts) > MOST:
        raise ConfigError("seeds", text, _ALLOWED)
    return tuple(FIELDS["train.seed"].check(int(part)) for part in parts)


def _is_number(text: str) -> bool:
    """Whether the text is a whole number, and not one of thousands of digits, which `int` refuses."""
    return text.isdecimal() and len(text) <= 30


def parse_folds(text: str) -> int:
    """The number of folds that a command line names. Raises `ConfigError`."""
    folds = FIELDS["data.folds"].parse(text)
    if not isinstance(folds, int):
        raise ConfigError("data.folds", text, "a number of folds such as 5")
    return folds


def repeated(
    config: RunConfig, seeds: Iterable[int], *, folds: int | None = None, vary_split: bool = False
) -> list[RunConfig]:
    """The configuration once a seed, or once a fold and seed; all with its split, unless each seed is to draw one.

    `folds` is the number of folds of a cross-validation, all of which are trained; None: the fold of `config`, if it has any.
    Runs that stand side by side keep to one thread each, where the number is to be found out. Raises `UsageError` where the
    split is to vary and `data.seed` is the one, and `ConfigError` where the data cannot be parted into folds.
    """
    if vary_split and config.data.seed is not None:
        raise UsageError(
            f"data.seed = {config.data.seed} holds the split still; set it to none to let each seed draw one"
        )
    data = config.data if vary_split else msgspec.structs.replace(config.data, seed=config.split_seed)
    if config.runtime.threads is None:
        config = msgspec.structs.replace(config, runtime=msgspec.structs.replace(config.runtime, threads=1))
    each_data = [data]
    if folds is not None:
        each_data = [msgspec.structs.replace(data, folds=folds, fold=fold) for fold in range(1, folds + 1)]
    configs = [
        msgspec.structs.replace(config, data=data, train=msgspec.structs.replace(config.train, seed=seed))
        for seed in seeds
        for data in each_data
    ]
    for each in configs:
        each.check_together()
    return configs


class Spread(msgspec.Struct, frozen=True):
    """Mean and standard deviation of the values of `n` runs. The deviation is that of a sample (n - 1); none of one value."""

    mean: Number
    std: Number | None
    n: int


def spread(values: Sequence[float]) -> Spread:
    """Of at least one value."""
    n = len(values)
    mean = sum(values) / n
    # A list, not a generator: there are tens of thousands of these in a session of 10,000 runs.
    std = number(math.sqrt(sum([(value - mean) ** 2 for value in values]) / (n - 1))) if n > 1 else None
    return Spread(number(mean), std, n)


def spreads(figures: Iterable[Mapping[str, Number]]) -> dict[str, Spread]:
    """Each figure's over those that have it."""
    values: dict[str, list[float]] = {}
    for held in figures:
        for name, value in held.items():
            if name in values:
                values[name].append(real(value))
            else:
                values[name] = [real(value)]
    return {name: spread(found) for name, found in values.items()}


class Repeats(msgspec.Struct, frozen=True):
    """Runs that differ in their seed and fold only, in the order of the seeds and of the folds of each.

    Of a seed and fold that were trained twice the later run that completed.
    """

    runs: tuple[RunSummary, ...]

    @property
    def counted(self) -> tuple[RunSummary, ...]:
        """The runs whose figures are averaged: a run that was stopped, failed or diverged has not got to its end."""
        return tuple(run for run in self.runs if run.status in WHOLE)

    @property
    def metric(self) -> str:
        """The task's metric; empty before a run has begun."""
        return next((run.metric for run in self.runs if run.metric), "")

    @property
    def split_text(self) -> str:
        """Whether the runs saw the same rows in the same parts, by their fingerprints; empty where that is not known yet."""
        sets = {run.fold_set for run in self.runs if run.fold_set}
        if self.by_fold and len(sets) < 2:
            return "a fold each" if sets or all("data.seed" in run.settings for run in self.runs) else ""
        seen = {_data_of(run) for run in self.runs if run.fingerprint}
        if len(seen) > 1:
            return "a split each"
        return "the same split" if seen or all("data.seed" in run.settings for run in self.runs) else ""

    @property
    def by_fold(self) -> bool:
        """Whether the runs are on different folds."""
        return len({fold_of(run) for run in self.runs}) > 1

    @property
    def by_seed(self) -> bool:
        """Whether the runs are from different seeds."""
        return len({seed_of(run) for run in self.runs}) > 1

    @property
    def members_text(self) -> str:
        """Which runs they are, as text: see `members_text`."""
        return members_text([fold_of(run) for run in self.runs], [seed_of(run) for run in self.runs])

    @property
    def done_text(self) -> str:
        """`5 done`, or `3/5 done`."""
        done, total = len(self.counted), len(self.runs)
        return f"{done} done" if done == total else f"{done}/{total} done"

    @property
    def verdict_text(self) -> str:
        """What is wrong with how many of those that are done: `1 diverged, 2 below baseline`; empty where nothing is."""
        found = Counter(run.verdict.label for run in self.runs if run.verdict)
        return ", ".join(f"{number} {label}" for label, number in sorted(found.items(), reverse=True))

    def of(self, part: str) -> dict[str, Spread]:
        """The figures of the best weights on a part, or in a further test by its name, each over the runs that have it."""
        return spreads([run.figures(part) for run in self.counted])

    @property
    def seconds(self) -> Spread | None:
        """Seconds of training of a run, over those that count."""
        return spread([run.seconds for run in self.counted]) if self.counted else None


def seed_of(run: RunSummary) -> int:
    """The run's `train.seed`."""
    seed = run.settings.get("train.seed")
    return seed if isinstance(seed, int) else int(FIELDS["train.seed"].default)


def fold_of(run: RunSummary) -> int | None:
    """The run's `data.fold`; None without folds."""
    if run.settings.get("data.folds") is None:
        return None
    fold = run.settings.get("data.fold")
    return fold if isinstance(fold, int) else int(FIELDS["data.fold"].default)


def repeat_labels(folds: Sequence[int | None], seeds: Sequence[int]) -> list[str]:
    """What sets each of some repeats apart: `seed 3`, `fold 3`, or `fold 3 seed 1` where both differ."""
    by_fold, by_seed = len(set(folds)) > 1, len(set(seeds)) > 1
    return [
        " ".join(([f"fold {fold}"] if by_fold else []) + ([f"seed {seed}"] if by_seed or not by_fold else []))
        for fold, seed in zip(folds, seeds, strict=True)
    ]


def members_text(folds: Sequence[int | None], seeds: Sequence[int]) -> str:
    """Which repeats they are: `seeds 0, 1, 2`, `folds 1, 2, 3`, or `folds 1, 2 × seeds 0, 1`."""
    by_fold = len(set(folds)) > 1
    parts = [f"folds {', '.join(map(str, sorted({fold or 0 for fold in folds})))}"] if by_fold else []
    if not by_fold or len(set(seeds)) > 1:
        parts.append(f"seeds {', '.join(map(str, dict.fromkeys(seeds)))}")
    return " × ".join(parts)


def likeness(run: RunSummary) -> tuple[Any, ...] | None:
    """What repeats have in common: equal for two runs that differ in seed and fold only. None where it is not known."""
    if run.problem or not run.task:
        return None
    return tuple(item for item in run.settings.items() if item[0] not in _NOT_COMPARED)


def alike(runs: Iterable[RunSummary]) -> list[list[RunSummary]]:
    """The runs of each configuration of which there are two seeds, or folds, and more, in the order of the first runs.

    Where the configuration holds the split still and the data were changed in between, runs of other data are no repeats.
    """
    groups: dict[Any, list[RunSummary]] = {}
    for run in runs:
        common = likeness(run)
        if common is not None:
            groups.setdefault(common, []).append(run)
    parts = [part for group in groups.values() for part in _of_the_same_data(group)]
    return [part for part in parts if len({(fold_of(run), seed_of(run)) for run in part}) > 1]


def _data_of(run: RunSummary) -> str:
    """Digest of the rows and the split, the same for all folds of a cross-validation; empty before they are loaded."""
    return run.fold_set or run.fingerprint


def _of_the_same_data(group: list[RunSummary]) -> list[list[RunSummary]]:
    """The group by its data, where all are meant to share one split; a run that has not loaded its data goes with the last."""
    if "data.seed" not in group[0].settings or len({_data_of(run) for run in group if _data_of(run)}) < 2:
        return [group]
    parts: dict[str, list[RunSummary]] = {}
    last = next(_data_of(run) for run in reversed(group) if _data_of(run))
    for run in group:
        parts.setdefault(_data_of(run) or last, []).append(run)
    return list(parts.values())


def repeats_among(runs: Iterable[RunSummary]) -> list[Repeats]:
    """The repeats among the runs, in the order of their first ones."""
    return [repeats_of(group) for group in alike(runs)]


def repeats_of(runs: Iterable[RunSummary]) -> Repeats:
    """Runs known to be alike, one a seed and fold."""
    chosen: dict[tuple[int, int], RunSummary] = {}
    for run in runs:
        key = (seed_of(run), fold_of(run) or 0)
        held = chosen.get(key)
        if held is None or run.status in WHOLE or held.status not in WHOLE:
            chosen[key] = run
    return Repeats(tuple(run for _, run in sorted(chosen.items())))


def document(repeats: Repeats) -> Mapping[str, Any]:
    """For `--json`: which seeds (and folds), how many of them count, and the spread of every figure."""
    folds = {"folds": [fold_of(run) for run in repeats.runs]} if repeats.by_fold else {}
    return {
        "runs": [run.path for run in repeats.runs],
        "seeds": [seed_of(run) for run in repeats.runs],
        **folds,
        "counted": len(repeats.counted),
        "split": repeats.split_text,
        "std": "of a sample (n - 1)",
        "validation": repeats.of("validation"),
        "test": repeats.of("test"),
        "seconds": repeats.seconds,
    }
