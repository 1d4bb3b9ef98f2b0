"""Order of the classes of a confusion matrix: as they are, by their errors, or similar ones side by side."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Literal

from rnnlab.plots.confusion.cells import Counts

Order = Literal["classes", "errors", "recall", "similar"]
ORDERS: dict[Order, str] = {
    "classes": "as they are",
    "errors": "most errors first",
    "recall": "lowest recall first",
    "similar": "confused ones side by side",
}
"""Orders of the classes, each with its description."""


def class_order(counts: Counts, order: Order) -> list[int]:
    """Indices of the classes in this order. Ties stay in the order of the classes.

    `errors`: rows of the class predicted otherwise and rows of others predicted as it, the most first. `recall`: the share of
    its rows that are right, the lowest first, classes without rows last. `similar`: from the class with the most errors on,
    each time the one most often confused with the last, as far as any is.
    """
    size = len(counts)
    if order == "errors":
        errors = _errors(counts)
        return sorted(range(size), key=lambda at: -errors[at])
    if order == "recall":
        return sorted(range(size), key=lambda at: counts[at][at] / sum(counts[at]) if any(counts[at]) else 2.0)
    if order == "similar":
        return _chain(counts)
    return list(range(size))


def _errors(counts: Counts) -> list[int]:
    columns = [sum(column) for column in zip(*counts, strict=True)]
    return [sum(row) + columns[at] - 2 * row[at] for at, row in enumerate(counts)]


def _chain(counts: Counts) -> list[int]:
    """Each class followed by the one left that it is most often confused with, by the share of the smaller of both."""
    errors, rows = _errors(counts), [sum(row) for row in counts]
    left = list(range(len(counts)))
    chain: list[int] = []
    while left:
        last = chain[-1] if chain else None
        best = max(left, key=lambda at: (0.0 if last is None else _alike(counts, rows, last, at), errors[at], -at))
        left.remove(best)
        chain.append(best)
    return chain


def _alike(counts: Counts, rows: Sequence[int], a: int, b: int) -> float:
    """How often two classes are taken for each other, as a share of the rows of the smaller one."""
    return (counts[a][b] + counts[b][a]) / max(1, min(rows[a], rows[b]))


def frequent_confusions(counts: Counts, most: int) -> list[tuple[int, int, int]]:
    """At most so many of the confusions: true class, predicted class, rows; the most frequent first, ties in order of classes."""
    found = ((i, j, n) for i, row in enumerate(counts) for j, n in enumerate(row) if i != j and n)
    return heapq.nsmallest(most, found, key=lambda each: (-each[2], *each[:2]))


def most_confused(counts: Counts) -> tuple[int, int]:
    """The true and the predicted class of the most frequent error; the first class rightly predicted where there is none."""
    return next(((i, j) for i, j, _ in frequent_confusions(counts, 1)), (0, 0))
