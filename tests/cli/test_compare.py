"""`rnnlab compare`, `show SESSION` and `sessions` on recorded repeats."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import pytest

from rnnlab.cli.main import run
from rnnlab.runs.events import real
from rnnlab.runs.folders import Session
from rnnlab.runs.summary import summarise
from tests.recorded import record
from tests.recorded_repeats import SHIFTS, record_repeats


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    return Session(record_repeats(tmp_path))


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(list(words)) == 0
    return capsys.readouterr().out


def test_repeats_are_one_row_and_the_best_is_chosen_on_validation(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(capsys, "compare").splitlines()
    assert lines[0] == "names"
    rows = [line.split() for line in lines[2:5]]
    assert [row[0] for row in rows].count("★") == 1
    assert lines[2].startswith("★  020-lstm-128 × 5  LSTM 128"), "a mean of .833 before the single .832"
    assert lines[3].split()[0] == "002-lstm-128"
    assert "1/3 done" in lines[4]
    assert "n - 1" in lines[-1]


def test_the_json_holds_every_figure_with_its_deviation(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(printed(capsys, "compare", session.name, "--json"))
    assert document["session"] == str(session.path)
    (told,) = document["tasks"]
    assert told["differing"] == ["model.hidden"], "the single run's split is that of seed 0, as theirs"
    best = told["rows"][0]
    assert best["seeds"] == [0, 1, 2, 3, 4]
    assert best["best"] is True
    base = real(summarise(session.runs()[0]).final["test"]["accuracy"])
    assert best["test"]["accuracy"] == {
        "mean": pytest.approx(base + statistics.fmean(SHIFTS)),
        "std": pytest.approx(statistics.stdev(SHIFTS)),
        "n": 5,
    }


def test_what_is_set_otherwise_is_a_column(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path, "leaky")
    record(tmp_path, "regression")
    lines = printed(capsys, "compare").splitlines()
    assert lines[0] == "binary"
    assert "validation MAE" in lines[1]
    second = lines.index("names")
    assert "leaks" in lines[second + 1].split()
    marked = next(line for line in lines if "012-lstm-128" in line)
    assert "allow" in marked.split()
    assert "⚠ .832" in marked
    assert "★" not in marked
    assert "not to be trusted" in lines[-1]


def test_a_session_is_shown_with_the_mean_of_its_repeats(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("show", session.name), ("show", str(session.path)), ("sessions",)):
        text = printed(capsys, *words)
        assert "020-lstm-128 × 5  seeds 0,1,2,3,4  accuracy: validation .833 ± .006" in text
        assert "1 of 3 done" in text
    (told,) = json.loads(printed(capsys, "sessions", "--json"))
    assert [len(repeats["seeds"]) for repeats in told["repeats"]] == [5, 3]
    assert json.loads(printed(capsys, "show", session.name, "--json"))["name"] == "names"


def test_a_session_that_is_not_there_is_a_sentence(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "nowhere"]) == 2
    assert "there is no session 'nowhere'" in capsys.readouterr().err
    assert run(["show", "nowhere"]) == 2
    assert "there is no run 'nowhere'" in capsys.readouterr().err


def test_the_runs_of_a_task_are_drawn_on_the_same_axes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    for kind in ("finished", "diverged"):
        record(tmp_path, kind)
    _, plots = printed(capsys, "compare", "--plot").split("★ best on the validation part")
    legends = [line for line in plots.splitlines() if "002-lstm-128" in line]
    assert [line.split()[0] for line in legends] == ["loss", "accuracy"]
    assert all("004-lstm-128" in line for line in legends)
    assert any("\u2800" < sign < "\u28ff" for sign in plots), "braille"
    assert "002-lstm-128" not in printed(capsys, "compare").split("★ best on the validation part")[1]
