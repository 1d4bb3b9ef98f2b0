"""Train, validation and test from one seed, without leakage.

Each row draws a number: a hash of the seed, its input and its class. The split hangs on these alone, not on the order of
the files, the platform or NumPy's version, and a row added to a data set moves few others.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.task_card import TaskCard
from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.normalised import PER_SEQUENCE
from rnnlab.tasks.splitting.class_subset import chosen_classes
from rnnlab.tasks.splitting.dataset import Rows
from rnnlab.tasks.splitting.folds import kept_groups
from rnnlab.tasks.splitting.normalise import (
    channel_scale,
    companded,
    normalised,
    normalised_each,
    scale_of,
    shown_as_read,
)
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset

TRAIN, VALIDATION, TEST = range(3)


def split_rows(card: TaskCard, rows: Rows, config: RunConfig) -> Split:
    """`rows` in three parts as `data.split` says; each part in an order of its own, classes mixed.

    `distinct`, `recording`: each (input, class) once. `grouped`: that, and no input in two parts. `published`: the test
    rows that the data comes with, and its validation rows or else some groups, or rows, of the others. `person`: no group
    in two parts. `random`: every row by itself, repeats and all. Raises `UsageError` where there are too few rows for
    three parts, or the data does not say what the split needs to know.
    """
    kind = config.data.split
    seed = config.split_seed
    if rows.dropped is not None:
        rows = rows.take(np.flatnonzero(~rows.dropped))
    if "data.classes" in card.options:
        rows = rows.of_classes(chosen_classes(config, rows.classes))
    if kind in ("distinct", "grouped", "recording"):
        rows = rows.take(distinct(rows.keys, rows.labels()))
    labels = rows.labels()
    draws = drawn(numbered_copies(rows.keys, labels), labels, seed)
    match kind:
        case "published":
            places = _published(card, rows, draws, config)
        case "person":
            places = _by_group(card, rows, config)
        case _:
            groups = numbered(rows.keys) if kind == "grouped" else np.arange(len(rows))
            places = assign(labels, groups, draws, config.data.validation, config.data.test)
    members = [np.flatnonzero(places == index) for index in range(len(SUBSET_NAMES))]
    for name, held in zip(SUBSET_NAMES, members, strict=True):
        if not len(held):
            raise UsageError(
                f"the data of {card.name} has {len(rows)} distinct rows, too few for a {name} part; "
                "raise data.validation and data.test, or take a larger data set"
            )
    parts = [_part(rows, held[np.argsort(draws[held], kind="stable")]) for held in members]
    scale = {} if rows.classes else _scale(parts[TRAIN])
    as_they_are = parts
    show, input_size = rows.show_input, rows.input_size
    if rows.normalise:
        if config.data.normalise == "channel":
            center, spread = channel_scale(parts[TRAIN])
            parts = [normalised(part, center, spread, in_place=True) for part in parts]
            scale |= scale_of(center, spread)
            show = shown_as_read(show, center, spread)
        elif config.data.normalise == "sequence":
            parts = [normalised_each(part) for part in parts]
            scale[PER_SEQUENCE] = 1.0
        if config.data.compand:
            parts, further = companded(parts, config.data.compand)
            scale |= further
            input_size *= 2
        if PER_SEQUENCE in scale:
            show = _shown_instead(show, parts, as_they_are)
    return Split(
        card=card,
        train=parts[TRAIN],
        validation=parts[VALIDATION],
        test=parts[TEST],
        input_size=input_size,
        outputs=rows.outputs,
        classes=rows.classes,
        symbols=rows.symbols,
        scale=scale,
        show_input=show,
        show_number=rows.show_number,
        marks=rows.mark_names,
        group=rows.group,
        group_names=rows.group_names,
        extra=rows.extra,
        notes=rows.notes + (_absences(rows.classes, labels, places) if rows.targets.ndim == 1 else ()),
    )


def _shown_instead(
    show: Callable[[Subset, int], str], parts: Sequence[Subset], as_they_are: Sequence[Subset]
) -> Callable[[Subset, int], str]:
    """`show` for parts whose rows' own units are known from other parts alone."""

    def shown(part: Subset, row: int) -> str:
        pairs = zip(parts, as_they_are, strict=True)
        return show(next((raw for held, raw in pairs if held.inputs is part.inputs), part), row)

    return shown


def _part(rows: Rows, members: NDArray[np.int64]) -> Subset:
    return Subset(
        rows.inputs[members],
        rows.lengths[members],
        rows.targets[members],
        marks=None if rows.marks is None else rows.marks[members],
        groups=None if rows.groups is None else rows.groups[members],
        spans=None if rows.spans is None else rows.spans[members],
    )


def _published(card: TaskCard, rows: Rows, draws: NDArray[np.uint64], config: RunConfig) -> NDArray[np.int8]:
    """The part of each row where the data says which rows are for the test."""
    if rows.given is None or not (rows.given == TEST).any():
        raise UsageError(f"the data of {card.name} does not come with a test part; choose another data.split")
    places = rows.given.copy()
    if (places == VALIDATION).any():
        return places
    others = np.flatnonzero(places == TRAIN)
    by_training_file = config.data.split_rule >= 2
    share = config.data.validation
    if not by_training_file:
        # A share of all rows is a larger share of those that are not for the test.
        share = min(0.5, share * len(rows) / max(1, len(others)))
    labels = rows.labels()
    if rows.groups is not None and len(np.unique(rows.groups[others])) > 1:
        kept = _kept_groups(rows, others, share, config.split_seed)
        places[others[np.isin(rows.groups[others], kept)]] = VALIDATION
    else:
        alike = numbered([rows.keys[row] for row in others.tolist()])
        found = assign(labels[others], alike, draws[others], share, 0.0, one_each=not by_training_file)
        places[others] = np.minimum(found, VALIDATION)
    return places


def _by_group(card: TaskCard, rows: Rows, config: RunConfig) -> NDArray[np.int8]:
    """The part of each row where no group may be in two: first the test's groups, then validation's among the others."""
    count = 0 if rows.groups is None else len(np.unique(rows.groups))
    if rows.groups is None or count < 3:
        known = "does not say who each row is from" if rows.groups is None else f"is from {count} of a kind"
        raise UsageError(f"the data of {card.name} {known}, so it cannot be split so; choose another data.split")
    places = np.full(len(rows), TRAIN, dtype=np.int8)
    everyone = np.arange(len(rows))
    tested = np.isin(rows.groups, _kept_groups(rows, everyone, config.data.test, config.split_seed))
    others = np.flatnonzero(~tested)
    share = config.data.validation * len(rows) / len(others)
    places[others[np.isin(rows.groups[others], _kept_groups(rows, others, share, config.split_seed))]] = VALIDATION
    places[tested] = TEST
    return places


def _kept_groups(rows: Rows, among: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    """Groups that make about `share` of the rows at the places `among`, drawn by the seed and their names."""
    assert rows.groups is not None
    present = np.unique(rows.groups[among])
    names = [rows.group_names[group] if rows.group_names else str(group) for group in present.tolist()]
    order = present[np.argsort(drawn(names, np.zeros(len(names), dtype=np.int64), seed), kind="stable")]
    return kept_groups(rows.labels()[among], rows.groups[among], order, share)


def distinct(keys: Sequence[str], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places of the first row of each (input, class), in order."""
    first: dict[tuple[str, int], int] = {}
    for row, pair in enumerate(zip(keys, labels.tolist(), strict=True)):
        first.setdefault(pair, row)
    return np.fromiter(first.values(), dtype=np.int64, count=len(first))


def numbered(keys: Sequence[str]) -> NDArray[np.int64]:
    """A number for each row (rows,): the same for equal inputs."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def numbered_copies(keys: Sequence[str], labels: NDArray[np.int64]) -> Sequence[str]:
    """`keys`, each repeat of an (input, class) with its number, so that copies draw by themselves."""
    seen: Counter[tuple[str, int]] = Counter()
    told = []
    for pair in zip(keys, labels.tolist(), strict=True):
        copy = seen[pair]
        seen[pair] += 1
        told.append(f"{pair[0]}\0{copy}" if copy else pair[0])
    return told


def drawn(keys: Sequence[str], labels: NDArray[np.int64], seed: int) -> NDArray[np.uint64]:
    """A number for each row (rows,), from the seed, its input and its class."""
    salt = f"rnnlab split {seed}".encode()
    digests = b"".join(
        hashlib.blake2b(f"{label}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8, key=salt).digest()
        for key, label in zip(keys, labels.tolist(), strict=True)
    )
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def assign(
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
    draws: NDArray[np.uint64],
    validation: float,
    test: float,
    *,
    one_each: bool = False,
) -> NDArray[np.int8]:
    """The part of each row (rows,): 0 train, 1 validation, 2 test; stratified by class, no group in two parts.

    Each class puts its share, rounded, in validation and test: at least one row of each where it has three and the share is
    not 0. Groups of several rows are placed first, into a part that still has room for all of their classes, and the rest
    fills up. `one_each`: a share of 0 takes one row of each class too, as the first split rule did.
    """
    places = np.full(len(labels), TRAIN, dtype=np.int8)
    classes = int(labels.max(initial=-1)) + 1
    counts = np.bincount(labels, minlength=classes)
    # (part - 1, class): rows still wanted
    room = np.stack([_share(counts, share, one_each=one_each) for share in (validation, test)])
    sizes = np.bincount(groups) if len(groups) else np.zeros(0, dtype=np.int64)
    alone = sizes[groups] == 1
    trained = np.zeros(classes, dtype=np.int64)
    for members in _together(groups, draws, ~alone):
        wanted = np.bincount(labels[members], minlength=classes)
        # Low bits, which the order of the groups does not hang on: where it would go, in proportion to the parts.
        chance = int(draws[members[0]]) % 2**32 / 2**32
        place = TEST if chance < test else VALIDATION if chance < test + validation else TRAIN
        if place != TRAIN and bool((wanted <= room[place - 1]).all()):
            room[place - 1] -= wanted
            places[members] = place
        else:
            trained += wanted
    for label in range(classes):
        members = np.flatnonzero(alone & (labels == label))
        members = members[np.argsort(draws[members], kind="stable")]
        # One row is kept back to train on, where the class has none there yet.
        spare = len(members) - (trained[label] == 0)
        tested = max(0, min(int(room[TEST - 1, label]), spare - (1 if room[VALIDATION - 1, label] else 0)))
        validated = max(0, min(int(room[VALIDATION - 1, label]), spare - tested))
        places[members[:tested]] = TEST
        places[members[tested : tested + validated]] = VALIDATION
    return places


def _share(counts: NDArray[np.int64], share: float, *, one_each: bool) -> NDArray[np.int64]:
    wanted: NDArray[np.int64] = np.rint(counts * share).astype(np.int64)
    if not share and not one_each:
        return wanted
    return np.where(counts >= 3, np.maximum(wanted, 1), 0)


def _together(
    groups: NDArray[np.int64], draws: NDArray[np.uint64], chosen: NDArray[np.bool_]
) -> list[NDArray[np.int64]]:
    """The rows of each group among `chosen`, groups in the order of their first rows' draws."""
    rows = np.flatnonzero(chosen)
    members: dict[int, list[int]] = {}
    for row in rows[np.argsort(draws[rows], kind="stable")].tolist():
        members.setdefault(int(groups[row]), []).append(row)
    return [np.array(found, dtype=np.int64) for found in members.values()]


def _scale(train: Subset) -> dict[str, float]:
    """Mean and standard deviation of the training targets: what undoes the net's output."""
    deviation = float(np.std(train.targets))
    return {"target_scale": deviation or 1.0, "target_offset": float(np.mean(train.targets))}


def _absences(classes: tuple[str, ...], labels: NDArray[np.int64], places: NDArray[np.int8]) -> tuple[str, ...]:
    """A sentence for each class that a part has no row of."""
    sentences = []
    for label, name in enumerate(classes):
        held = np.bincount(places[labels == label], minlength=3)
        empty = [part for part, rows in zip(SUBSET_NAMES, held.tolist(), strict=True) if not rows]
        if empty:
            sentences.append(f"{name} has {int(held.sum())} distinct rows: none of them in {' or '.join(empty)}")
    return tuple(sentences)
