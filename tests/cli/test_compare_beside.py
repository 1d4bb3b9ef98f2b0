"""What stands beside the runs in `rnnlab compare`: baselines below them, and figures of further tests."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from rnnlab.cli.main import run
from rnnlab.runs.folders import Session
from rnnlab.runs.log_reader import read_state
from rnnlab.runs.verdict import against_baseline
from tests.command_line import printed
from tests.recorded import record
from tests.recorded_repeats import record_repeats


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    session = Session(record_repeats(tmp_path))
    record(tmp_path, "leaky")
    return session


def test_a_learned_baseline_is_a_row_below_the_runs(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "compare").splitlines()
    at = next(index for index, line in enumerate(lines) if "nearest centroid" in line)
    assert lines[at].split() == ["baseline", "nearest", "centroid", ".612", ".608"]
    assert all("lstm" in line for line in lines[2:at]), "it stands below every run"
    assert not any("majority class" in line for line in lines), "what is the same for every input is no row"
    assert "no better than nearest centroid on the test part: 0 of 4 rows" in " ".join(lines)
    last = rows_of(printed(capsys, "compare", "--to", "csv"))[-1]
    assert (last["run"], last["model"], last["test.accuracy"]) == ("baseline", "nearest centroid", "0.608")
    (comparison,) = json.loads(printed(capsys, "compare", "--json"))["tasks"]
    assert comparison["baselines"]["nearest centroid"]["validation"]["mean"] == 0.612


def test_a_run_says_at_its_end_how_it_stands_beside_its_baseline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = record(tmp_path, "leaky")
    state, _ = read_state(folder / "events.jsonl")
    standing = against_baseline(state)
    assert standing is not None
    assert standing.text == "test accuracy .825, above nearest centroid (.608)"
    assert not standing.worse
    assert standing.text in printed(capsys, "show", str(folder))
    assert json.loads(printed(capsys, "show", str(folder), "--json"))["baseline"] == standing.text


def test_figures_of_further_tests_are_columns_by_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    small = ["--epochs", "1", "--rows", "300", "--steps", "10", "--set", "data.test_steps=20,40"]
    for hidden in ("4", "8"):
        assert run(["train", "adding", "--session", "further", *small, "--set", f"model.hidden={hidden}"]) == 0
    capsys.readouterr()
    rows = rows_of(printed(capsys, "compare", "further", "--columns", "extra.rmse", "--to", "csv"))
    folder = next((tmp_path / "further" / "runs").glob("001-*"))
    state, _ = read_state(folder / "events.jsonl")
    row = next(row for row in rows if row["run"] == folder.name)
    for name in ("20 steps", "40 steps"):
        assert float(row[f"{name}.rmse"]) == float(state.extra[name]["rmse"])
    assert "40 steps" in printed(capsys, "compare", "further", "--columns", "40 steps.rmse").splitlines()[1]
    assert run(["compare", "further", "--columns", "50 steps.rmse"]) == 2
    assert "40 steps.rmse" in capsys.readouterr().err
