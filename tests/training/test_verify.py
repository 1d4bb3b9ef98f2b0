"""A run trained again from its log: an untouched one matches in every number, an altered one does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rnnlab.config import UsageError
from rnnlab.runs.codec import encode
from rnnlab.runs.events import (
    Diagnosed,
    Evaluated,
    Event,
    GradientFlow,
    Inspected,
    Progress,
    Record,
    RunFinished,
    RunStarted,
)
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log_reader import read_records
from rnnlab.training.verify import verify
from tests.training.recorded_runs import recorded
from tests.training.small import Script, order, small_config


def rewritten(run: RunFolder, change: Callable[[Event], Event | None]) -> RunFolder:
    """The log with each event changed and sealed again, as a forger would; None leaves the line out."""
    records, _ = read_records(run.events_path)
    changed = [(record, change(record.data)) for record in records]
    kept = [Record(r.seq, r.wall, r.mono, event) for r, event in changed if event is not None]  # type: ignore[arg-type]
    run.events_path.write_bytes(b"".join(map(encode, kept)))
    return run


def test_an_untouched_run_matches_in_every_number(tmp_path: Path) -> None:
    run = recorded(tmp_path, task="surnames", model__hidden=16, train__epochs=1, model__dropout=0.2)
    files = {path.name: path.read_bytes() for path in run.path.iterdir()}
    report = verify(run)
    assert (report.ok, report.mismatches, report.notes) == (True, [], [])
    assert report.compared > 1000
    assert "every number matches" in report.summary()
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == files


def test_what_a_person_did_is_done_again(tmp_path: Path) -> None:
    script = Script({10: [order("set", "optim.lr", 0.05)], 31: [order("stop")]})
    run = recorded(tmp_path, script, train__batch_size=16, train__epochs=9, optim__schedule="cosine")
    report = verify(run)
    assert (report.mismatches, report.notes) == ([], [])
    records, _ = read_records(run.events_path)
    last = records[-1].data
    assert isinstance(last, RunFinished)
    assert (last.outcome, last.step) == ("stopped", 31)


@pytest.mark.parametrize(
    ("outcome", "settings"),
    [
        ("diverged", {"optim__name": "sgd", "optim__lr": 50, "optim__clip_norm": None, "train__epochs": 30}),
        ("early-stopped", {"task": "sinusoids", "optim__lr": 1e-9, "train__patience": 2, "train__epochs": 30}),
        (
            "completed",
            {"task": "sinusoids", "train__evaluate_every": 2, "train__updates": 7, "data__balance": "weights"},
        ),
    ],
)
def test_every_ending_is_repeated(tmp_path: Path, outcome: str, settings: dict[str, Any]) -> None:
    run = recorded(tmp_path, **settings)
    last = read_records(run.events_path)[0][-1].data
    assert isinstance(last, RunFinished)
    assert last.outcome == outcome
    report = verify(run)
    assert (report.mismatches, report.notes) == ([], [])


def _once(kind: type[Event], **fields: Any) -> Callable[[Event], Event]:
    done: list[bool] = []

    def change(event: Event) -> Event:
        if isinstance(event, kind) and not done and all(getattr(event, name) is not None for name in fields):
            done.append(True)
            return msgspec.structs.replace(event, **fields)
        return event

    return change


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (_once(Progress, loss=0.123), "loss"),
        (_once(Progress, grad_norm=0.5), "grad_norm"),
        (_once(Progress, lr=0.5), "lr"),
        (_once(Evaluated, metrics={"mae": 1.0, "rmse": 1.0}), "metrics.mae"),
        (_once(RunFinished, best_epoch=17), "best_epoch"),
        (_once(RunFinished, final={"test": {"mae": 0.0}}), "final"),
        (_once(RunStarted, parameters=1), "parameters"),
    ],
)
def test_an_altered_number_is_found(tmp_path: Path, change: Callable[[Event], Event], where: str) -> None:
    run = rewritten(recorded(tmp_path), change)
    report = verify(run)
    assert not report.ok
    assert where in report.mismatches[0].where
    assert where in report.summary()


def test_an_altered_confusion_is_found(tmp_path: Path) -> None:
    def change(event: Event) -> Event:
        if isinstance(event, Evaluated) and event.confusion:
            rows = [list(row) for row in event.confusion]
            rows[2][3] += 1
            return msgspec.structs.replace(event, confusion=tuple(map(tuple, rows)))
        return event

    report = verify(rewritten(recorded(tmp_path, task="sinusoids", train__epochs=1), change))
    assert {mismatch.where.split(" ")[-1] for mismatch in report.mismatches} == {"confusion[2][3]"}


def test_a_look_left_out_of_the_log_is_found(tmp_path: Path) -> None:
    run = rewritten(recorded(tmp_path), lambda event: None if isinstance(event, Evaluated) and event.final else event)
    report = verify(run)
    assert not report.ok
    assert any(mismatch.recorded is None and "final test" in mismatch.where for mismatch in report.mismatches)


def test_other_data_are_said_first(tmp_path: Path) -> None:
    def change(event: Event) -> Event:
        if isinstance(event, RunStarted):
            return msgspec.structs.replace(event, data=msgspec.structs.replace(event.data, fingerprint="other"))
        return event

    report = verify(rewritten(recorded(tmp_path), change))
    assert not report.ok
    assert "the data are not those of the run" in report.notes[0]


def test_a_run_that_died_is_compared_as_far_as_it_got(tmp_path: Path) -> None:
    run = recorded(tmp_path, train__epochs=6)
    lines = run.events_path.read_bytes().splitlines(keepends=True)
    run.events_path.write_bytes(b"".join(lines[: len(lines) // 2]))
    report = verify(run)
    assert report.ok
    assert "compared as far as update" in report.notes[0]


def test_another_machine_and_an_edited_run_toml_are_noted(tmp_path: Path) -> None:
    def change(event: Event) -> Event:
        if isinstance(event, RunStarted):
            return msgspec.structs.replace(event, versions={**event.versions, "torch": "2.11.0"}, device_name="Cray-1")
        return event

    run = rewritten(recorded(tmp_path), change)
    run.config_path.write_text(run.config_path.read_text().replace("epochs = 2", "epochs = 3"))
    report = verify(run)
    assert report.ok  # the numbers are what counts; the notes say why they might not have been
    assert "train.epochs" in report.notes[0]
    assert "2.11.0 then" in report.notes[1]
    assert "Cray-1 then" in report.notes[1]


def test_a_queued_run_cannot_be_compared(tmp_path: Path) -> None:
    run = create_session("lab", root=tmp_path).create_run(small_config())
    with pytest.raises(UsageError, match="no training to compare"):
        verify(run)


def test_what_another_version_noticed_is_no_figure(tmp_path: Path) -> None:
    """Its rules and its advice may be others; the figures that they follow from are compared."""
    run = recorded(tmp_path, task="digits", model__head_activation="softmax", train__epochs=1)
    noticed = [record for record in read_records(run.events_path)[0] if isinstance(record.data, Diagnosed)]
    assert noticed

    def other(event: Event) -> Event:
        return msgspec.structs.replace(event, remedy="as it was") if isinstance(event, Diagnosed) else event

    report = verify(rewritten(run, other))
    assert (report.ok, report.mismatches) == (True, [])


def test_a_log_from_before_all_cells_had_a_gradient_flow_still_matches(tmp_path: Path) -> None:
    """Older versions recorded neither the flow nor the gates of minGRU; where a log has them they are compared."""
    run = recorded(tmp_path, model__name="mingru", train__inspect="each")
    assert verify(run).ok
    flows = [record.data for record in read_records(run.events_path)[0] if isinstance(record.data, GradientFlow)]
    assert flows

    def altered(event: Event) -> Event:
        return msgspec.structs.replace(event, norms=(9.0, *event.norms[1:])) if event == flows[0] else event

    def older(event: Event) -> Event | None:
        if isinstance(event, Inspected):
            layers = tuple(msgspec.structs.replace(layer, gates=()) for layer in event.layers)
            return msgspec.structs.replace(event, layers=layers)
        return None if isinstance(event, GradientFlow) else event

    assert not verify(rewritten(run, altered)).ok
    report = verify(rewritten(run, older))
    assert (report.ok, report.mismatches) == (True, [])
