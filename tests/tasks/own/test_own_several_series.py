"""Several series in one file: asked for, chosen by name, added up or averaged; the same when a run goes on with a new file."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.tasks.load import load
from tests.tasks.own.layouts import said
from tests.tasks.own.tables import check, day, left_out, roles, settings_of, table, value

N = 120
SHOPS = [(shop, day(row), value(row) * factor, row % 3) for shop, factor in (("A", 1), ("B", 10)) for row in range(N)]
ITEMS = [(shop, item, day(row), value(row) + item) for row in range(N) for shop in (1, 2) for item in (1, 2, 3)]
READINGS = [(unit, row, value(row) * unit) for unit in (1, 2, 3) for row in range(N)]


def truth(folder: Path, **settings: object) -> list[float]:
    """The values to forecast of the file that was checked last."""
    chosen = {"task.name": "own", "data.path": str(folder / "own.csv"), "data.window": 4}
    split = load(RunConfig.from_settings(chosen | {f"data.{key}": setting for key, setting in settings.items()}))
    assert split.series is not None
    return [round(number, 6) for number in split.series.truth.tolist()]


def test_which_of_several_series_is_asked_with_the_names_the_sum_and_the_mean(tmp_path: Path) -> None:
    report = check(tmp_path, table(SHOPS, "store,date,sales,promo"))
    assert "holds 2 series, which store tells apart: which is to be forecast" in report.reason
    assert settings_of(report, "several series") == [
        "data.series=A",
        "data.series=B",
        "data.series=sum",
        "data.series=mean",
    ]


def test_one_series_the_sum_and_the_mean_are_what_is_forecast(tmp_path: Path) -> None:
    content = table(SHOPS, "store,date,sales,promo")
    report = check(tmp_path, content, series="B")
    assert (report.rows, report.trainable) == (N, True)
    assert roles(report) == {"date": "date", "forecast": "sales", "input": "promo", "group": "store"}
    assert "store" not in left_out(report)
    assert truth(tmp_path, series="B") == [round(value(row) * 10, 6) for row in range(N)]
    assert truth(tmp_path, series="sum") == [round(value(row) * 11, 6) for row in range(N)]
    assert truth(tmp_path, series="mean") == [round(value(row) * 5.5, 6) for row in range(N)]
    assert "each column was added up" in said(check(tmp_path, content, series="sum"))["same date"]
    assert (
        "holds no series 'C', which data.series names; store: 2 series, A, B"
        in check(tmp_path, content, series="C").reason
    )


def test_two_columns_together_tell_series_apart(tmp_path: Path) -> None:
    report = check(tmp_path, table(ITEMS, "store,item,date,sales"))
    assert "holds 6 series, which store and item tell apart" in report.reason
    assert truth(tmp_path, series="2:3") == [round(value(row) + 3, 6) for row in range(N)]
    assert roles(check(tmp_path, table(ITEMS, "store,item,date,sales"), group_column="item"))["group"] == "item"


def test_series_without_dates_below_one_another_are_asked_for(tmp_path: Path) -> None:
    report = check(tmp_path, table(READINGS, "unit id,time,value"))
    assert settings_of(report, "several series")[:2] == ["data.series=1", "data.series=2"]
    assert truth(tmp_path, series="2") == [round(value(row) * 2, 6) for row in range(N)]
    assert truth(tmp_path, series="sum") == [round(value(row) * 6, 6) for row in range(N)]
    assert roles(check(tmp_path, table(READINGS, "unit id,time,value"), series="2"))["forecast"] == "value"


def test_rows_of_one_day_that_nothing_tells_apart_are_asked_for_those_of_a_clock_are_averaged(tmp_path: Path) -> None:
    bookings = [(day(row // 2), round(value(row) * (-1) ** row, 2)) for row in range(2 * N)]
    report = check(tmp_path, table(bookings, "date,amount"))
    assert settings_of(report, "several series") == ["data.series=sum", "data.series=mean"]
    assert truth(tmp_path, series="sum")[0] == round(bookings[0][1] + bookings[1][1], 6)
    ticks = [(f"2020-03-01 {row // 240:02}:{row // 4 % 60:02}:00", value(row)) for row in range(4 * N)]
    report = check(tmp_path, table(ticks, "time,load"))
    assert (report.rows, report.trainable) == (N, True)
    assert settings_of(report, "same date") == ["data.series=sum"]


def test_a_few_rows_of_one_date_are_averaged(tmp_path: Path) -> None:
    rows = [(day(row - row // 40), value(row)) for row in range(N)]
    assert check(tmp_path, table(rows, "date,sales")).trainable


@pytest.mark.parametrize("title", ["Weekly_Sales", "sales"])
def test_the_value_is_known_by_the_last_word_of_its_title(tmp_path: Path, title: str) -> None:
    rows = [(day(row), value(row), value(row + 5)) for row in range(N)]
    assert roles(check(tmp_path, table(rows, f"date,temperature,{title}")))["forecast"] == title


def test_one_axis_of_three_is_no_target_by_its_letter(tmp_path: Path) -> None:
    rows = [(day(row), value(row), value(row + 5), value(row + 3)) for row in range(N)]
    assert roles(check(tmp_path, table(rows, "date,x,y,z")))["forecast"] == "x"
    assert roles(check(tmp_path, table(rows, "date,a,y,b")))["forecast"] == "y"
