"""`rnnlab errors`: asked of runs that were really trained."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.plots.predictions.example_csv import examples_csv
from rnnlab.predictions.errors import calibration, error_report
from rnnlab.predictions.predictions_file import SubsetPredictions, read_predictions
from rnnlab.runs.codec import encode
from rnnlab.runs.events import Record, RunStarted
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_records, read_state
from rnnlab.tasks.load import load
from tests.training.recorded_runs import recorded


@pytest.fixture(scope="module")
def surnames(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(tmp_path_factory.mktemp("surnames"), task="surnames", model__hidden=16, train__epochs=1)


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert rnnlab(["errors", *arguments, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert rnnlab(["errors", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_the_worst_are_wrong_with_the_highest_probability_and_shown_with_their_inputs(
    surnames: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(capsys, str(surnames.path), "--worst", "10")
    split, held = load(surnames.config()), read_predictions(surnames, "test")
    wrong = int((held.targets != held.predictions).sum())
    assert (found["split"], found["rows"], found["wrong"]) == ("test", len(split.test), wrong)
    assert held.top is not None
    sure = np.sort(held.top[held.targets != held.predictions].astype(float))[::-1][:10]
    worst = found["worst"]
    assert isinstance(worst, list)
    assert [row["probability"] for row in worst] == sure.tolist()
    at = {row: index for index, row in enumerate(split.test.row_indices.tolist())}
    for row in worst:
        index = at[row["row"]]
        assert row["input"] == split.show_input(split.test, index)
        assert row["target"] == split.classes[split.test.targets[index]] != row["prediction"]


def test_confusions_add_up_to_the_wrong_rows_and_the_most_frequent_stands_first(
    surnames: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    state, _ = read_state(surnames.events_path)
    confusion = state.final_confusion
    assert confusion is not None
    assert state.started is not None
    names = state.started.data.classes
    counts = Counter(
        {(names[i], names[j]): n for i, row in enumerate(confusion) for j, n in enumerate(row) if i != j and n}
    )
    found = document(capsys, str(surnames.path), "--split", "test", "--worst", "0")
    listed = found["confusions"]
    assert isinstance(listed, list)
    assert [each["count"] for each in listed] == [n for _, n in counts.most_common(10)]
    assert all(counts[each["true"], each["predicted"]] == each["count"] for each in listed)
    true, predicted = listed[0]["true"], listed[0]["predicted"]
    chosen = document(
        capsys, str(surnames.path), "--true", true.upper(), "--predicted", predicted, "--worst", "1000000"
    )
    assert chosen["asked"] == counts[true, predicted]
    rows = chosen["worst"]
    assert isinstance(rows, list)
    assert {(row["target"], row["prediction"]) for row in rows} == {(true, predicted)}
    assert len(rows) == counts[true, predicted]


def test_it_is_printed_in_the_width_there_is(
    surnames: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for width in (40, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        assert rnnlab(["errors", str(surnames.path), "--split", "validation"]) == 0
        text = capsys.readouterr().out
        assert max(map(len, text.splitlines())) <= width
        assert "most frequent confusions" in text
        assert "20 of" in text or width == 40
        assert "rows wrong" in text


def test_a_class_that_is_not_there_is_refused_with_a_near_one(
    surnames: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    name = load(surnames.config()).classes[3]
    message = refused(capsys, str(surnames.path), "--true", name[:-1] + "x")
    assert f"did you mean {name}?" in message
    assert "--true" in message


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--csv", "--json"], "leave one of them out"),
        (["--worst", "-1"], "--worst"),
        (["--worst", "many"], "--worst"),
        (["--split", "train"], "train"),
    ],
)
def test_what_cannot_be_is_a_usage_error(
    surnames: RunFolder, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert words in refused(capsys, str(surnames.path), *arguments)


def test_csv_has_a_row_an_error_and_no_formula(surnames: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert rnnlab(["errors", str(surnames.path), "--csv", "--worst", "5"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 5
    assert list(rows[0]) == ["row", "target", "prediction", "probability", "score", "input"]
    report = error_report(surnames, "test", worst=1)
    for text in ('=HYPERLINK("x")', "+1+1", "-2+3", "@SUM(1)", "\t=1", "a\nb", "\x1b[2J", 'say "a, b"'):
        spoiled = replace(report, worst=(replace(report.worst[0], input=text, target=text),))
        lines = examples_csv(spoiled).splitlines()
        assert len(lines) == 2, "one line a row"
        (row,) = csv.DictReader(io.StringIO("\n".join(lines)))
        for cell in (row["input"], row["target"]):
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
            assert cell.isprintable()
    spoiled = replace(report, worst=(replace(report.worst[0], target="-1.5"),))
    assert next(csv.DictReader(io.StringIO(examples_csv(spoiled))))["target"] == "-1.5"


def test_of_numbers_the_largest_errors_stand_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = recorded(tmp_path, task="binary")
    found = document(capsys, str(run.path))
    worst = found["worst"]
    assert isinstance(worst, list)
    errors = [-row["score"] for row in worst]
    held = read_predictions(run, "test")
    assert errors == sorted(errors, reverse=True)
    assert errors[0] == pytest.approx(float(np.abs(held.predictions - held.targets).max()))
    assert all(set(row["input"]) <= set("01") for row in worst)
    assert "predicts numbers, not classes" in refused(capsys, str(run.path), "--true", "a")
    assert rnnlab(["errors", str(run.path)]) == 0
    assert "mean absolute error" in capsys.readouterr().out


def test_where_each_step_has_a_class_the_rows_with_the_fewest_right_steps_stand_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = recorded(tmp_path, task="copy", data__rows=200, data__steps=4)
    found = document(capsys, str(run.path))
    worst = found["worst"]
    assert isinstance(worst, list)
    scores = [row["score"] for row in worst]
    assert scores == sorted(scores)
    assert found["calibration"] is not None
    assert rnnlab(["errors", str(run.path)]) == 0
    assert "fewest right steps first" in capsys.readouterr().out


def test_a_run_that_was_not_tested_shows_validation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = recorded(tmp_path, task="sinusoids", train__test=False)
    assert document(capsys, str(run.path))["split"] == "validation"
    assert "train.test = false" in refused(capsys, str(run.path), "--split", "test")


def test_without_the_data_of_the_run_there_are_row_numbers_and_the_reason(
    surnames: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(tmp_path / "lab" / "runs" / surnames.name)
    shutil.copytree(surnames.path, run.path)
    records, _ = read_records(run.events_path)
    start = records[0]
    assert isinstance(start.data, RunStarted)
    other = msgspec.structs.replace(start.data, data=msgspec.structs.replace(start.data.data, fingerprint="other"))
    changed = [Record(start.seq, start.wall, start.mono, other), *records[1:]]
    run.events_path.write_bytes(b"".join(map(encode, changed)))
    found = document(capsys, str(run.path), "--worst", "3")
    worst = found["worst"]
    assert isinstance(worst, list)
    assert [(bool(row["row"]), row["input"]) for row in worst] == [(True, "")] * 3
    assert "others than those of the run" in str(found["notes"])


def test_the_data_of_a_run_from_elsewhere_are_loaded_only_where_that_is_asked_for(
    surnames: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(tmp_path / "lab" / "runs" / surnames.name)
    shutil.copytree(surnames.path, run.path)
    (run.path / "queued.json").unlink()
    assert "--yes loads them" in str(document(capsys, str(run.path))["notes"])
    loaded = document(capsys, str(run.path), "--yes")
    worst = loaded["worst"]
    assert isinstance(worst, list)
    assert (loaded["notes"], all(row["input"] for row in worst)) == ([], True)


def test_probabilities_that_can_be_believed_have_no_calibration_error() -> None:
    def held(top: list[float], right: list[int]) -> SubsetPredictions:
        shares = np.array(top, np.float16)
        return SubsetPredictions(np.arange(len(top)), None, np.array(right), np.ones(len(top), np.int64), None, shares)

    fair = calibration(held([0.75] * 4 + [0.25] * 4, [1, 1, 1, 0, 1, 0, 0, 0]))
    assert fair is not None
    assert (fair.expected_error, fair.right, fair.probability) == (0.0, 0.5, 0.5)
    sure = calibration(held([1.0] * 4, [1, 1, 0, 0]))
    assert sure is not None
    assert (sure.expected_error, sure.probability) == (0.5, 1.0)
    # Too sure in one bin and too unsure in another do not cancel.
    both = calibration(held([0.75] * 2 + [0.25] * 2, [0, 0, 1, 1]))
    assert both is not None
    assert (both.expected_error, both.right) == (0.75, 0.5)


def test_predictions_of_another_task_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A log that names fewer classes than the file's predictions have."""
    run = recorded(tmp_path, task="sinusoids", train__epochs=1)
    records, _ = read_records(run.events_path)
    start = records[0]
    assert isinstance(start.data, RunStarted)
    few = msgspec.structs.replace(start.data.data, classes=start.data.data.classes[:1])
    changed = Record(start.seq, start.wall, start.mono, msgspec.structs.replace(start.data, data=few))
    run.events_path.write_bytes(b"".join(map(encode, [changed, *records[1:]])))
    assert "predictions of another task" in refused(capsys, str(run.path))


def test_the_same_class_twice_lists_its_right_rows_the_least_probable_first(
    surnames: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    held, split = read_predictions(surnames, "test"), load(surnames.config())
    label = int(np.bincount(held.targets[held.targets == held.predictions]).argmax())
    name = split.classes[label]
    found = document(capsys, str(surnames.path), "--true", name, "--predicted", name, "--worst", "1000000")
    right = (held.targets == label) & (held.predictions == label)
    assert found["asked"] == int(right.sum())
    worst = found["worst"]
    assert isinstance(worst, list)
    assert {row["row"] for row in worst} == set(held.rows[right].tolist())
    shares = [row["probability"] for row in worst]
    assert shares == sorted(shares)
    for row in worst:
        (first, share), *_ = row["likely"]
        assert (first, share) == (name, row["probability"])
    assert rnnlab(["errors", str(surnames.path), "--true", name, "--predicted", name]) == 0
    text = capsys.readouterr().out
    assert "right rows" in text
    assert "lowest probability first" in text


def test_measurements_are_drawn_and_steps_are_given_one_by_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = recorded(tmp_path / "a", task="sinusoids", train__epochs=1)
    for row in document(capsys, str(run.path), "--split", "validation")["worst"]:  # type: ignore[attr-defined]
        assert [len(channel) for channel in row["channels"]] == [min(60, 40)]
    run = recorded(tmp_path / "b", task="copy", data__rows=200, data__steps=4)
    for row in document(capsys, str(run.path), "--worst", "3")["worst"]:  # type: ignore[attr-defined]
        asked = [pair for pair in row["steps"] if pair[0]]
        assert sum(true == predicted for true, predicted in asked) / len(asked) == pytest.approx(row["score"])


def test_numbers_are_drawn_over_the_true_ones_and_steps_by_position(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = recorded(tmp_path / "a", task="binary")
    assert rnnlab(["plot", str(run.path), "scatter", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    held = read_predictions(run, "test")
    assert [row["true"] for row in found["numbers"]] == held.targets.ravel().tolist()
    assert [row["predicted"] for row in found["numbers"]] == held.predictions.ravel().tolist()
    assert "MAE" in found["description"]
    run = recorded(tmp_path / "b", task="copy", data__rows=200, data__steps=4)
    for arguments in (["--json"], ["-o", str(tmp_path / "positions.svg")], ["-o", str(tmp_path / "positions.csv")]):
        assert rnnlab(["plot", str(run.path), "positions", *arguments]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[0])
    score = document(capsys, str(run.path))["score"]
    steps = sum(row["steps"] for row in found["numbers"])
    assert sum(row["steps"] * row["right"] for row in found["numbers"]) / steps == pytest.approx(score)
    assert rnnlab(["plot", str(run.path), "scatter"]) == 2
    assert "positions" in capsys.readouterr().err
