"""Which figure chooses the best epoch, and the plain loss beside one that is weighted."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from torch.nn import functional

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import ConfigError, RunConfig
from rnnlab.runs.codec import encode
from rnnlab.runs.event_numbers import Number, real
from rnnlab.runs.events import Evaluated, Event, Record, RunFinished, RunStarted
from rnnlab.runs.folders import create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.tasks.load import load
from rnnlab.training.evaluation.best import Selection
from rnnlab.training.evaluation.evaluate import EvaluationResult
from rnnlab.training.loop import Training
from rnnlab.training.verify import verify
from tests.training.small import of_kind, small_config, small_split, trained

LOOKS = [
    EvaluationResult(1.0, {"accuracy": 0.9, "macro_f1": 0.2, "balanced_accuracy": 0.2}),
    EvaluationResult(0.8, {"accuracy": 0.7, "macro_f1": 0.5, "balanced_accuracy": 0.3}),
    EvaluationResult(0.9, {"accuracy": 0.6, "macro_f1": 0.4, "balanced_accuracy": 0.4}),
]


@pytest.mark.parametrize(("select", "epoch"), [("metric", 1), ("loss", 2), ("macro_f1", 2), ("balanced_accuracy", 3)])
def test_the_best_epoch_is_that_of_the_figure_selected(select: str, epoch: int) -> None:
    selection = Selection(TASKS["surnames"], select=select)
    for place, look in enumerate(LOOKS, start=1):
        selection.consider(look, place, place)
    assert selection.epoch == epoch
    again = Selection(TASKS["surnames"], select=select)
    again.load_state_dict(selection.state_dict())
    assert not any(again.consider(look, 9, 9) for look in LOOKS)


def test_patience_follows_the_figure_selected() -> None:
    selection = Selection(TASKS["surnames"], select="loss", min_delta=0.05)
    for loss, without_better in ((1.0, 0), (0.97, 1), (0.93, 0), (0.95, 1)):
        selection.consider(EvaluationResult(loss, {"accuracy": 0.5}), 1, 1)
        assert selection.without_better == without_better


@pytest.mark.parametrize("select", ["metric", "loss", "macro_f1", "balanced_accuracy"])
def test_a_run_keeps_the_epoch_that_its_setting_asks_for(select: str) -> None:
    events = trained(small_config("surnames", train__epochs=5, optim__lr=0.02, train__select=select))
    looks = [e for e in of_kind(events, Evaluated) if e.split == "validation" and not e.final]
    figures = [e.loss if select == "loss" else e.metrics["accuracy" if select == "metric" else select] for e in looks]
    best = (min if select == "loss" else max)(map(real, figures))
    (end,) = of_kind(events, RunFinished)
    assert real(end.best["accuracy" if select == "metric" else select]) == best
    assert end.best_epoch in [look.epoch for look, value in zip(looks, figures, strict=True) if real(value) == best]


def test_numbers_are_chosen_by_their_metric_or_their_loss() -> None:
    for select, better in (("metric", 2), ("loss", 1)):
        selection = Selection(TASKS["binary"], select=select)
        selection.consider(EvaluationResult(1.0, {"mae": 3.0, "rmse": 3.0}), 1, 1)
        selection.consider(EvaluationResult(2.0, {"mae": 2.0, "rmse": 3.0}), 2, 2)
        assert selection.epoch == better
    with pytest.raises(ConfigError, match=r"train\.select.*one of metric, loss, as the task binary is regression"):
        RunConfig.from_settings({"task.name": "binary", "train.select": "macro_f1"})
    own = RunConfig.from_settings({"task.name": "own", "train.select": "macro_f1"})
    with pytest.raises(ConfigError, match="one of metric, loss, as this is regression"):
        Training(own, load(small_config("binary")))


def test_a_document_without_the_setting_is_chosen_by_the_metric() -> None:
    settings = RunConfig.from_settings({"task.name": "surnames"}).flat()
    del settings["train.select"]
    assert RunConfig.from_settings(settings).train.select == "metric"


@pytest.mark.parametrize(
    "settings",
    [
        {"data__balance": "weights"},
        {"data__class_weights": "Ireland=9"},
        {"train__label_smoothing": 0.2},
        {"train__loss": "focal"},
    ],
)
@pytest.mark.parametrize("task", ["surnames", "vigenere"])
def test_the_plain_loss_stands_beside_one_that_is_not(task: str, settings: dict[str, object]) -> None:
    if task == "vigenere":  # a class a step, which has no class weights
        settings = {key: value for key, value in settings.items() if key.startswith("train")}
    config = small_config(task, optim__lr=0.05, **settings)
    split = small_split(config, 120)
    training = Training(config, split)
    events = list(training.events())
    started = of_kind(events, RunStarted)[0]
    assert started.config["task"]["name"] == task
    plain = training.objective.cross_entropy
    assert plain is not bool(settings)
    for look in of_kind(events, Evaluated):
        assert ("plain_loss" in look.metrics) is not plain
        if plain or not look.final or look.extra_test:
            continue
        training.net.eval()
        total = count = 0.0
        for batch in training.evaluation.batches(look.split):
            with torch.inference_mode():
                outputs = batch.put_to(training.net)
            targets = batch.targets.flatten()
            total += float(
                functional.cross_entropy(
                    outputs.reshape(len(targets), -1).double(), targets, ignore_index=-1, reduction="sum"
                )
            )
            count += int((targets >= 0).sum())
        assert real(look.metrics["plain_loss"]) == pytest.approx(total / count, rel=1e-6)
        assert real(look.loss) != pytest.approx(total / count, rel=1e-4)


def test_a_log_of_before_there_was_a_plain_loss_is_verified_all_the_same(tmp_path: Path) -> None:
    run = create_session("lab", root=tmp_path).create_run(
        small_config("surnames", train__epochs=1, data__balance="weights")
    )
    with LogWriter(run.events_path) as log:
        for event in Training(run.config(), load(run.config()), run=run.name).events():
            log.append(event)
    assert verify(run).ok

    def older(event: Event) -> Event:
        def without(figures: dict[str, Number]) -> dict[str, Number]:
            return {name: value for name, value in figures.items() if name != "plain_loss"}

        if isinstance(event, Evaluated):
            return msgspec.structs.replace(event, metrics=without(event.metrics))
        if isinstance(event, RunFinished):
            final = {part: without(figures) for part, figures in event.final.items()}
            return msgspec.structs.replace(event, best=without(event.best), final=final)
        return event

    records, _ = read_records(run.events_path)
    lines = [encode(Record(r.seq, r.wall, r.mono, older(r.data))) for r in records]  # type: ignore[arg-type]
    assert b"plain_loss" not in b"".join(lines)
    run.events_path.write_bytes(b"".join(lines))
    assert verify(run).ok
