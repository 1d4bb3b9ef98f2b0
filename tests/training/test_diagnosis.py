"""What is said at the end of a run that learned nothing, and of one that did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnnlab.config import RunConfig
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import Diagnosed, Evaluated, Event, RunFinished
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import Split, Subset
from rnnlab.training.evaluation.evaluate import EvaluationResult
from rnnlab.training.loop import Training
from rnnlab.training.observe.diagnosis import diagnose
from tests.training.small import of_kind, small_config, small_split, trained


def said(events: list[Event]) -> dict[str, Diagnosed]:
    assert isinstance(events[-1], RunFinished)
    return {event.kind: event for event in of_kind(events, Diagnosed)}


def shuffled(split: Split) -> Split:
    """The same rows with targets that have nothing to do with them: one class at seven of ten rows."""
    generator = np.random.default_rng(0)

    def blind(part: Subset) -> Subset:
        return replace(part, targets=(generator.random(len(part)) < 0.3).astype(np.int64))

    return replace(split, train=blind(split.train), validation=blind(split.validation), test=blind(split.test))


def test_a_net_that_answers_one_class_is_told_so() -> None:
    """Five updates at a small rate: hardly anything has moved."""
    config = small_config("surnames", optim__lr=1e-3, train__epochs=1, model__hidden=4)
    split = small_split(config)
    events = list(Training(config, split).events())
    found = said(events)
    assert set(found) == {"one-class", "below-baseline"}
    confusion = of_kind(events, Evaluated)[-1].confusion
    assert confusion is not None
    name = split.classes[int(np.sum(confusion, axis=0).argmax())]
    assert f"answers {name} for everything" in found["one-class"].message
    assert "data.balance" in found["one-class"].remedy
    assert "always Poland" in found["below-baseline"].message  # the commonest of these rows


def test_a_net_that_does_not_beat_the_baseline_is_told_so() -> None:
    config = small_config("sinusoids", train__epochs=15, model__hidden=8, optim__lr=0.02)
    split = shuffled(load(config))
    split = replace(split, classes=("often", "seldom"), outputs=2)
    found = said(list(Training(config, split).events()))
    assert "below-baseline" in found
    assert "no better than the baseline" in found["below-baseline"].message
    assert found["below-baseline"].remedy


def test_a_regression_that_learned_nothing_is_told_so() -> None:
    config = small_config("binary", optim__lr=1e-6)
    found = said(trained(config))
    assert set(found) == {"below-baseline"}
    assert "mae" in found["below-baseline"].message


def test_answers_at_each_step_are_judged_too() -> None:
    config = small_config("copy", data__rows=200, data__steps=5, optim__lr=1e-3, train__epochs=10)
    found = said(list(Training(config, load(config)).events()))
    assert set(found) == {"one-class", "below-baseline"}
    assert "answers _ for everything" in found["one-class"].message


@pytest.mark.parametrize(
    "settings",
    [
        {"task": "binary", "optim__lr": 0.01, "train__epochs": 25, "model__hidden": 16, "train__batch_size": 16},
        {"task": "sinusoids", "optim__lr": 0.02, "train__epochs": 12, "model__hidden": 16, "train__batch_size": 16},
        {"task": "anbn", "data__steps": 8, "optim__lr": 0.02, "train__epochs": 80, "train__batch_size": 2},
    ],
    ids=lambda settings: settings["task"],
)
def test_a_healthy_run_hears_nothing(settings: dict[str, object]) -> None:
    assert said(trained(small_config(**settings))) == {}  # type: ignore[arg-type]


def summary(**fields: object) -> DataSummary:
    known: dict[str, object] = {
        "task": "t",
        "title": "t",
        "problem": "classification",
        "metric": "accuracy",
        "higher_is_better": True,
        "classes": ("a", "b"),
        "baseline_name": "always a",
        "baseline": {"test": 0.6},
    }
    return DataSummary(**(known | fields))  # type: ignore[arg-type]


def look(accuracy: float, *confusion: tuple[int, ...]) -> EvaluationResult:
    return EvaluationResult(0.5, {"accuracy": accuracy, "mae": accuracy}, confusion)


def kinds(data: DataSummary, seen: EvaluationResult) -> list[str]:
    return [event.kind for event in diagnose(data, seen, "test", epoch=1, step=1)]


def test_it_is_compared_with_the_best_baseline_on_that_part() -> None:
    seen = look(0.7, (5, 1), (2, 2))
    assert kinds(summary(), seen) == []
    learned = {"always a": {"test": 0.6}, "logistic regression": {"test": 0.75, "validation": 0.5}}
    assert kinds(summary(baselines=learned), seen) == ["below-baseline"]
    event = next(iter(diagnose(summary(baselines=learned), seen, "test", epoch=1, step=1)))
    assert "logistic regression" in event.message
    assert kinds(summary(baselines=learned), look(0.75, (5, 1), (2, 2))) == ["below-baseline"]  # as good is no better
    numbers = summary(metric="mae", higher_is_better=False, classes=(), baseline={"test": 2.0})
    assert kinds(numbers, look(1.9)) == []
    assert kinds(numbers, look(2.1)) == ["below-baseline"]


def test_one_class_is_no_fault_where_there_is_but_one() -> None:
    assert kinds(summary(baseline={}), look(1.0, (9, 0), (0, 0))) == []
    assert kinds(summary(baseline={}), look(0.6, (6, 0), (4, 0))) == ["one-class"]
    assert kinds(summary(baseline={}), look(0.6, (6, 0), (3, 1))) == []


def test_the_summary_tells_the_baselines_that_are_compared_with() -> None:
    config = small_config("binary")
    split = load(config)
    data = summarise_split(split, config)
    assert data.baselines[data.baseline_name] == data.baseline


def test_it_is_judged_by_the_figure_that_chose_the_epoch() -> None:
    data = summary(baseline={"test": 0.9}, class_counts={"train": (90, 10), "test": (9, 1)})
    seen = EvaluationResult(0.5, {"accuracy": 0.8, "balanced_accuracy": 0.89}, ((7, 2), (0, 1)))
    by = {select: RunConfig.from_settings({"train.select": select}) for select in ("metric", "balanced_accuracy")}
    said = {
        select: [event.kind for event in diagnose(data, seen, "test", epoch=1, step=1, config=config)]
        for select, config in by.items()
    }
    assert said == {"metric": ["below-baseline"], "balanced_accuracy": []}
