"""A run on sentences, read word by word: what its log holds, resumed, verified, predicted with, exported, reported."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_state
from rnnlab.training.verify import verify
from tests.tasks.own.sentences import reviews, written
from tests.training.recorded_runs import begun, check_alike, killed_anywhere, lived, resumed, some


@pytest.fixture(scope="module")
def critic(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    root = tmp_path_factory.mktemp("words")
    path = root / "own.csv"
    path.write_text(written(reviews(200)), encoding="utf-8")
    run, events = begun(root / "sessions", **settings(path, train__epochs=12, optim__lr=0.02))
    lived(run, events)
    return run


def settings(path: Path, **more: Any) -> dict[str, Any]:
    return {"task": "own", "data__path": str(path), "data__encoding": "embedding", "data__baseline": "words", **more}


def test_the_log_has_the_vocabulary_and_the_run_is_the_same_again(critic: RunFolder) -> None:
    state, _ = read_state(critic.events_path)
    assert state.started is not None
    data = state.started.data
    assert data.reads_tokens
    assert data.symbols == ""
    assert {"the", "film", "great", "awful"} <= set(data.vocabulary)
    assert data.input_size == len(data.vocabulary) + 1
    report = verify(critic)
    assert (report.mismatches, report.notes) == ([], [])


def test_a_killed_run_goes_on_to_the_same_end(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(written(reviews(80)), encoding="utf-8")
    run, events = begun(tmp_path / "sessions", **settings(path, train__epochs=2))
    for left in some(killed_anywhere(run, events, tmp_path / "killed"), 2):
        lived(left, resumed(left))
        check_alike(left, run)


def test_a_sentence_is_predicted_and_one_without_a_known_word_refused(
    critic: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    sentences = ["The film was really GREAT!", "the plot was really awful, and somewhat strange"]
    assert rnnlab(["predict", str(critic.path), *sentences, "--json"]) == 0
    predictions = json.loads(capsys.readouterr().out)["predictions"]
    assert [each["answer"] for each in predictions] == ["good", "bad"]
    assert [each["input"] for each in predictions] == sentences
    assert rnnlab(["predict", str(critic.path), "xyzzy"]) == 2
    assert "'xyzzy' has no word of the" in capsys.readouterr().err


def test_an_exported_net_reads_sentences_by_itself(
    critic: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rnnlab(["export", str(critic.path), "--to", "torch", "-o", str(tmp_path / "net")]) == 0
    capsys.readouterr()
    sentence = "The film was really GREAT — don’t miss it!"
    assert rnnlab(["predict", str(critic.path), sentence, "--json"]) == 0
    [prediction] = json.loads(capsys.readouterr().out)["predictions"]
    command = [sys.executable, "model.py", sentence]
    printed = subprocess.run(
        command, cwd=tmp_path / "net", capture_output=True, text=True, check=True, env=os.environ | {"PYTHONUTF8": "1"}
    ).stdout
    name, probability = printed.splitlines()[1].split()
    assert name == prediction["answer"]
    assert float(probability) == pytest.approx(prediction["probability"], abs=1e-5)


def test_what_is_shown_of_the_data_speaks_of_words(critic: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert rnnlab(["show", str(critic.path)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "logistic regression on words" in shown
    assert "read word by word: " in shown
    assert rnnlab(["errors", str(critic.path)]) == 0
    assert "\ufffd" not in capsys.readouterr().out, "texts are shown as they stand in the file"


def test_a_run_of_before_there_were_words_is_read_by_characters(critic: RunFolder, tmp_path: Path) -> None:
    old = RunFolder(Path(shutil.copytree(critic.path, tmp_path / "runs" / critic.name)))
    text = old.config_path.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(("tokens =", "vocabulary ="))]
    assert len(kept) == len(text.splitlines()) - 2
    old.config_path.write_text("\n".join(kept), encoding="utf-8")
    assert (critic.config().data.tokens, old.config().data.tokens) == ("auto", "characters")
