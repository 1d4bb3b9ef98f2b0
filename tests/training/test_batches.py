"""Batches: every row once, near-equal lengths, the same order for the same seed and epoch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.tasks.splitting.types import Subset
from rnnlab.training.data.batches import Batch, Batches


def part(rows: int = 1000, longest: int = 12, seed: int = 0) -> Subset:
    """Rows whose tokens, lengths and targets can be told from one another."""
    generator = np.random.default_rng(seed)
    lengths = generator.integers(1, longest + 1, rows)
    inputs = np.zeros((rows, longest), dtype=np.int32)
    for row, length in enumerate(lengths):
        inputs[row, :length] = generator.integers(1, 50, length)
    return Subset(inputs, lengths, np.arange(rows))


def check(batch: Batch, whole: Subset) -> None:
    """The batch holds just what its rows hold, cut to the longest of them."""
    lengths = whole.lengths[batch.indices]
    assert batch.inputs.shape[1] == lengths.max()
    assert np.array_equal(batch.inputs.numpy(), whole.inputs[batch.indices, : lengths.max()])
    assert np.array_equal(batch.targets.numpy(), whole.targets[batch.indices])
    if batch.lengths is None:
        assert set(lengths) == {batch.inputs.shape[1]}
    else:
        assert np.array_equal(batch.lengths.numpy(), lengths)


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 300), size=st.integers(1, 70), longest=st.integers(1, 9), seed=st.integers(0, 2**31 - 1))
def test_an_epoch_is_every_row_once(rows: int, size: int, longest: int, seed: int) -> None:
    whole = part(rows, longest, seed)
    batches = Batches(whole, size, seed)
    epoch = list(batches.epoch(3))
    assert len(epoch) == len(batches) == -(-rows // size)
    assert sorted(np.concatenate([batch.indices for batch in epoch])) == list(range(rows))
    assert sorted(len(batch) for batch in epoch)[1:] == [size] * (len(epoch) - 1)
    for batch in epoch:
        check(batch, whole)


def order(batches: Batches, epoch: int, start: int = 0) -> list[list[int]]:
    return [batch.indices.tolist() for batch in batches.epoch(epoch, start)]


def test_seed_and_epoch_make_the_order() -> None:
    whole = part()
    assert order(Batches(whole, 32, 7), 2) == order(Batches(whole, 32, 7), 2)
    assert order(Batches(whole, 32, 7), 2) != order(Batches(whole, 32, 7), 3)
    assert order(Batches(whole, 32, 7), 2) != order(Batches(whole, 32, 8), 2)


def test_an_epoch_resumed_at_a_cursor_goes_on_where_it_was() -> None:
    batches = Batches(part(), 32, 7)
    whole = order(batches, 4)
    assert order(batches, 4, start=11) == whole[11:]
    assert order(batches, 4, start=len(whole)) == []


def test_lengths_in_a_batch_are_nearly_equal() -> None:
    whole = part(4000, 20)
    batches = Batches(whole, 50, 0)
    padded = sum(batch.inputs.numel() for batch in batches.epoch(0))
    true = int(whole.lengths.sum())
    assert padded < 1.05 * true
    assert whole.inputs.size > 1.8 * true


def test_neither_rows_nor_lengths_come_in_a_pattern() -> None:
    whole = part(6000, 20)
    batches = Batches(whole, 50, 0)
    first, second = ([set(rows) for rows in order(batches, epoch)] for epoch in (0, 1))
    assert max(len(one & other) for one in first for other in second) < 25
    steps = [batch.inputs.shape[1] for batch in batches.epoch(0)]
    assert abs(np.corrcoef(steps, np.arange(len(steps)))[0, 1]) < 0.3


def test_rows_of_one_length_need_no_lengths() -> None:
    inputs = np.random.default_rng(0).normal(size=(30, 8, 2)).astype(np.float32)
    whole = Subset(inputs, np.full(30, 8), np.zeros((30, 1), dtype=np.float32))
    batches = Batches(whole, 4)
    assert all(batch.lengths is None for batch in batches.epoch(0))
    assert next(batches.epoch(0)).targets.shape == (4, 1)
    assert order(batches, 0) != [list(range(first, min(first + 4, 30))) for first in range(0, 30, 4)]


def test_for_evaluation_the_order_is_by_length_and_always_the_same() -> None:
    whole = part(500)
    batches = Batches(whole, 8, 1)
    looked = list(batches.ordered(64))
    assert [len(batch) for batch in looked] == [64] * 7 + [52]
    rows = np.concatenate([batch.indices for batch in looked])
    assert sorted(rows) == list(range(500))
    assert np.all(np.diff(whole.lengths[rows]) >= 0)
    assert np.array_equal(rows, np.concatenate([batch.indices for batch in Batches(whole, 99, 5).ordered(64)]))
    for batch in looked:
        check(batch, whole)


def test_rows_can_be_taken_by_hand() -> None:
    whole = part(20)
    batch = Batches(whole, 8).take(np.array([5, 3, 3]))
    assert batch.indices.tolist() == batch.targets.tolist() == [5, 3, 3]
    check(batch, whole)


def test_a_part_without_rows_is_refused() -> None:
    empty = Subset(np.zeros((0, 3), dtype=np.int32), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    with pytest.raises(ValueError, match="without sequences"):
        Batches(empty, 4)
