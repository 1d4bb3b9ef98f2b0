"""`rnnlab export`: what it writes of real runs, what it refuses, and that others' programs read it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from rnnlab.export.export_run import exported
from rnnlab.export.to_csv import csv_tables
from rnnlab.export.to_onnx.verify import open_session
from rnnlab.predictions.predictions_file import read_predictions
from rnnlab.runs.folders import RunFolder, create_session
from rnnlab.runs.history import course
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.tasks.encoding.encode import encode_inputs
from rnnlab.training.evaluation.predict import load_best, load_net
from tests.command_line import printed, refused
from tests.recorded import record
from tests.training.recorded_runs import recorded
from tests.training.small import small_config


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(tmp_path_factory.mktemp("names"), task="surnames", train__epochs=2)


@pytest.fixture(scope="module")
def adder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(tmp_path_factory.mktemp("adder"), task="adding", data__steps=10, train__epochs=2)


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(tmp_path_factory.mktemp("counter"), task="anbn", data__steps=8, train__epochs=2)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path / "none"))


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path(name).read_text(encoding="utf-8"))))


def test_csv_has_a_row_for_each_evaluation_and_each_prediction(
    names: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "export", str(names.path), "--to", "csv", "-o", "out")
    state = read_state(names.events_path)[0]
    rows = table("out/evaluations.csv")
    (best,) = [row for row in rows if row["weights"] == "best" and row["split"] == "test"]
    assert float(best["accuracy"]) == state.final["test"]["accuracy"]
    kept = read_predictions(names, "test")
    predicted = [row for row in table("out/predictions.csv") if row["split"] == "test"]
    assert [int(row["row"]) for row in predicted] == kept.rows.tolist()
    right = sum(row["target"] == row["prediction"] for row in predicted)
    assert right / len(predicted) == pytest.approx(float(best["accuracy"]))
    classes = [row for row in table("out/classes.csv") if row["split"] == "test"]
    assert sum(int(row["rows"]) for row in classes) == len(kept)
    assert sum(int(row["updates"]) for row in table("out/updates.csv")) == state.step


def test_csv_of_numbers_and_of_steps(adder: RunFolder, counter: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "export", str(adder.path), "--to", "csv", "--table", "predictions", "-o", "numbers.csv")
    kept = read_predictions(adder, "validation")
    held = [row for row in table("numbers.csv") if row["split"] == "validation"]
    np.testing.assert_allclose([float(row["prediction_1"]) for row in held], kept.predictions[:, 0], rtol=1e-6)
    printed(capsys, "export", str(counter.path), "--to", "csv", "--table", "predictions", "-o", "steps.csv")
    targets = read_predictions(counter, "validation").targets
    held = [row for row in table("steps.csv") if row["split"] == "validation"]
    assert len(held) == int((targets >= 0).sum())


def test_no_cell_of_a_strangers_run_is_a_formula(tmp_path: Path) -> None:
    run = RunFolder(record(tmp_path, "hostile"))
    texts = csv_tables(run, course(read_records(run.events_path)[0]))
    for text in texts.values():
        assert "\x1b" not in text
        for cell in (cell for row in csv.reader(io.StringIO(text)) for cell in row):
            assert not cell.startswith(("=", "@", "+")) or cell[1:2].isdigit()


def test_figures_of_a_leaking_split_are_exported_with_that_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = record(tmp_path, "leaky")
    for kind in ("csv", "tensorboard"):
        assert "leaking split" in printed(capsys, "export", str(run), "--to", kind, "-o", kind)


def test_a_run_that_trains_has_the_classes_of_its_best_weights_so_far(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(record(tmp_path, "running"))
    printed(capsys, "export", str(run.path), "--to", "csv", "--table", "classes", "-o", "classes.csv")
    best = read_state(run.events_path)[0].best
    assert best is not None
    assert {(row["split"], int(row["epoch"])) for row in table("classes.csv")} == {("validation", best.epoch)}


def test_what_is_there_is_replaced_only_when_asked(names: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.onnx").write_text("mine")
    assert "--force" in refused(capsys, "export", str(names.path), "--to", "onnx", "-o", "a.onnx")
    assert Path("a.onnx").read_text() == "mine"
    printed(capsys, "export", str(names.path), "--to", "onnx", "-o", "a.onnx", "--force")
    assert Path("a.onnx").stat().st_size > 1000
    assert "there is no folder" in refused(capsys, "export", str(names.path), "--to", "onnx", "-o", "no/a.onnx")
    assert "--table" in refused(capsys, "export", str(names.path), "--to", "onnx", "--table", "classes")
    assert "--checkpoint" in refused(capsys, "export", str(names.path), "--to", "csv", "--checkpoint", "last")


def test_onnx_says_what_its_inputs_mean_and_predicts_as_rnnlab_does(
    names: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(printed(capsys, "export", str(names.path), "--to", "onnx", "-o", "a.onnx", "--json"))
    assert document["difference"] < 1e-5
    model = onnx.load("a.onnx")
    about = {entry.key: entry.value for entry in model.metadata_props}
    assert about["task"] == "surnames"
    classes = json.loads(about["classes"])
    text = "Kowalska"
    tokens = [[about["alphabet"].index(letter) + 1 for letter in text]]
    session = open_session(Path("a.onnx").read_bytes())
    (logits,) = session.run(None, {"inputs": np.array(tokens), "lengths": np.array([len(text)])})
    (prediction,) = load_best(names).predict([text])
    assert classes[int(logits.argmax())] == prediction.ranked[0][0]


def test_onnx_gives_numbers_in_the_targets_own_unit(adder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "export", str(adder.path), "--to", "onnx", "-o", "a.onnx")
    trained = load_best(adder)
    inputs, lengths = encode_inputs(trained.data, ["0.2 0.71* 0.5 0.9*"])
    (numbers,) = open_session(Path("a.onnx").read_bytes()).run(None, {"inputs": inputs, "lengths": lengths})
    assert numbers[0].tolist() == pytest.approx(trained.predict(["0.2 0.71* 0.5 0.9*"])[0].numbers, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("run", ["names", "adder", "counter"])
def test_the_torch_file_predicts_as_rnnlab_does_without_rnnlab(run: str, request: pytest.FixtureRequest) -> None:
    folder: RunFolder = request.getfixturevalue(run)
    for name, data in exported(folder, "torch").files.items():
        Path(name).write_bytes(data)
    example = {"names": "Kowalska", "adder": "0.2 0.71* 0.5 0.9*", "counter": "aab"}[run]
    code = (
        "import json, sys, model\n"
        "assert not [name for name in sys.modules if name.startswith('rnnlab')]\n"
        f"print(json.dumps(model.predict([{example!r}])[0]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    found = json.loads(done.stdout)
    (ours,) = load_best(folder).predict([example])
    if ours.numbers:
        assert [number for (number,) in found] == pytest.approx(list(ours.numbers), abs=1e-6)
    else:
        pairs = ours.ranked or ours.steps
        assert [name for name, _ in found] == [name for name, _ in pairs]
        assert [share for _, share in found] == pytest.approx([share for _, share in pairs], abs=1e-6)


def test_the_last_weights_are_exported_when_asked(names: RunFolder) -> None:
    weights = {}
    for kind in ("best", "last"):
        files = exported(names, "torch", kind).files
        weights[kind] = torch.load(io.BytesIO(files["weights.pt"]), weights_only=True)
        assert f"of epoch {load_net(names, kind).epoch}." in files["model.py"].decode()
    head = load_net(names, "last").net.head.weight
    assert torch.equal(weights["last"]["head.weight"], head)


def test_tensorboard_reads_curves_times_and_settings(names: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import plugin_data_pb2

    printed(capsys, "export", str(names.path), "--to", "tensorboard", "-o", "board")
    board = EventAccumulator("board")
    board.Reload()
    records = course(read_records(names.events_path)[0])
    evaluated = [
        record
        for record in records
        if getattr(record.data, "split", "") == "validation" and not record.data.final  # type: ignore[union-attr]
    ]
    scalars = board.Scalars("accuracy/validation")
    assert [each.step for each in scalars] == [record.data.step for record in evaluated]  # type: ignore[union-attr]
    assert [each.wall_time for each in scalars] == [record.wall for record in evaluated]
    assert {"loss/train", "loss/validation", "lr", "grad_norm", "best_weights_accuracy/test"} <= set(
        board.Tags()["scalars"]
    )
    content = board.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    settings = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
    assert settings["task.name"].string_value == "surnames"
    assert settings["train.epochs"].number_value == 2


def test_a_run_that_has_not_begun_has_nothing_to_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = create_session("lab", root=tmp_path).create_run(small_config(task="binary"))
    for kind in ("csv", "onnx", "torch", "tensorboard"):
        assert refused(capsys, "export", str(run.path), "--to", kind)
