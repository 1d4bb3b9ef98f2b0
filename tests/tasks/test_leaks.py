"""What training shares with validation and test is counted to the row, refused in a sentence, allowed by choice alone."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnnlab.catalog.task_card import TaskCard
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.leaks import (
    count_leaks,
    leaks_by_subset,
    refuse_leaks,
    refused_leaks,
)
from rnnlab.tasks.splitting.types import Split, Subset
from rnnlab.text.leaks import leak_text
from tests.tasks.namefiles import write_names

NONE = dict.fromkeys(("rows", "inputs", "people", "windows", "future"), 0)


def subset(
    inputs: list[int],
    targets: list[int] | None = None,
    groups: list[int] | None = None,
    spans: list[tuple[int, int, int]] | None = None,
) -> Subset:
    """Rows of one step each."""
    return Subset(
        inputs=np.array(inputs, dtype=np.int32)[:, None],
        lengths=np.ones(len(inputs), dtype=np.int64),
        targets=np.array(targets or [0] * len(inputs), dtype=np.int64),
        groups=None if groups is None else np.array(groups, dtype=np.int64),
        spans=None if spans is None else np.array(spans, dtype=np.int64),
    )


def split_of(
    train: Subset, validation: Subset, test: Subset, card: TaskCard = TASKS["names"], group: str = ""
) -> Split:
    return Split(card, train, validation, test, input_size=99, outputs=2, classes=("a", "b"), group=group)


def test_equal_rows_are_rows_and_equal_inputs_of_another_class_are_inputs() -> None:
    split = split_of(subset([1, 2, 3]), subset([1, 4], [0, 0]), subset([2, 3, 3, 5], [1, 0, 0, 0]))
    assert count_leaks(split) == NONE | {"rows": 3, "inputs": 4}
    by_part = leaks_by_subset(split)
    assert (by_part["validation"].rows, by_part["test"].rows, by_part["test"].inputs) == (1, 2, 3)
    assert refused_leaks(split) == {"rows": 3}


def test_what_validation_and_test_share_is_not_training_s_business() -> None:
    assert count_leaks(split_of(subset([1]), subset([2]), subset([2]))) == NONE


def test_an_input_shared_under_another_class_alone_is_shown_and_not_refused() -> None:
    split = split_of(subset([1, 2]), subset([3]), subset([1], [1]))
    assert count_leaks(split)["inputs"] == 1
    assert refused_leaks(split) == {}
    refuse_leaks(split, RunConfig())


def test_rows_of_other_lengths_are_other_rows() -> None:
    short = Subset(np.array([[1, 0]], dtype=np.int32), np.array([1]), np.array([0]))
    long = Subset(np.array([[1, 0]], dtype=np.int32), np.array([2]), np.array([0]))
    assert count_leaks(split_of(short, long, subset([5]))) == NONE


def test_people_are_counted_once_each() -> None:
    split = split_of(
        subset([1, 2, 3], groups=[0, 0, 1]),
        subset([4, 5], groups=[0, 2]),
        subset([6, 7], groups=[0, 1]),
        group="person",
    )
    assert count_leaks(split) == NONE | {"people": 2}
    assert leaks_by_subset(split)["validation"].people == 1


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=12),
    st.lists(st.integers(0, 60), min_size=1, max_size=12),
    st.integers(1, 9),
)
def test_windows_that_overlap_are_counted_as_one_would_by_hand(first: list[int], other: list[int], size: int) -> None:
    spans = [(start, start + size, start + size) for start in first]
    tested = [(start, start + size, start + size) for start in other]
    split = split_of(
        subset(list(range(len(first))), spans=spans),
        subset([98], spans=[(900, 901, 901)]),
        subset([100 + row for row in range(len(other))], spans=tested),
    )
    by_hand = sum(any(a < d and c < b for c, _, d in spans) for a, _, b in tested)
    assert count_leaks(split) == NONE | {"windows": by_hand}


def forecasts(rows: NDArray[np.int64]) -> Subset:
    """Windows of four steps of which the fifth is asked for, at these first steps."""
    spans = np.stack([rows, rows + 4, rows + 5], axis=1)
    values = rows[:, None, None].astype(np.float32) + np.zeros((1, 4, 1), dtype=np.float32)
    return Subset(values, np.full(len(rows), 4), np.zeros((len(rows), 1), dtype=np.float32), spans=spans)


def test_a_forecast_may_read_what_was_trained_on_and_not_answer_it() -> None:
    card = msgspec.structs.replace(TASKS["sales"], splits=("time",))
    first = np.arange(40)
    in_time = Split(card, forecasts(first[:20]), forecasts(first[20:30]), forecasts(first[30:]), 1, 1)
    assert count_leaks(in_time) == NONE
    mixed = np.random.default_rng(0).permutation(40)
    shuffled = Split(card, forecasts(mixed[:20]), forecasts(mixed[20:30]), forecasts(mixed[30:]), 1, 1)
    found = count_leaks(shuffled)
    assert found["windows"] == 0
    earliest = min(int(mixed[20:].min()), int(mixed[20:30].min()))
    assert found["future"] == int((mixed[:20] > earliest).sum())
    with pytest.raises(UsageError, match=r"rows of the future.*take other data"):
        refuse_leaks(shuffled, RunConfig.from_settings({"task.name": "sales"}))
    twice = Split(card, forecasts(first[:20]), forecasts(first[19:30]), forecasts(first[30:]), 1, 1)
    assert count_leaks(twice)["windows"] == 1


def test_kinds_are_told_in_words() -> None:
    assert leak_text({"rows": 1480, "people": 1, "windows": 2}, "person") == (
        "1,480 rows, 1 person and 2 overlapping windows"
    )
    assert leak_text({"people": 8}, "recording") == "8 recordings"
    assert leak_text({"future": 1}) == "1 row of the future"


def repeated(tmp_path: Path, **settings: object) -> RunConfig:
    """Names of which each stands there four times, to be split by row."""
    names = {"Greek.txt": ("\n".join(f"Nam{letter}" for letter in "abcdefghij" * 4) + "\n").encode()}
    if not (tmp_path / "names").exists():
        write_names(tmp_path, names)
    return RunConfig.from_settings(
        {"task.name": "names", "data.path": str(tmp_path), "data.split": "random", "data.test": 0.3, **settings}
    )


def test_a_split_with_repeats_is_refused_with_both_ways_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        load(repeated(tmp_path))
    words = str(raised.value)
    assert words.startswith("data.split = random leaks: training shares ")
    assert " rows with validation or test" in words
    assert "data.split (distinct, grouped)" in words
    assert "data.leaks=allow" in words
    assert "\n" not in words


def test_it_is_allowed_by_choice_and_the_counts_go_with_the_run(tmp_path: Path) -> None:
    config = repeated(tmp_path, **{"data.leaks": "allow"})
    split = load(config)
    assert sum(len(split.subset(name)) for name in ("train", "validation", "test")) == 17 * 12 + 40
    summary = summarise_split(split, config)
    assert summary.leaks == {"rows": count_leaks(split)["rows"]}
    assert summary.leaks["rows"] > 0
    clean = RunConfig.from_settings({"task.name": "names", "data.path": str(tmp_path)})
    assert summarise_split(load(clean), clean).leaks == {}
