"""Settings that name columns: by title, by number, beyond the last, twice; the same in tables, steps, rows and recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks.own.layouts import SPEEDS, checked, loaded, movement, said, write
from tests.tasks.own.tables import check, day, roles, table, text_of, value

N = 120
SERIES = table([(day(row), value(row), row % 7) for row in range(N)], "date,sales,visitors")
TEXTS = table([(text_of(row), "ab"[row % 2], row % 3) for row in range(N)], "text,label,stars")
ROWS = table(
    [(*(value(row * 5 + step) for step in range(4)), "ab"[row % 2], row % 6) for row in range(N)],
    "t0,t1,t2,t3,label,person",
)
STEPS = table(
    [(row // 20, row % 20, value(row), value(row + 3), "ab"[row // 20 % 2]) for row in range(240)],
    "id,time,ax,ay,label",
)
FILES = {"series": SERIES, "texts": TEXTS, "rows": ROWS, "steps": STEPS}
USED = [
    *((kind, key) for kind in FILES for key in ("input_column", "target_column")),
    ("series", "date_column"),
    ("steps", "date_column"),
    ("steps", "group_column"),
    ("rows", "group_column"),
]


@pytest.mark.parametrize("number", ["99", "0", "-1", "nothing", "99999999999999"])
def test_a_column_that_is_not_there_is_refused_with_the_number_of_columns_and_their_titles(
    tmp_path: Path, number: str
) -> None:
    for kind, key in USED:
        content = FILES[kind]
        reason = check(tmp_path, content, **{key: number}).reason
        titles = content.partition("\n")[0].replace(",", ", ")
        assert f"no column '{number}'" in reason, (kind, key)
        assert f"which data.{key} names; its columns are 1 to {titles.count(',') + 1}: {titles}" in reason, (kind, key)


def test_a_column_goes_in_once(tmp_path: Path) -> None:
    for kind, names in (("series", "sales,2"), ("rows", "t0,1"), ("steps", "ax, ax")):
        reason = check(tmp_path, FILES[kind], input_column=names).reason
        assert f"data.input_column = '{names}' names the column" in reason
        assert reason.endswith("twice")


def test_two_settings_that_name_one_column_are_refused(tmp_path: Path) -> None:
    for kind, settings in (
        ("series", {"date_column": "date", "target_column": "1"}),
        ("series", {"date_column": "date", "input_column": "sales,date"}),
        ("texts", {"input_column": "text", "target_column": "1"}),
        ("rows", {"input_column": "t0,t1,person", "group_column": "person"}),
        ("rows", {"input_column": "t0,label", "target_column": "label"}),
        ("steps", {"input_column": "ax,label", "target_column": "label"}),
        ("steps", {"date_column": "time", "group_column": "id,time"}),
    ):
        assert "the same column" in check(tmp_path, FILES[kind], **settings).reason, (kind, settings)


def test_a_column_of_a_series_is_forecast_and_goes_in_too(tmp_path: Path) -> None:
    report = check(tmp_path, SERIES, target_column="sales", input_column="visitors,sales")
    assert roles(report) == {"date": "date", "forecast": "sales", "input": "visitors"}


def test_titles_that_differ_in_case_alone_are_told_apart_or_asked_for(tmp_path: Path) -> None:
    content = SERIES.replace("sales,visitors", "Sales,sales")
    assert roles(check(tmp_path, content, target_column="sales"))["forecast"] == "sales"
    assert "may be Sales or sales" in check(tmp_path, content, target_column="SALES").reason


def test_a_channel_of_recordings_is_there_and_goes_in_once(tmp_path: Path) -> None:
    for label in SPEEDS:
        for trial in range(4):
            write(tmp_path / label / f"{trial}.csv", movement(label, 20, seed=trial), head="ax,ay,az\n")
    for names in ("99", "0", "1,4", "-1"):
        reason = checked(tmp_path, input_column=names).reason
        assert "which data.input_column names; its columns are 1 to 3: ax, ay, az" in reason
    assert "names the column ay twice" in checked(tmp_path, input_column="ay,2").reason
    assert "are the same column, az" in checked(tmp_path, input_column="ax,az", target_column="3").reason
    assert loaded(tmp_path, input_column="3,ax,").input_size == 2


def test_a_title_that_stands_twice_in_recordings_is_told_apart(tmp_path: Path) -> None:
    for label in SPEEDS:
        for trial in range(4):
            write(tmp_path / label / f"{trial}.csv", movement(label, 20, seed=trial), head="ax,ax,az\n")
    assert checked(tmp_path).facts["input_columns"] == ["ax", "ax (2)", "az"]
    assert checked(tmp_path, input_column="ax (2)").facts["input_columns"] == ["ax (2)"]


def test_a_setting_that_changes_nothing_is_said_to(tmp_path: Path) -> None:
    noted = said(check(tmp_path, TEXTS, group_column="stars"))
    assert noted["unused setting"].startswith("data.group_column has no effect")
    assert "unused setting" not in said(check(tmp_path, TEXTS, target_column="label"))
