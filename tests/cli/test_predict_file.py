"""`rnnlab predict RUN FILE`: texts of a file, each answered, the unreadable ones marked beside the others."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.runs.folders import RunFolder
from tests.training.recorded_runs import recorded

GOOD, BAD = ("lovely", "brilliant", "quick"), ("poor", "stale", "slow")


def rows(count: int) -> list[tuple[str, str]]:
    texts = [
        (f"the {('soup', 'film', 'room')[n % 3]} was {word} {n}", label)
        for n in range(count)
        for word, label in ((GOOD[n % 3], "good"), (BAD[n % 3], "bad"))
    ]
    return texts[:count]


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    root = tmp_path_factory.mktemp("reviews")
    data = root / "reviews.csv"
    data.write_text("id,review,mood\n" + "".join(f"{n},{text},{label}\n" for n, (text, label) in enumerate(rows(120))))
    return recorded(root / "sessions", task="own", data__path=str(data), train__epochs=12, optim__lr=0.02)


def predict(*arguments: object) -> int:
    return rnnlab(["predict", *map(str, arguments)])


def test_each_text_of_a_table_is_answered_beside_its_label(
    reviews: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "new.csv"
    # The columns stand in another order than where it was trained, with one more.
    new.write_text('mood,author,review\ngood,A,the soup was lovely 7\nbad,B,"the room was slow, 8"\n')
    out = tmp_path / "out.csv"
    assert predict(reviews.path, new, "-o", out) == 0
    table = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["where"] for row in table] == ["line 2", "line 3"]
    assert [row["input"] for row in table] == ["the soup was lovely 7", "the room was slow, 8"]
    assert [row["label"] for row in table] == ["good", "bad"]
    assert {row["prediction"] for row in table} <= {"good", "bad"}
    assert all(0.5 <= float(row["probability"]) <= 1 for row in table)
    right = sum(row["prediction"] == row["label"] for row in table)
    assert [row["correct"] for row in table] == [str(int(row["prediction"] == row["label"])) for row in table]
    assert f"accuracy {right / 2:.3f} on 2 inputs" in capsys.readouterr().err


def test_an_answer_from_a_file_is_that_of_the_same_text_typed(
    reviews: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [text for text, _ in rows(9)]
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(texts) + "\n")
    assert predict(reviews.path, file, "--json", "--top", "2") == 0
    from_file = json.loads(capsys.readouterr().out)["predictions"]
    assert predict(reviews.path, *texts, "--json", "--top", "2") == 0
    typed = json.loads(capsys.readouterr().out)["predictions"]
    assert [row["where"] for row in from_file] == [f"line {n}" for n in range(1, 10)]
    for one, other in zip(from_file, typed, strict=True):
        assert (one["input"], one["answer"]) == (other["input"], other["answer"])
        assert one["probability"] == pytest.approx(other["probability"], rel=1e-5)


def test_an_unreadable_input_is_marked_beside_the_others(
    reviews: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert predict(reviews.path, "the soup was poor", "", "the film was quick", "--json") == 1
    first, second, third = json.loads(capsys.readouterr().out)["predictions"]
    assert first["answer"] in ("good", "bad")
    assert third["answer"] in ("good", "bad")
    assert "empty" in second["error"]
    assert "answer" not in second
    file = tmp_path / "texts.csv"
    file.write_text(
        'review,mood\nthe soup was poor,bad\n,good\n"日本語",bad\nthe film was quick,good\nfive,fields,here,are,there\n'
    )
    out = tmp_path / "out.json"
    assert predict(reviews.path, file, "-o", out) == 1
    document = json.loads(out.read_text())
    assert ["error" in row for row in document["predictions"]] == [False, True, True, False, True]
    assert [row["where"] for row in document["predictions"]] == [f"line {n}" for n in range(2, 7)]
    assert (document["failed"], document["labelled"]) == (3, 2)
    assert "3 inputs of 5 could not be read" in capsys.readouterr().err


def test_the_column_can_be_named(reviews: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b,truth\nthe soup was poor,the film,bad\nthe film was quick,the soup,good\n")
    given = ("--set", "data.input_column=b", "--set", "data.target_column=truth", "--json")
    assert predict(reviews.path, file, *given) == 0
    document = json.loads(capsys.readouterr().out)
    assert [row["input"] for row in document["predictions"]] == ["the film", "the soup"]
    assert document["labelled"] == 2
    assert predict(reviews.path, file, "--set", "data.input_column=c") == 2
    assert "no column 'c'" in capsys.readouterr().err


def test_what_looks_like_a_file_is_no_text_unless_it_is_said_to_be(
    reviews: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert predict(reviews.path, "lovely.csv") == 2
    assert "there is no file lovely.csv" in capsys.readouterr().err
    assert predict(reviews.path, "lovely.csv", "--typed") == 0
    monkeypatch.chdir(tmp_path)
    Path("quick").write_text("the film was slow\nthe soup was stale\n")
    assert predict(reviews.path, "quick", "--json") == 0
    assert len(json.loads(capsys.readouterr().out.splitlines()[-1])["predictions"]) == 2
    assert predict(reviews.path, "quick", "--typed", "--json") == 0
    assert json.loads(capsys.readouterr().out)["predictions"][0]["input"] == "quick"


def test_no_cell_of_the_output_is_a_formula_and_no_text_moves_the_cursor(
    reviews: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("=1+2 lovely\n\x1b]52;c;aGk=\x07quick \u202e\n")
    out = tmp_path / "out.csv"
    assert predict(reviews.path, file, "-o", out) == 0
    assert predict(reviews.path, file) == 0
    written = out.read_text()
    assert "'=1+2 lovely" in written
    assert not {"\x1b", "\x07", "\u202e"} & {*written, *capsys.readouterr().out}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--ahead", "3"), "--ahead says how far"),
        (("--set", "data.missing=x"), "--set says how a file is read"),
        (("--set", "train.epochs=3"), "is not data.KEY=VALUE"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    reviews: RunFolder, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], words: str
) -> None:
    assert predict(reviews.path, "the soup was quick", *more) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"\x00\x01binary", b"\n\n"])
def test_a_file_without_a_text_is_refused_in_a_sentence(
    reviews: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    file = tmp_path / "strange.csv"
    file.write_bytes(content)
    assert predict(reviews.path, file) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert predict(reviews.path, tmp_path) == 2
