"""What is said while a run trains: each sign in a run that really has it, and nothing in those that are well."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from itertools import takewhile
from typing import Any

import msgspec
import numpy as np
import pytest

from rnnlab.catalog.models.catalog import MODELS
from rnnlab.config import FIELDS, RunConfig, advice
from rnnlab.runs.data_summary import DataSummary
from rnnlab.runs.events import Diagnosed, Evaluated, Event, RunFinished
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import Split, Subset
from rnnlab.training.assemble import settings_in_force
from rnnlab.training.evaluation.evaluate import EvaluationResult
from rnnlab.training.loop import Training
from rnnlab.training.observe.warnings import HARM, Monitor
from tests.training.small import of_kind, small_config

Settings = dict[str, Any]


def told(settings: Settings, split: Split | None = None) -> list[Diagnosed]:
    """What is said of a run, in order."""
    config = small_config(**settings)
    events: list[Event] = list(Training(config, split or load(config)).events())
    assert isinstance(events[-1], RunFinished)
    return of_kind(events, Diagnosed)


def kinds(found: list[Diagnosed]) -> set[str]:
    return {event.kind for event in found} - {"below-baseline"}


def the(kind: str, found: list[Diagnosed]) -> Diagnosed:
    (event,) = (each for each in found if each.kind == kind)
    _names_real_fields(event)
    return event


def _names_real_fields(event: Diagnosed) -> None:
    """Every setting that a remedy names exists."""
    named = re.findall(r"\b(?:task|data|model|optim|train|runtime)\.[a-z_]+", event.remedy)
    assert named
    assert set(named) <= set(FIELDS)


BARE: Settings = {"optim__name": "sgd", "optim__clip_norm": None}


@pytest.mark.parametrize(
    "settings",
    [
        {"task": "copy", "data__rows": 300, "data__steps": 20, "train__epochs": 10, "optim__lr": 1.0},
        # With this seed an early update, at rates from 1.5 to 3.
        {"task": "digits", "train__epochs": 10, "optim__lr": 2.0, "train__seed": 4},
    ],
    ids=lambda settings: settings["task"],
)
def test_exploding_gradients(settings: Settings) -> None:
    """An Elman net of relu units, whose gradient nothing bounds: it learns for a while, then one update ends it. Whether the loss
    then is huge or no number at all is decided by its last digits.
    """
    net = {"model__name": "elman", "model__activation": "relu", "model__hidden": 64, "train__batch_size": 16}
    found = told(settings | BARE | net)
    event = the("exploding", found)
    assert kinds(found) - {"one-class"} == {"exploding"}
    assert "optim.clip_norm" in event.remedy
    at = re.search(r"at update ([\d,]+)", event.message)
    assert at is not None
    update = int(at[1].replace(",", ""))
    rose = re.search(r"the training loss rose from (\S+) to (\S+)$", event.message)
    if rose is None:
        assert "the loss then became no number" in event.message
        assert event.step - 5 <= update < event.step
    else:
        assert float(rose[2]) > HARM * float(rose[1])
        assert update <= event.step


def test_what_is_advised_against_exploding_gradients_helps() -> None:
    net = {"model__name": "elman", "model__activation": "relu", "model__hidden": 64, "train__batch_size": 16}
    settings = {"task": "digits", "train__epochs": 10, **BARE, "optim__lr": 0.3, **net}
    assert told(settings | {"optim__clip_norm": 1.0, "optim__lr": 0.1}) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"task": "digits", "optim__lr": 30.0, "train__epochs": 4}, "a net that knows nothing"),
        ({"task": "sinusoids", "optim__lr": 100.0, "train__epochs": 6, **BARE}, "jumped from"),
        ({"task": "binary", "optim__lr": 50.0, "train__epochs": 30, **BARE}, "jumped from"),
    ],
    ids=lambda value: value["task"] if isinstance(value, dict) else value,
)
def test_a_rate_too_large(settings: Settings, words: str) -> None:
    event = the("rate-too-large", told(settings))
    assert words in event.message
    assert "optim.lr" in event.remedy


@pytest.mark.parametrize(
    "settings",
    [{"optim__lr": 1e-7}, {"optim__name": "sgd", "optim__lr": 1e-5}],
    ids=str,
)
def test_a_rate_too_small(settings: Settings) -> None:
    found = told({"task": "digits", "train__epochs": 12, "train__inspect": "each", **settings})
    event = the("rate-too-small", found)
    assert event.step < 230  # long before the end of 276
    assert re.search(r"after 2\d\d updates", event.message)
    assert "rate-too-small" not in kinds(told({"task": "digits", "train__epochs": 12, "train__inspect": "each"}))


def test_softmax_before_cross_entropy() -> None:
    found = told({"task": "digits", "model__head_activation": "softmax"})
    event = the("softmax", found)
    assert (event.epoch, kinds(found)) == (1, {"softmax"})
    assert "model.head_activation = none" in event.remedy


def test_overfitting() -> None:
    """Twenty noisy points and a large net: the task is made for it."""
    event = the("overfitting", told({"task": "overfit", "train__epochs": 100, "optim__lr": 0.01, "model__hidden": 64}))
    gap = re.search(
        r"grew from (\S+) to (\S+) since epoch (\d+), and validation went from (\S+) to (\S+)", event.message
    )
    assert gap is not None
    before, after, since, best, now = map(float, gap.groups())
    assert after > before + 0.03
    assert now > best
    assert since < event.epoch
    assert "model.dropout" in event.remedy


def shuffled(split: Split) -> Split:
    """The same rows with targets that have nothing to do with them."""
    generator = np.random.default_rng(0)

    def blind(part: Subset) -> Subset:
        return replace(part, targets=generator.permutation(part.targets))

    return replace(split, train=blind(split.train), validation=blind(split.validation), test=blind(split.test))


def test_a_plateau() -> None:
    settings = {
        "task": "digits",
        "train__epochs": 70,
        "train__batch_size": 16,
        "model__hidden": 2,
        "train__updates": 3500,
        "optim__lr": 0.003,
    }
    found = told(settings, shuffled(load(small_config(**settings))))  # type: ignore[arg-type]
    event = the("plateau", found)
    assert "has not fallen for" in event.message
    assert "vanishing" not in kinds(found)  # eight steps fade in no net


def test_a_vanishing_gradient() -> None:
    """The adding problem over 100 steps, which a tanh Elman net does not learn, as published. Adam would carry its weights to
    where its gradient lasts now and then; plain descent leaves it faded.
    """
    task = {"task": "adding", "data__rows": 2000, "data__steps": 100, "train__epochs": 80, "train__updates": 2600}
    elman = {"model__name": "elman", "train__batch_size": 16, "optim__name": "sgd", "optim__lr": 0.01}
    found = told(task | elman)
    event = the("vanishing", found)
    assert "elman 1" in event.message
    assert "model.name = lstm or gru" in event.remedy
    assert "plateau" not in kinds(found)  # said once, and by its reason


HARMLESS = [(task, 0) for task in ("binary", "sinusoids", "digits")]
SLOWER = [
    *((task, 1) for task, _ in HARMLESS),
    *((task, 0) for task in ("surnames", "parity", "anbn", "temporal_order")),
]
REAL = [("sales", 0), ("sales", 1), ("names", 0), ("gestures", 0)]
EPOCHS = {"gestures": 15}
"""Epochs after which the longest run is left, of its 30: training accuracy is above 0.99, and validation accuracy keeps to the
height it has."""
FETCHED = [
    pytest.mark.slow,
    pytest.mark.real_data,
    pytest.mark.skipif("RNNLAB_DATA" not in os.environ, reason="needs the published data sets in RNNLAB_DATA"),
]


@pytest.mark.parametrize(
    ("task", "seed"),
    [
        *HARMLESS,
        *(pytest.param(*pair, marks=pytest.mark.slow) for pair in SLOWER),
        *(pytest.param(*pair, marks=FETCHED) for pair in REAL),
    ],
)
def test_silence_at_the_defaults_of_the_tasks(task: str, seed: int) -> None:
    config = RunConfig.from_settings({"task.name": task, "train.seed": seed, "runtime.device": "cpu"})
    last = EPOCHS.get(task, config.train.epochs)
    events = Training(config, load(config)).events()
    trained = list(takewhile(lambda event: not isinstance(event, Evaluated) or event.epoch <= last, events))
    assert max(event.epoch for event in of_kind(trained, Evaluated)) == last
    assert of_kind(trained, Diagnosed) == []


# Figures as they come, without a net.


DATA = DataSummary(
    task="t", title="t", problem="classification", metric="accuracy", higher_is_better=True, classes=("a", "b"), outputs=2,
    rows={"validation": 1000}, baseline={"validation": 0.5}, baseline_name="always a",
)  # fmt: skip


def looks(monitor: Monitor, *figures: tuple[float, float, float], first: int = 1) -> list[Diagnosed]:
    """What is said of evaluations with (training loss, training accuracy, validation accuracy), ten updates apart."""
    found: list[Diagnosed] = []
    metric = monitor._data.metric
    for epoch, (loss, train, validation) in enumerate(figures, start=first):
        for step in range(10):
            monitor.add(10 * epoch + step, loss, 1.0)
        found += monitor.evaluated(
            EvaluationResult(loss, {metric: train}),
            EvaluationResult(loss, {metric: validation}),
            epoch=epoch,
            step=10 * epoch + 9,
        )
    return found


def test_a_gap_alone_is_no_fault() -> None:
    """A net may know its training rows by heart as long as it is no worse elsewhere for it."""
    learns = [(0.7 / n, min(1.0, 0.5 + 0.05 * n), 0.8) for n in range(1, 20)]
    assert looks(Monitor(DATA), *learns) == []
    falls = [*learns[:3], *((0.7 / n, min(1.0, 0.5 + 0.05 * n), 0.8 - 0.01 * n) for n in range(4, 20))]
    assert [event.kind for event in looks(Monitor(DATA), *falls)] == ["overfitting"]


def test_one_lucky_evaluation_is_no_height_to_have_fallen_from() -> None:
    """Thirty rows of validation: one evaluation in a hundred is three rows better than its neighbours."""
    learns = [(0.7 / n, min(1.0, 0.5 + 0.05 * n), 0.83) for n in range(1, 20)]
    lucky = [*learns[:9], (0.07, 0.9, 0.96), *learns[10:]]
    assert looks(Monitor(replace_rows(30)), *lucky) == []


def test_what_few_rows_say_is_not_taken_for_the_truth() -> None:
    falls = [(0.7 / n, min(1.0, 0.6 + 0.05 * n), 0.85 - 0.01 * n) for n in range(1, 9)]
    assert [event.kind for event in looks(Monitor(DATA), *falls)] == ["overfitting"]
    few = Monitor(replace_rows(20))
    assert looks(few, *falls) == []


def test_a_fall_of_five_in_twenty_two_rows_is_no_overfitting() -> None:
    """From 21 right to 16, as five evaluations in a row had it; of 220 rows that is no chance any more."""
    falls = [(0.7 / n, min(1.0, 0.6 + 0.05 * n), 21 / 22 if n <= 4 else 16 / 22) for n in range(1, 10)]
    assert looks(Monitor(replace_rows(22)), *falls) == []
    assert [event.kind for event in looks(Monitor(replace_rows(220)), *falls)] == ["overfitting"]


def test_a_mean_over_classes_has_the_doubt_of_its_smallest_class() -> None:
    falls = [(0.7 / n, min(1.0, 0.6 + 0.05 * n), 0.9 if n <= 4 else 0.8) for n in range(1, 10)]
    data = msgspec.structs.replace(DATA, class_counts={"validation": (500, 500)})
    assert [event.kind for event in looks(Monitor(data), *falls)] == ["overfitting"]
    small = msgspec.structs.replace(data, class_counts={"validation": (995, 5)}, metric="balanced_accuracy")
    assert looks(Monitor(small), *falls) == []


@pytest.mark.parametrize(
    ("settings", "advised", "not_advised"),
    [
        ({"optim.clip_norm": None}, "optim.clip_norm = 1", "rather than"),
        ({"optim.clip_norm": 5.0}, "optim.clip_norm = 1 rather than 5", "where there is none"),
        ({"optim.clip_norm": 1.0}, "optim.lr", "clip_norm"),
        ({"optim.name": "rprop", "optim.clip_norm": None}, "optim.lr", "clip_norm"),
    ],
    ids=str,
)
def test_a_clip_that_is_set_is_not_advised(settings: dict[str, Any], advised: str, not_advised: str) -> None:
    config = RunConfig.from_settings(settings)
    (event,) = Monitor(DATA, settings=lambda: config).diverged(epoch=1, step=9)
    assert advised in event.remedy
    assert not_advised not in event.remedy


def test_a_run_that_is_clipped_is_not_told_to_clip() -> None:
    net = {"model__name": "elman", "model__activation": "relu", "optim__name": "sgd", "optim__lr": 100.0}
    config = small_config("adding", data__steps=100, data__rows=300, train__epochs=2, optim__clip_norm=1.0, **net)
    events: list[Event] = list(Training(config, load(config)).events())
    end = events[-1]
    assert isinstance(end, RunFinished)
    assert end.outcome == "diverged"
    said = [end.message, *(event.remedy for event in of_kind(events, Diagnosed))]
    assert all("clip" not in words for words in said)
    assert "a smaller optim.lr may help" in end.message


def test_a_clip_that_a_person_has_set_meanwhile_counts() -> None:
    training = Training(config := small_config("digits", optim__clip_norm=None), load(config))
    assert "optim.clip_norm = 1" in advice.smaller_rate(settings_in_force(config, training.update))
    training.update.clip_norm = 1.0
    assert "clip" not in advice.smaller_rate(settings_in_force(config, training.update))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "more", [{}, {"model.readout": "mean", "data.balance": "weights", "train.patience": "3"}], ids=str
)
def test_nothing_is_advised_that_is_set_or_means_nothing(name: str, more: dict[str, str]) -> None:
    config = RunConfig.from_settings({"task.name": "names", "model.name": name, "optim.clip_norm": 1.0, **more})
    words = [
        advice.smaller_rate(config),
        advice.against_explosions(config),
        advice.balance(config),
        advice.less_capacity(config),
        advice.other_net(config),
        advice.longer_memory(config, gated=False),
        advice.stop_in_time(config),
    ]
    said = " ".join(words)
    for key in re.findall(r"\b(?:task|data|model|optim|train|runtime)\.[a-z_]+", said):
        assert config.applies(key), key
    for key, value in re.findall(r"([a-z]+\.[a-z_]+) = ([a-z0-9.]+)", said):
        assert FIELDS[key].text(config.get(key)) != value, key
    if more:
        assert "patience" not in said
    if name in ("dense", "linear"):
        assert "readout" not in said
    if name == "linear":
        assert "hidden" not in said


def replace_rows(rows: int) -> DataSummary:
    return msgspec.structs.replace(DATA, rows={"validation": rows})


def test_what_was_seen_can_be_kept_and_given_back() -> None:
    """A run that is gone on with says what it would have said, and nothing twice."""
    falls = [(0.7 / n, min(1.0, 0.6 + 0.05 * n), 0.85 - 0.01 * n) for n in range(1, 9)]
    through = looks(Monitor(DATA), *falls, *falls[-1:] * 5)
    before, after = Monitor(DATA), Monitor(DATA)
    found = looks(before, *falls[:4])
    after.load_state_dict(before.state_dict())
    found += looks(after, *falls[4:], *falls[-1:] * 5, first=5)
    assert found == through
