"""`rnnlab data check` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rnnlab.cli.main import run

GOOD = "text,label\n" + "\n".join(f"word{n},{'xy'[n % 2]}" for n in range(40)) + "\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_good_file_says_how_to_train_on_it(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "my file.csv").write_text(GOOD)
    assert run(["data", "check", "my file.csv"]) == 0
    out = capsys.readouterr().out
    assert "text: text; label: label" in out
    assert out.splitlines()[-2:] == ["✓ it can be trained on:", "  rnnlab train own --data 'my file.csv'"]
    assert run(["data", "check", "my file.csv", "--set", "data.kind=text"]) == 0
    assert "--set data.kind=text" in capsys.readouterr().out


def test_json_is_the_whole_report(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "own.csv").write_text(GOOD + "just one\n,x\n")
    assert run(["data", "check", "own.csv", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {"file", "kind", "rows", "classes", "lengths", "problems", "trainable"} <= set(report)
    assert (report["kind"], report["rows"], report["classes"]) == ("text", 40, {"x": 20, "y": 20})
    assert [(p["kind"], p["where"], p["count"], p["stops"]) for p in report["problems"]] == [
        ("ragged", "line 42", 1, False),
        ("missing", "line 43", 1, False),
    ]
    assert report["trainable"] is True


def test_a_bad_file_is_exit_1_and_says_where(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "own.csv").write_text(GOOD.replace("y\n", "x\n"))
    assert run(["data", "check", "own.csv"]) == 1
    assert "✗ own.csv has one class only, 'x'" in capsys.readouterr().out
    assert run(["data", "check", "nothing.csv", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["trainable"] is False
    assert report["problems"][0]["message"] == "there is no file or folder nothing.csv; data.path names it"


@pytest.mark.parametrize("columns", ["40", "80", "140"])
def test_no_line_is_wider_than_the_terminal_and_no_byte_of_the_file_drives_it(
    capsys: pytest.CaptureFixture[str], here: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    hostile = "\n".join(f"[/red] word{n},\x1b]52;c;eA==\x07{'xy'[n % 2]}\u202e" for n in range(40))
    (here / "own.csv").write_text(f"text,label\n{hostile}\nshort\n" + "z,\x1b[2J\n" * 3)
    run(["data", "check", "own.csv", "--all"])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert all(len(line) <= int(columns) for line in out.splitlines()[:-3])


def test_mistakes_are_one_line_and_exit_2(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "own.csv").write_text(GOOD)
    for arguments, words in [
        (["--set", "data.kind"], "KEY=VALUE"),
        (["--set", "data.kind=pictures"], "data.kind = 'pictures' is not allowed"),
        (["--set", "data.knd=text"], "did you mean data.kind"),
    ]:
        assert run(["data", "check", "own.csv", *arguments]) == 2
        error = capsys.readouterr().err
        assert words in error
        assert len(error.splitlines()) == 1


def test_train_refuses_in_the_words_of_the_check_before_a_run_is_made(
    capsys: pytest.CaptureFixture[str], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(here / "sessions"))
    assert run(["train", "own", "--data", "nothing.csv"]) == 2
    assert "there is no file or folder nothing.csv" in capsys.readouterr().err
    assert run(["train", "own"]) == 2
    assert "say which with --set data.path=FILE" in capsys.readouterr().err
    assert not (here / "sessions").exists()


def test_it_says_which_of_two_files_is_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part in ("TRAIN", "TEST"):
        cases = [f"{n},{n * n % 7},{'12'[part == 'TEST']}:{'ab'[n % 2]}" for n in range(20)]
        (tmp_path / f"Made_{part}.ts").write_text("\n".join(["@classLabel true a b", "@data", *cases]))

    def facts(path: Path) -> dict[str, str]:
        assert run(["data", "check", str(path)]) == 0
        return {line[:10].strip(): line[11:] for line in capsys.readouterr().out.splitlines()}

    test = facts(tmp_path / "Made_TEST.ts")
    assert test["train set"] == "Made_TRAIN.ts, beside it: what is trained on"
    assert test["test set"] == "Made_TEST.ts"
    train = facts(tmp_path / "Made_TRAIN.ts")
    assert train["test set"] == "Made_TEST.ts, beside it"
    assert "train set" not in train
    assert facts(tmp_path)["train set"] == "Made_TRAIN.ts: what is trained on"


def test_kind_columns_and_what_is_left_out_are_said_by_check_train_show_and_the_data_card(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(here / "sessions"))
    monkeypatch.setenv("COLUMNS", "120")
    rows = "".join(f"{n},2020-{n // 28 + 1:02d}-{n % 28 + 1:02d},{n * n % 17},{'ab'[n % 2]}\n" for n in range(140))
    (here / "own.csv").write_text(f",date,load,wind\n{rows}")
    lines = (
        "kind       a series to forecast",
        "columns    date: date (year-month-day); forecast: load",
        "dates      2020-01-01 to 2020-05-28, a step is 1 day",
        "left out   column 1 (counts the rows); wind (2 different words)",
    )
    assert run(["data", "check", "own.csv"]) == 0
    printed = [capsys.readouterr().out]
    assert run(["train", "own", "--data", "own.csv", "--set", "data.window=4", "--set", "train.updates=3"]) == 0
    printed.append(capsys.readouterr().err)
    (folder,) = (here / "sessions").glob("*-own/runs/001-*")
    assert run(["show", str(folder)]) == 0
    printed.append(capsys.readouterr().out)
    assert run(["data", "show", "own", "--set", "data.path=own.csv", "--set", "data.window=4"]) == 0
    printed.append(capsys.readouterr().out)
    for text in printed:
        shown = [line.rstrip() for line in text.splitlines()]
        assert [line for line in lines if line not in shown] == []


def test_a_question_is_one_line_for_each_answer_with_its_setting(
    capsys: pytest.CaptureFixture[str], here: Path
) -> None:
    rows = "".join(f"{n % 12 + 1:02d}/{n * 5 % 12 + 1:02d}/2021,{n * n % 17}\n" for n in range(12))
    (here / "own.csv").write_text(f"date,load\n{rows}")
    assert run(["data", "check", "own.csv", "--set", "data.window=2"]) == 1
    out = capsys.readouterr().out
    assert "  --set data.date_order=day-first: day/month/year" in out
    assert "  --set data.date_order=month-first: month/day/year" in out
    assert run(["data", "check", "own.csv", "--json"]) == 1
    (problem,) = (problem for problem in json.loads(capsys.readouterr().out)["problems"] if problem["stops"])
    assert [choice["setting"] for choice in problem["choices"]] == [
        "data.date_order=day-first",
        "data.date_order=month-first",
    ]
    assert run(["train", "own", "--data", "own.csv"]) == 2
    assert "--set data.date_order=month-first (month/day/year" in capsys.readouterr().err
