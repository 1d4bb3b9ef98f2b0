"""A data set's card: what is in it, how it is split, and what to beware of, in figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlab.config import RunConfig
from rnnlab.tasks.catalog import TASKS
from rnnlab.tasks.load import read_rows
from rnnlab.tasks.rows import Rows
from rnnlab.tasks.split import PART_NAMES, Part, Split
from rnnlab.tasks.splits import distinct, split_rows
from rnnlab.tasks.summary import baselines, class_counts

TEST_SHARE = 0.2
"""Of the random split that `random_split_leak` is about, the one most courses make."""


def data_card(config: RunConfig) -> dict[str, Any]:
    """The card of the configuration's task, ready for JSON.

    `classes` counts the rows as published, cleaned; `splits` those that are used. `duplicates` tells how many rows stand
    there before and how often, `leaks` what the parts of this split share. Raises as `load` does.
    """
    card = TASKS[config.task.name]
    rows = read_rows(config)
    split = split_rows(card, rows, config)
    name, scores = baselines(split)
    counts = class_counts(split)
    published = np.bincount(rows.labels(), minlength=len(rows.classes)) if rows.classes else np.zeros(0, dtype=np.int64)
    document: dict[str, Any] = {
        "name": card.name,
        "title": card.title,
        "summary": card.summary,
        "problem": card.problem,
        "metric": card.metric,
        "source": card.source,
        "terms": card.terms,
        "rows": len(rows),
        "classes": dict(zip(rows.classes, published.tolist(), strict=True)),
        "split": config.data.split,
        "seed": config.train.seed,
        "splits": {
            part: {
                "rows": len(split.part(part)),
                "classes": dict(zip(split.classes, counts.get(part, ()), strict=True)),
            }
            for part in PART_NAMES
        },
        "lengths": _lengths(rows),
        "changed": rows.changed,
        "duplicates": _duplicates(rows),
        "leaks": _leaks(split),
        "baseline": {"name": name, "metric": card.metric, **scores},
        "input_size": split.input_size,
        "outputs": split.outputs,
        "symbols": split.symbols,
        "samples": _samples(split),
        "fingerprint": split.fingerprint(),
        "notes": list(split.notes),
    }
    if rows.classes:
        document["baseline"]["published"] = int(published.max()) / len(rows)
    else:
        document["targets"] = {"min": float(rows.targets.min()), "max": float(rows.targets.max())}
    if card.inputs == "values":
        document["values"] = {"min": float(rows.inputs.min()), "max": float(rows.inputs.max())}
    return document


def _lengths(rows: Rows) -> dict[str, float]:
    return {
        "min": int(rows.lengths.min()),
        "max": int(rows.lengths.max()),
        "mean": float(rows.lengths.mean()),
        "median": float(np.median(rows.lengths)),
    }


def _duplicates(rows: Rows) -> dict[str, Any]:
    """How often rows stand there.

    `rows` are those that repeat an earlier (input, class), `distinct` the others, also by class. `several_classes` counts
    the inputs that stand under more than one class, `ceiling` is the accuracy on the published rows of who knows all
    of them by heart; `several_classes_unstripped` counts before spaces are taken off the ends of lines.
    `random_split_leak` is the share of test rows that are also training rows where four fifths are drawn at random.
    """
    labels = rows.labels()
    first = distinct(rows.keys, labels)
    document: dict[str, Any] = {"rows": len(rows) - len(first), "distinct": len(first)}
    if not rows.classes:
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
    """Rows of validation and test that are also training rows, and inputs that are, under whatever class."""
    inputs, rows = _keys(split.train)
    seen_inputs, seen_rows = set(inputs), set(rows)
    document: dict[str, Any] = {"rows": 0, "inputs": 0}
    for name in ("validation", "test"):
        inputs, rows = _keys(split.part(name))
        shared = {"rows": sum(row in seen_rows for row in rows), "inputs": sum(key in seen_inputs for key in inputs)}
        document |= {
            name: shared,
            "rows": document["rows"] + shared["rows"],
            "inputs": document["inputs"] + shared["inputs"],
        }
        seen_inputs |= set(inputs)
        seen_rows |= set(rows)
    return document


def _keys(part: Part) -> tuple[list[bytes], list[bytes]]:
    """Each row's input as bytes, and its input and target."""
    # Rows of different length differ in a step past the shorter's end only if that step's length says so.
    inputs = [
        length.tobytes() + row.tobytes()
        for length, row in zip(part.lengths, np.ascontiguousarray(part.inputs), strict=True)
    ]
    return inputs, [key + target.tobytes() for key, target in zip(inputs, part.targets, strict=True)]


def _samples(split: Split) -> list[dict[str, str]]:
    """A few training rows as texts: one of each class, or the first eight."""
    part = split.train
    if split.classes:
        labels = part.targets.astype(np.int64).tolist()
        chosen = [labels.index(label) for label in range(len(split.classes)) if label in labels]
        return [{"input": split.show_input(part, row), "target": split.classes[labels[row]]} for row in chosen]
    return [
        {"input": split.show_input(part, row), "target": split.show_number(part.targets[row].astype(np.float32))}
        for row in range(min(8, len(part)))
    ]
