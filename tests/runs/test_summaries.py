"""The rows of a session, renewed: those of changed logs are read again, and no others."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.runs import summaries as module
from rnnlab.runs.codec import encode
from rnnlab.runs.event_numbers import real
from rnnlab.runs.events import AnyEvent, Evaluated, Progress, Record, ResumeAsked, RunFinished, RunStarted
from rnnlab.runs.folders import RunFolder, Session, create_session
from rnnlab.runs.log_reader import read_records
from rnnlab.runs.summaries import Summaries
from rnnlab.runs.summary import RunSummary, summarise
from tests.recorded import record
from tests.recorded_variants import variant


@pytest.fixture
def finished(tmp_path: Path) -> RunFolder:
    return RunFolder(record(tmp_path, "finished"))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the runs whose logs were read, in turn."""
    names: list[str] = []

    def noted(run: RunFolder) -> RunSummary:
        names.append(run.name)
        return summarise(run)

    monkeypatch.setattr(module, "summarise", noted)
    return names


def test_only_what_changed_is_read_again(finished: RunFolder, read: list[str]) -> None:
    other = RunFolder(variant(finished.path, "040-gru-128", {"model.name": "gru"}))
    summaries = Summaries(finished.session)
    first = summaries.read()
    assert first == [summarise(run) for run in finished.session.runs()]
    read.clear()
    assert summaries.read() == first
    assert read == []
    with other.events_path.open("rb+") as log:
        log.truncate(log.seek(0, 2) - 100)  # the last event is gone
    assert summaries.read()[1].status != first[1].status
    assert read == ["040-gru-128"]


def test_a_log_that_was_replaced_is_read_again_though_size_and_time_are_the_same(finished: RunFolder) -> None:
    summaries = Summaries(finished.session)
    (before,) = summaries.read()
    stat = finished.events_path.stat()
    other = variant(finished.path, ".other", {}, figures={"accuracy": 0.5})
    data = (other / "events.jsonl").read_bytes().rjust(stat.st_size)[-stat.st_size :]
    replaced = finished.path / "new"
    replaced.write_bytes(data)
    replaced.rename(finished.events_path)
    os.utime(finished.events_path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert finished.events_path.stat().st_size == stat.st_size
    (after,) = summaries.read()
    assert after != before


def test_runs_come_and_go(finished: RunFolder) -> None:
    summaries = Summaries(finished.session)
    summaries.read()
    made = finished.session.create_run(RunConfig.from_settings({"task.name": "binary"}))
    assert [(row.name, row.status) for row in summaries.read()] == [
        (finished.name, "completed"),
        (made.name, "queued"),
    ]
    shutil.rmtree(finished.path)
    assert [row.name for row in summaries.read()] == [made.name]


def test_a_queued_run_whose_settings_are_wrong_is_told_once_they_are(tmp_path: Path) -> None:
    run = create_session("lab", root=tmp_path).create_run(RunConfig.from_settings({}))
    summaries = Summaries(Session(run.path.parent.parent))
    assert summaries.read()[0].problem == ""
    run.config_path.write_text("[optim]\nlr = -1\n", encoding="utf-8")
    assert "optim.lr" in summaries.read()[0].problem


def test_a_run_that_begins_is_no_longer_queued(tmp_path: Path, finished: RunFolder) -> None:
    run = create_session("lab", root=tmp_path).create_run(RunConfig.from_settings({}))
    summaries = Summaries(run.session)
    assert summaries.read()[0].status == "queued"
    shutil.copyfile(finished.events_path, run.events_path)
    row = summaries.read()[0]
    assert row.status == "completed"
    assert real(row.best["accuracy"]) > 0


def test_a_run_that_was_called_off_and_asked_for_again_is_training_once_it_begins(finished: RunFolder) -> None:
    records, _ = read_records(finished.events_path)
    before: list[AnyEvent] = [
        RunFinished(outcome="stopped", message="stopped before it began"),
        ResumeAsked(commands=1),
    ]
    events: list[AnyEvent] = [*before, *(each.data for each in records)]
    lines = [encode(Record(seq, records[0].wall, records[0].mono, event)) for seq, event in enumerate(events)]
    begun = next(at for at, event in enumerate(events) if isinstance(event, RunStarted)) + 1
    evaluated = next(at for at, event in enumerate(events) if isinstance(event, Evaluated)) + 1
    whole = summarise(finished)
    for end, status in ((1, "stopped"), (2, "queued"), (begun, "training"), (evaluated, "training")):
        finished.events_path.write_bytes(b"".join(lines[:end]))
        found = summarise(finished)
        assert (found.problem, found.status) == ("", status)
        assert (found.task, found.epochs) == (whole.task, whole.epochs)
    finished.events_path.write_bytes(b"".join(lines))
    assert summarise(finished) == whole


def test_a_run_that_was_just_evaluated_has_the_seconds_that_it_trained(finished: RunFolder) -> None:
    records, _ = read_records(finished.events_path)
    evaluated = max(
        at for at, each in enumerate(records) if isinstance(each.data, Evaluated) and each.data.split == "validation"
        and not each.data.final
    )  # fmt: skip
    finished.events_path.write_bytes(b"".join(map(encode, records[: evaluated + 1])))
    seconds = [each.data.seconds for each in records[:evaluated] if isinstance(each.data, Progress)]
    assert summarise(finished).seconds == seconds[-1] > 0


def test_a_thousand_rows_are_renewed_in_half_a_second(finished: RunFolder) -> None:
    """Measured as processor time: the machine may be shared."""
    session = finished.session
    log = finished.events_path.read_bytes()
    for number in range(1000):
        folder = session.runs_path / f"1{number:03}-lstm-128"
        folder.mkdir()
        (folder / "events.jsonl").write_bytes(log)
    summaries = Summaries(session)
    summaries.read()
    begun = time.process_time()
    with session.runs()[-1].events_path.open("ab") as file:
        file.write(b"\n")
    assert len(summaries.read()) == 1001
    assert time.process_time() - begun < 0.5
