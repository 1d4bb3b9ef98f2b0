"""What a run keeps of its predictions: those of the best weights, as its log has the figures of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from rnnlab.config import UsageError
from rnnlab.predictions.predictions_file import KEPT_SUBSETS, read_predictions
from rnnlab.runs.codec import encode
from rnnlab.runs.events import Diagnosed, Evaluated, Event, PredictionsSaved, Record, RunFailed, RunFinished, SubsetName
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.runs.summary import summarise
from rnnlab.tasks.load import load
from rnnlab.tasks.splitting.types import SUBSET_NAMES
from rnnlab.training.loop import Training
from rnnlab.training.verify import verify
from tests.training.recorded_runs import begun, lived, recorded, resumed
from tests.training.small import Script, of_kind, order, small_config, small_split, trained


def events_of(run: RunFolder) -> list[Event]:
    return [record.data for record in read_records(run.events_path)[0]]


@pytest.mark.parametrize(
    ("settings", "metric"),
    [
        ({"task": "sinusoids"}, "accuracy"),
        ({"task": "surnames", "train__updates": 20}, "accuracy"),  # read as prefix trees
        ({"task": "anbn", "data__steps": 6}, "accuracy"),
        ({"task": "copy", "data__rows": 200, "data__steps": 5}, "accuracy"),
        ({"task": "binary"}, "mae"),
        ({"task": "sinusoids", "train__patience": 1, "optim__lr": 1e-9, "train__epochs": 9}, "accuracy"),
        ({"task": "binary", "optim__name": "sgd", "optim__lr": 50, "optim__clip_norm": None, "train__epochs": 30}, "mae"),
    ],
)  # fmt: skip
def test_the_figures_of_the_log_follow_from_the_predictions(
    tmp_path: Path, settings: dict[str, Any], metric: str
) -> None:
    run = recorded(tmp_path, **settings)
    state, _ = read_state(run.events_path)
    assert state.final, "it was tested"
    split = load(run.config())
    for name in KEPT_SUBSETS:
        held = read_predictions(run, name)
        part = split.subset(name)
        assert (held.targets == part.targets).all()
        assert (held.rows == part.row_indices).all()
        if metric == "mae":
            figure = float(np.abs(held.predictions.astype(np.float64) - held.targets).mean())
        else:
            asked = held.targets >= 0
            figure = float((held.predictions == held.targets)[asked].mean())
        assert figure == pytest.approx(float(state.final[name][metric]), rel=1e-6)
        if held.probabilities is not None:
            assert held.probabilities.astype(np.float64).sum(axis=1) == pytest.approx(1, abs=0.01)
        if held.per_step:
            assert held.top is not None
            assert ((held.predictions == -1) == (held.targets == -1)).all()
            assert (held.top[held.targets >= 0] > 0).all()


def test_a_row_has_the_same_index_whatever_the_seed(tmp_path: Path) -> None:
    """So that runs over seeds, which have other test rows, can be compared row by row."""
    for task in ("surnames", "sinusoids", "binary"):
        first, second = (load(small_config(task, data__seed=seed)) for seed in (1, 2))
        shown = [
            {
                row: (split.show_input(part, at), part.targets[at].tolist())
                for part in map(split.subset, SUBSET_NAMES)
                for at, row in enumerate(part.row_indices.tolist())
            }
            for split in (first, second)
        ]
        assert shown[0] == shown[1]
        assert first.test.row_indices.tolist() != second.test.row_indices.tolist()


def test_the_record_comes_before_the_file_and_the_last_event_after_it(tmp_path: Path) -> None:
    run, events = begun(tmp_path, task="sinusoids")
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, PredictionsSaved):
            assert not run.predictions_path.exists()
            split = load(run.config())
            assert event.rows == {"validation": len(split.validation), "test": len(split.test)}
    assert run.predictions_path.exists()
    assert [type(event) for event in seen if isinstance(event, PredictionsSaved | RunFinished)] == [
        PredictionsSaved,
        RunFinished,
    ]
    assert not list(run.path.glob(".*.tmp"))


def test_a_disk_without_room_for_them_is_the_runs_last_word_and_resuming_writes_them(tmp_path: Path) -> None:
    """A limit on the size of files refuses the predictions as a full disk does; weights and log are smaller."""
    run = create_session("lab", root=tmp_path).create_run(
        small_config("surnames", model__hidden=2, train__updates=3, runtime__threads=1)
    )
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000));"
        "from rnnlab.training.process import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, str(run.path)]
    process = subprocess.run(command, stderr=subprocess.PIPE, timeout=240, check=False)
    last = events_of(run)[-1]
    assert isinstance(last, RunFailed)
    assert (process.returncode, last.kind) == (1, "disk")
    assert "predictions.safetensors" in last.message
    assert run.best_path.exists()
    assert not run.predictions_path.exists()
    assert not list(run.path.glob(".*tmp"))
    with pytest.raises(UsageError, match="it failed before they were saved"):
        read_predictions(run, "test")
    lived(run, resumed(run))
    assert run.predictions_path.stat().st_size > 60_000
    assert len(read_predictions(run, "test")) == len(load(run.config()).test)


def test_a_run_that_is_not_tested_has_figures_and_predictions_of_validation_alone(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"task": "copy", "data__rows": 200, "data__steps": 4, "data__test_steps": (6,)}
    tested, untested = recorded(tmp_path, **settings), recorded(tmp_path, **settings, train__test=False)
    evaluated = [e for e in events_of(untested) if isinstance(e, Evaluated)]
    assert {e.split for e in evaluated} == {"train", "validation"}
    assert not any(e.extra_test for e in evaluated)
    last, full = (of_kind(events_of(run), RunFinished)[0] for run in (untested, tested))
    assert set(last.final) == {"train", "validation"}
    assert (last.extra, set(full.extra)) == ({}, {"delay 6"})
    assert last.final == {name: full.final[name] for name in last.final}
    assert (
        read_predictions(untested, "validation").predictions == read_predictions(tested, "validation").predictions
    ).all()
    with pytest.raises(UsageError, match=r"not tested \(train\.test = false\)"):
        read_predictions(untested, "test")
    assert verify(untested).mismatches == []
    assert summarise(untested).status == "completed"


def test_a_bad_net_is_told_so_by_validation_where_it_is_not_tested() -> None:
    warned = of_kind(trained(small_config("sinusoids", optim__lr=1e-9, train__test=False)), Diagnosed)
    assert any("validation part" in each.message for each in warned)


def rewritten(run: RunFolder, change: Any) -> None:
    records = [(r, change(r.data)) for r in read_records(run.events_path)[0]]
    kept = [Record(r.seq, r.wall, r.mono, event) for r, event in records if event is not None]
    run.events_path.write_bytes(b"".join(map(encode, kept)))


NEW = ("top2_accuracy", "top5_accuracy", "r2", "smape")


def of_older_version(event: Event) -> Event | None:
    """The event as a log has it that was written before predictions and the newer metrics; None: it has none."""
    if isinstance(event, PredictionsSaved):
        return None
    if isinstance(event, Evaluated):
        return msgspec.structs.replace(event, metrics={k: v for k, v in event.metrics.items() if k not in NEW})
    if isinstance(event, RunFinished):
        old = {name: {k: v for k, v in held.items() if k not in NEW} for name, held in event.final.items()}
        return msgspec.structs.replace(event, final=old, best={k: v for k, v in event.best.items() if k not in NEW})
    return event


@pytest.mark.parametrize("task", ["sinusoids", "binary", "surnames"])
def test_a_run_of_an_older_version_still_verifies_and_has_no_predictions(tmp_path: Path, task: str) -> None:
    run = recorded(tmp_path, task=task, train__updates=20)
    rewritten(run, of_older_version)
    run.predictions_path.unlink()
    report = verify(run)
    assert (report.mismatches, report.ok) == ([], True)
    with pytest.raises(UsageError, match="an older rnnlab trained it"):
        read_predictions(run, "test")


def test_a_run_that_was_begun_by_an_older_version_and_resumed_still_verifies(tmp_path: Path) -> None:
    run = recorded(tmp_path, task="surnames", train__updates=20, train__evaluate_every=5)
    seen: list[Evaluated] = []

    def change(event: Event) -> Event | None:
        if isinstance(event, Evaluated):
            seen.append(event)
        return of_older_version(event) if len(seen) < 4 else event

    rewritten(run, change)
    assert verify(run).mismatches == []


def test_an_altered_new_figure_or_file_is_found(tmp_path: Path) -> None:
    run = recorded(tmp_path, task="sinusoids")

    def change(event: Event) -> Event:
        if isinstance(event, PredictionsSaved):
            return msgspec.structs.replace(event, sha256="0" * 64)
        if isinstance(event, Evaluated) and event.final and event.split == "test":
            return msgspec.structs.replace(event, metrics=event.metrics | {"top2_accuracy": 0.123})
        return event

    rewritten(run, change)
    assert {m.where.rpartition(" ")[2] for m in verify(run).mismatches} == {"sha256", "metrics.top2_accuracy"}


def test_a_run_given_more_epochs_has_none_until_its_new_end(tmp_path: Path) -> None:
    run, events = begun(tmp_path, task="sinusoids")
    lived(run, events)
    before = run.predictions_path.read_bytes()
    going_on = resumed(run, train__epochs=4)
    lived(run, iter([next(going_on)]))
    with pytest.raises(UsageError, match="which it has not reached"):
        read_predictions(run, "test")
    lived(run, going_on)
    assert len(read_predictions(run, "test"))
    assert run.predictions_path.read_bytes() != before


def test_a_missing_damaged_or_replaced_file_is_refused_with_words(tmp_path: Path) -> None:
    run = recorded(tmp_path, task="sinusoids")
    data = run.predictions_path.read_bytes()
    flipped = bytearray(data)
    flipped[-1] ^= 1
    for bad in (bytes(flipped), data[:-5], b""):
        run.predictions_path.write_bytes(bad)
        with pytest.raises(UsageError, match="not the file that the run saved"):
            read_predictions(run, "test")
    run.predictions_path.unlink()
    with pytest.raises(UsageError, match="predictions were moved or deleted"):
        read_predictions(run, "test")
    other = tmp_path / "other"
    other.write_bytes(data)
    run.predictions_path.symlink_to(other)
    with pytest.raises(UsageError, match="symbolic link"):
        read_predictions(run, "test")
    run.predictions_path.unlink()
    run.predictions_path.write_bytes(data)
    assert len(read_predictions(run, "test"))
    with pytest.raises(UsageError, match="kept of validation and test alone"):
        read_predictions(run, "train")


def test_a_run_stopped_by_a_person_keeps_those_of_its_best_weights(tmp_path: Path) -> None:
    run = recorded(tmp_path, Script({7: [order("stop")]}), task="sinusoids", train__evaluate_every=3)
    state, _ = read_state(run.events_path)
    held = read_predictions(run, "test")
    assert state.status == "stopped"
    assert held.scores().mean() == pytest.approx(float(state.final["test"]["accuracy"]))


@pytest.mark.parametrize("name", ["validation", "test"])
def test_a_run_stopped_before_its_first_update_has_none(tmp_path: Path, name: SubsetName) -> None:
    run = recorded(tmp_path, Script({0: [order("stop")]}), task="sinusoids")
    with pytest.raises(UsageError, match="it ended before its best weights were tested"):
        read_predictions(run, name)


def test_a_range_test_keeps_none() -> None:
    events = trained(small_config("sinusoids", optim__schedule="range", train__updates=20))
    assert not of_kind(events, PredictionsSaved)


def test_without_a_folder_the_same_record_comes() -> None:
    config = small_config("sinusoids")
    split = small_split(config)
    first, second = (of_kind(list(Training(config, split).events()), PredictionsSaved) for _ in range(2))
    assert first == second
    assert len(first) == 1
