"""Which columns of a table are the text and the label, whatever order and company they are in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks.own.tables import check, day, left_out, roles, table, text_of

N = 120
LABELS = ("negative", "positive")


def label(row: int) -> str:
    return LABELS[row % 2]


@pytest.mark.parametrize("title", ["", "Unnamed: 0", "id"])
def test_a_column_that_counts_the_rows_is_never_the_text(tmp_path: Path, title: str) -> None:
    rows = [(row, text_of(row), label(row)) for row in range(N)]
    report = check(tmp_path, table(rows, f"{title},comment_clean,sentiment"))
    assert roles(report) == {"text": "comment_clean", "label": "sentiment"}
    assert list(left_out(report).values()) == ["counts the rows"]
    assert report.classes == {"negative": 60, "positive": 60}


def test_columns_that_are_nearly_empty_are_no_labels(tmp_path: Path) -> None:
    rows = [(label(row), text_of(row), "x" if row == 7 else "", "") for row in range(N)]
    report = check(tmp_path, table(rows, "v1,v2,,"))
    assert roles(report) == {"text": "v2", "label": "v1"}
    assert left_out(report) == {"column 3": "empty in 119 of 120 rows", "column 4": "empty"}
    assert report.trainable


def test_of_many_columns_the_pair_is_taken_and_others_that_could_be_the_label_are_said(tmp_path: Path) -> None:
    rows = [
        (row + 1, f"B{row % 40:05d}", f"A{row:06d}", row % 3, 1 + row % 5, 1303862400 + 86400 * row, text_of(row))
        for row in range(N)
    ]
    report = check(tmp_path, table(rows, "Id,ProductId,UserId,HelpfulnessNumerator,Score,Time,Text"))
    assert roles(report) == {"text": "Text", "label": "Score"}
    assert report.facts["roles"][1]["note"].startswith("could also be HelpfulnessNumerator")  # type: ignore[index]
    assert left_out(report)["UserId"] == "an id"
    assert left_out(report)["Time"] == "dates"


@pytest.mark.parametrize(
    ("header", "row_of"),
    [
        ("tweet_id,tweet,polarity", lambda row: (f"tw_{row:05d}", text_of(row), row % 3)),
        ("date,headline,label", lambda row: (day(row), text_of(row), row % 2)),
        ("review,rating", lambda row: (text_of(row), 1 + row % 5)),
        ("name,review,stars", lambda row: (f"product {row % 9} deluxe", text_of(row), 1 + row % 5)),
        ("id,comment_text,toxic", lambda row: (f"{row * 77_777:016x}", text_of(row), row % 2)),
        ("utterance,intent", lambda row: (text_of(row), ("book", "cancel", "ask")[row % 3])),
    ],
)
def test_titles_that_people_use_name_the_text_and_the_label(tmp_path: Path, header: str, row_of: object) -> None:
    assert callable(row_of)
    report = check(tmp_path, table([row_of(row) for row in range(N)], header))
    titles = header.split(",")
    assert roles(report) == {"text": titles[-2], "label": titles[-1]}


def test_digits_with_zeros_before_them_are_a_text_where_the_titles_say_so(tmp_path: Path) -> None:
    bits = [f"{row * 2654435761 % 4096:012b}" for row in range(N)]
    report = check(tmp_path, table([(word, word.count("1") % 2) for word in bits], "text,label"))
    assert report.kind == "text"
    assert roles(report) == {"text": "text", "label": "label"}


def test_a_text_column_that_is_set_and_made_of_numbers_is_warned_of(tmp_path: Path) -> None:
    rows = [(row * 37, text_of(row), label(row)) for row in range(N)]
    report = check(tmp_path, table(rows, "code,text,label"), kind="text", input_column="code")
    assert any("made of numbers" in problem.message for problem in report.problems)


def test_a_remark_beside_dates_and_numbers_does_not_make_a_table_of_texts(tmp_path: Path) -> None:
    rows = [(row, day(row), text_of(row), 3 * row % 97) for row in range(N)]
    report = check(tmp_path, table(rows, "id,date,note,amount"))
    assert report.kind == "series"
    assert roles(report) == {"date": "date", "forecast": "amount"}


def test_where_no_column_is_a_text_it_says_what_each_is(tmp_path: Path) -> None:
    report = check(tmp_path, table([(row, 7 * row % 11) for row in range(N)], "no,amount"), kind="text")
    assert "has no column of texts (no: counts the rows; amount: numbers)" in report.reason
    assert "--set data.kind=series" in report.reason


def test_which_of_several_columns_is_the_label_is_asked_where_no_title_says_it(tmp_path: Path) -> None:
    rows = [(row + 1, row % 2, f'"{text_of(row)}"', ("male", "female")[row % 3 % 2]) for row in range(N)]
    content = table(rows, "PassengerId,Survived,Name,Sex")
    report = check(tmp_path, content)
    assert {choice.setting for problem in report.problems for choice in problem.choices} == {
        "data.target_column=Survived",
        "data.target_column=Sex",
    }
    answered = check(tmp_path, content, target_column="Survived")
    assert roles(answered) == {"text": "Name", "label": "Survived"}


def test_words_of_which_there_are_few_are_no_texts_beside_measurements(tmp_path: Path) -> None:
    months = ("January", "February", "March", "April")
    report = check(tmp_path, table([(months[row % 4], row * 7 % 31 + 0.5) for row in range(N)], "Month,Rain"))
    assert report.kind == "series"
    assert roles(report) == {"forecast": "Rain"}
    assert left_out(report) == {"Month": "4 different words"}


def test_texts_beside_dates_alone_have_no_label(tmp_path: Path) -> None:
    report = check(tmp_path, table([(day(row), text_of(row)) for row in range(N)], "date,note"))
    assert "no column that could be the label of the text note (date: dates)" in report.reason


def test_an_age_is_no_label_where_something_else_is(tmp_path: Path) -> None:
    rows = [(18 + row % 50, text_of(row), ("calm", "tense", "bored")[row % 3]) for row in range(N)]
    report = check(tmp_path, table(rows, "Age,Feedback,Mood"))
    assert report.trainable
    assert roles(report)["label"] == "Mood"


@pytest.mark.parametrize("settings", [{}, {"target_column": "score"}])
def test_a_measurement_is_no_label_of_a_text(tmp_path: Path, settings: dict[str, str]) -> None:
    rows = [(text_of(row), round(0.1 + row * 7919 % 1000 / 1000, 3)) for row in range(N)]
    report = check(tmp_path, table(rows, "text,score"), **settings)
    assert "the column score holds 120 different numbers" in report.reason


def test_a_summary_is_not_the_text_where_that_is_there_too_and_the_other_is_said(tmp_path: Path) -> None:
    rows = [(row % 5, f"Text {row} in short", f"{text_of(row)} {text_of(row + 1)}") for row in range(N)]
    report = check(tmp_path, table(rows, "overall,summary,reviewText"))
    assert roles(report) == {"text": "reviewText", "label": "overall"}
    assert report.facts["roles"][0]["note"] == "could also be summary: data.input_column"  # type: ignore[index]
    report = check(tmp_path, table([row[:2] for row in rows], "overall,summary"))
    assert roles(report) == {"text": "summary", "label": "overall"}


def test_names_beside_a_label_of_words_are_the_text_and_not_what_is_counted_of_them(tmp_path: Path) -> None:
    names = ["".join("abcdefghij"[(row * step + 3) % 10] for step in (1, 3, 7, 9)) + str(row) for row in range(N)]
    rows = [(name, "MF"[row % 2], 1000 + row * 37 % 911, f"{row % 97 / 97:.6f}") for row, name in enumerate(names)]
    report = check(tmp_path, table(rows, "Name,Gender,Count,Probability"))
    assert roles(report) == {"text": "Name", "label": "Gender"}
    assert report.trainable


def test_features_as_libsvm_writes_them_are_no_texts(tmp_path: Path) -> None:
    rows = [f"{(-1) ** row} 1:{row}.5 2:0.25 3:{row % 7}e-1" for row in range(N)]
    report = check(tmp_path, "\n".join(rows) + "\n")
    assert not report.trainable
    assert "is written as LIBSVM writes features" in report.reason


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("__label__good what a film", "put a tab after each __label__NAME"),
        ("London NNP B-NP B-LOC", "save a CSV with a sentence and its label in each line"),
    ],
)
def test_known_formats_with_one_column_are_named_with_what_to_do(tmp_path: Path, line: str, remedy: str) -> None:
    report = check(tmp_path, f"{line}\n" * N)
    assert not report.trainable
    assert remedy in report.reason
