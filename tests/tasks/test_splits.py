"""No row in two parts, none lost, each class in all three, the same ones for the same seed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.encoding.tokens import shown_as_text, to_tokens
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.split import split_dataset
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split

LETTERS = "abc"
texts = st.text(LETTERS, min_size=1, max_size=4)
tables = st.lists(st.tuples(texts, st.integers(0, 4)), min_size=12, max_size=80)
seeds = st.integers(0, 2**31 - 1)
shares = st.sampled_from([0.05, 0.1, 0.25, 0.4])


def made_rows(table: list[tuple[str, int]]) -> Dataset:
    names = [text for text, _ in table]
    inputs, lengths = to_tokens(names, LETTERS)
    return Dataset(
        inputs=inputs,
        lengths=lengths,
        targets=np.array([label for _, label in table], dtype=np.int64),
        keys=names,
        input_size=len(LETTERS) + 1,
        outputs=5,
        classes=tuple("ABCDE"),
        symbols=LETTERS,
        show_input=shown_as_text(LETTERS),
    )


def made_split(table: list[tuple[str, int]], **settings: object) -> Split:
    config = RunConfig.from_settings({key.replace("__", "."): value for key, value in settings.items()})
    return split_dataset(TASKS["surnames"], made_rows(table), config)


def pairs(split: Split) -> dict[str, list[tuple[str, int]]]:
    """Each part's rows as (text, class)."""
    return {
        name: [
            (split.show_input(split.subset(name), row), int(target))
            for row, target in enumerate(split.subset(name).targets)
        ]
        for name in SUBSET_NAMES
    }


@given(tables, seeds, shares, shares)
def test_each_distinct_row_is_in_exactly_one_part(
    table: list[tuple[str, int]], seed: int, validation: float, test: float
) -> None:
    try:
        split = made_split(table, train__seed=seed, data__validation=validation, data__test=test)
    except UsageError:
        return  # too few rows, which another test is about
    rows = [row for subset in pairs(split).values() for row in subset]
    assert len(rows) == len(set(rows))
    assert set(rows) == set(table)


@given(tables, seeds, st.sampled_from(["distinct", "grouped"]))
def test_a_seed_makes_one_split_whatever_the_order_of_the_files(
    table: list[tuple[str, int]], seed: int, kind: str
) -> None:
    try:
        first = made_split(table, train__seed=seed, data__split=kind)
    except UsageError:
        return
    again = made_split(table, train__seed=seed, data__split=kind)
    assert again.fingerprint() == first.fingerprint()
    assert pairs(made_split(table[::-1], train__seed=seed, data__split=kind)) == pairs(first)


@given(tables, seeds)
def test_a_class_of_three_rows_is_in_every_part(table: list[tuple[str, int]], seed: int) -> None:
    try:
        split = made_split(table, train__seed=seed)
    except UsageError:
        assert max(Counter(label for _, label in set(table)).values()) < 3
        return
    held = {name: {label for _, label in subset} for name, subset in pairs(split).items()}
    for label, rows in Counter(label for _, label in set(table)).items():
        if rows >= 3:
            assert all(label in labels for labels in held.values())
        else:
            assert label in held["train"]
            assert any("ABCDE"[label] in note for note in split.notes)


@given(tables, seeds, shares, shares)
def test_grouped_keeps_an_input_in_one_part(
    table: list[tuple[str, int]], seed: int, validation: float, test: float
) -> None:
    try:
        split = made_split(table, train__seed=seed, data__split="grouped", data__validation=validation, data__test=test)
    except UsageError:
        return  # too few rows, which another test is about
    subsets = pairs(split)
    assert sorted(row for subset in subsets.values() for row in subset) == sorted(set(table))
    inputs = [{text for text, _ in subset} for subset in subsets.values()]
    assert not inputs[0] & inputs[1]
    assert not inputs[0] & inputs[2]
    assert not inputs[1] & inputs[2]


@pytest.mark.parametrize("kind", ["distinct", "grouped"])
def test_shares_and_classes_are_kept(kind: str) -> None:
    words = [a + b + c + d for a in LETTERS for b in LETTERS for c in LETTERS for d in LETTERS]
    table = [(word, index % 5) for index, word in enumerate(words)] + [(word, 4) for word in words[:10]]
    split = made_split(table, data__split=kind, data__validation=0.2, data__test=0.1)
    rows = Counter(label for _, label in set(table))
    for name, share in (("validation", 0.2), ("test", 0.1)):
        held = Counter(label for _, label in pairs(split)[name])
        for label, count in rows.items():
            assert held[label] == pytest.approx(count * share, abs=0.5 + 1e-9)


def test_another_seed_makes_another_split() -> None:
    table = [(a + b + c, 0) for a in LETTERS for b in LETTERS for c in LETTERS]
    assert pairs(made_split(table, train__seed=1)) != pairs(made_split(table, train__seed=2))


def test_repeated_rows_count_once() -> None:
    table = [("a", 0), ("b", 0), ("c", 0), ("ab", 1), ("ac", 1), ("bc", 1)]
    assert made_split(table * 50).fingerprint() == made_split(table).fingerprint()


def test_too_few_rows_are_an_error_in_words() -> None:
    with pytest.raises(UsageError, match="2 distinct rows, too few"):
        made_split([("a", 0), ("b", 1)] * 9)
