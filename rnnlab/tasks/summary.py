"""What a run's log says of its data, and the figure that the simplest answer reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import RunConfig
from rnnlab.runs.events import DataSummary
from rnnlab.tasks.split import PART_NAMES, Part, Split


def summarise_split(split: Split, _config: RunConfig) -> DataSummary:
    """The split in the form that `RunStarted` carries: enough to draw the run and to predict with it."""
    name, baseline = baselines(split)
    return DataSummary(
        task=split.card.name,
        title=split.card.title,
        problem=split.card.problem,
        metric=split.card.metric,
        higher_is_better=split.card.higher_is_better,
        classes=split.classes,
        rows={part: len(split.part(part)) for part in PART_NAMES},
        class_counts=class_counts(split),
        longest=max(int(split.part(part).lengths.max()) for part in PART_NAMES),
        input_size=split.input_size,
        outputs=split.outputs,
        symbols=split.symbols,
        scale=split.scale,
        baseline=baseline,
        baseline_name=name,
        fingerprint=split.fingerprint(),
    )


def class_counts(split: Split) -> dict[str, tuple[int, ...]]:
    """The rows of each class, by part, or the steps where a class is asked for at each; empty where numbers are predicted."""
    if not split.classes:
        return {}
    return {name: tuple(_counted(split.part(name), len(split.classes)).tolist()) for name in PART_NAMES}


def _counted(part: Part, classes: int) -> NDArray[np.int64]:
    """How often each class is the target (classes,); -1 stands for none."""
    targets = part.targets.astype(np.int64).ravel()
    return np.bincount(targets[targets >= 0], minlength=classes)


def baselines(split: Split) -> tuple[str, dict[str, float]]:
    """The simplest answer, chosen on the training rows alone, in words, and what it scores on each part.

    Classes: the training rows' most frequent one, its accuracy. Numbers: the median of the training targets, which no
    other constant beats in mean absolute error there; its MAE.
    """
    scores: dict[str, float]
    if split.classes:
        counts = class_counts(split)
        majority = int(np.argmax(counts["train"]))
        scores = {part: counts[part][majority] / sum(counts[part]) for part in PART_NAMES}
        return f"always {split.classes[majority]}", scores
    median = np.median(split.train.targets, axis=0)
    scores = {part: float(np.mean(np.abs(split.part(part).targets - median))) for part in PART_NAMES}
    return f"always {split.show_number(median.astype(np.float32))}, the training median", scores
