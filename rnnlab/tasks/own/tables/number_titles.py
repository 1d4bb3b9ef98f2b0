"""Titles that are numbers beside a few words: `,0,1,2,label`, or `sample,1100.0,1102.5,class`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.numbers import values_of

_FEWEST = 4
"""Numbers that a line of titles holds at least."""
_SAMPLED = 50


def with_number_titles(table: Table) -> Table:
    """The table, with its first row as titles where that counts by even steps and no row below does."""
    rows = table.sample[: _SAMPLED + 1]
    if table.titled or len(rows) < 3 or table.columns <= _FEWEST:
        return table
    head = [word.strip() for word in rows[0]]
    numbers = [bool(word) and not values_of([word])[1] for word in head]
    places = [index for index, number in enumerate(numbers) if number]
    words = [word for word, number in zip(head, numbers, strict=True) if not number]
    if len(places) < _FEWEST or not words or not _even([head[index] for index in places]):
        return table
    if any(_even([row[index] for index in places]) for row in rows[1:]):
        return table
    below = {word.strip() for row in table.sample[1:] for word in row}
    if any(word in below for word in words if word):
        return table  # a label stands there again further down, a title does not
    first = {word: index for index, word in reversed(list(enumerate(head)))}
    titles = [word if word and first[word] == index else f"column {index + 1}" for index, word in enumerate(head)]
    return replace(table, header=tuple(titles), titled=True, first=table.first + 1, sample=table.sample[1:])


def _even(words: Sequence[str]) -> bool:
    """Whether the words are numbers that rise by the same step."""
    values, wrong = values_of(words)
    steps = np.diff(values)
    return (
        not wrong and bool((steps > 0).all()) and float(np.ptp(steps)) <= 1e-6 * max(1.0, float(np.abs(values).max()))
    )
