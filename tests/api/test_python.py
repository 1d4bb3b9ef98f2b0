"""Runs from Python: the same folders, figures and sentences as on the command line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnlab
from rnnlab.config import RunConfig
from rnnlab.paths import CELLS
from rnnlab.runs.folders import RunFolder, create_session
from tests.command_line import called, clean_environment
from tests.engines.running import until
from tests.own_cells import PLAIN
from tests.recorded import record

QUICK: dict[str, Any] = {"epochs": 2, "hidden": 8, "settings": {"data.rows": 200}}


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sessions")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RNNLAB_SESSIONS", str(folder))
        rnnlab.train("parity", session="one", lr=0.01, **QUICK)
        rnnlab.repeat("parity", session="several", seeds=[3, 5], **QUICK)
    return folder


@pytest.fixture
def run(sessions: Path) -> rnnlab.Run:
    return rnnlab.load_run(sessions / "one" / "runs" / "001-gru-8")


def test_a_run_from_python_is_the_run_of_the_command_line(sessions: Path, run: rnnlab.Run) -> None:
    shown = json.loads(called(sessions, "show", str(run.path), "--json").stdout)
    assert run.status == shown["status"] == "completed"
    assert run.metrics == shown["final"]
    assert run.best_epoch == shown["best"]["epoch"]
    assert run.parameters == shown["parameters"]
    assert run.settings["optim.lr"] == shown["config"]["optim"]["lr"] == 0.01
    assert called(sessions, "replay", str(run.path), "--verify").returncode == 0


def test_curves_have_a_value_for_each_evaluation(run: rnnlab.Run) -> None:
    curves = run.curves
    assert curves.epochs.tolist() == [1.0, 2.0]
    assert len(curves.updates) == len(curves.validation_loss) == len(curves.train_loss) == 2
    assert np.isfinite([curves.validation_loss, curves.validation_metric]).all()
    assert curves["loss/validation"].values.tolist() == curves.validation_loss.tolist()
    frame = curves.to_pandas()
    assert list(frame["update"]) == curves.updates.tolist()
    assert frame.columns.tolist() == curves.to_polars().columns
    assert frame.columns[-1] == f"validation_{run.metric}"


def test_predictions_of_the_test_part_are_its_rows(run: rnnlab.Run) -> None:
    test = run.predictions["test"]
    frame = test.to_pandas()
    assert len(frame) == len(test)
    assert float(frame["correct"].mean()) == pytest.approx(run.metrics["test"]["accuracy"])
    assert set(frame["prediction"]) <= set(run.classes)
    assert test.to_polars().shape == frame.shape
    assert run.confusion is not None
    assert int(run.confusion.sum()) == len(test)
    with pytest.raises(KeyError, match="no subset 'tset'"):
        _ = run.predictions["tset"]  # type: ignore[index]


def test_the_model_is_the_net_that_predicts(run: rnnlab.Run) -> None:
    inputs = ["1011", "0110"]
    net = run.model()
    assert not net.training
    with torch.inference_mode():
        shares = net(*run.encode(inputs)).double().softmax(-1)
    predicted = run.predict(inputs)
    assert [run.classes[at] for at in shares.argmax(-1).tolist()] == [each.ranked[0][0] for each in predicted]
    assert run.predict("1011")[0].ranked[0][0] == predicted[0].ranked[0][0]
    assert run.predict([[1, 0, 1, 1]])[0].ranked == run.predict("1011")[0].ranked
    with pytest.raises(rnnlab.UsageError, match=r"of one sequence write \[\[1, 0, 1\]\]"):
        run.predict([1, 0, 1, 1])  # type: ignore[list-item]
    arrays = np.array([[1, 0, 1, 1], [0, 1, 1, 0]])
    assert [each.ranked for each in run.predict(arrays)] == [each.ranked for each in predicted]  # type: ignore[arg-type]
    with pytest.raises(rnnlab.UsageError, match="an input is a text or a sequence of numbers"):
        run.predict(arrays[0])


def test_what_is_done_to_the_model_changes_no_prediction_of_the_run(run: rnnlab.Run) -> None:
    before = run.predict("1011")[0].ranked
    net = run.model()
    net.train()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
    assert run.predict("1011")[0].ranked == before
    assert not run.model().training


def test_a_file_of_usual_cells_that_was_mended_is_listed_at_the_next_try(tmp_path: Path) -> None:
    (tmp_path / "mycell.py").write_text("x = (\n")
    code = (
        "import pathlib, rnnlab\n"
        "given = dict(model='plain-cell', epochs=1, hidden=4, settings={'data.rows': 200})\n"
        "try:\n    rnnlab.train('parity', **given)\nexcept rnnlab.UsageError as error:\n    print(error)\n"
        f"pathlib.Path('mycell.py').write_text({PLAIN!r})\n"
        "print(rnnlab.train('parity', **given).status)"
    )
    environment = clean_environment() | {CELLS: str(tmp_path / "mycell.py"), "RNNLAB_SESSIONS": str(tmp_path / "s")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    problem, status = done.stdout.splitlines()
    assert problem.startswith(f"{tmp_path}/mycell.py:1: ")
    assert status == "completed"


def test_a_table_has_a_row_for_each_run(sessions: Path) -> None:
    runs = rnnlab.load_runs(sessions / "several")
    frame = runs.to_pandas().sort_values("run")
    assert frame["run"].tolist() == [run.name for run in runs] == ["001-gru-8", "002-gru-8"]
    assert frame["seeds"].tolist() == ["3", "5"] or frame["seeds"].tolist() == [3, 5]
    assert frame["test.accuracy"].tolist() == [run.metrics["test"]["accuracy"] for run in runs]
    assert runs.to_polars().shape == frame.shape
    csv = called(sessions, "compare", str(sessions / "several"), "--to", "csv").stdout.splitlines()[0].split(",")
    assert [name for name in frame.columns if name in csv] == frame.columns[:-2].tolist()


def test_settings_in_which_runs_differ_are_columns(tmp_path: Path) -> None:
    session = create_session("s", root=tmp_path)
    for hidden, clip in ((8, None), (16, 2.0)):
        settings = {"task.name": "parity", "model.hidden": hidden, "optim.clip_norm": clip}
        session.create_run(RunConfig.from_settings(settings))
    frame = rnnlab.load_runs(session.path).to_pandas()
    assert sorted(frame["model.hidden"]) == [8, 16]
    assert sorted(frame["optim.clip_norm"].dropna()) == [2.0]


def test_a_run_can_be_watched_and_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    run = rnnlab.train("parity", epochs=10_000, hidden=8, wait=False)
    until(lambda: bool(run.best), "it is evaluated")
    assert run.status in ("training", "evaluating", "saving")
    run.stop()
    assert run.wait().status == "stopped"


def test_an_interrupt_stops_the_run_cleanly_and_ends_the_program(tmp_path: Path) -> None:
    code = "import rnnlab\nfor seed in range(3):\n    rnnlab.train('parity', epochs=10_000, hidden=8, seed=seed, session='s')\n"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=clean_environment() | {"RNNLAB_SESSIONS": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    run = RunFolder(tmp_path / "s" / "runs" / "001-gru-8")
    until(run.best_path.exists, "it is evaluated")
    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in printed
    assert rnnlab.load_run(run.path).status == "stopped"
    assert len(rnnlab.load_runs(tmp_path / "s")) == 1


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ({"hiden": 8}, "there is no setting 'hiden' (did you mean hidden?)"),
        ({"lr": -1}, "optim.lr = -1 is not allowed; it must be a number above 0"),
        ({"momentum": 0.5}, "optim.momentum = 0.5 has no effect here: it applies where optim.name is"),
        ({"hidden": 8, "settings": {"model.hidden": 9}}, "model.hidden is given twice; leave one of them out"),
        ({"name": "x"}, "'name' names 3 settings; write task__name or model__name or optim__name"),
    ],
)
def test_a_wrong_setting_is_the_sentence_of_the_command_line(
    named: dict[str, Any], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    with pytest.raises(rnnlab.UsageError) as raised:
        rnnlab.train("parity", **named)
    assert str(raised.value).startswith(sentence)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_fails_is_an_exception_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    monkeypatch.setenv("RNNLAB_DATA", str(tmp_path / "nothing"))
    table = tmp_path / "mine.csv"
    table.write_text("text,label\n" + "".join(f"ab{at},{at % 2}\n" for at in range(60)))
    run = rnnlab.train("own", data=table, epochs=1, hidden=4, wait=False)
    table.unlink()
    with pytest.raises(rnnlab.TrainingFailed) as raised:
        run.wait()
    assert raised.value.run == run
    assert str(raised.value).startswith(f"{run.name}: ")
    assert "mine.csv" in str(raised.value)
    with pytest.raises(rnnlab.TrainingFailed) as of_all:
        rnnlab.load_runs(run.path.parent.parent).wait()
    assert str(of_all.value) == str(raised.value)


def test_what_a_stranger_queued_is_not_waited_for(tmp_path: Path) -> None:
    session = create_session("s", root=tmp_path)
    folder = session.create_run(RunConfig.from_settings({"task.name": "parity"}))
    (folder.path / "queued.json").unlink()
    with pytest.raises(rnnlab.UsageError, match="was not queued by you on this machine"):
        rnnlab.load_run(folder.path).wait()


def test_hostile_names_stay_text_in_a_notebook(tmp_path: Path) -> None:
    run = rnnlab.load_run(record(tmp_path, "hostile"))
    page = run._repr_html_() + rnnlab.load_runs(run.path.parent.parent)._repr_html_()
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_progress_to_a_file_is_a_line_for_each_evaluation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    rnnlab.train("parity", progress=True, **QUICK)
    lines = capsys.readouterr().err.splitlines()
    assert sum(line.startswith("epoch ") for line in lines) in (1, 2)
    assert any(line.startswith("completed in") for line in lines)
    rnnlab.train("parity", **QUICK)
    assert capsys.readouterr().err == ""


def test_a_report_is_that_of_the_command(sessions: Path, tmp_path: Path) -> None:
    path = rnnlab.load_runs(sessions / "several").report(tmp_path / "report.md")
    called(sessions, "report", str(sessions / "several"), "-o", str(tmp_path / "other.md"))
    assert path.read_text() == (tmp_path / "other.md").read_text()
    with pytest.raises(rnnlab.UsageError, match="in which format"):
        rnnlab.load_run(sessions / "one" / "runs" / "001-gru-8").report(tmp_path / "report.pdf")
