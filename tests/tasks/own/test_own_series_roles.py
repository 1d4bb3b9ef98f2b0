"""Which columns of a series are the dates, the value to forecast and the inputs; what counts is never a value."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.load import load
from tests.tasks.own.tables import check, day, left_out, notes, roles, settings_of, table, value

N = 120
HOURS = [datetime(2020, 3, 1) + timedelta(hours=row) for row in range(960)]


def truth(folder: Path, **settings: object) -> list[float]:
    """The values to forecast of the file that was checked last, as training reads them."""
    chosen = {"task.name": "own", "data.path": str(folder / "own.csv"), "data.window": 4}
    split = load(RunConfig.from_settings(chosen | {f"data.{key}": setting for key, setting in settings.items()}))
    assert split.series is not None
    return [round(number, 6) for number in split.series.truth.tolist()]


@pytest.mark.parametrize("title", ["", "Unnamed: 0", "rownames", "No"])
def test_a_row_number_is_neither_forecast_nor_an_input(tmp_path: Path, title: str) -> None:
    report = check(tmp_path, table([(row, day(row), value(row)) for row in range(N)], f"{title},date,temp_c"))
    assert roles(report) == {"date": "date", "forecast": "temp_c"}
    assert list(left_out(report).values()) == ["counts the rows"]
    assert truth(tmp_path) == [value(row) for row in range(N)]


def test_a_file_of_which_nearly_all_is_missing_is_refused_with_what_there_is(tmp_path: Path) -> None:
    """Fields are looked at here and there first, and none of those had a value: it was a fault of ours."""
    rows = [(day(row), "cloudy" if row % 4 == 1 else "NA") for row in range(4000)]
    path = tmp_path / "own.csv"
    path.write_text(table(rows, "date,sky"))
    with pytest.raises(UsageError, match="no column of numbers to forecast"):
        load(RunConfig.from_settings({"task.name": "own", "data.path": str(path), "data.kind": "series"}))


def test_a_counter_is_no_date_and_no_value_even_if_it_is_called_a_timestamp(tmp_path: Path) -> None:
    rows = [(row, value(row), int(row % 50 > 47)) for row in range(N)]
    report = check(tmp_path, table(rows, "timestamp,value-0,is_anomaly"))
    assert roles(report) == {"forecast": "value-0", "input": "is_anomaly"}
    assert left_out(report) == {"timestamp": "counts the rows"}


def test_a_clock_that_rises_by_even_steps_is_not_forecast(tmp_path: Path) -> None:
    report = check(tmp_path, table([(f"{row * 0.02:.2f}", value(row)) for row in range(N)], "time,voltage"))
    assert roles(report) == {"forecast": "voltage"}
    assert "rises by even steps" in left_out(report)["time"]


@pytest.mark.parametrize(
    ("title", "word", "first", "step"),
    [
        ("Year", lambda row: 1700 + row, "1700-01-01", "1 year"),
        ("period", lambda row: 199001 + row % 12 + 100 * (row // 12), "1990-01-01", "1 month"),
        ("timestamp", lambda row: 1546300800 + 3600 * row, "2019-01-01 00:00", "1 hour"),
        ("time", lambda row: 1546300800000 + 60_000 * row, "2019-01-01 00:00", "1 minute"),
        ("Date", lambda row: 43831 + row, "2020-01-01", "1 day"),
        ("quarter", lambda row: f"{1950 + row // 4}-Q{row % 4 + 1}", "1950-01-01", "1 quarter"),
        ("Month", lambda row: f"{1991 + row // 12} {date(2000, row % 12 + 1, 1):%b}", "1991-01-01", "1 month"),
        ("date", lambda row: f"{day(row).year}-{day(row).month}-{day(row).day}", "2019-01-01", "1 day"),
        ("time", lambda row: f"{HOURS[row]} UTC", "2020-03-01 00:00", "1 hour"),
        ("Date", lambda row: f"{HOURS[row]:%m/%d/%Y %I:%M:%S %p}", "2020-03-01 00:00", "1 hour"),
    ],
)
def test_dates_in_any_form_are_the_dates(tmp_path: Path, title: str, word: Any, first: str, step: str) -> None:
    report = check(tmp_path, table([(word(row), value(row)) for row in range(N)], f"{title},amount"))
    assert roles(report) == {"date": title, "forecast": "amount"}
    dates: Any = report.facts["dates"]
    assert (dates["first"], dates["step"]) == (first, step)
    assert not [problem for problem in report.problems if problem.kind in ("gaps", "order", "same date")]


def test_year_month_day_and_hour_are_put_together(tmp_path: Path) -> None:
    rows = [
        (row + 1, moment.year, moment.month, moment.day, moment.hour, value(row), ("NW", "SE", "cv")[row % 3])
        for row, moment in enumerate(HOURS)
    ]
    report = check(tmp_path, table(rows, "No,year,month,day,hour,pm2.5,cbwd"))
    assert roles(report) == {"date": "year,month,day,hour", "forecast": "pm2.5"}
    assert left_out(report) == {"No": "counts the rows", "cbwd": "3 different words"}
    assert report.facts["dates"] == {"first": "2020-03-01 00:00", "last": "2020-04-09 23:00", "step": "1 hour"}


def test_date_and_time_are_joined(tmp_path: Path) -> None:
    rows = [(f"{moment:%d/%m/%Y}", f"{moment:%H:%M:%S}", value(row)) for row, moment in enumerate(HOURS)]
    report = check(tmp_path, table(rows, "Date;Time;power", ";"))
    assert roles(report) == {"date": "Date,Time", "forecast": "power"}
    assert report.facts["dates"] == {"first": "2020-03-01 00:00", "last": "2020-04-09 23:00", "step": "1 hour"}
    named = check(tmp_path, table(rows, "Date;Time;power", ";"), date_column="Date,Time")
    assert named.facts["dates"] == report.facts["dates"]


def test_year_and_month_without_titles_are_the_date_and_the_decimal_year_is_a_clock(tmp_path: Path) -> None:
    rows = [
        (1749 + row // 12, f"{row % 12 + 1:02d}", f"{1749 + (row + 0.5) / 12:.3f}", value(row), -1)
        for row in range(10 * 12)
    ]
    report = check(tmp_path, table(rows, "", ";"))
    assert roles(report) == {"date": "column 1,column 2", "forecast": "column 4"}
    assert set(left_out(report)) == {"column 3", "column 5"}


@pytest.mark.parametrize("order", ["day-first", "month-first"])
def test_the_order_of_day_and_month_is_what_makes_the_steps_even(tmp_path: Path, order: str) -> None:
    form = "%d/%m/%Y" if order == "day-first" else "%m/%d/%Y"
    months = [date(2010 + row // 12, row % 12 + 1, 1) for row in range(N)]
    report = check(tmp_path, table([(month.strftime(form), value(row)) for row, month in enumerate(months)], "Date,v"))
    assert report.facts["dates"] == {"first": "2010-01-01", "last": "2019-12-01", "step": "1 month"}
    rows = [(moment.strftime(form + " %H:%M"), value(row)) for row, moment in enumerate(HOURS)]
    hourly = check(tmp_path, table(rows, "Date,Load"))
    assert hourly.facts["dates"] == {"first": "2020-03-01 00:00", "last": "2020-04-09 23:00", "step": "1 hour"}


def test_where_both_orders_are_as_even_it_asks_and_takes_either_answer(tmp_path: Path) -> None:
    content = table([(f"{row % 12 + 1:02d}/{row * 5 % 12 + 1:02d}/2021", value(row)) for row in range(12)], "date,v")
    report = check(tmp_path, content, window=2)
    assert settings_of(report, "date order") == ["data.date_order=day-first", "data.date_order=month-first"]
    assert "--set data.date_order=day-first" in report.reason
    first = check(tmp_path, content, window=2, date_order="day-first")
    other = check(tmp_path, content, window=2, date_order="month-first")
    assert first.trainable
    assert [notes(first, "date"), notes(other, "date")] == ["day/month/year", "month/day/year"]


def test_dates_that_cannot_be_read_are_said_with_the_word_and_the_setting(tmp_path: Path) -> None:
    content = table([(f"{row // 12 + 1}-{row % 12 + 1:02d}", value(row)) for row in range(36)], "Month,Sales")
    report = check(tmp_path, content)
    assert "the column Month seems to be the date, but '1-01' is not one that can be read" in report.reason
    assert settings_of(report, "date") == ["data.kind=series"]
    kept = check(tmp_path, content, kind="series")
    assert roles(kept) == {"forecast": "Sales"}
    assert truth(tmp_path, kind="series") == [value(row) for row in range(36)]


@pytest.mark.parametrize(
    ("word", "delimiter", "expected"),
    [
        (lambda x: f'"${x * 1000:,.2f}"', ",", 1000),
        (lambda x: f"{x}%", ",", 1),
        (lambda x: f"{x}".replace(".", ","), ";", 1),
        (lambda x: f"{x * 1000:,.2f}".replace(",", "_").replace(".", ",").replace("_", "."), ";", 1000),
        (lambda x: f"\u2212{x}", ",", -1),
    ],
)
def test_numbers_as_people_write_them_are_values(tmp_path: Path, word: Any, delimiter: str, expected: float) -> None:
    rows = [(f"{day(row):%d.%m.%Y}", word(value(row))) for row in range(N)]
    report = check(tmp_path, table(rows, f"Datum{delimiter}Umsatz", delimiter))
    assert roles(report) == {"date": "Datum", "forecast": "Umsatz"}
    assert truth(tmp_path) == pytest.approx([expected * value(row) for row in range(N)])


def test_a_dot_before_three_digits_in_a_german_file_is_a_question(tmp_path: Path) -> None:
    numbers = [1150 + row * 7919 % 90_000 for row in range(N)]
    rows = [(f"{day(row):%d.%m.%Y}", f"{number:,}".replace(",", ".")) for row, number in enumerate(numbers)]
    content = table(rows, "Datum;Menge", ";")
    report = check(tmp_path, content)
    assert settings_of(report, "decimal") == ["data.decimal=comma", "data.decimal=point"]
    check(tmp_path, content, decimal="comma")
    assert truth(tmp_path, decimal="comma") == numbers
    assert truth(tmp_path, decimal="point") == [number / 1000 for number in numbers]


@pytest.mark.parametrize(("mark", "scale"), [("-9999", 1), ("-200", 8), ("9999.9", 1), ("-1000", 1), ("-1", 1)])
def test_one_value_far_from_all_others_is_pointed_out_with_the_setting(tmp_path: Path, mark: str, scale: float) -> None:
    rows = [(day(row), mark if row % 9 == 4 else round(scale * value(row), 2)) for row in range(N)]
    report = check(tmp_path, table(rows, "date,temp"))
    stand_in = next(problem for problem in report.problems if problem.kind == "stand-in")
    assert stand_in.count == 13
    assert not stand_in.stops
    assert settings_of(report, "stand-in") == [f"data.missing={mark}"]
    missing = check(tmp_path, table(rows, "date,temp"), missing=mark, test=0.2)
    assert not [problem for problem in missing.problems if problem.kind == "stand-in"]


@pytest.mark.parametrize(("mark", "times"), [("-9999.0", 18), ("-9999", 2), ("-999", 3), ("9999", 2), ("-99.9", 3)])
def test_a_rare_value_that_is_known_to_stand_for_a_missing_one_is_pointed_out(
    tmp_path: Path, mark: str, times: int
) -> None:
    marked = set(range(700, 700 + 919 * times, 919))
    rows = [(day(row), mark if row in marked else round((value(row) - 50) % 10, 2)) for row in range(20_000)]
    report = check(tmp_path, table(rows, "date,value"))
    stand_in = next(problem for problem in report.problems if problem.kind == "stand-in")
    assert stand_in.count == times
    assert settings_of(report, "stand-in") == [f"data.missing={float(mark):g}"]
    missing = check(tmp_path, table(rows, "date,value"), missing=mark)
    assert not [problem for problem in missing.problems if problem.kind == "stand-in"]


def test_a_rare_stand_in_far_down_a_long_column_is_pointed_out(tmp_path: Path) -> None:
    lines = [f"{row % 97 / 9.7:.3f},{row % 89}" for row in range(260_000)]
    lines[230_000] = lines[250_000] = "-999,5"
    report = check(tmp_path, "a,b\n" + "\n".join(lines) + "\n", kind="series")
    assert settings_of(report, "stand-in") == ["data.missing=-999"]


def test_a_setting_with_which_the_column_to_forecast_lacks_too_much_says_so_and_what_to_do(tmp_path: Path) -> None:
    rows = [(day(row), -200 if row % 7 == 3 else value(row), value(row + 4)) for row in range(N)]
    content = table(rows, "date,CO,T")
    report = check(tmp_path, content, test=0.2)
    assert report.trainable
    stand_in = next(problem for problem in report.problems if problem.kind == "stand-in")
    limit = "of the column to forecast at most 10 % may be missing: name another with data.target_column"
    assert (
        f"with data.missing=-200 CO lacks 14.2 % of its values, and {limit} as well, or fill them" in stand_in.message
    )
    assert [choice.reading for choice in stand_in.choices] == ["a missing value; CO then cannot be forecast"]
    refused = check(tmp_path, content, missing="-200", test=0.2)
    assert "has no value at 17 of 120 steps in the column CO, and " + limit in refused.reason
    assert refused.reason.endswith("or fill them in the file")
    named = check(tmp_path, content, target_column="T", test=0.2)
    offered = next(problem for problem in named.problems if problem.kind == "stand-in").choices
    assert [(choice.reading, choice.setting) for choice in offered] == [("a missing value", "data.missing=-200")]
    assert check(tmp_path, content, target_column="T", missing="-200", test=0.2).trainable


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([9999, 9999, *range(0, 12_000, 7)], "within the range"),
        ([-9999, *(row % 90 for row in range(2000))], "once"),
        ([1000, 1000, *(row % 90 for row in range(2000))], "a round number, rarely"),
        ([9999, 9999, *(row * row for row in range(1, 91))], "no farther than the others reach"),
        ([4321.5, 4321.5, *(row % 90 for row in range(2000))], "a number like any other, rarely"),
    ],
)
def test_a_rare_value_is_a_measurement_unless_it_is_known_and_far(
    tmp_path: Path, values: list[float], why: str
) -> None:
    order = random.Random(3)
    order.shuffle(values)
    rows = [(day(row), number) for row, number in enumerate(values)]
    assert not settings_of(check(tmp_path, table(rows, "date,value")), "stand-in"), why


def test_a_frequent_zero_among_small_numbers_is_a_measurement(tmp_path: Path) -> None:
    rows = [(day(row), 0 if row % 3 else value(row) - 49) for row in range(N)]
    assert not [p for p in check(tmp_path, table(rows, "date,rain")).problems if p.kind == "stand-in"]


def test_which_value_is_forecast_is_said_with_the_others_that_could_be(tmp_path: Path) -> None:
    rows = [(day(row), row % 4, value(row), value(row + 3), 900 + row % 31) for row in range(N)]
    report = check(tmp_path, table(rows, "dteday,season,temp,hum,cnt"))
    assert roles(report)["forecast"] == "cnt"
    assert "could also be season, temp, hum" in notes(report, "forecast")


def test_the_two_hours_of_a_clock_change_stay_two(tmp_path: Path) -> None:
    utc = [datetime(2018, 10, 27) + timedelta(hours=row) for row in range(72)]
    change = datetime(2018, 10, 28, 1)
    rows = [
        (f"{moment + timedelta(hours=2 if moment < change else 1)}+0{2 if moment < change else 1}:00", value(row))
        for row, moment in enumerate(utc)
    ]
    report = check(tmp_path, table(rows, "time,price"))
    assert report.rows == 72
    assert not report.problems


def test_the_value_to_forecast_that_is_set_does_not_make_each_row_a_sequence(tmp_path: Path) -> None:
    rows = [(value(row), value(row + 4), row % 3) for row in range(N)]
    report = check(tmp_path, table(rows, "a,b,c"), target_column="b")
    assert report.kind == "series"
    assert roles(report) == {"forecast": "b", "input": "a,c"}


def test_a_decimal_year_beside_its_year_and_month_is_left_out(tmp_path: Path) -> None:
    rows = [(1958 + row // 12, row % 12 + 1, f"{1958 + (row + 0.5) / 12:.4f}", value(row)) for row in range(N)]
    report = check(tmp_path, table(rows, "Yr,Mn,Date,CO2"))
    assert roles(report) == {"date": "Yr,Mn", "forecast": "CO2"}
    assert report.facts["dates"] == {"first": "1958-01-01", "last": "1967-12-01", "step": "1 month"}
    alone = check(tmp_path, table([row[2:] for row in rows], "time,CO2"))
    assert alone.facts["dates"] == {"first": "1958-01-16", "last": "1967-12-16", "step": "1 month"}


def test_two_values_far_from_all_others_are_pointed_out_together(tmp_path: Path) -> None:
    marks = {4: "-9999", 7: "9999"}
    rows = [(day(row), marks.get(row % 13, value(row))) for row in range(200)]
    report = check(tmp_path, table(rows, "date,temp"))
    assert settings_of(report, "stand-in") == ["data.missing=-9999,9999"]


def test_unix_times_that_are_out_of_order_are_the_dates_all_the_same(tmp_path: Path) -> None:
    rows = [(1577836800 + 3600 * (row * 37 % N), value(row)) for row in range(N)]
    report = check(tmp_path, table(rows, "timestamp,value"))
    assert roles(report) == {"date": "timestamp", "forecast": "value"}
    assert report.facts["dates"] == {"first": "2020-01-01 00:00", "last": "2020-01-05 23:00", "step": "1 hour"}


def test_a_place_and_a_flag_are_forecast_last(tmp_path: Path) -> None:
    rows = [(HOURS[row], 48 + row % 7 / 100, 11 + row % 5 / 100, row % 2, value(row)) for row in range(N)]
    report = check(tmp_path, table(rows, "time,lat,lon,open,pm10"))
    assert roles(report) == {"date": "time", "forecast": "pm10", "input": "lat,lon,open"}


def test_hours_in_a_spreadsheets_rounded_days_are_hours(tmp_path: Path) -> None:
    report = check(tmp_path, table([(f"{43831 + row / 24:.5f}", value(row)) for row in range(N)], "DateTime,kW"))
    dates: Any = report.facts["dates"]
    assert (dates["first"], dates["step"]) == ("2020-01-01 00:00", "1 hour")


def test_a_second_date_that_cannot_be_read_says_nothing_of_the_order(tmp_path: Path) -> None:
    rows = [
        (1586995200 + 3600 * row, f"2020-05-{1 + row // 24:02} {row % 12 + 1:02}-PM", 100 + row % 9)
        for row in range(200)
    ]
    report = check(tmp_path, table(rows[::-1], "Unix Timestamp,Date,Close"))
    assert left_out(report)["Date"].startswith("no dates that can be read")
    assert "stay in the order" not in left_out(report)["Date"]
