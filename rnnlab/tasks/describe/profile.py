"""Profile of a data set: classes, lengths, splits, duplicates, leaks and baselines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig
from rnnlab.runs.normalised import PER_SEQUENCE, how_normalised
from rnnlab.tasks.describe.baselines import all_baselines
from rnnlab.tasks.describe.summary import class_counts
from rnnlab.tasks.encoding.signals import typed_row
from rnnlab.tasks.load import load_unchecked, read_dataset, splits_itself
from rnnlab.tasks.splitting.class_subset import chosen_classes
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.draws import distinct
from rnnlab.tasks.splitting.leaks import count_leaks, leaks_by_subset
from rnnlab.tasks.splitting.normalise import as_read
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset
from rnnlab.text.leaks import LEAK_KINDS

TEST_SHARE = 0.2
"""Test share of the random split of `random_split_leak`, the split of most courses."""
_SAMPLES = 8
_CURVE_STEPS = 200
"""Maximum steps of a sample's curve; a longer one is thinned."""


def data_card(config: RunConfig) -> dict[str, Any]:
    """Card of the configuration's task, ready for JSON.

    `classes` counts the rows as published, cleaned; `splits` those that are used. `duplicates` counts the rows that repeat
    an earlier one, `leaks` what the subsets of this split share, whether or not it may be trained on. Of a task that splits
    by itself the published rows are unknown: its own are counted. Raises as `load` does, but for leaks.
    """
    options = TASKS[config.task.name].options
    dataset = None if splits_itself(config) else read_dataset(config)
    if dataset is not None and "data.classes" in options:
        dataset = dataset.of_classes(chosen_classes(config, dataset.classes))
    split = load_unchecked(config, dataset)
    document = _described(split) | _counted(split, dataset, config) | _evaluated(split, config)
    if split.classes:
        document["baseline"]["published"] = max(document["classes"].values()) / sum(document["classes"].values())
    else:
        document["targets"] = _range(np.concatenate([split.subset(name).targets.ravel() for name in SUBSET_NAMES]))
    if normalised := how_normalised(
        config.task.name, split.card.inputs == "tokens", split.scale, config.data.normalise
    ):
        document["normalised"] = normalised
    # Sequences that were each brought to unit size are not known in their own units any more.
    if split.card.inputs == "values" and not (dataset is None and split.scale.get(PER_SEQUENCE)):
        document["values"] = _value_ranges(split, dataset)
    if split.series is not None:
        document["series"] = _series(split)
    return document


def _described(split: Split) -> dict[str, Any]:
    """What the task is, from its card and its split."""
    card = split.card
    return {
        "name": card.name,
        "title": card.title,
        "summary": card.summary,
        "problem": card.problem,
        "metric": card.metric,
        "source": card.source,
        "terms": card.terms,
        "splits_known": list(card.splits),
        "group": split.group,
        "input_size": split.input_size,
        "outputs": split.outputs,
        "symbols": split.symbols,
        "vocabulary": list(split.vocabulary),
        "unit": split.unit,
        "samples": _samples(split),
        "fingerprint": split.fingerprint(),
        "notes": list(split.notes),
    }


def _counted(split: Split, dataset: Dataset | None, config: RunConfig) -> dict[str, Any]:
    """Rows, classes, lengths and duplicates, as published and by subset."""
    counts = class_counts(split)
    return {
        "rows": sum(len(split.subset(name)) for name in SUBSET_NAMES) if dataset is None else len(dataset),
        "classes": _published(split, dataset),
        "split": split.split_kind or config.data.split,
        "seed": config.split_seed,
        **({"fold": config.data.fold, "folds": config.data.folds} if split.fold_set else {}),
        "splits": {
            name: {
                "rows": len(split.subset(name)),
                "classes": dict(zip(split.classes, counts.get(name, ()), strict=True)),
                **_groups(split, split.subset(name)),
            }
            for name in SUBSET_NAMES
        },
        "further_tests": {name: len(subset) for name, subset in split.extra.items()},
        "lengths": _lengths(split, dataset),
        "changed": 0 if dataset is None else dataset.changed,
        "duplicates": _duplicates(split, dataset),
    }


def _evaluated(split: Split, config: RunConfig) -> dict[str, Any]:
    """Leaks and baselines."""
    name, baselines = all_baselines(split, config)
    return {
        "leaks": _leaks(split),
        "baseline": {"name": name, "metric": split.card.metric, **baselines[name]},
        "baselines": baselines,
    }


def _published(split: Split, dataset: Dataset | None) -> dict[str, int]:
    """Rows of each class as published; those of the split (or its steps) of a task that splits by itself."""
    if dataset is None or dataset.targets.ndim > 1:
        counts = class_counts(split)
        return {name: sum(held[index] for held in counts.values()) for index, name in enumerate(split.classes)}
    published = (
        np.bincount(dataset.labels(), minlength=len(dataset.classes))
        if dataset.classes
        else np.zeros(0, dtype=np.int64)
    )
    return dict(zip(dataset.classes, published.tolist(), strict=True))


def _groups(split: Split, subset: Subset) -> dict[str, Any]:
    """Groups of a subset's rows: `{"people": ["1", "3"]}`, or `groups` where they are not people."""
    if subset.groups is None:
        return {}
    held = np.unique(subset.groups).tolist()
    names = [split.group_names[group] if split.group_names else str(group) for group in held]
    return {"people" if split.group == "person" else "groups": names}


def _range(values: np.ndarray[Any, Any]) -> dict[str, float]:
    return {"min": float(values.min()), "max": float(values.max())}


def _value_ranges(split: Split, dataset: Dataset | None) -> dict[str, float]:
    if dataset is not None:
        return _range(dataset.inputs)
    ranges = [_range(as_read(split.subset(name).inputs.astype(np.float32), split.scale)) for name in SUBSET_NAMES]
    return {"min": min(one["min"] for one in ranges), "max": max(one["max"] for one in ranges)}


def _series(split: Split) -> dict[str, Any]:
    """Series that windows are cut from: its length, first and last label, thinned values."""
    series = split.series
    assert series is not None
    labels = series.labels
    return {
        "points": len(series.truth),
        "first": labels[0] if labels else "",
        "last": labels[-1] if labels else "",
        **_range(series.truth),
        "window": series.window,
        "horizon": series.horizon,
        "season": series.season,
        "validation": series.validation,
        "test": series.test,
        "curve": _thinned(series.truth[:, None])[0],
    }


def _lengths(split: Split, dataset: Dataset | None) -> dict[str, Any]:
    lengths = (
        np.concatenate([split.subset(name).lengths for name in SUBSET_NAMES]) if dataset is None else dataset.lengths
    )
    return {
        "min": int(lengths.min()),
        "max": int(lengths.max()),
        "mean": float(lengths.mean()),
        "median": float(np.median(lengths)),
        "histogram": _histogram(lengths),
    }


def _histogram(lengths: np.ndarray[Any, Any]) -> list[list[int]]:
    """Histogram of lengths: [from, to, rows] of at most 24 ranges."""
    low, high = int(lengths.min()), int(lengths.max())
    width = -(-(high - low + 1) // 24)
    counts = np.bincount((lengths - low) // width)
    return [
        [low + index * width, min(high, low + (index + 1) * width - 1), int(count)]
        for index, count in enumerate(counts.tolist())
    ]


def _duplicates(split: Split, dataset: Dataset | None) -> dict[str, Any]:
    """Counts of duplicates.

    `rows` are those that repeat an earlier (input, class), `distinct` the others, also by class. `several_classes` counts
    the inputs with more than one class, `ceiling` is the accuracy on the published rows of a model that has memorised all
    of them; `several_classes_unstripped` counts before the ends of lines are stripped. `random_split_leak` is the expected
    share of test rows that are also training rows in a random split.
    """
    if dataset is None:
        total = sum(len(split.subset(name)) for name in SUBSET_NAMES)
        return {"rows": 0, "distinct": total}
    labels = dataset.labels()
    first = distinct(dataset.keys, labels)
    document: dict[str, Any] = {"rows": len(dataset) - len(first), "distinct": len(first)}
    if not dataset.classes or dataset.targets.ndim > 1:
        return document
    own = np.bincount(labels[first], minlength=len(dataset.classes)).tolist()
    several, ceiling = _of_several_classes(dataset.keys, labels.tolist())
    copies = Counter(zip(dataset.keys, labels.tolist(), strict=True))
    # All m - 1 other copies of a row are in the test set with probability 0.2^(m - 1).
    leak = sum(count * (1 - TEST_SHARE ** (count - 1)) for count in copies.values()) / len(dataset)
    document |= {
        "classes": dict(zip(dataset.classes, own, strict=True)),
        "several_classes": several,
        "ceiling": ceiling,
        "random_split_leak": leak,
    }
    if dataset.as_published:
        document["several_classes_unstripped"] = _of_several_classes(dataset.as_published, labels.tolist())[0]
    return document


def _of_several_classes(keys: Sequence[str], labels: Sequence[int]) -> tuple[int, float]:
    """Number of inputs with several classes, and the best accuracy that one prediction for each input can have."""
    under: dict[str, Counter[int]] = defaultdict(Counter)
    for key, label in zip(keys, labels, strict=True):
        under[key][label] += 1
    several = sum(len(counts) > 1 for counts in under.values())
    return several, sum(max(counts.values()) for counts in under.values()) / len(keys)


def _leaks(split: Split) -> dict[str, Any]:
    """Leaks by kind and subset, and the kinds for which the split is refused."""
    by_subset = leaks_by_subset(split)
    counts = count_leaks(split, by_subset)
    found: dict[str, Any] = dict(counts)
    for name, leaks in by_subset.items():
        found[name] = asdict(leaks)
    found["refused"] = [kind for kind in LEAK_KINDS if counts[kind]]
    return found


def _samples(split: Split) -> list[dict[str, Any]]:
    """A few training rows as they are shown: one of each class, or the first eight.

    Of values also as curves, one a channel, of at most 200 steps.
    """
    subset = split.train
    if split.classes and subset.targets.ndim == 1:
        labels = subset.targets.astype(np.int64).tolist()
        chosen = [(labels.index(label), name) for label, name in enumerate(split.classes) if label in labels]
    else:
        chosen = [(row, _target(split, subset, row)) for row in range(min(_SAMPLES, len(subset)))]
    return [{"input": split.show_input(subset, row), "target": target, **_curves(split, row)} for row, target in chosen]


def _target(split: Split, subset: Subset, row: int) -> str:
    if not split.classes:
        return split.show_number(subset.targets[row])
    classes = [split.classes[label] for label in subset.targets[row].astype(np.int64).tolist() if label >= 0]
    return "".join(classes) if max(map(len, split.classes)) == 1 else ", ".join(classes)


def _curves(split: Split, row: int) -> dict[str, Any]:
    if split.card.inputs == "tokens":
        return {}
    subset = split.train
    values = as_read(subset.inputs[row, : subset.lengths[row]].astype(np.float32), split.scale)
    # Where values are shown as curves because they are many, they are also given as they may be typed.
    typed = {"typed": typed_row(values)} if "input_scale_0" in split.scale else {}
    return typed | {"curves": _thinned(values)}


def _thinned(values: np.ndarray[Any, Any]) -> list[list[float]]:
    """Channels of values (steps, channels), each thinned to at most 200 steps."""
    steps = np.linspace(0, len(values) - 1, min(len(values), _CURVE_STEPS)).round().astype(np.int64)
    return [[float(f"{value:.6g}") for value in channel] for channel in values[steps].T.tolist()]
