"""`rnnlab compare --to md|csv|latex`, `-o` and `--columns`: the table as one hands it in."""

from __future__ import annotations

import csv
import io
import itertools
import json
from pathlib import Path

import pytest

from rnnlab.cli.main import run
from rnnlab.runs.folders import Session
from rnnlab.text.sanitise import plain
from tests.command_line import printed, refused
from tests.hostile import make
from tests.latex_reader import read_latex
from tests.recorded import record
from tests.recorded_repeats import SHIFTS, record_repeats
from tests.recorded_variants import variant

FORMATS = ("md", "csv", "latex")


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    return Session(record_repeats(tmp_path))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_holds_the_numbers_of_json_each_in_a_cell(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    rows = rows_of(printed(capsys, "compare", "--to", "csv"))
    told = json.loads(printed(capsys, "compare", "--json"))["tasks"][0]["rows"]
    assert [row["run"] for row in rows] == [row["runs"][0] for row in told]
    for row, held in zip(rows, told, strict=True):
        for part in ("validation", "test"):
            figures = held[part]["accuracy"]
            assert float(row[f"{part}.accuracy"]) == figures["mean"]
            assert row[f"{part}.accuracy_n"] == str(figures["n"])
            assert (float(row[f"{part}.accuracy_std"]) if row[f"{part}.accuracy_std"] else None) == figures["std"]
    concluded = json.loads(printed(capsys, "compare", "--json"))["conclusions"][0]["rows"]
    for row, held in zip(rows, concluded, strict=True):
        interval, difference = held["seeds_interval"], held["difference"]
        assert row["interval_low"] == ("" if interval is None else repr(interval["low"]))
        assert row["difference"] == ("" if difference is None else repr(difference["value"]))
        assert row["verdict"] == held["verdict"]
    assert any(row["interval_high"] for row in rows)
    assert rows[0]["best"] == "1"
    assert {row["best"] for row in rows[1:]} == {"0"}
    assert (rows[0]["runs"], rows[0]["counted"]) == (str(len(SHIFTS)), str(len(SHIFTS)))
    assert (rows[-1]["runs"], rows[-1]["counted"]) == ("3", "1"), "a run that was stopped is listed and not averaged"


def test_latex_and_markdown_have_the_cells_of_the_terminal(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path, "leaky")
    text = printed(capsys, "compare")
    (read,) = read_latex(printed(capsys, "compare", "--to", "latex"))
    marked = printed(capsys, "compare", "--to", "md")
    assert read.head[1:3] == ["run", "model"]
    assert read.caption == "names"
    for row in read.rows:
        line = next(line for line in text.splitlines() if row[1] in line)
        assert all(cell.replace("± ", "±").replace("±", "± ").replace("△", "⚠") in line for cell in row)
        assert f"| {row[1]} |" in marked
    assert read.note.startswith("★ best on the validation part")
    assert "| :--- | :--- | :--- | :--- | :--- | ---: | ---: | ---: | ---: |" in marked


def test_further_columns_and_fewer(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    names = "best_epoch,train.accuracy,test.balanced_accuracy,optim.lr,examples/s,seeds,-status,-model"
    (row, *_) = rows_of(printed(capsys, "compare", "--to", "csv", "--columns", names))
    assert row["optim.lr"] == "0.003"
    assert row["seeds"] == "0,1,2,3,4"
    assert float(row["training.accuracy"]) > float(row["validation.accuracy"])
    assert {"status", "model"}.isdisjoint(row)
    assert (row["best_epoch"], row["best_epoch_n"]) == ("11.0", "5")
    title = printed(capsys, "compare", "--columns", names).splitlines()[1]
    assert title.split()[:4] == ["run", "validation", "accuracy", "test"]
    assert title.split()[-4:] == ["seeds", "verdict", "difference", "interval"]


def test_the_setting_train_loss_is_not_the_figure(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    (row, *_) = rows_of(printed(capsys, "compare", "--to", "csv", "--columns", "train.loss,training.loss"))
    assert row["train.loss"] == "auto"
    assert float(row["training.loss"]) > 0


def test_a_column_that_is_none_is_a_sentence_with_what_there_is(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(capsys, "compare", "--columns", "test.acuracy")
    assert "did you mean test.accuracy?" in error
    assert "best_epoch" in error


def test_a_file_is_written_whole_and_says_its_format(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = printed(capsys, "compare", "--to", "latex")
    path = tmp_path / "table.tex"
    path.write_text("before")
    assert printed(capsys, "compare", "-o", str(path)) == ""
    assert path.read_text() == expected
    assert [each.name for each in tmp_path.iterdir() if "table" in each.name] == ["table.tex"], "nothing half-written"
    printed(capsys, "compare", "-o", str(tmp_path / "table"), "--to", "csv")
    assert (tmp_path / "table").read_text() == printed(capsys, "compare", "--to", "csv")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("-o", "{}/nowhere/table.md"), "there is no folder"),
        (("-o", "{}", "--to", "md"), "that is a folder"),
        (("-o", "{}/table.pdf"), "in which format?"),
        (("--to", "csv", "--plot"), "--plot draws in a terminal"),
        (("--to", "csv", "--over", "model.hidden"), "--over draws in a terminal"),
        (("--to", "pdf"), "'md', 'csv', 'latex'"),
        (("--json", "--to", "md"), "--to has no effect with it"),
        (("--json", "-o", "{}/x.md"), "has no effect with it"),
        (("--json", "--by", "model.hidden", "--columns", "test.loss"), "--by and --columns have no effect with it"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    words: tuple[str, ...], sentence: str, session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in refused(capsys, "compare", *(word.format(tmp_path) for word in words))


def test_a_session_without_a_run_is_no_empty_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RNNLAB_SESSIONS", str(tmp_path))
    (tmp_path / "lab" / "runs").mkdir(parents=True)
    assert "no table to write" in refused(capsys, "compare", "--to", "csv", "-o", str(tmp_path / "x.csv"))
    assert not (tmp_path / "x.csv").exists()


def test_a_setting_of_a_stranger_is_never_a_formula_or_a_command(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = session.runs()[0].path
    variant(source, "050-lstm-128", {"data.hide": 0.1, "data.class_weights": "=1+1|\\input{x}=2"})
    rows = rows_of(printed(capsys, "compare", "--to", "csv"))
    values = {row["data.class_weights"] for row in rows}
    assert "'=1+1|\\input{x}=2" in values
    (read,) = read_latex(printed(capsys, "compare", "--to", "latex"))
    assert any("=1+1|\\input{x}=2" in cell for row in read.rows for cell in row)
    assert "=1+1\\|\\\\input\\{x\\}=2" in printed(capsys, "compare", "--to", "md")


def test_hostile_sessions_are_tables_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = make(tmp_path)
    monkeypatch.setenv("RNNLAB_SESSIONS", str(hostile.sessions))
    tables = 0
    for name, target in zip(hostile.names, itertools.cycle(FORMATS), strict=False):
        code = run(["compare", str(hostile.sessions / name), "--to", target, "--columns", "test.loss"])
        output = capsys.readouterr()
        assert code in (0, 2), (name, output.err)
        assert "a fault of rnnlab's" not in output.err, name
        assert all(plain(line) == line for line in output.out.split("\n")), name
        if code == 0 and target == "latex":
            assert read_latex(output.out), name
        if code == 0 and target == "csv":
            assert all(None not in row for row in rows_of(output.out)), name
        tables += code == 0
    assert tables > 100


def test_columns_are_left_out_by_their_headings(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    head = printed(capsys, "compare", "--to", "csv").splitlines()[0].split(",")
    assert {"parameters", "seconds", "interval_low", "verdict"} <= set(head)
    without = "-weights,-time,-interval,-verdict"
    fewer = printed(capsys, "compare", "--columns", without, "--to", "csv").splitlines()[0].split(",")
    assert {"parameters", "seconds", "interval_low", "verdict"}.isdisjoint(fewer)
    assert "optim.lr" in printed(capsys, "compare", "--columns", "lr", "--to", "csv").splitlines()[0]
    assert "'interval' is no column" in refused(capsys, "compare", "--columns", "interval")
