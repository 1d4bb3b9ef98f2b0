"""A run gone on with from any moment is, to the bit, the run never interrupted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnlab.runs.commands import Command
from rnnlab.runs.events import (
    CommandApplied,
    Evaluated,
    Event,
    Progress,
    Record,
    ResumeAsked,
    RunFailed,
    RunFinished,
)
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.history import config_now, course
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.tasks.load import load
from rnnlab.training.commands import CommandSource, LiveCommands
from rnnlab.training.loop import Training
from rnnlab.training.observe import progress
from rnnlab.training.persist import state_saver
from rnnlab.training.persist.checkpoints import CheckpointStore
from rnnlab.training.persist.device_state import on_device
from rnnlab.training.persist.state_saver import StateSaver
from rnnlab.training.resume import go_on
from rnnlab.training.verify import verify
from tests.training.small import Script, order, small_config

TIMES = ("seconds", "examples_per_second", "eta", "pid")


@pytest.fixture(autouse=True)
def _state_after_every_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "WINDOW", 0.0)
    for name, value in {"FIRST": 0.0, "LOST": 0.0, "SHARE": float("inf")}.items():
        monkeypatch.setattr(state_saver, name, value)


class Seldom(StateSaver):
    """Saves the state at every fourth opportunity, so that a kill costs some updates."""

    asked = 0

    @property
    def due(self) -> bool:
        self.asked += 1
        return self.asked % 4 == 0


def begun(folder: Path, orders: CommandSource | None = None, **settings: Any) -> tuple[RunFolder, Iterator[Event]]:
    run = create_session("lab", root=folder).create_run(small_config(**settings))
    training = Training(run.config(), load(run.config()), run=run.name, keeper=CheckpointStore(run), orders=orders)
    training.saver = Seldom(run)
    return run, training.events()


def lived(run: RunFolder, events: Iterator[Event]) -> None:
    with LogWriter(run.events_path) as log:
        for event in events:
            log.append(event)


def killed_anywhere(run: RunFolder, events: Iterator[Event], folder: Path) -> list[RunFolder]:
    """What a kill would leave of the folder at each event after the last command, the last word not counted."""
    left: list[RunFolder] = []
    with LogWriter(run.events_path) as log:
        for event in events:
            log.append(event)
            if isinstance(event, CommandApplied):
                left.clear()  # what is killed before a command is given never hears of it
            if not isinstance(event, RunFinished):
                copy = folder / f"{log.next_seq:04}" / "runs" / run.name
                shutil.copytree(run.path, copy)
                left.append(RunFolder(copy))
    return left


def resumed(run: RunFolder, **changes: int) -> Iterator[Event]:
    """The events of the run gone on with; the log gets what stands before them."""
    with LogWriter(run.events_path) as log:
        assert log.last is not None
        if not isinstance(log.last.data, RunFinished | RunFailed):
            log.append(RunFailed(kind="killed", message="the training process is gone without a word"))
        log.append(ResumeAsked(changes={key.replace("__", "."): value for key, value in changes.items()}))
    records, _ = read_records(run.events_path)
    config = config_now(run, records)
    return go_on(run, config, load(config), LiveCommands(run.commands_path), records)[1]


def applied(run: RunFolder) -> list[tuple[str, str, int, str]]:
    events = [record.data for record in course(read_records(run.events_path)[0])]
    return [(e.command, e.key, e.step, e.error) for e in events if isinstance(e, CommandApplied)]


def told(records: Sequence[Record]) -> list[object]:
    """What a run came to go through, without times and what depends on them."""
    kept = [r.data for r in course(records) if isinstance(r.data, Evaluated | CommandApplied | RunFinished)]
    kept = [
        event for event in kept if not (isinstance(event, CommandApplied) and (event.error or event.command == "stop"))
    ]
    return [
        (type(event).__name__, {name: getattr(event, name) for name in event.__struct_fields__ if name not in TIMES})
        for event in kept
    ]


def weights(run: RunFolder) -> dict[str, bytes]:
    return {name: (run.path / f"{name}.safetensors").read_bytes() for name in ("best", "last")}


def check_alike(run: RunFolder, reference: RunFolder) -> None:
    records, damaged = read_records(run.events_path)
    assert damaged == 0
    assert told(records) == told(read_records(reference.events_path)[0])
    assert weights(run) == weights(reference)
    report = verify(run)
    assert (report.mismatches, report.notes) == ([], [])


def some(runs: Sequence[RunFolder], number: int) -> list[RunFolder]:
    return [runs[place * (len(runs) - 1) // (number - 1)] for place in range(number)]


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
                best = training.keeper.weights("best")
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
