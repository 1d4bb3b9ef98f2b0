"""Against uneven classes: rows drawn evenly, losses weighed, of the training rows alone."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import replace

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score

from rnnlab.config import ConfigError, RunConfig
from rnnlab.runs.events import Evaluated, Progress, RunStarted
from rnnlab.tasks.splitting.types import Subset
from rnnlab.training.data.batches import Batches
from rnnlab.training.evaluation.metrics import balanced_accuracy, count_confusion
from rnnlab.training.loop import Training
from rnnlab.training.step.loss import Objective, given_weights
from tests.training.small import of_kind, small_config, small_split

CPU = torch.device("cpu")


def uneven(*counts: int, seed: int = 0) -> Subset:
    """So many rows of each class, of different lengths, mixed."""
    generator = np.random.default_rng(seed)
    targets = generator.permutation(np.repeat(np.arange(len(counts)), counts))
    lengths = generator.integers(1, 8, len(targets))
    return Subset(np.ones((len(targets), 7), dtype=np.int32), lengths, targets)


def drawn(batches: Batches, epoch: int) -> list[list[int]]:
    return [batch.indices.tolist() for batch in batches.epoch(epoch)]


@settings(max_examples=40, deadline=None)
@given(counts=st.lists(st.integers(0, 60), min_size=2, max_size=6).filter(any), size=st.integers(1, 40))
def test_oversampling_repeats_the_rows_of_each_class_evenly(counts: list[int], size: int) -> None:
    part = uneven(*counts)
    batches = Batches(part, size, balance="oversample")
    epoch = drawn(batches, 1)
    rows = [row for batch in epoch for row in batch]
    assert len(epoch) == len(batches)
    assert len(rows) == batches.sequences_per_epoch
    per_class = Counter(part.targets[rows].tolist())
    assert set(per_class.values()) == {max(counts)}
    times = Counter(rows)
    assert set(times) == set(range(len(part)))
    for label in range(len(counts)):
        own = [times[row] for row in np.flatnonzero(part.targets == label).tolist()]
        assert not own or max(own) - min(own) <= 1


@settings(max_examples=40, deadline=None)
@given(counts=st.lists(st.integers(1, 60), min_size=2, max_size=6), size=st.integers(1, 40))
@example(counts=[1, 1, 1], size=1)  # a class that gets no row in a whole epoch
def test_balanced_batches_hold_every_class_alike(counts: list[int], size: int) -> None:
    part = uneven(*counts)
    batches = Batches(part, size, balance="batches")
    epoch = drawn(batches, 1)
    assert len(epoch) == len(batches) == -(-len(part) // size)
    for rows in epoch:
        assert len(rows) == size
        held = np.bincount(part.targets[rows], minlength=len(counts))
        assert held.max() - held.min() <= 1


@pytest.mark.parametrize("balance", ["oversample", "batches"])
def test_the_order_is_made_of_seed_and_epoch(balance: str) -> None:
    part = uneven(90, 7, 30)

    def order(seed: int, epoch: int) -> list[list[int]]:
        return drawn(Batches(part, 16, seed, balance=balance), epoch)  # type: ignore[arg-type]

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3)
    assert order(1, 2) != order(2, 2)


def test_oversampling_still_reads_near_equal_lengths_together() -> None:
    part = uneven(900, 30, 300)
    batches = Batches(part, 32, balance="oversample")
    padded = sum(batch.inputs.numel() for batch in batches.epoch(0))
    true = sum(int(part.lengths[batch.indices].sum()) for batch in batches.epoch(0))
    assert padded < 1.05 * true


@pytest.mark.parametrize("balance", ["oversample", "batches", "weights"])
def test_balance_is_of_the_training_rows_alone(balance: str) -> None:
    config = small_config("surnames", data__balance=balance, train__epochs=1)
    split = small_split(config)
    events = list(Training(config, split).events())
    started, looks = of_kind(events, RunStarted)[0], of_kind(events, Evaluated)
    for look in looks:
        assert look.confusion is not None
        if not look.running:
            assert sum(map(sum, look.confusion)) == len(split.subset(look.split))
            assert [sum(row) for row in look.confusion] == list(started.data.class_counts[look.split])
    seen = of_kind(events, Progress)[-1].examples
    per_class = max(started.data.class_counts["train"])
    present = sum(count > 0 for count in started.data.class_counts["train"])
    assert seen == {"oversample": per_class * present, "batches": 320, "weights": 300}[balance]


def test_weights_of_ones_own_weigh_the_loss() -> None:
    config = small_config("surnames", data__class_weights="France=4, south africa = 0.5")
    split = small_split(config)
    objective = Objective(config, split, CPU)
    assert objective.weights is not None
    expected = torch.ones(17)
    expected[split.classes.index("France")], expected[split.classes.index("South Africa")] = 4.0, 0.5
    assert torch.equal(objective.weights, expected)
    assert Objective(replace_balance(config, "oversample"), split, CPU).weights is None  # the two exclude one another


def replace_balance(config: RunConfig, balance: str) -> RunConfig:
    return msgspec.structs.replace(config, data=msgspec.structs.replace(config.data, balance=balance))


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("a=2", [2, 1, 1]),
        (" a = 2 , b=0.5,", [2, 0.5, 1]),
        ("x, y=3,a=1e-3", [1e-3, 1, 3]),  # a name may hold a comma
        ("A=2", [2, 1, 1]),
    ],
)
def test_weights_as_they_are_typed(text: str, weights: list[float]) -> None:
    assert given_weights(text, ("a", "b", "x, y")).tolist() == pytest.approx(weights)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Arbic=2", "there is no class 'Arbic'.*Arabic"),
        ("Arabic=0", "above 0"),
        ("Arabic=-1", "above 0"),
        ("Arabic=nan", "above 0"),
        ("Arabic=two", "above 0"),
        ("Arabic", "Arabic=2,Czech=0.5"),
        ("", "Arabic=2,Czech=0.5"),
        ("=2", "Arabic=2,Czech=0.5"),
        ("Arabic=2,Arabic=3", "twice"),
    ],
)
def test_weights_that_cannot_be_are_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refusal:
        given_weights(text, ("Arabic", "Czech"))
    assert str(refusal.value).startswith("data.class_weights")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=60))
def test_balanced_accuracy_is_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    targets, answers = (np.array(side) for side in zip(*pairs, strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a class that is answered and never asked for
        expected = balanced_accuracy_score(targets, answers)
    assert balanced_accuracy(count_confusion(targets, answers, 6)) == pytest.approx(expected, abs=1e-12)


def test_oversampling_lifts_the_rare_class() -> None:
    """Where one class has two rows in a hundred, balance is what makes the net see it."""
    generator = np.random.default_rng(4)
    config = small_config("sinusoids", model__hidden=8, train__epochs=8, optim__lr=0.02, train__batch_size=32)

    def rows(count: int) -> Subset:
        targets = (generator.random(count) < 0.02).astype(np.int64)
        targets[:2] = 1
        inputs = generator.normal(size=(count, 6, 1)) + 1.2 * targets[:, None, None]
        return Subset(inputs.astype(np.float32), np.full(count, 6), targets)

    split = replace(
        small_split(config),
        train=rows(600),
        validation=rows(300),
        test=rows(300),
        outputs=2,
        classes=("common", "rare"),
    )

    def recall(balance: str) -> float:
        events = list(Training(replace_balance(config, balance), split).events())
        looks = of_kind(events, Evaluated)
        return max(float(look.metrics["balanced_accuracy"]) for look in looks if look.split == "validation")

    plain = recall("none")
    assert recall("oversample") > max(0.8, plain)
    assert recall("batches") > max(0.8, plain)
    assert recall("weights") > max(0.8, plain)
