"""Answers at each step, from the batch to the log: cut to length, counted where they are asked for, told apart by kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score
from torch.nn import functional

from rnnlab.runs.events import Evaluated, RunFinished
from rnnlab.tasks.encoding.spell import spell
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import Subset
from rnnlab.training.data.batches import Batches
from rnnlab.training.evaluation.evaluate import Evaluation, RunningScores
from rnnlab.training.evaluation.metrics import ClassScores
from rnnlab.training.loop import Training
from rnnlab.training.step.loss import Objective
from tests.training.small import of_kind, small_config, trained

CPU = torch.device("cpu")
CLASSES = 4


def part(rows: int = 200, longest: int = 9, seed: int = 0) -> Subset:
    """Rows of different lengths, at a third of whose steps nothing is asked."""
    generator = np.random.default_rng(seed)
    lengths = generator.integers(1, longest + 1, rows)
    past = np.arange(longest) >= lengths[:, None]
    inputs = np.where(past, 0, generator.integers(1, 20, (rows, longest))).astype(np.int32)
    asked = (generator.random((rows, longest)) < 0.67) & ~past
    targets = np.where(asked, generator.integers(0, CLASSES, (rows, longest)), -1)
    marks = np.where(past, 0, generator.integers(0, 3, (rows, longest))).astype(np.int8)
    return Subset(inputs, lengths, targets, marks)


def test_batches_cut_targets_and_marks_with_their_inputs() -> None:
    whole = part()
    assert whole.step_kinds is not None
    for batch in [*Batches(whole, 16).epoch(1), *Batches(whole, 16).ordered(64)]:
        steps = batch.inputs.shape[1]
        assert steps == whole.lengths[batch.indices].max()
        assert np.array_equal(batch.targets.numpy(), whole.targets[batch.indices, :steps])
        assert batch.step_kinds is not None
        assert np.array_equal(batch.step_kinds.numpy(), whole.step_kinds[batch.indices, :steps])


def test_the_loss_is_the_mean_over_the_steps_asked() -> None:
    config = small_config("vigenere", data__rows=100)
    split = replace(load(config), outputs=CLASSES)
    objective = Objective(config, split, CPU)
    whole = part()
    logits = torch.randn(len(whole), whole.inputs.shape[1], CLASSES)
    targets = torch.from_numpy(whole.targets)
    asked = targets >= 0
    expected = functional.cross_entropy(logits[asked], targets[asked])
    torch.testing.assert_close(objective.loss(logits, targets), expected)
    total, weight = objective.total(logits, targets)
    assert weight == int(asked.sum())
    assert total / weight == pytest.approx(float(expected), rel=1e-6)
    # What stands where nothing is asked does not matter.
    torch.testing.assert_close(objective.loss(logits.masked_fill(~asked.unsqueeze(2), 9.0), targets), expected)


def test_scores_are_scikit_learns_over_the_steps_asked_and_apart_by_kind() -> None:
    whole = part(seed=3)
    assert whole.step_kinds is not None
    logits = np.random.default_rng(1).normal(size=(*whole.targets.shape, CLASSES)).astype(np.float32)
    scores = ClassScores(CLASSES, ("first", "second", "third"))
    for rows in (slice(0, 90), slice(90, None)):
        targets = whole.targets[rows].ravel().astype(np.int64)
        scores.add(logits[rows].reshape(-1, CLASSES), targets, whole.step_kinds[rows].ravel())
    asked = whole.targets >= 0
    right, answers, marks = whole.targets[asked], logits.argmax(axis=2)[asked], whole.step_kinds[asked]
    figures = scores.metrics()
    assert scores.confusion.sum() == asked.sum()
    assert figures["accuracy"] == pytest.approx(accuracy_score(right, answers))
    assert figures["macro_f1"] == pytest.approx(f1_score(right, answers, average="macro"))
    assert figures["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(right, answers))
    for mark, name in enumerate(("first", "second", "third")):
        of_kind = marks == mark
        assert figures[f"accuracy_{name}"] == pytest.approx(accuracy_score(right[of_kind], answers[of_kind]))


def test_a_kind_that_never_comes_has_no_accuracy() -> None:
    scores = ClassScores(2, ("clean", "replaced"))
    scores.add(np.eye(2, dtype=np.float32), np.array([0, 0]), np.zeros(2, dtype=np.int8))
    assert scores.metrics()["accuracy_clean"] == 0.5
    assert "accuracy_replaced" not in scores.metrics()


def test_training_figures_are_those_of_all_steps_together() -> None:
    config = small_config("copy", data__rows=100, data__steps=3)
    split = load(config)
    training = Training(config, split)
    evaluation = Evaluation(split, training.objective, CPU, 0)
    running, accumulator = RunningScores(training.objective), evaluation.accumulator()
    training.net.eval()
    for batch in Batches(split.train, 16).epoch(1):
        with torch.no_grad():
            outputs = training.net(batch.inputs, batch.lengths)
        running.add(outputs, batch, float(training.objective.loss(outputs, batch.targets)))
        accumulator.add(training.net, batch)
    gathered, looked = running.take(), accumulator.result()
    assert gathered is not None
    assert gathered.metrics == looked.metrics
    assert gathered.loss == pytest.approx(looked.loss, rel=1e-5)
    assert running.take() is None


def test_a_run_tells_each_kind_and_each_further_part_once() -> None:
    config = small_config("copy", data__rows=300, data__steps=2, data__test_steps="5,9", train__epochs=1)
    events = list(Training(config, load(config)).events())
    looks = of_kind(events, Evaluated)
    final = {event.extra_test or event.split: event for event in looks if event.final}
    assert list(final) == ["train", "validation", "test", "delay 5", "delay 9"]
    for event in looks:
        assert {"accuracy_blank", "accuracy_recall", "balanced_accuracy"} <= set(event.metrics)
    finished = of_kind(events, RunFinished)[0]
    assert set(finished.extra) == {"delay 5", "delay 9"}
    assert finished.extra["delay 5"] == {"loss": final["delay 5"].loss, **final["delay 5"].metrics}
    assert final["delay 9"].confusion is not None
    assert sum(map(sum, final["delay 9"].confusion)) == 1000 * 29


def test_samples_spell_the_answer_at_each_step() -> None:
    events = trained(small_config("anbn", data__steps=5, train__epochs=1))
    samples = next(event.samples for event in of_kind(events, Evaluated) if event.samples)
    for sample in samples:
        assert sample.target == "a" + "·" * (len(sample.input) // 2) + sample.input[1:].strip("a")[1:] + "T"
        assert len(sample.prediction) == len(sample.target)
        assert sample.correct == (sample.prediction == sample.target)


def test_spelling() -> None:
    assert spell(("a", "b"), [0, 1, -1, 1]) == "ab·b"
    assert spell(("up", "down"), [0, -1, 1]) == "up · down"


def test_a_counter_learns_to_count() -> None:
    """A small LSTM finds the rule of aⁿbⁿ, and keeps to it beyond what it was trained on."""
    config = small_config(
        "anbn",
        data__steps=8,
        data__test_steps="20",
        model__hidden=8,
        optim__lr=0.02,
        train__batch_size=4,
        train__epochs=250,
        train__evaluate_every=50,
    )
    events = list(Training(config, load(config)).events())
    final = of_kind(events, RunFinished)[0].final["test"]
    assert float(final["accuracy_end"]) == 1.0
    assert float(final["accuracy_inside"]) > 0.8
