"""Moments from the parts of dates, whole columns at a time: calendar arithmetic on arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.values.date_patterns import Layout, Pattern

Whole = NDArray[np.int64]

DAY = 86_400.0
"""Seconds of a day."""
FIRST_YEARS = (1930, 1950, 1900)
"""First of the hundred years that short years are of: as spreadsheets have it, later or earlier where that makes a series."""
_NUMBERS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
_EARLIEST, _LATEST = 1e8, 4.2e9
"""Unix times that are believed, in seconds: from 1973 to 2103."""
_EXCEL_FIRST, _EXCEL_LAST = 15_000, 80_000
"""Days since 1900 that are believed: from 1941 to 2119."""
_EXCEL_EPOCH = 25_569
"""Excel's number of the first of January 1970, in its system of 1900."""


def days_of(year: Whole, month: Whole, day: Whole) -> Whole:
    """Days since 1970 of dates of the Gregorian calendar (rows,)."""
    # Howard Hinnant, chrono-compatible low-level date algorithms, days_from_civil.
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    found: Whole = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return found


def month_lengths(year: Whole, month: Whole) -> Whole:
    """Days of each month (rows,)."""
    lengths = np.array((0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))[np.clip(month, 0, 12)]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    found: Whole = lengths + (leap & (month == 2))
    return found


def characters(words: Sequence[str]) -> NDArray[np.uint8] | NDArray[np.uint32]:
    """Codes (words, characters) of words of one length."""
    joined = "".join(words)
    codes: NDArray[np.uint8] | NDArray[np.uint32]
    if joined.isascii():
        codes = np.frombuffer(joined.encode("ascii"), dtype=np.uint8)
    else:
        codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    return codes.reshape(len(words), -1)


def moments_from(
    words: Sequence[str], pattern: Pattern, layout: Layout, first_year: int = FIRST_YEARS[0]
) -> NDArray[np.float64]:
    """Seconds since 1970 (words,) of words that share the layout; NaN where a part is not of the calendar.

    Years of two digits are of the hundred years from `first_year`.
    """
    if pattern.number:
        start, end = layout.fields["number"]
        return _from_numbers(words, pattern.number, start, end)
    digits = characters(words)
    parts: dict[str, Whole] = {name: _number(digits, start, end) for name, (start, end) in layout.fields.items()}
    parts |= {name: np.full(len(words), value) for name, value in layout.fixed.items()}
    if "fraction" in parts:
        start, end = layout.fields["fraction"]
        fraction = parts.pop("fraction") / 10.0 ** (end - start)
    else:
        fraction = np.zeros(len(words))
    good = np.ones(len(words), dtype=bool)
    if pattern.key == "clock":
        return _from_clock(parts, fraction, good)
    days = _days(parts, layout, pattern, good, first_year)
    seconds, inside = _time_of_day(parts)
    good &= inside
    return np.where(good, days * DAY + seconds + fraction, np.nan)


def _number(digits: NDArray[np.uint8] | NDArray[np.uint32], start: int, end: int) -> Whole:
    """Whole numbers (words,) that stand in these columns of the characters' codes."""
    value = np.zeros(len(digits), dtype=np.int64)
    for index in range(start, end):
        value = 10 * value + (digits[:, index].astype(np.int64) - ord("0"))
    return value


def _days(parts: dict[str, Whole], layout: Layout, pattern: Pattern, good: NDArray[np.bool_], first_year: int) -> Whole:
    """Days since 1970 (words,); marks in `good` those that are no dates."""
    year = parts["year"] if "year" in parts else parts["late_year"]
    if "late_year" in parts:
        # 01-Jan is a day as well as a year; 91-Jul is a year.
        good &= year > 31
    if layout.short_year:
        century = first_year - first_year % 100
        year = year + np.where(year < first_year % 100, century + 100, century)
    good &= (year >= pattern.years[0]) & (year <= pattern.years[1])
    if "next_year" in parts:
        start, end = layout.fields["next_year"]
        good &= parts["next_year"] == ((year + 1) % 100 if end - start == 2 else year + 1)
    if "zero" in parts:
        good &= parts["zero"] == 0
    one = np.ones_like(year)
    if "week" in parts:
        weekday = parts.get("weekday", one)
        fourth = days_of(year, one, 4 * one)
        monday = fourth - (fourth + 3) % 7
        good &= (parts["week"] >= 1) & (parts["week"] <= 53) & (weekday >= 1) & (weekday <= 7)
        return monday + 7 * (parts["week"] - 1) + weekday - 1
    if "year_day" in parts:
        good &= (parts["year_day"] >= 1) & (parts["year_day"] <= 366)
        return days_of(year, one, one) + parts["year_day"] - 1
    month = parts.get("month", one)
    for name, count in (("quarter", 4), ("half_year", 2)):
        if name in parts:
            good &= (parts[name] >= 1) & (parts[name] <= count)
            month = (parts[name] - 1) * (12 // count) + 1
    day = parts.get("day", one)
    good &= (month >= 1) & (month <= 12) & (day >= 1) & (day <= month_lengths(year, month))
    return days_of(year, np.clip(month, 1, 12), day)


def _time_of_day(parts: dict[str, Whole]) -> tuple[Whole, NDArray[np.bool_]]:
    """Seconds since midnight UTC (words,), and which of them are times of a day; midnight is 24:00 as well."""
    zero = np.zeros_like(next(iter(parts.values())))
    hour, minute, second = (parts.get(name, zero) for name in ("hour", "minute", "second"))
    good = (minute <= 59) & (second <= 60)
    if "afternoon" in parts:
        good &= hour <= 12
        hour = hour % 12 + 12 * parts["afternoon"]
    else:
        good &= (hour <= 23) | ((hour == 24) & (minute == 0) & (second == 0))
    offset = 3600 * parts.get("zone_hour", zero) + 60 * parts.get("zone_minute", zero)
    good &= offset <= 15 * 3600
    # `UTC+2` has both: the named zone is where the offset counts from.
    ahead = parts.get("zone", zero) + parts.get("sign", zero) * offset
    return 3600 * hour + 60 * minute + second - ahead, good


def _from_clock(parts: dict[str, Whole], fraction: NDArray[np.float64], good: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Seconds (words,) of a time of day or of a duration, which may have more hours than a day."""
    if "afternoon" not in parts and "hour" in parts:
        parts["hours"] = parts.pop("hour")
    if "hours" in parts or ("hour" not in parts and "days" not in parts):
        zero = np.zeros_like(next(iter(parts.values())))
        minute, second = parts.get("minute", zero), parts.get("second", zero)
        good &= (minute <= 59) & (second <= 60)
        seconds = 3600 * parts.get("hours", zero) + 60 * minute + second
    else:
        seconds, inside = _time_of_day(parts)
        good &= inside
    return np.where(good, DAY * parts.get("days", 0) + seconds + fraction, np.nan)


def _from_numbers(words: Sequence[str], counted: str, start: int, end: int) -> NDArray[np.float64]:
    """Seconds since 1970 (words,) of numbers of seconds, of days as a spreadsheet counts them, or of years."""
    values = np.array([float(word[start:end].replace(",", ".")) for word in words])
    if counted == "excel":
        # Spreadsheets keep a time of day as a fraction of about a microsecond.
        moments = np.round((values - _EXCEL_EPOCH) * DAY, 3)
        return np.where((values >= _EXCEL_FIRST) & (values <= _EXCEL_LAST), moments, np.nan)
    if counted == "years":
        year = np.floor(values).astype(np.int64)
        one = np.ones_like(year)
        first, last = days_of(year, one, one), days_of(year + 1, one, one)
        moments = DAY * (first + (values - year) * (last - first))
        return np.where((values >= 1500) & (values <= 2200), moments, np.nan)
    moments = values / _NUMBERS[counted]
    return np.where((moments >= _EARLIEST) & (moments <= _LATEST), moments, np.nan)
