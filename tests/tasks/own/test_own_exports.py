"""Files as programs and data sets write them, whose columns were once taken for something else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rnnlab.runs.data_columns import column_lines
from tests.tasks.own.layouts import SPEEDS, checked, movement, said, write
from tests.tasks.own.tables import check, day, left_out, roles, settings_of, table, text_of, value

N = 120


def test_a_heart_rate_is_no_hour_and_a_pace_no_value(tmp_path: Path) -> None:
    rows = [(day(row), value(row), 130 + row % 40, f"5:{row % 60:02}") for row in range(N)]
    report = check(tmp_path, table(rows, "Date,Distance,Avg HR,Avg Pace"))
    assert roles(report) == {"date": "Date", "forecast": "Distance", "input": "Avg HR"}
    assert list(left_out(report)) == ["Avg Pace"]


def test_the_number_of_days_of_a_month_is_no_part_of_the_date(tmp_path: Path) -> None:
    rows = [(1974 + row // 12, row % 12 + 1, value(row), 20 + row * 7 % 11) for row in range(N)]
    report = check(tmp_path, table(rows, "year,month,average,days"))
    assert roles(report)["date"] == "year,month"
    assert report.facts["dates"] == {"first": "1974-01-01", "last": "1983-12-01", "step": "1 month"}
    whole = [(1974 + row // 300, row % 300 // 25 + 1, row % 25 + 1, value(row)) for row in range(600)]
    assert roles(check(tmp_path, table(whole, "years,months,days,average")))["date"] == "years,months,days"


@pytest.mark.parametrize(("code", "step"), [("Q0{}", "1 quarter"), ("M{:02}", "1 month")])
def test_a_period_beside_the_year_is_a_part_of_the_date(tmp_path: Path, code: str, step: str) -> None:
    of_year = 4 if code[0] == "Q" else 12
    rows = [("LNS1", 1959 + row // of_year, code.format(row % of_year + 1), value(row)) for row in range(N)]
    report = check(tmp_path, table(rows, "Series id,Year,Period,Value"))
    assert roles(report) == {"date": "Year,Period", "forecast": "Value"}
    assert f"a step is {step}" in dict(column_lines("", report.facts))["dates"]


def test_small_numbers_are_no_times_of_day(tmp_path: Path) -> None:
    rows = [(1960 + row, f"{1.1 + row % 50 / 100:.2f}", value(row)) for row in range(60)]
    assert (
        "rate"
        in roles(check(tmp_path, table(rows, "year,rate,births"))).get("input", "")
        + roles(check(tmp_path, table(rows, "year,rate,births")))["forecast"]
    )


def test_the_index_that_pandas_writes_has_an_empty_title(tmp_path: Path) -> None:
    report = check(tmp_path, table([(1821 + row, 200 + row * 37 % 400) for row in range(114)], ",0"))
    assert (report.rows, roles(report)) == (114, {"date": "column 1", "forecast": "0"})


def test_a_first_line_of_sizes_and_class_names_is_no_line_of_titles(tmp_path: Path) -> None:
    chance = random.Random(2)
    rows = [(*(f"{kind + chance.random():.1f}" for _ in range(4)), kind) for kind in range(3) for _ in range(50)]
    report = check(tmp_path, table(rows, "150,4,setosa,versicolor,virginica"))
    assert (report.kind, report.rows, len(report.classes)) == ("rows", 150, 3)


def test_balanced_codes_at_the_end_of_many_whole_numbers_are_the_label(tmp_path: Path) -> None:
    chance = random.Random(4)
    rows = [(*(chance.randrange(17) for _ in range(64)), row % 10) for row in range(500)]
    report = check(tmp_path, table(rows))
    assert (report.kind, len(report.classes), report.lengths["max"]) == ("rows", 10, 64)


def test_people_with_a_number_each_are_no_series(tmp_path: Path) -> None:
    chance = random.Random(5)
    rows = [(row + 1, chance.randrange(4000, 9000), chance.randrange(1900, 2010), chance.random()) for row in range(N)]
    assert settings_of(check(tmp_path, table(rows, "Id,LotArea,YearBuilt,SalePrice")), "order") == [
        "data.kind=series",
        "data.kind=rows",
    ]


def test_which_of_several_columns_of_words_is_the_label_is_asked(tmp_path: Path) -> None:
    chance = random.Random(6)
    rows = [
        (chance.randrange(18, 64), "mf"[row % 2] * 4, round(chance.random(), 3), chance.choice(["yes", "no"]), row % 5)
        for row in range(300)
    ]
    report = check(tmp_path, table(rows, "age,sex,bmi,smoker,children"))
    assert settings_of(report, "columns") == ["data.target_column=sex", "data.target_column=smoker"]
    assert check(tmp_path, table(rows, "age,sex,bmi,smoker,children"), target_column="smoker").kind == "rows"


def test_a_value_that_most_rows_hold_stands_for_nothing_missing(tmp_path: Path) -> None:
    rows = [(day(row), 0 if row % 3 else round(3 + value(row) / 100, 3)) for row in range(300)]
    assert "stand-in" not in said(check(tmp_path, table(rows, "date,coins")))


def test_texts_in_other_forms_are_refused_with_what_to_do(tmp_path: Path) -> None:
    fasta = "".join(f">seq{row}\n{'ACGT' * 9}\n" for row in range(60))
    assert "looks like FASTA: save a CSV" in check(tmp_path, fasta).reason
    bank = "".join(f"{text_of(row)} .@{'positive' if row % 2 else 'negative'}\n" for row in range(90))
    assert "seem to end with a label after @" in check(tmp_path, bank).reason
    for label in ("pos", "neg"):
        (tmp_path / "imdb" / label).mkdir(parents=True)
        for row in range(5):
            (tmp_path / "imdb" / label / f"{row}.txt").write_text(text_of(row))
    assert "texts are read from one CSV" in checked(tmp_path / "imdb").reason


def test_hours_in_columns_are_asked_for(tmp_path: Path) -> None:
    rows = [(day(row), *(value(row * 24 + hour) for hour in range(24))) for row in range(60)]
    report = check(tmp_path, table(rows, "Date," + ",".join(f"Hour{hour}" for hour in range(24))))
    assert "has a column for each hour of the day; put the values below one another" in report.reason
    assert check(tmp_path, table(rows, "Date," + ",".join(f"h{hour}" for hour in range(24))), kind="series").trainable


def test_folders_of_persons_hold_a_file_for_each_label(tmp_path: Path) -> None:
    for person in ("P1", "P2", "P3"):
        for label in SPEEDS:
            write(tmp_path / person / f"{label}.csv", movement(label, 40, seed=len(person)), head="ax,ay,az\n")
    report = checked(tmp_path)
    assert dict(report.classes) == dict.fromkeys(SPEEDS, 3)
    assert "the folders are 3 persons" in said(report)["file names"]
    for word in ("left", "right"):
        for person in ("s1", "s2", "s3"):
            write(tmp_path / "by_word" / word / f"{person}.csv", movement("walk", 40, seed=len(word)))
    assert set(checked(tmp_path / "by_word").classes) == {"left", "right"}
