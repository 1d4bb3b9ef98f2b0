"""Summary of a split for a run's log, with its baselines."""

from __future__ import annotations

from rnnlab.config import RunConfig
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.describe.baselines import all_baselines
from rnnlab.tasks.describe.baselines import class_counts as counted
from rnnlab.tasks.describe.extra import describe_extra
from rnnlab.tasks.splitting.leaks import refused_leaks
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split


def summarise_split(split: Split, config: RunConfig) -> DataSummary:
    """Summary of the split, as in `RunStarted`: enough to draw the run and to predict with it.

    Fits the learned baseline that `data.baseline` asks for.
    """
    name, baselines = all_baselines(split, config)
    return DataSummary(
        task=split.card.name,
        title=split.card.title,
        problem=split.card.problem,
        metric=split.card.metric,
        higher_is_better=split.card.higher_is_better,
        classes=split.classes,
        rows={name: len(split.subset(name)) for name in SUBSET_NAMES},
        class_counts=class_counts(split),
        longest=split.longest,
        input_size=split.input_size,
        outputs=split.outputs,
        symbols=split.symbols,
        vocabulary=split.vocabulary,
        scale=split.scale,
        baseline=baselines[name],
        baseline_name=name,
        baselines=baselines,
        extra=describe_extra(split, config),
        split=split.split_kind or config.data.split,
        leaks=refused_leaks(split),
        notes=split.notes,
        columns=split.columns,
        unit=split.unit,
        fingerprint=split.fingerprint(),
        evaluated=split.evaluated(),
        fold_set=split.fold_set,
    )


def class_counts(split: Split) -> dict[str, tuple[int, ...]]:
    """Number of targets of each class, by subset: rows, or steps with a target; empty where the targets are numbers."""
    if not split.classes:
        return {}
    return {name: tuple(counted(split.subset(name), len(split.classes)).tolist()) for name in SUBSET_NAMES}
