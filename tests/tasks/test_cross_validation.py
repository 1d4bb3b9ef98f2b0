"""Folds: every row outside the test set is validated on once, what belongs together stays together, the test set stays."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.plots.dataset.profile import data_card_lines
from rnnlab.tasks.describe.profile import data_card
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.encoding.tokens import to_tokens
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.dataset import Dataset
from rnnlab.tasks.splitting.leaks import count_leaks
from rnnlab.tasks.splitting.split import split_dataset
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split, Subset
from rnnlab.text.palette import MONO
from tests.tasks.activityfiles import write_activities

NEEDS_DATA = "needs the published data sets: set RNNLAB_DATA to their folder"
Row = tuple[bytes, bytes]

texts = st.text("abc", min_size=1, max_size=4)
tables = st.lists(st.tuples(texts, st.integers(0, 3)), min_size=30, max_size=90)


def config(task: str, **settings: object) -> RunConfig:
    return RunConfig.from_settings({"task.name": task} | {k.replace("__", "."): v for k, v in settings.items()})


def rows(subset: Subset) -> list[Row]:
    """Each row as its true input and its target."""
    pairs = zip(subset.inputs, subset.lengths.tolist(), subset.targets, strict=True)
    return [(np.ascontiguousarray(steps[:length]).tobytes(), target.tobytes()) for steps, length, target in pairs]


def loaded(task: str, folds: int, **settings: object) -> list[Split]:
    """The split of each fold."""
    return [load(config(task, data__folds=folds, data__fold=fold, **settings)) for fold in range(1, folds + 1)]


def check_folds(splits: list[Split], without: Split) -> None:
    """The test set is that of the split without folds, and each other row is in exactly one validation set."""
    others = Counter(rows(without.train) + rows(without.validation))
    for split in splits:
        assert rows(split.test) == rows(without.test)
        assert Counter(rows(split.train) + rows(split.validation)) == others
        leaks = count_leaks(split)
        assert not leaks["rows"]
        assert not leaks["people"]
    assert sum((Counter(rows(split.validation)) for split in splits), Counter()) == others
    sizes = [len(split.validation) for split in splits]
    assert min(sizes) > 0
    assert len({split.fold_set for split in splits}) == 1


@pytest.mark.real_data
@pytest.mark.skipif("RNNLAB_DATA" not in os.environ, reason=NEEDS_DATA)
def test_each_name_outside_the_test_set_is_validated_on_once() -> None:
    splits = loaded("names", 5)
    check_folds(splits, load(config("names")))
    sizes = [len(split.validation) for split in splits]
    assert max(sizes) - min(sizes) <= 1
    by_class = np.array([np.bincount(split.validation.targets, minlength=18) for split in splits])
    assert (by_class.max(axis=0) - by_class.min(axis=0)).max() <= 1, "each language as evenly as rows allow"
    again = load(config("names", data__folds=5, data__fold=2))
    assert again.fingerprint() == splits[1].fingerprint()
    other = load(config("names", data__folds=5, data__fold=2, data__seed=1))
    assert other.fold_set != again.fold_set


@pytest.mark.real_data
@pytest.mark.skipif("RNNLAB_DATA" not in os.environ, reason=NEEDS_DATA)
@pytest.mark.parametrize("kind", ["person", "published"])
def test_nobody_of_har_is_in_two_folds(kind: str) -> None:
    settings = {"data__split": kind, "data__normalise": "none"}
    splits = loaded("har", 5, **settings)
    check_folds(splits, load(config("har", **settings)))
    people = [set(np.unique(split.validation.groups).tolist()) for split in splits]  # type: ignore[arg-type]
    assert sum(map(len, people)) == len(set.union(*people))
    assert all(count_leaks(split)["windows"] == 0 for split in splits)
    for split in splits:
        assert set(split.validation.targets.tolist()) == set(range(6))


@pytest.mark.parametrize("split", ["distinct", "grouped"])
def test_a_small_file_of_ones_own(tmp_path: Path, split: str) -> None:
    path = tmp_path / "own.csv"
    lines = [f"{word}{'x' * place},{label}" for place in range(10) for word, label in (("ab", "p"), ("cd", "q"))]
    lines += [f"ab{'x' * place},q" for place in range(10)]  # texts under two labels
    path.write_text("text,label\n" + "\n".join(lines) + "\n")
    settings = {"data__path": str(path), "data__split": split, "data__test": 0.2}
    splits = loaded("own", 4, **settings)
    # The alphabet, and so the tokens, are those of the training rows, which hold every letter here.
    check_folds(splits, load(config("own", **settings)))
    if split == "grouped":
        assert all(count_leaks(each)["inputs"] == 0 for each in splits)


def dataset(table: list[tuple[str, int]]) -> Dataset:
    names = [text for text, _ in table]
    inputs, lengths = to_tokens(names, "abc")
    targets = np.array([label for _, label in table], dtype=np.int64)
    return Dataset(inputs, lengths, targets, names, input_size=4, outputs=4, classes=tuple("ABCD"), symbols="abc")


@given(tables, st.integers(2, 6), st.sampled_from(["distinct", "grouped"]), st.integers(0, 1000))
def test_any_table(table: list[tuple[str, int]], folds: int, kind: str, seed: int) -> None:
    made = dataset(table)
    plain = config("surnames", data__split=kind, train__seed=seed)
    try:
        without = split_dataset(TASKS["surnames"], made, plain)
        splits = [
            split_dataset(
                TASKS["surnames"],
                made,
                RunConfig.from_settings(plain.flat() | {"data.folds": folds, "data.fold": fold}),
            )
            for fold in range(1, folds + 1)
        ]
    except UsageError:
        return  # too few rows, which another test is about
    check_folds(splits, without)
    for split in splits:
        labels = set(split.validation.targets.tolist())
        for label in range(4):
            total = int((without.train.targets == label).sum() + (without.validation.targets == label).sum())
            if kind == "distinct" and total >= folds:
                assert label in labels
            if total and label not in labels:
                assert any(note.startswith(f"{'ABCD'[label]} has") and "validation" in note for note in split.notes)
    if kind == "grouped":
        assert all(not count_leaks(split)["inputs"] for split in splits)


def test_a_row_that_is_added_moves_few_others() -> None:
    words = [a + b + c + d for a in "abc" for b in "abc" for c in "abc" for d in "abc"]
    table = [(word, index % 4) for index, word in enumerate(words)]
    fold = config("surnames", data__folds=5, data__fold=3)
    before = split_dataset(TASKS["surnames"], dataset(table), fold)
    after = split_dataset(TASKS["surnames"], dataset([*table, ("aaa", 0)]), fold)
    shared = set(rows(before.validation)) & set(rows(after.validation))
    assert len(shared) >= len(before.validation) - 8


def test_a_validation_set_that_comes_with_the_data_is_parted_too() -> None:
    words = [a + b + c for a in "abc" for b in "abc" for c in "abc"]
    made = dataset([(word, index % 4) for index, word in enumerate(words)])
    comes = np.repeat(np.array([0, 1, 2], dtype=np.int8), 9)
    given_set = Dataset(**{name: getattr(made, name) for name in made.__dataclass_fields__} | {"given": comes})
    card = TASKS["har"]
    split_config = config("har", data__split="published", data__folds=3)
    split = split_dataset(card, given_set, split_config)
    assert (len(split.train), len(split.validation), len(split.test)) == (12, 6, 9)
    assert any("validation part that comes with the data" in note for note in split.notes)
    assert summarise_split(split, split_config).fold_set == split.fold_set


def test_people_of_small_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))
    root = str(write_activities(tmp_path))
    settings = {"data__path": root, "data__split": "person", "data__normalise": "none"}
    check_folds(loaded("har", 4, **settings), load(config("har", **settings)))
    with pytest.raises(UsageError, match=r"data\.folds = 20 is more than the \d people .* lower it to at most \d"):
        load(config("har", data__folds=20, **settings))


def test_what_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.fold = 4 is not allowed; it must be at most data\.folds, which is 3"):
        config("names", data__folds=3, data__fold=4)
    for task in ("sales", "anbn"):
        with pytest.raises(ConfigError, match=rf"data\.folds = 3 is not allowed; it must be none for the task {task}"):
            config(task, data__folds=3)
    series = tmp_path / "series.csv"
    series.write_text("date,value\n" + "".join(f"2024-01-{day:02},{day}\n" for day in range(1, 31)))
    with pytest.raises(UsageError, match=r"data\.folds = 3 does not suit .* split by time; set it to none"):
        load(config("own", data__path=str(series), data__folds=3, data__window=3))


@pytest.mark.parametrize("task", ["binary", "overfit", "digits", "vigenere", "parity"])
def test_generated_tasks_and_numbers(task: str) -> None:
    settings = {"data__rows": 60} if "data.rows" in TASKS[task].options else {}
    splits = loaded(task, 3, **settings)
    without = load(config(task, **settings))
    assert [len(split.test) for split in splits] == [len(without.test)] * 3
    assert sum(len(split.validation) for split in splits) == len(without.train) + len(without.validation)
    assert {name for split in splits for name in SUBSET_NAMES if not len(split.subset(name))} == set()


def test_the_data_card_names_the_fold() -> None:
    folded = config("digits", data__folds=5, data__fold=2)
    document = data_card(folded)
    assert (document["fold"], document["folds"]) == (2, 5)
    text = "\n".join("".join(segment.text for segment in line) for line in data_card_lines(document, 100, MONO))
    assert "distinct, seed 0, fold 2 of 5" in text
