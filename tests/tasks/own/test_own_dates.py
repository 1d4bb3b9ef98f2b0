"""Dates as people write them: each form reads back what was written in it, and day and month are told apart by even steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.tasks.own.values.dates import DateForm, date_forms, evenness, moments_of, tell_apart

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
GERMAN = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
FRENCH = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
SPANISH = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def twelve(d: datetime) -> int:
    return (d.hour + 11) % 12 + 1


def half(d: datetime) -> str:
    return "AM" if d.hour < 12 else "PM"


OFFSET = timezone(timedelta(hours=5, minutes=30))

OF_SECONDS: tuple[Callable[[datetime], str], ...] = (
    lambda d: d.strftime("%Y-%m-%d %H:%M:%S"),
    lambda d: d.strftime("%Y-%m-%dT%H:%M:%SZ"),
    lambda d: d.strftime("%Y-%m-%d %H:%M:%S UTC"),
    lambda d: d.strftime("%Y-%m-%dT%H:%M:%S.000+00:00"),
    lambda d: d.astimezone(OFFSET).isoformat(),
    lambda d: d.astimezone(OFFSET).strftime("%Y-%m-%d %H:%M:%S %z"),
    lambda d: d.strftime("%Y-%m-%d %H:%M:%S,000000"),
    lambda d: f"{d.year}-{d.month}-{d.day} {d.hour}:{d.minute:02d}:{d.second:02d}",
    lambda d: f"{d.year}/{d.month:02d}/{d.day:02d} {twelve(d)}:{d.minute:02d}:{d.second:02d} {half(d)}",
    lambda d: f"{d.month}/{d.day}/{d.year} {twelve(d)}:{d.minute:02d}:{d.second:02d} {half(d).lower()}",
    lambda d: f"{d.day:02d}.{d.month:02d}.{d.year} {d.hour:02d}:{d.minute:02d}:{d.second:02d}",
    lambda d: f"{d.day:02d}-{d.month:02d}-{d.year} {twelve(d):02d}:{d.minute:02d}:{d.second:02d}{half(d)}",
    lambda d: f"{d.day:02d}/{MONTHS[d.month - 1][:3]}/{d.year}:{d.hour:02d}:{d.minute:02d}:{d.second:02d} +0000",
    lambda d: f"{DAYS[d.weekday()][:3]}, {d.day:02d} {MONTHS[d.month - 1][:3]} {d.year} {d:%H:%M:%S} GMT",
    lambda d: f"{DAYS[d.weekday()][:3]} {MONTHS[d.month - 1][:3]} {d.day:02d} {d:%H:%M:%S} +0000 {d.year}",
    lambda d: d.strftime("%Y%m%d%H%M%S"),
    lambda d: d.strftime("%Y%m%dT%H%M%SZ"),
    lambda d: f"{d:%H:%M:%S} {d:%d.%m.%Y}",
    lambda d: f"{twelve(d)}:{d.minute:02d}:{d.second:02d} {half(d)}, {MONTHS[d.month - 1]} {d.day}, {d.year}",
)
OF_DAYS: tuple[Callable[[datetime], str], ...] = (
    lambda d: d.strftime("%Y-%m-%d"),
    lambda d: f"{d.year}-{d.month}-{d.day}",
    lambda d: d.strftime("%Y/%m/%d"),
    lambda d: d.strftime("%Y.%m.%d"),
    lambda d: d.strftime("%Y%m%d"),
    lambda d: d.strftime("%d/%m/%Y"),
    lambda d: d.strftime("%m/%d/%Y"),
    lambda d: f"{d.day}/{d.month}/{d.year}",
    lambda d: f"{d.month}-{d.day}-{d.year}",
    lambda d: d.strftime("%d.%m.%y"),
    lambda d: d.strftime("%m/%d/%y"),
    lambda d: f"{d.day}. {d.month}. {d.year}",
    lambda d: f"{MONTHS[d.month - 1][:3]} {d.day:02d}, {d.year}",
    lambda d: f"{DAYS[d.weekday()]}, {MONTHS[d.month - 1]} {d.day}, {d.year}",
    lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day:02d}-{MONTHS[d.month - 1][:3].upper()}-{d.year % 100:02d}",
    lambda d: f"{d.day:02d}{MONTHS[d.month - 1][:3]}{d.year}",
    lambda d: f"{d.year}-{MONTHS[d.month - 1][:3]}-{d.day:02d}",
    lambda d: f"{d.day}. {GERMAN[d.month - 1]} {d.year}",
    lambda d: f"{d.day} {FRENCH[d.month - 1]} {d.year}",
    lambda d: f"{d.day} de {SPANISH[d.month - 1]} de {d.year}",
    lambda d: "{}-W{:02d}-{}".format(*d.isocalendar()),
    lambda d: d.strftime("%Y-%j"),
    lambda d: d.strftime("\u200e%d/\u200e%m/\u200e%Y"),
)
OF_MONTHS: tuple[Callable[[datetime], str], ...] = (
    lambda d: f"{d.year} {MONTHS[d.month - 1][:3]}",
    lambda d: f"{MONTHS[d.month - 1][:3]}-{d.year % 100:02d}",
    lambda d: f"{MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{GERMAN[d.month - 1][:3]} {d.year}",
    lambda d: f"{d.month:02d}/{d.year}",
    lambda d: f"{d.year}M{d.month:02d}",
    lambda d: f"{d.year}-{d.month:02d}",
    lambda d: f"{d.year}{d.month:02d}",
)
OF_QUARTERS: tuple[Callable[[datetime], str], ...] = (
    lambda d: f"{d.year}Q{(d.month + 2) // 3}",
    lambda d: f"{d.year}-Q{(d.month + 2) // 3}",
    lambda d: f"Q{(d.month + 2) // 3} {d.year}",
    lambda d: f"{(d.month + 2) // 3}Q{d.year % 100:02d}",
    lambda d: f"{d.year}T{(d.month + 2) // 3}",
    lambda d: f"{(d.month + 2) // 3}. Quartal {d.year}",
)
MOMENTS = st.datetimes(datetime(1973, 6, 1), datetime(2023, 1, 1), timezones=st.just(UTC)).map(
    lambda d: d.replace(microsecond=0)
)


def read_as(words: list[str], title: str = "") -> tuple[tuple[DateForm, ...], list[list[float]]]:
    forms = date_forms(words, title)
    return forms, [moments_of(words, form).tolist() for form in forms]


def expect_read(words: list[str], dates: list[datetime], title: str = "") -> None:
    forms, readings = read_as(words, title)
    expected = [d.timestamp() for d in dates]
    assert expected in readings, (words, forms, readings)
    # What is decided is right; what is not is asked.
    chosen = tell_apart(forms, [np.array(reading) for reading in readings])
    assert chosen is None or readings[forms.index(chosen)] == expected, (words, forms)


@given(start=MOMENTS, step=st.integers(1, 10**6), count=st.integers(3, 40), form=st.sampled_from(OF_SECONDS))
def test_a_moment_written_in_any_form_reads_back(
    start: datetime, step: int, count: int, form: Callable[[datetime], str]
) -> None:
    dates = [start + timedelta(seconds=step * index) for index in range(count)]
    expect_read([form(d) for d in dates], dates)


@given(start=MOMENTS, step=st.integers(1, 60), count=st.integers(3, 60), form=st.sampled_from(OF_DAYS))
def test_a_day_written_in_any_form_reads_back(
    start: datetime, step: int, count: int, form: Callable[[datetime], str]
) -> None:
    start = start.replace(hour=0, minute=0, second=0)
    dates = [start + timedelta(days=step * index) for index in range(count)]
    expect_read([form(d) for d in dates], dates)


@given(first=st.integers(1973 * 12, 2019 * 12), count=st.integers(5, 60), form=st.sampled_from(OF_MONTHS))
def test_a_month_written_in_any_form_reads_back(first: int, count: int, form: Callable[[datetime], str]) -> None:
    dates = [datetime(m // 12, m % 12 + 1, 1, tzinfo=UTC) for m in range(first, first + count)]
    expect_read([form(d) for d in dates], dates, "Month")


@given(first=st.integers(1973 * 4, 2019 * 4), count=st.integers(3, 60), form=st.sampled_from(OF_QUARTERS))
def test_a_quarter_written_in_any_form_reads_back(first: int, count: int, form: Callable[[datetime], str]) -> None:
    dates = [datetime(q // 4, 3 * (q % 4) + 1, 1, tzinfo=UTC) for q in range(first, first + count)]
    expect_read([form(d) for d in dates], dates)


@given(
    st.lists(st.text(max_size=80) | st.from_regex(r"[0-9/\-:. TZW,Q]{1,30}", fullmatch=True), max_size=20),
    st.text(max_size=20),
)
def test_hostile_words_are_no_more_than_no_dates(words: list[str], title: str) -> None:
    for form in date_forms(words, title):
        moments = moments_of(words, form)
        assert len(moments) == len(words)
        assert not np.isinf(moments).any()
        assert 0 <= evenness(moments) <= 1


def test_long_and_tangled_words_take_no_time() -> None:
    words = [f"{'0' * (n % 60)}{'-' * (n % 7)} {'a' * (n % 50)}{n} {'1:' * (n % 20)}" for n in range(300)] + [
        "9" * 100_000
    ]
    began = time.process_time()
    assert date_forms(words) == ()
    assert time.process_time() - began < 0.001 * len(words) + 0.05


def hours(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() / 3600


def test_offsets_are_applied_so_that_the_hour_at_a_clock_change_stays_two() -> None:
    words = [
        "2018-10-28 01:00:00+02:00",
        "2018-10-28 02:00:00+02:00",
        "2018-10-28 02:00:00+01:00",
        "2018-10-28 03:00:00+01:00",
    ]
    (form,) = date_forms(words)
    assert (np.diff(moments_of(words, form)) == 3600).all()
    named = ["28.10.2018 02:00 CEST", "28.10.2018 02:00 CET"]
    assert np.diff(moments_of(named, date_forms(named)[0])).tolist() == [3600]


def test_day_and_month_are_told_apart_by_even_steps_over_all_rows() -> None:
    monthly = [f"01/{m:02d}/{y}" for y in range(2010, 2014) for m in range(1, 13)]
    forms = date_forms(monthly, "Date")
    assert {form.order for form in forms} == {"day-first", "month-first"}
    chosen = tell_apart(forms, [moments_of(monthly, form) for form in forms])
    assert chosen is not None
    assert chosen.order == "day-first"
    # A thirteenth day, however late, decides; days and months that rise alike in both readings are a question.
    hourly = [f"{d:02d}/03/2020 {h:02d}:00" for d in range(1, 14) for h in range(24)]
    assert [form.order for form in date_forms(hourly)] == ["day-first"]
    short = [f"01/{m:02d}/2010" for m in range(1, 9)]
    forms = date_forms(short)
    assert tell_apart(forms, [moments_of(short, form) for form in forms]) is None


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (["1-01", "1-02", "2-01", "3-12"], "Month"),
        (["50.1", "52.5", "49.9"], "x"),
        (["0", "1", "2", "3", "4", "5"], "timestamp"),
        (["1013.1", "1012.5", "1011.9", "1013.2", "1009.7"], "pressure"),
        (["2000", "1850", "1900", "2010", "1999"], "rpm"),
        (["Jan 1", "Jan 2"], "day"),
        (["01-Jan", "02-Jan"], "day"),
        (["hello 12", "may 13"], "date"),
        (["2020-13-01", "2020-14-02"], "date"),
        (["192.168.0.1", "10.10.10.10"], ""),
        (["1/2", "3/4", "5/6", "1/4"], "time"),
        (["sun 12", "mar 5"], ""),
        (["may", "june"], "name"),
        (["12:00-13:00x", "13:00-14:00x"], "slot"),
    ],
)
def test_what_is_no_date_is_none(words: list[str], title: str) -> None:
    assert date_forms(words, title) == ()


@pytest.mark.parametrize(
    ("words", "title", "first", "second"),
    [
        (["1700", "1701", "1702"], "Year", "1700-01-01", "1701-01-01"),
        (["1990.0", "1991.0", "1992.0"], "year", "1990-01-01", "1991-01-01"),
        (["1990", "1991", "1992", "1993", "1994"], "", "1990-01-01", "1991-01-01"),
        (["1546300800", "1546304400"], "timestamp", "2019-01-01", "2019-01-01T01:00"),
        (["1546300800000", "1546304400000"], "time", "2019-01-01", "2019-01-01T01:00"),
        (["1546300800.5", "1546304400.5"], "ts", "2019-01-01T00:00:00.5", "2019-01-01T01:00:00.5"),
        (["1546300800000000000", "1546304400000000000"], "time", "2019-01-01", "2019-01-01T01:00"),
        (["43831", "43832"], "Date", "2020-01-01", "2020-01-02"),
        (["43831.5", "43831.75"], "date", "2020-01-01T12:00", "2020-01-01T18:00"),
        (["2020-01-01 24:00", "2020-01-02 01:00"], "", "2020-01-02", "2020-01-02T01:00"),
        (
            ["01.01.2015 00:00 - 01.01.2015 01:00", "13.01.2015 01:00 - 13.01.2015 02:00"],
            "MTU",
            "2015-01-01",
            "2015-01-13T01:00",
        ),
        (["2009-10", "2010-11", "2011-12"], "season", "2009-01-01", "2010-01-01"),
        (["2020年1月31日", "2020年2月1日"], "", "2020-01-31", "2020-02-01"),
        (["31012020", "01022020"], "date", "2020-01-31", "2020-02-01"),
        (["2020010100", "2020010101"], "", "2020-01-01", "2020-01-01T01:00"),
        (
            ["2020-01-01T00:00Z/2020-01-01T01:00Z", "2020-01-01T01:00Z/2020-01-01T02:00Z"],
            "",
            "2020-01-01",
            "2020-01-01T01:00",
        ),
        (["[01/Jan/2020:00:00:00 +0000]", "[01/Jan/2020:01:00:00 +0000]"], "", "2020-01-01", "2020-01-01T01:00"),
        (["Wed Jan 1 00:00:00 2020 +0200", "Wed Jan 1 02:00:00 2020 +0200"], "", "2019-12-31T22:00", "2020-01-01"),
        (["2020 01 01 00 00", "2020 01 01 01 00"], "", "2020-01-01", "2020-01-01T01:00"),
        (["20200113:0010", "20200113:0110"], "time", "2020-01-13T00:10", "2020-01-13T01:10"),
        (["2020-01-01 H1", "2020-01-01 H24"], "", "2020-01-01T01:00", "2020-01-02"),
        (["2020-01-01_10-20-30", "2020-01-01_10-20-48"], "", "2020-01-01T10:20:30", "2020-01-01T10:20:48"),
        (["13.01.2020 08:00 Uhr", "13.01.2020 09:00 Uhr"], "", "2020-01-13T08:00", "2020-01-13T09:00"),
        (["Mo, 13.01.2020", "Di, 14.01.2020"], "", "2020-01-13", "2020-01-14"),
        (["2020/01/13(Mon) 08:00", "2020/01/14(Tue) 08:00"], "", "2020-01-13T08:00", "2020-01-14T08:00"),
        (["13 января 2020", "14 января 2020"], "", "2020-01-13", "2020-01-14"),
        (["Jan-Mar 2020", "Apr-Jun 2020"], "", "2020-01-01", "2020-04-01"),
        (["2020.1", "2020.2", "2020.3", "2020.4", "2021.1"], "quarter", "2020-01-01", "2020-04-01"),
        (["202002", "202003", "202004"], "week", "2020-01-06", "2020-01-13"),
    ],
)
def test_dates_that_look_like_something_else(words: list[str], title: str, first: str, second: str) -> None:
    form = date_forms(words, title)[0]
    assert (moments_of(words, form)[:2] / 3600).tolist() == pytest.approx([hours(first), hours(second)], abs=1e-6)
