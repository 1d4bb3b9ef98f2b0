"""Dates in several columns of a table, and dates that go on by their calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from rnnlab.tasks.own.check import check_file
from rnnlab.tasks.own.values.date_columns import joined_forms, moments_of_joined
from rnnlab.tasks.own.values.date_steps import Step, continued, usual_step


def hours(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() / 3600


def test_a_date_in_several_columns_is_one() -> None:
    hour = [str(h) for h in range(23)] + ["NA"]
    table = [[str(n) for n in range(7, 31)], ["2010"] * 24, ["1"] * 24, ["31"] * 24, hour, ["1.5"] * 24]
    (form,) = joined_forms(table, ["No", "year", "month", "day", "hour", "pm2.5"])
    moments = moments_of_joined(table, form)
    assert (form.columns, form.step) == ((1, 2, 3, 4), "hour")
    assert (moments[:2] / 3600).tolist() == [hours("2010-01-31"), hours("2010-01-31T01:00")]
    assert np.isnan(moments[23])
    silso = [["1749"] * 12 + ["1750"] * 12, [f"{m:02d}" for m in range(1, 13)] * 2, ["58.0"] * 24]
    (untitled,) = joined_forms(silso, ["column 1", "column 2", "column 3"])
    assert (untitled.columns, untitled.step) == ((0, 1), "month")
    assert usual_step(moments_of_joined(silso, untitled)) == (Step(months=1), 1.0)


@pytest.mark.parametrize(
    ("dates", "times", "title", "step"),
    [
        (["16/12/2006"] * 4, ["17:24:00", "17:25:00", "17:26:00", "17:27:00"], "Time", 60),
        (["10/03/2004"] * 4, ["18.00.00", "19.00.00", "20.00.00", "21.00.00"], "Time", 3600),
        (["2020-01-01"] * 24 + ["2020-01-02"] * 24, [str(h) for h in range(1, 25)] * 2, "HE", 3600),
        (["20200101"] * 4, ["2230", "2245", "2300", "2315"], "time", 900),
        (["1/2/2020"] * 3, ["9:00 PM", "10:00 PM", "11:00 PM"], "Time", 3600),
    ],
)
def test_a_date_and_its_time_of_day_are_joined(dates: list[str], times: list[str], title: str, step: int) -> None:
    table = [dates, times, ["5"] * len(dates)]
    form = joined_forms(table, ["Date", title, "value"])[0]
    assert (np.diff(moments_of_joined(table, form)) == step).all()


@pytest.mark.parametrize("minutes", [10, 60, 7])
def test_times_without_a_date_are_a_series_in_the_order_of_the_file(tmp_path: Path, minutes: int) -> None:
    """Over midnight, and past the hours of a day where they count from a start."""
    clock = [
        f"{(18 * 60 + n * minutes) // 60 % (24 if minutes < 60 else 1000):02d}:{n * minutes % 60:02d}"
        for n in range(200)
    ]
    file = tmp_path / "load.csv"
    file.write_text("time,load\n" + "".join(f"{word},{50 + n % 7}.5\n" for n, word in enumerate(clock)))
    report = check_file(str(file), {})
    assert (report.kind, report.trainable) == ("series", True)
    left_out = report.facts["left_out"]
    assert isinstance(left_out, list)
    assert left_out[0]["column"] == "time"


def test_columns_that_are_no_parts_of_a_date_are_left_alone() -> None:
    year = ["2020", "2020", "2021"]
    assert joined_forms([year, ["1", "2", "3"], ["4", "5", "6"]], ["year", "day_of_week", "sales"]) == ()
    assert joined_forms([["2020-01-01", "2020-01-02"], ["08:00", "09:30"]], ["date", "time"]) == ()


@pytest.mark.parametrize(
    ("first", "second", "name", "following"),
    [
        ("2020-01-31", "2020-02-29", "1 month", ["2020-03-31", "2020-04-30"]),
        ("2019-10-01", "2020-01-01", "1 quarter", ["2020-04-01", "2020-07-01"]),
        ("2020-02-28", "2020-02-29", "1 day", ["2020-03-01", "2020-03-02"]),
        ("2020-02-29T22:00", "2020-02-29T23:00", "1 hour", ["2020-03-01T00:00", "2020-03-01T01:00"]),
        ("2020-02-29T23:15", "2020-02-29T23:30", "15 minutes", ["2020-02-29T23:45", "2020-03-01T00:00"]),
        ("2018-01-01", "2019-01-01", "1 year", ["2020-01-01", "2021-01-01"]),
    ],
)
def test_dates_go_on_by_their_calendar(first: str, second: str, name: str, following: list[str]) -> None:
    moments = np.array([3600 * hours(first), 3600 * hours(second)])
    step, even = usual_step(moments)
    assert (step.name, even) == (name, 1.0)
    assert (continued(moments[-1], step, 2) / 3600).tolist() == [hours(text) for text in following]


def test_business_days_go_on_after_the_weekend() -> None:
    days = np.array([3600 * hours(f"2020-03-{d:02d}") for d in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)])
    step, even = usual_step(days)
    assert (step.name, even) == ("1 business day", 1.0)
    assert continued(days[-1], step, 2).tolist() == [3600 * hours("2020-03-16"), 3600 * hours("2020-03-17")]


@pytest.mark.parametrize(
    ("titles", "columns", "last"),
    [
        (("Jahr", "KW"), (("2015", "2015", "2015"), ("1", "2", "3")), "2015-01-12"),
        (("YEAR", "MO", "DY"), (("2010", "2010", "2010"), ("1", "1", "1"), ("5", "6", "7")), "2010-01-07"),
        (("year", "epiweek"), (("2020", "2020", "2020"), ("8", "9", "10")), "2020-03-02"),
    ],
)
def test_titles_of_calendar_units_are_known_as_people_shorten_them(
    titles: tuple[str, ...], columns: tuple[tuple[str, ...], ...], last: str
) -> None:
    form = joined_forms(columns, titles)[0]
    assert len(form.columns) == len(columns)
    assert moments_of_joined(columns, form)[-1] / 3600 == hours(last)
