"""`rnnlab predict` and `replay --verify` of runs whose answers are no single class: each step's, and the next days'."""

from __future__ import annotations

import json

import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.runs.folders import RunFolder
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.outcome import outcome
from rnnlab.tasks.load import load
from rnnlab.training.verify import verify
from tests.tasks.salesfiles import write_sales
from tests.training.recorded_runs import recorded


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return recorded(
        tmp_path_factory.mktemp("anbn"),
        task="anbn",
        data__steps=8,
        data__test_steps="20,25",
        optim__lr=0.02,
        train__batch_size=4,
        train__epochs=150,
        train__evaluate_every=50,
    )


@pytest.fixture(scope="module")
def seller(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    root = tmp_path_factory.mktemp("sales")
    write_sales(root)
    return recorded(
        root / "sessions",
        task="sales",
        data__path=str(root),
        data__split="time",
        data__window=7,
        data__horizon=2,
        data__test=0.2,
    )


def test_an_answer_at_each_step_stands_on_a_line(counter: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert rnnlab(["predict", str(counter.path), "aaaabbbb", "ab"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("aaaabbbb")
    assert len(lines[1]) == 1 + 8  # S is read before what was typed
    assert lines[1].endswith("T")
    assert rnnlab(["predict", str(counter.path), "aaaabbbb", "--json"]) == 0
    [prediction] = json.loads(capsys.readouterr().out)["predictions"]
    assert prediction["answer"] == lines[1]
    assert [step["class"] for step in prediction["steps"]] == list(lines[1])
    assert all(1 / 3 <= step["probability"] <= 1 for step in prediction["steps"])


def test_an_answer_does_not_hang_on_a_longer_one_beside_it(
    counter: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(*inputs: str) -> dict[str, object]:
        assert rnnlab(["predict", str(counter.path), *inputs, "--json"]) == 0
        return json.loads(capsys.readouterr().out)["predictions"][0]  # type: ignore[no-any-return]

    one, beside = asked("aab"), asked("aab", "aaaaaaaabbbbbbbb")
    assert one["answer"] == beside["answer"]
    assert len(str(one["answer"])) == 4


def test_a_forecast_is_of_as_many_days_as_the_horizon(seller: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    split = load(seller.config())
    assert split.series is not None
    typed = ", ".join(f"{value:g}" for value in split.series.truth[-7:])
    assert rnnlab(["predict", str(seller.path), typed, "--json"]) == 0
    [prediction] = json.loads(capsys.readouterr().out)["predictions"]
    assert len(prediction["answer"]) == 2
    low, high = split.series.truth.min(), split.series.truth.max()
    assert all(low - (high - low) < value < high + (high - low) for value in prediction["answer"])
    assert rnnlab(["predict", str(seller.path), "1,2,3"]) == 2
    assert "windows of 7" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["counter", "seller"])
def test_every_number_matches_when_trained_again(kind: str, request: pytest.FixtureRequest) -> None:
    report = verify(request.getfixturevalue(kind))
    assert (report.mismatches, report.notes) == ([], [])
    assert report.compared > 200


def test_the_outcome_tells_the_further_parts(counter: RunFolder) -> None:
    state, _ = read_state(counter.events_path)
    document = outcome(counter, state)
    assert set(document["extra"]) == {"n = 20", "n = 25"}
    assert {"loss", "accuracy", "accuracy_inside", "accuracy_end"} <= set(document["extra"]["n = 20"])
    assert "diagnoses" not in document
