"""A run gone on with from any moment is, to the bit, the run never interrupted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnlab.runs.commands import Command
from rnnlab.runs.events import (
    CommandApplied,
    Progress,
)
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.history import course
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.training.observe import progress
from rnnlab.training.persist import state_saver
from rnnlab.training.persist.device_state import on_device
from rnnlab.training.verify import verify
from tests.training.recorded_runs import begun, check_alike, killed_anywhere, lived, resumed, some
from tests.training.small import Script, order


@pytest.fixture(autouse=True)
def _state_after_every_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "WINDOW", 0.0)
    for name, value in {"FIRST": 0.0, "LOST": 0.0, "SHARE": float("inf")}.items():
        monkeypatch.setattr(state_saver, name, value)


def applied(run: RunFolder) -> list[tuple[str, str, int, str]]:
    events = [record.data for record in course(read_records(run.events_path)[0])]
    return [(e.command, e.key, e.step, e.error) for e in events if isinstance(e, CommandApplied)]


@pytest.mark.parametrize(
    "settings",
    [
        {"task": "sinusoids", "model__dropout": 0.3, "optim__schedule": "cosine"},
        {"model__name": "gru", "model__layers": 2, "model__dropout": 0.2, "optim__name": "rmsprop", "train__batch_size": 32},
        {"model__name": "elman", "optim__name": "sgd", "optim__momentum": 0.9, "train__evaluate_every": 3},
        {"task": "sinusoids", "data__balance": "oversample", "optim__name": "adamw", "train__updates": 7, "train__epochs": 9},
        {"task": "anbn", "data__rows": 200, "data__steps": 6, "train__epochs": 1, "train__evaluate_every": 2},
        {"task": "sinusoids", "train__batch_size": 1, "model__dropout": 0.3, "train__updates": 40},
        {"optim__name": "lbfgs", "optim__schedule": "one-cycle", "optim__lr": 0.2},
        {"optim__name": "muon", "model__layers": 2, "optim__schedule": "plateau", "optim__wait": 0, "train__epochs": 4},
        {"task": "sinusoids", "optim__name": "adagrad", "optim__warmup": 4, "train__accumulate": 2, "data__noise": 0.1},
        {"task": "surnames", "train__updates": 12, "train__evaluate_every": 5, "data__hide": 0.2},
    ],
)  # fmt: skip
def test_from_any_moment_on_the_rest_is_the_same(tmp_path: Path, settings: dict[str, Any]) -> None:
    script = Script({2: [order("set", "optim.lr", 0.01)], 5: [order("set", "optim.lr", 0.002)]})
    reference, events = begun(tmp_path, script, **settings)
    for run in some(killed_anywhere(reference, events, tmp_path / "killed"), 9):
        lived(run, resumed(run))
        check_alike(run, reference)


KNOBS: dict[int, Sequence[Command]] = {
    0: [order("evaluate")],
    2: [order("set", "model.dropout", 0.5), order("set", "optim.clip_norm", 0.05)],
    3: [order("evaluate")],
    5: [order("set", "optim.clip_norm", None), order("save")],
    7: [order("rollback"), order("evaluate"), order("set", "model.dropout", 0.0)],
    9: [order("evaluate"), Command("again", 0.0, "evaluate"), order("set", "model.dropout", 1.0)],
}


@pytest.mark.parametrize(
    "settings",
    [
        {"task": "sinusoids", "optim__schedule": "cosine", "train__epochs": 4},
        {"task": "sinusoids", "optim__lr": 0.02, "train__batch_size": 1, "train__updates": 30, "model__dropout": 0.1},
    ],
)
def test_every_knob_is_exact_when_trained_again_and_when_gone_on_with(tmp_path: Path, settings: dict[str, Any]) -> None:
    reference, events = begun(tmp_path, Script(KNOBS), **settings)
    left = killed_anywhere(reference, events, tmp_path / "killed")
    asked = [(each.command, each.key, step) for step, commands in KNOBS.items() for each in commands]
    assert [(command, key, step) for command, key, step, error in applied(reference) if not error] == asked[1:-1]
    refused = [error for *_, error in applied(reference) if error]
    assert [error.partition(";")[0] for error in refused] == [
        "nothing was learned yet",
        "model.dropout = 1.0 is not allowed",
    ]
    for run in some(left, 4):
        lived(run, resumed(run))
        check_alike(run, reference)


def test_dropout_turned_on_and_off_is_what_the_net_trains_with(tmp_path: Path) -> None:
    """At one row a step, where the step is computed by hand, and at many."""
    for rows in (1, 8):
        turned: dict[int, Sequence[Command]] = {
            4: [order("set", "model.dropout", 0.5)],
            8: [order("set", "model.dropout", 0.0)],
        }
        plain, with_dropout = (
            begun(tmp_path, Script(commands), task="sinusoids", train__batch_size=rows, train__updates=12)
            for commands in ({}, turned)
        )
        losses = []
        for run, events in (plain, with_dropout):
            lived(run, events)
            records = [r.data for r in read_records(run.events_path)[0]]
            losses.append([e.loss for e in records if isinstance(e, Progress) and e.steps])
        assert losses[0][:4] == losses[1][:4]
        assert losses[0][4] != losses[1][4]


def test_going_back_takes_the_best_weights_and_forgets_the_optimisers_state(tmp_path: Path) -> None:
    run, events = begun(
        tmp_path, Script({8: [order("rollback")]}), task="sinusoids", optim__lr=0.5, train__epochs=4, train__patience=9
    )
    training = None
    with LogWriter(run.events_path) as log:
        for event in events:
            log.append(event)
            if isinstance(event, CommandApplied):
                frame = events.gi_frame  # type: ignore[attr-defined]
                training = frame.f_locals["self"]
                best = training.checkpoints.weights("best")
                assert all(torch.equal(value, best[name]) for name, value in training.net.state_dict().items())
                assert not training.update.optimiser.state
                assert training.best.without_better == 0
                assert event.value == training.best.epoch
    assert training is not None
    assert verify(run).ok


def test_figures_gathered_before_lie_on_the_runs_device_again() -> None:
    """A state is read to main memory; what the run gathers next is joined to it where the run is."""
    device = torch.device("meta")
    state = {
        "losses": torch.zeros(3),
        "answered": {"outputs": torch.zeros(2, 2), "marks": None},
        "rows": [1, 2],
        "total": 1.5,
    }
    moved = on_device(state, device)
    assert (moved["rows"], moved["total"], moved["answered"]["marks"]) == ([1, 2], 1.5, None)
    assert moved["losses"].device == moved["answered"]["outputs"].device == device
    assert on_device((torch.zeros(1), "a"), device)[0].device == device
