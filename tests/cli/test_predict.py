"""`rnnlab predict`: asked of runs that were really trained, with nothing but their folders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.runs.codec import encode
from rnnlab.runs.events import Record, RunStarted
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.log import LogWriter
from rnnlab.runs.log_reader import read_records
from rnnlab.tasks.load import load
from rnnlab.training.loop import Training
from rnnlab.training.persist.checkpoints import CheckpointStore
from tests.training.small import small_config, small_split


def train_into(folder: Path, **settings: object) -> RunFolder:
    run = create_session("lab", root=folder).create_run(small_config(**settings))  # type: ignore[arg-type]
    config = run.config()
    split = small_split(config, 2000)
    with LogWriter(run.events_path) as log:
        for event in Training(config, split, run=run.name, checkpoints=CheckpointStore(run)).events():
            log.append(event)
    return run


@pytest.fixture(scope="module")
def surnames(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return train_into(tmp_path_factory.mktemp("surnames"), task="surnames", model__hidden=16, model__bidirectional=True)


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return train_into(tmp_path_factory.mktemp("binary"), model__hidden=16, train__epochs=150, optim__lr=0.02)


def test_classes_come_likeliest_first_with_their_probabilities(
    surnames: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rnnlab(["predict", str(surnames.path), "Kowalska", "Li", "--json", "--top", "17"]) == 0
    answer = json.loads(capsys.readouterr().out)
    classes = load(surnames.config()).classes
    assert [p["input"] for p in answer["predictions"]] == ["Kowalska", "Li"]
    for prediction in answer["predictions"]:
        shares = [entry["probability"] for entry in prediction["top"]]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(1.0)
        assert {entry["class"] for entry in prediction["top"]} == set(classes)
        assert (prediction["answer"], prediction["probability"]) == (prediction["top"][0]["class"], shares[0])


def test_an_answer_does_not_depend_on_what_is_asked_beside_it(
    surnames: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    rnnlab(["predict", str(surnames.path), "Li", "--json"])
    alone = json.loads(capsys.readouterr().out)["predictions"][0]
    rnnlab(["predict", str(surnames.path), "Wolfeschlegelstein", "Li", "--json"])
    beside = json.loads(capsys.readouterr().out)["predictions"][1]
    assert beside["answer"] == alone["answer"]
    assert beside["probability"] == pytest.approx(alone["probability"], rel=1e-5)


def test_numbers_come_in_the_targets_unit(binary: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    rnnlab(["predict", str(binary.path), "11111111", "00000000", "10000000", "--json"])
    answers = [p["answer"] for p in json.loads(capsys.readouterr().out)["predictions"]]
    assert answers == pytest.approx([255, 0, 128], abs=12)
    rnnlab(["predict", str(binary.path), "11111111"])
    assert capsys.readouterr().out.startswith("11111111 → 2")


def test_the_data_set_is_not_needed(
    surnames: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder alone, copied elsewhere; the loader would find nothing."""
    moved = tmp_path / "copy"
    shutil.copytree(surnames.path, moved)
    monkeypatch.setattr("rnnlab.tasks.load.load", None)
    monkeypatch.chdir(tmp_path)
    assert rnnlab(["predict", str(moved), "Kowalska"]) == 0
    assert "%" in capsys.readouterr().out


def test_hostile_text_reaches_the_terminal_harmless(
    surnames: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both the input as typed and class names from a stranger's log."""
    moved = RunFolder(tmp_path / "copy")
    shutil.copytree(surnames.path, moved.path)
    hostile = "\x1b]52;c;aGk=\x07[/red]\u202e"
    lines = []
    for record in read_records(moved.events_path)[0]:
        event = record.data
        if isinstance(event, RunStarted):
            data = msgspec.structs.replace(event.data, classes=tuple(f"{hostile}{name}" for name in event.data.classes))
            event = msgspec.structs.replace(event, data=data)
        lines.append(encode(Record(record.seq, record.wall, record.mono, event)))
    moved.events_path.write_bytes(b"".join(lines))
    assert rnnlab(["predict", str(moved.path), f"Li{hostile}"]) == 0
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert "[/red]" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["two"], "not made of bits"),
        (["11", "--top", "0"], "--top = 0 is not allowed"),
        ([], "INPUT"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_line(
    binary: RunFolder, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert rnnlab(["predict", str(binary.path), *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 1


def test_a_run_without_weights_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = create_session("lab", root=tmp_path).create_run(small_config())
    assert rnnlab(["predict", str(run.path), "11"]) == 2
    assert "there are no weights to predict with" in capsys.readouterr().err


def test_weights_that_are_not_the_runs_are_refused(
    binary: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = RunFolder(tmp_path / "copy")
    shutil.copytree(binary.path, moved.path)
    data = bytearray(moved.best_path.read_bytes())
    data[-5] ^= 64
    moved.best_path.write_bytes(bytes(data))
    assert rnnlab(["predict", str(moved.path), "11"]) == 2
    assert "not the file that the run saved" in capsys.readouterr().err
