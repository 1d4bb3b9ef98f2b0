"""Cross-validation: the rows outside the test set are parted into folds, one of which is the validation set."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.task_card import TaskCard
from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.draws import drawn_groups, numbered
from rnnlab.tasks.splitting.folds import group_folds, stratified_folds
from rnnlab.tasks.splitting.types import TEST, TRAIN, VALIDATION


@dataclass(frozen=True)
class Folded:
    """The subset of each row (rows,), with the fold `data.fold` as validation set.

    `fold_set` is a digest of the rows and of the fold each is in: equal for the runs of one cross-validation.
    """

    subset_of: NDArray[np.int8]
    fold_set: str
    notes: tuple[str, ...]


def cross_validated(
    card: TaskCard, dataset: Dataset, draws: NDArray[np.uint64], subset_of: NDArray[np.int8], config: RunConfig
) -> Folded:
    """The split `subset_of` (rows,) with its training and validation rows parted into `data.folds` folds.

    The test set stays, and what the split keeps together is in one fold. Raises `UsageError` where there are fewer groups,
    or rows, than folds.
    """
    data = config.data
    others = np.flatnonzero(subset_of != TEST)
    fold_of = np.full(len(dataset), -1, dtype=np.int64)
    fold_of[others] = _folds(card, dataset, others, draws, config)
    notes: tuple[str, ...] = (
        f"fold {data.fold} of {data.folds} of the {len(others):,} rows outside the test part is the validation part",
    )
    if data.split == "published" and dataset.given is not None and (dataset.given == VALIDATION).any():
        notes += ("the validation part that comes with the data was parted into the folds, too",)
    found = np.where(fold_of == data.fold - 1, VALIDATION, TRAIN).astype(np.int8)
    found[subset_of == TEST] = TEST
    return Folded(found, _fold_set(dataset, draws, fold_of), notes)


def _folds(
    card: TaskCard, dataset: Dataset, others: NDArray[np.int64], draws: NDArray[np.uint64], config: RunConfig
) -> NDArray[np.int64]:
    """The fold, from 0, of each row at the indices `others` (rows,)."""
    folds, kind = config.data.folds or 1, config.data.split
    labels = dataset.labels()[others]
    known = None if dataset.groups is None else dataset.groups[others]
    if known is not None and (kind == "person" or (kind == "published" and len(np.unique(known)) > 1)):
        order = drawn_groups(dataset, known, config.split_seed)
        named = {"person": "people", "recording": "recordings", "folder": "folders"}.get(dataset.group, "groups")
        _check_enough(card, folds, len(order), named)
        number = dict(zip(order.tolist(), group_folds(labels, known, order, folds).tolist(), strict=True))
        return np.array([number[group] for group in known.tolist()], dtype=np.int64)
    alike = kind in ("grouped", "published")
    groups = numbered([dataset.keys[row] for row in others.tolist()]) if alike else np.arange(len(others))
    _check_enough(card, folds, len(np.unique(groups)), "distinct rows" if alike else "rows")
    return stratified_folds(labels, groups, draws[others], folds)


def _check_enough(card: TaskCard, folds: int, count: int, noun: str) -> None:
    if count < folds:
        raise UsageError(
            f"data.folds = {folds} is more than the {count} {noun} that the data of {card.name} have outside the test part; "
            f"lower it to at most {count}, or set it to none"
        )


def _fold_set(dataset: Dataset, draws: NDArray[np.uint64], fold_of: NDArray[np.int64]) -> str:
    order = np.argsort(draws, kind="stable")
    digest = hashlib.sha256("\0".join(dataset.classes).encode("utf-8", "surrogatepass"))
    for array in (draws[order], fold_of[order], dataset.targets[order]):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
