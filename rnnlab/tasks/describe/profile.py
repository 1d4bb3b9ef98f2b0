"""A data set's card: what is in it, how it is split, and what to beware of, in figures."""

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
from rnnlab.tasks.splitting.leaks import REFUSED, count_leaks, leaks_by_part
from rnnlab.tasks.splitting.normalise import as_read
from rnnlab.tasks.splitting.split import distinct
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset

TEST_SHARE = 0.2
"""Of the random split that `random_split_leak` is about, the one most courses make."""
_SAMPLES = 8
_CURVE_STEPS = 200
"""Steps of a sample's curve that are told; a longer one is thinned."""


def data_card(config: RunConfig) -> dict[str, Any]:
    """The card of the configuration's task, ready for JSON.

    `classes` counts the rows as published, cleaned; `splits` those that are used. `duplicates` tells how many rows stand
    there before and how often, `leaks` what the parts of this split share, whether or not it may be trained on. Of a task
    that splits by itself nothing is known of rows as published: there its own are counted. Raises as `load` does, but for
    leaks.
    """
    card = TASKS[config.task.name]
    rows = None if splits_itself(config) else read_dataset(config)
    if rows is not None and "data.classes" in card.options:
        rows = rows.of_classes(chosen_classes(config, rows.classes))
    split = load_unchecked(config, rows)
    card = split.card
    name, baselines = all_baselines(split, config)
    counts = class_counts(split)
    document: dict[str, Any] = {
        "name": card.name,
        "title": card.title,
        "summary": card.summary,
        "problem": card.problem,
        "metric": card.metric,
        "source": card.source,
        "terms": card.terms,
        "rows": sum(len(split.subset(subset)) for subset in SUBSET_NAMES) if rows is None else len(rows),
        "classes": _published(split, rows),
        "split": split.split_kind or config.data.split,
        "splits_known": list(card.splits),
        "seed": config.split_seed,
        "splits": {
            subset: {
                "rows": len(split.subset(subset)),
                "classes": dict(zip(split.classes, counts.get(subset, ()), strict=True)),
                **_groups(split, split.subset(subset)),
            }
            for subset in SUBSET_NAMES
        },
        "further_tests": {subset: len(held) for subset, held in split.extra.items()},
        "group": split.group,
        "lengths": _lengths(split, rows),
        "changed": 0 if rows is None else rows.changed,
        "duplicates": _duplicates(split, rows),
        "leaks": _leaks(split),
        "baseline": {"name": name, "metric": card.metric, **baselines[name]},
        "baselines": baselines,
        "input_size": split.input_size,
        "outputs": split.outputs,
        "symbols": split.symbols,
        "unit": split.unit,
        "samples": _samples(split),
        "fingerprint": split.fingerprint(),
        "notes": list(split.notes),
    }
    if split.classes:
        document["baseline"]["published"] = max(document["classes"].values()) / sum(document["classes"].values())
    else:
        document["targets"] = _range(np.concatenate([split.subset(subset).targets.ravel() for subset in SUBSET_NAMES]))
    if normalised := how_normalised(config.task.name, split.symbols, split.scale, config.data.normalise):
        document["normalised"] = normalised
    # Sequences that were each brought to unit size are not known in their own units any more.
    if card.inputs == "values" and not (rows is None and split.scale.get(PER_SEQUENCE)):
        document["values"] = _value_ranges(split, rows)
    if split.series is not None:
        document["series"] = _series(split)
    return document


def _published(split: Split, rows: Dataset | None) -> dict[str, int]:
    """The rows of each class as published; those of the split (or its steps) where that is the task's own business."""
    if rows is None or rows.targets.ndim > 1:
        counts = class_counts(split)
        return {name: sum(held[place] for held in counts.values()) for place, name in enumerate(split.classes)}
    published = np.bincount(rows.labels(), minlength=len(rows.classes)) if rows.classes else np.zeros(0, dtype=np.int64)
    return dict(zip(rows.classes, published.tolist(), strict=True))


def _groups(split: Split, subset: Subset) -> dict[str, Any]:
    """Who a part's rows are from: `{"people": ["1", "3"]}`, or `groups` where they are not people."""
    if subset.groups is None:
        return {}
    held = np.unique(subset.groups).tolist()
    names = [split.group_names[group] if split.group_names else str(group) for group in held]
    return {"people" if split.group == "person" else "groups": names}


def _range(values: np.ndarray[Any, Any]) -> dict[str, float]:
    return {"min": float(values.min()), "max": float(values.max())}


def _value_ranges(split: Split, rows: Dataset | None) -> dict[str, float]:
    if rows is not None:
        return _range(rows.inputs)
    ranges = [_range(as_read(split.subset(subset).inputs.astype(np.float32), split.scale)) for subset in SUBSET_NAMES]
    return {"min": min(one["min"] for one in ranges), "max": max(one["max"] for one in ranges)}


def _series(split: Split) -> dict[str, Any]:
    """The series that windows are cut from: how long, from when to when, its values thinned."""
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


def _lengths(split: Split, rows: Dataset | None) -> dict[str, Any]:
    lengths = (
        np.concatenate([split.subset(subset).lengths for subset in SUBSET_NAMES]) if rows is None else rows.lengths
    )
    return {
        "min": int(lengths.min()),
        "max": int(lengths.max()),
        "mean": float(lengths.mean()),
        "median": float(np.median(lengths)),
        "histogram": _histogram(lengths),
    }


def _histogram(lengths: np.ndarray[Any, Any]) -> list[list[int]]:
    """How many rows are how long: [from, to, rows] of at most 24 ranges of whole lengths."""
    low, high = int(lengths.min()), int(lengths.max())
    width = -(-(high - low + 1) // 24)
    counts = np.bincount((lengths - low) // width)
    return [
        [low + place * width, min(high, low + (place + 1) * width - 1), int(count)]
        for place, count in enumerate(counts.tolist())
    ]


def _duplicates(split: Split, rows: Dataset | None) -> dict[str, Any]:
    """How often rows stand there.

    `rows` are those that repeat an earlier (input, class), `distinct` the others, also by class. `several_classes` counts
    the inputs that stand under more than one class, `ceiling` is the accuracy on the published rows of who knows all
    of them by heart; `several_classes_unstripped` counts before spaces are taken off the ends of lines.
    `random_split_leak` is the share of test rows that are also training rows where four fifths are drawn at random.
    """
    if rows is None:
        total = sum(len(split.subset(subset)) for subset in SUBSET_NAMES)
        return {"rows": 0, "distinct": total}
    labels = rows.labels()
    first = distinct(rows.keys, labels)
    document: dict[str, Any] = {"rows": len(rows) - len(first), "distinct": len(first)}
    if not rows.classes or rows.targets.ndim > 1:
        return document
    own = np.bincount(labels[first], minlength=len(rows.classes)).tolist()
    several, ceiling = _under_several(rows.keys, labels.tolist())
    copies = Counter(zip(rows.keys, labels.tolist(), strict=True))
    # A row with m copies has its m - 1 others all in the test part with chance 0.2^(m - 1).
    leak = sum(count * (1 - TEST_SHARE ** (count - 1)) for count in copies.values()) / len(rows)
    document |= {
        "classes": dict(zip(rows.classes, own, strict=True)),
        "several_classes": several,
        "ceiling": ceiling,
        "random_split_leak": leak,
    }
    if rows.as_published:
        document["several_classes_unstripped"] = _under_several(rows.as_published, labels.tolist())[0]
    return document


def _under_several(keys: Sequence[str], labels: Sequence[int]) -> tuple[int, float]:
    """How many inputs stand under several classes, and the best accuracy that any answer to each input can have."""
    under: dict[str, Counter[int]] = defaultdict(Counter)
    for key, label in zip(keys, labels, strict=True):
        under[key][label] += 1
    several = sum(len(counts) > 1 for counts in under.values())
    return several, sum(max(counts.values()) for counts in under.values()) / len(keys)


def _leaks(split: Split) -> dict[str, Any]:
    """What validation and test share with training, by kind and part, and for which kinds the split is refused."""
    by_part = leaks_by_part(split)
    counts = count_leaks(split, by_part)
    found: dict[str, Any] = dict(counts)
    for name, leaks in by_part.items():
        found[name] = asdict(leaks)
    found["refused"] = [kind for kind in REFUSED if counts[kind]]
    return found


def _samples(split: Split) -> list[dict[str, Any]]:
    """A few training rows: one of each class, or the first eight. As they are shown; of values also as curves, one a
    channel, of at most 200 steps.
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
        return split.show_number(subset.targets[row].astype(np.float32))
    asked = [split.classes[label] for label in subset.targets[row].astype(np.int64).tolist() if label >= 0]
    return "".join(asked) if max(map(len, split.classes)) == 1 else ", ".join(asked)


def _curves(split: Split, row: int) -> dict[str, Any]:
    if split.card.inputs == "tokens":
        return {}
    subset = split.train
    values = as_read(subset.inputs[row, : subset.lengths[row]].astype(np.float32), split.scale)
    # Where values are shown as curves because they are many, they are told in the form they may be typed in as well.
    typed = {"typed": typed_row(values)} if "input_scale_0" in split.scale else {}
    return typed | {"curves": _thinned(values)}


def _thinned(values: np.ndarray[Any, Any]) -> list[list[float]]:
    """The channels of values (steps, channels), each of at most 200 steps."""
    steps = np.linspace(0, len(values) - 1, min(len(values), _CURVE_STEPS)).round().astype(np.int64)
    return [[float(f"{value:.6g}") for value in channel] for channel in values[steps].T.tolist()]
