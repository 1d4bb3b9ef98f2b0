"""Split into train, validation and test from one seed, without leakage.

Each row draws a number: a hash of the seed, its input and its class. The split depends on these alone, not on the order of
the files, the platform or NumPy's version, and a row added to a data set moves few others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.task_card import TaskCard
from rnnlab.config import RunConfig, UsageError
from rnnlab.runs.normalised import PER_SEQUENCE
from rnnlab.tasks.splitting.class_subset import chosen_classes
from rnnlab.tasks.splitting.cross_validation import cross_validated
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.draws import distinct, drawn, drawn_groups, numbered, numbered_copies
from rnnlab.tasks.splitting.folds import kept_groups, members_by_group
from rnnlab.tasks.splitting.normalise import (
    channel_scale,
    companded,
    normalised,
    normalised_each,
    scale_of,
    shown_as_read,
    shown_with_middle,
    with_means,
)
from rnnlab.tasks.splitting.types import SUBSET_NAMES, TEST, TRAIN, VALIDATION, Split, Subset


def split_dataset(card: TaskCard, dataset: Dataset, config: RunConfig) -> Split:
    """Split of a dataset into train, validation and test as `data.split` says, each subset in an order of its own.

    `distinct`, `recording`: each (input, class) once. `grouped`: that, and no input in two subsets. `published`: the test
    set that comes with the data, and its validation set or else some groups, or rows, of the others. `person`: no group in
    two subsets. `random`: every row by itself, duplicates included. With `data.folds` the rows outside the test set are
    parted into folds, one of which is the validation set. Raises `UsageError` where there are too few rows for
    three subsets, or the data lack what the split needs.
    """
    kind = config.data.split
    if dataset.dropped is not None:
        dataset = dataset.take(np.flatnonzero(~dataset.dropped))
    if "data.classes" in card.options:
        dataset = dataset.of_classes(chosen_classes(config, dataset.classes))
    if kind in ("distinct", "grouped", "recording"):
        dataset = dataset.take(distinct(dataset.keys, dataset.labels()))
    labels = dataset.labels()
    draws = drawn(numbered_copies(dataset.keys, labels), labels, config.split_seed)
    subset_of = _assigned(card, dataset, draws, config)
    folded = cross_validated(card, dataset, draws, subset_of, config) if config.data.folds is not None else None
    if folded is not None:
        subset_of = folded.subset_of
    members = [np.flatnonzero(subset_of == index) for index in range(len(SUBSET_NAMES))]
    for name, held in zip(SUBSET_NAMES, members, strict=True):
        if not len(held):
            raise UsageError(
                f"the data of {card.name} has {len(dataset)} distinct rows, too few for a {name} part; "
                "raise data.validation and data.test, or take a larger data set"
            )
    subsets = [_subset(dataset, held[np.argsort(draws[held], kind="stable")]) for held in members]
    inputs = _prepared_inputs(dataset, subsets, config)
    return Split(
        card=card,
        train=inputs.subsets[TRAIN],
        validation=inputs.subsets[VALIDATION],
        test=inputs.subsets[TEST],
        input_size=inputs.size,
        outputs=dataset.outputs,
        classes=dataset.classes,
        symbols=dataset.symbols,
        vocabulary=dataset.vocabulary,
        scale=({} if dataset.classes else _target_scale(subsets[TRAIN])) | inputs.scale,
        show_input=inputs.show,
        show_number=dataset.show_number,
        step_kind_names=dataset.step_kind_names,
        group=dataset.group,
        group_names=dataset.group_names,
        extra=dataset.extra,
        fold_set=folded.fold_set if folded else "",
        notes=dataset.notes
        + (folded.notes if folded else ())
        + (_absences(dataset.classes, labels, subset_of) if dataset.targets.ndim == 1 else ()),
    )


def _assigned(card: TaskCard, dataset: Dataset, draws: NDArray[np.uint64], config: RunConfig) -> NDArray[np.int8]:
    """The subset of each row (rows,), by the kind of split."""
    match config.data.split:
        case "published":
            return _published(card, dataset, draws, config)
        case "person":
            return _by_group(card, dataset, config)
        case kind:
            groups = numbered(dataset.keys) if kind == "grouped" else np.arange(len(dataset))
            return assign(dataset.labels(), groups, draws, config.data.validation, config.data.test)


class _Inputs(NamedTuple):
    """The subsets with the inputs that a net reads."""

    subsets: Sequence[Subset]
    size: int
    """Of an input, as `Split.input_size`."""
    scale: dict[str, float]
    """Of the inputs, as in `Split.scale`."""
    show: Callable[[Subset, int], str]


def _prepared_inputs(dataset: Dataset, subsets: Sequence[Subset], config: RunConfig) -> _Inputs:
    """The subsets, normalised and companded as the settings say where the dataset asks for it."""
    scale: dict[str, float] = {}
    show, size = dataset.show_input, dataset.input_size
    if not dataset.normalise:
        return _Inputs(subsets, size, scale, show)
    middle, lost = dataset.middle, None
    if dataset.gaps and config.data.normalise != "sequence":
        subsets, there, lost = with_means(subsets)
    original = subsets
    if config.data.normalise == "channel":
        center, spread = channel_scale(subsets[TRAIN])
        if lost is not None:  # the means that were put in shrink the deviation
            spread = (spread / np.sqrt(np.where(there > 0, there, 1.0))).astype(np.float32)
        subsets = [normalised(subset, center, spread, in_place=True) for subset in subsets]
        for subset, missing in zip(subsets, lost or (), strict=False):
            subset.inputs[missing] = 0
        own = center if middle is None else middle + center
        scale = scale_of(own, spread)
        show = shown_as_read(show, own, spread)
    elif config.data.normalise == "sequence":
        subsets = [normalised_each(subset) for subset in subsets]
        scale[PER_SEQUENCE] = 1.0
        show = show if middle is None else shown_with_middle(show, middle)
    elif middle is not None:
        subsets = [replace(subset, inputs=(subset.inputs + middle).astype(np.float32)) for subset in subsets]
    if config.data.compand:
        subsets, further = companded(subsets, config.data.compand)
        scale |= further
        size *= 2
    if PER_SEQUENCE in scale:
        show = _showing_original(show, subsets, original)
    return _Inputs(subsets, size, scale, show)


def _showing_original(
    show: Callable[[Subset, int], str], subsets: Sequence[Subset], original: Sequence[Subset]
) -> Callable[[Subset, int], str]:
    """`show` for subsets whose rows can be shown in their own unit only from the original ones."""

    def show_original(subset: Subset, row: int) -> str:
        pairs = zip(subsets, original, strict=True)
        return show(next((raw for held, raw in pairs if held.inputs is subset.inputs), subset), row)

    return show_original


def _subset(dataset: Dataset, members: NDArray[np.int64]) -> Subset:
    """The rows of the dataset at the indices `members`."""
    return Subset(
        dataset.inputs[members],
        dataset.lengths[members],
        dataset.targets[members],
        step_kinds=None if dataset.step_kinds is None else dataset.step_kinds[members],
        groups=None if dataset.groups is None else dataset.groups[members],
        spans=None if dataset.spans is None else dataset.spans[members],
        rows=dataset.row_indices[members],
    )


def _published(card: TaskCard, dataset: Dataset, draws: NDArray[np.uint64], config: RunConfig) -> NDArray[np.int8]:
    """The subset of each row (rows,), where the data come with a test set, a validation set or both: a share makes the other."""
    if dataset.given is None or not (dataset.given != TRAIN).any():
        raise UsageError(f"the data of {card.name} does not come with a test part; choose another data.split")
    subset_of = dataset.given.copy()
    tested, validated = ((subset_of == held).any() for held in (TEST, VALIDATION))
    if tested and validated:
        return subset_of
    others = np.flatnonzero(subset_of == TRAIN)
    by_training_file = config.data.split_rule >= 2
    drawn_part = VALIDATION if tested else TEST
    share = config.data.validation if tested else config.data.test
    if tested and not by_training_file:
        # A share of all rows is a larger share of those outside the test set.
        share = min(0.5, share * len(dataset) / max(1, len(others)))
    labels = dataset.labels()
    if dataset.groups is not None and len(np.unique(dataset.groups[others])) > 1:
        kept = _kept_groups(dataset, others, share, config.split_seed)
        subset_of[others[np.isin(dataset.groups[others], kept)]] = drawn_part
    else:
        alike = numbered([dataset.keys[row] for row in others.tolist()])
        found = assign(labels[others], alike, draws[others], share, 0.0, one_each=not by_training_file)
        subset_of[others] = np.where(found != TRAIN, drawn_part, TRAIN)
    return subset_of


def _by_group(card: TaskCard, dataset: Dataset, config: RunConfig) -> NDArray[np.int8]:
    """The subset of each row (rows,), no group in two: first the groups of the test set, then those of validation."""
    count = 0 if dataset.groups is None else len(np.unique(dataset.groups))
    if dataset.groups is None or count < 3:
        known = "does not say who each row is from" if dataset.groups is None else f"is from {count} of a kind"
        raise UsageError(f"the data of {card.name} {known}, so it cannot be split so; choose another data.split")
    subset_of = np.full(len(dataset), TRAIN, dtype=np.int8)
    everyone = np.arange(len(dataset))
    tested = np.isin(dataset.groups, _kept_groups(dataset, everyone, config.data.test, config.split_seed))
    others = np.flatnonzero(~tested)
    share = config.data.validation * len(dataset) / len(others)
    validated = np.isin(dataset.groups[others], _kept_groups(dataset, others, share, config.split_seed))
    subset_of[others[validated]] = VALIDATION
    subset_of[tested] = TEST
    return subset_of


def _kept_groups(dataset: Dataset, among: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    """Groups that make about `share` of the rows at the indices `among`, drawn by the seed and their names."""
    assert dataset.groups is not None
    return kept_groups(
        dataset.labels()[among], dataset.groups[among], drawn_groups(dataset, dataset.groups[among], seed), share
    )


def assign(
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
    draws: NDArray[np.uint64],
    validation: float,
    test: float,
    *,
    one_each: bool = False,
) -> NDArray[np.int8]:
    """The subset of each row (rows,): 0 train, 1 validation, 2 test; stratified by class, no group in two subsets.

    Each class puts its share, rounded, in validation and test: at least one row of each where it has three and the share is
    not 0. Groups of several rows are assigned first, to a subset that still has room for all of their classes, and the rest
    fills up. `one_each`: a share of 0 takes one row of each class too, as the first split rule did.
    """
    subset_of = np.full(len(labels), TRAIN, dtype=np.int8)
    classes = int(labels.max(initial=-1)) + 1
    counts = np.bincount(labels, minlength=classes)
    # (subset - 1, class): rows still wanted
    room = np.stack([_share(counts, share, one_each=one_each) for share in (validation, test)])
    sizes = np.bincount(groups) if len(groups) else np.zeros(0, dtype=np.int64)
    alone = sizes[groups] == 1
    trained = np.zeros(classes, dtype=np.int64)
    for members in members_by_group(groups, draws, ~alone):
        wanted = np.bincount(labels[members], minlength=classes)
        # Low bits, on which the order of the groups does not depend: the subset, with the shares as probabilities.
        chance = int(draws[members[0]]) % 2**32 / 2**32
        target = TEST if chance < test else VALIDATION if chance < test + validation else TRAIN
        if target != TRAIN and bool((wanted <= room[target - 1]).all()):
            room[target - 1] -= wanted
            subset_of[members] = target
        else:
            trained += wanted
    for label in range(classes):
        members = np.flatnonzero(alone & (labels == label))
        members = members[np.argsort(draws[members], kind="stable")]
        # One row is kept back to train on, where the class has none there yet.
        spare = len(members) - (trained[label] == 0)
        tested = max(0, min(int(room[TEST - 1, label]), spare - (1 if room[VALIDATION - 1, label] else 0)))
        validated = max(0, min(int(room[VALIDATION - 1, label]), spare - tested))
        subset_of[members[:tested]] = TEST
        subset_of[members[tested : tested + validated]] = VALIDATION
    return subset_of


def _share(counts: NDArray[np.int64], share: float, *, one_each: bool) -> NDArray[np.int64]:
    wanted: NDArray[np.int64] = np.rint(counts * share).astype(np.int64)
    if not share and not one_each:
        return wanted
    return np.where(counts >= 3, np.maximum(wanted, 1), 0)


def _target_scale(train: Subset) -> dict[str, float]:
    """Mean and standard deviation of the training targets, with which a net's output is scaled back."""
    deviation = float(np.std(train.targets))
    return {"target_scale": deviation or 1.0, "target_offset": float(np.mean(train.targets))}


def _absences(classes: tuple[str, ...], labels: NDArray[np.int64], subset_of: NDArray[np.int8]) -> tuple[str, ...]:
    """A sentence for each class without a row in one of the subsets."""
    sentences = []
    for label, name in enumerate(classes):
        held = np.bincount(subset_of[labels == label], minlength=3)
        empty = [subset for subset, rows in zip(SUBSET_NAMES, held.tolist(), strict=True) if not rows]
        if empty:
            sentences.append(f"{name} has {int(held.sum())} distinct rows: none of them in {' or '.join(empty)}")
    return tuple(sentences)
