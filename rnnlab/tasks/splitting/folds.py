"""Folds: which people, or other groups, are kept for validation or test, and the folds of a cross-validation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def kept_groups(
    labels: NDArray[np.int64], groups: NDArray[np.int64], order: NDArray[np.int64], share: float
) -> NDArray[np.int64]:
    """Groups of one of about `1 / share` folds: about `share` of the rows, and of each class.

    `order` lists the groups in the order drawn. The folds are those of scikit-learn's `StratifiedGroupKFold`, whose logic
    this is (groups of the most uneven classes first, each to the fold that it leaves the most even; Wolf, 2020): its
    import would take longer than loading the data. Raises `ValueError` for fewer than two groups.
    """
    if len(order) < 2:
        raise ValueError("fewer than two groups cannot be kept apart")
    folds = min(len(order), max(2, round(1 / share)))
    fold_of = group_folds(labels, groups, order, folds)
    # The fold of the first group drawn, so that it depends on the seed.
    kept: NDArray[np.int64] = order[fold_of == fold_of[0]]
    return kept


def group_folds(
    labels: NDArray[np.int64], groups: NDArray[np.int64], order: NDArray[np.int64], folds: int
) -> NDArray[np.int64]:
    """Fold of each group of `order` (groups,), with class counts as even over the folds as groups allow."""
    _, classes = np.unique(labels, return_inverse=True)
    number = {group: index for index, group in enumerate(order.tolist())}
    members = np.array([number[group] for group in groups.tolist()], dtype=np.int64)
    counts = np.zeros((len(order), int(classes.max()) + 1), dtype=np.float64)
    np.add.at(counts, (members, classes), 1)
    totals = counts.sum(axis=0)
    held = np.zeros((folds, counts.shape[1]))
    fold_of = np.zeros(len(order), dtype=np.int64)
    for group in np.argsort(-np.std(counts, axis=1), kind="stable").tolist():
        best, best_unevenness, best_rows = 0, np.inf, np.inf
        for fold in range(folds):
            rows = float(held[fold].sum())
            held[fold] += counts[group]
            unevenness = float(np.mean(np.std(held / totals, axis=0)))
            held[fold] -= counts[group]
            if unevenness < best_unevenness or (np.isclose(unevenness, best_unevenness) and rows < best_rows):
                best, best_unevenness, best_rows = fold, unevenness, rows
        held[best] += counts[group]
        fold_of[group] = best
    return fold_of


def stratified_folds(
    labels: NDArray[np.int64], groups: NDArray[np.int64], draws: NDArray[np.uint64], folds: int
) -> NDArray[np.int64]:
    """Fold of each row (rows,), each class spread evenly over the folds, no group in two of them.

    Rows of a class are in the order of their draws, and a fold takes the next so many of them: a row that is added moves one
    row across each boundary. Where no group has several rows, folds differ by one row at most, and so does each class in them.
    """
    counts = np.bincount(labels)
    begins = np.cumsum(counts) - counts
    # Of all rows, class after class, every `folds`-th is counted for a fold: (fold, class), rows still wanted.
    offset = (np.arange(folds)[:, None] - begins) % folds
    room = counts // folds + (offset < counts % folds)
    alone = np.bincount(groups)[groups] == 1
    fold_of = np.zeros(len(labels), dtype=np.int64)
    for members in members_by_group(groups, draws, ~alone):
        wanted = np.bincount(labels[members], minlength=len(counts))
        excess = np.maximum(wanted - room, 0).sum(axis=1)
        turn = (np.arange(folds) - int(draws[members[0]]) % folds) % folds
        fold = int(np.lexsort((turn, -room.sum(axis=1), excess))[0])
        room[fold] -= wanted
        fold_of[members] = fold
    for label in range(len(counts)):
        members = np.flatnonzero(alone & (labels == label))
        members = members[np.argsort(draws[members], kind="stable")]
        taken = np.maximum(room[:, label], 0)
        while taken.sum() > len(members):  # another fold took more than its share, in a group
            taken[int(np.argmax(taken))] -= 1
        fold_of[members] = np.repeat(np.arange(folds), taken)
    return fold_of


def members_by_group(
    groups: NDArray[np.int64], draws: NDArray[np.uint64], chosen: NDArray[np.bool_]
) -> list[NDArray[np.int64]]:
    """The rows of each group among `chosen`, groups in the order of their first rows' draws."""
    rows = np.flatnonzero(chosen)
    members: dict[int, list[int]] = {}
    for row in rows[np.argsort(draws[rows], kind="stable")].tolist():
        members.setdefault(int(groups[row]), []).append(row)
    return [np.array(found, dtype=np.int64) for found in members.values()]
