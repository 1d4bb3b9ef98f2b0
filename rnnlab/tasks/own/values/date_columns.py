"""Dates that stand in several columns: a date and its time of day; year, month, day and hour."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.values.date_names import MONTHS
from rnnlab.tasks.own.values.date_steps import evenness
from rnnlab.tasks.own.values.date_values import DAY, days_of, month_lengths
from rnnlab.tasks.own.values.dates import DateForm, date_forms, moments_of
from rnnlab.tasks.own.values.numbers import values_of
from rnnlab.text.characters import tidied

Numbers = NDArray[np.float64]

_UNITS = {
    "year": ("year yr yyyy years jahr ano año anno annee année", 1500, 2200),
    "quarter": ("quarter qtr quartal trimestre", 1, 4),
    "month": ("month mon mnth mm mo mn months monat mes mois mese", 1, 12),
    "week": (
        "week wk weeks weekno weeknum weeknumber isoweek epiweek weekofyear woy kw kalenderwoche woche semana semaine",
        1,
        53,
    ),
    "day of the year": ("doy yday dayofyear yearday", 1, 366),
    "day": ("day dd dy days mday dayofmonth dom tag dia día jour giorno", 1, 31),
    "hour": ("hour hr hh hours stunde hora heure ora he", 0, 24),
    "minute": ("minute min mi minutes", 0, 59),
    "second": ("second sec ss seconds", 0, 60),
}
"""Calendar units: words of their titles, and the numbers that they may have."""
_NAMES = {word: unit for unit, (words, _, _) in _UNITS.items() for word in words.split()}
_PLURAL = frozenset(("years", "months"))
_CLOCKS = frozenset(("time", "clock", "hhmm", "uhrzeit", "zeit", "hora", "heure", "ora"))
_SECONDS = {"hour": 3600.0, "minute": 60.0, "second": 1.0}
_FINEST = ("second", "minute", "hour", "day", "day of the year", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class JoinedForm:
    """A date in several columns: `columns` are their indices, `parts` what each holds.

    A part is the form of a date or of a time of day, or a calendar unit by its name: year, month, day, hour. `name`, `step`
    and `order` are those of a `DateForm`.
    """

    columns: tuple[int, ...]
    parts: tuple[DateForm | str, ...]
    name: str
    step: str
    order: str = ""


def joined_forms(
    columns: Sequence[Sequence[str]], titles: Sequence[str], *, all_of: bool = False
) -> tuple[JoinedForm, ...]:
    """Forms in which several of a table's columns hold one date together, the most likely first; none where none do.

    With `all_of` the columns were named by a person: every one of them is a part. The words stand in the order of the file.
    """
    units = [_unit_of(title) for title in titles]
    if not any(title.strip().lower() in _PLURAL for title in titles):
        # Beside year and month in the singular, `days` counts the days of the month.
        units = ["" if title.strip(" #").lower() == "days" else unit for title, unit in zip(titles, units, strict=True)]
    units = [_unit_of_codes(title, words) or unit for title, words, unit in zip(titles, columns, units, strict=True)]
    numbers = [_whole_numbers(words, unit) for words, unit in zip(columns, units, strict=True)]
    found = _date_and_time(columns, titles, units, numbers) or _calendar(columns, units, numbers)
    if all_of:
        found = tuple(form for form in found if len(form.columns) == len(columns))
    return tuple(sorted(found, key=lambda form: -round(evenness(moments_of_joined(columns, form)), 3)))


def moments_of_joined(columns: Sequence[Sequence[str]], form: JoinedForm) -> Numbers:
    """Seconds since 1970 (rows,) of the table's columns by the form; NaN where a part is missing or none of its calendar."""
    parts: dict[str, Numbers] = {}
    seconds = np.zeros(len(columns[form.columns[0]]))
    for index, part in zip(form.columns, form.parts, strict=True):
        if isinstance(part, DateForm):
            seconds = seconds + moments_of(columns[index], part)
        elif part == "hhmm":
            clock = _numbers(columns[index], part)
            seconds = seconds + 3600 * (clock // 100) + 60 * np.where(clock % 100 < 60, clock % 100, np.nan)
        elif part in _SECONDS:
            _, least, most = _UNITS[part]
            seconds = seconds + _SECONDS[part] * _within(_numbers(columns[index], part), least, most)
        else:
            parts[part] = _numbers(columns[index], part)
    return seconds + DAY * _days(parts) if parts else seconds


def _within(values: Numbers, least: float, most: float) -> Numbers:
    return np.where((values >= least) & (values <= most), values, np.nan)


def _days(parts: dict[str, Numbers]) -> Numbers:
    """Days since 1970 (rows,) of years, months, days and the like."""
    good = np.ones(len(parts["year"]), dtype=bool)
    whole: dict[str, NDArray[np.int64]] = {}
    for unit, values in parts.items():
        _, least, most = _UNITS[unit]
        good &= (values >= least) & (values <= most)
        whole[unit] = np.where(good, values, least).astype(np.int64)
    year, one = whole["year"], np.ones(len(good), dtype=np.int64)
    if "week" in whole:
        fourth = days_of(year, one, 4 * one)
        days = fourth - (fourth + 3) % 7 + 7 * (whole["week"] - 1)
    elif "day of the year" in whole:
        days = days_of(year, one, one) + whole["day of the year"] - 1
    else:
        month = whole.get("month", 3 * (whole["quarter"] - 1) + 1 if "quarter" in whole else one)
        day = whole.get("day", one)
        good &= day <= month_lengths(year, month)
        days = days_of(year, month, day)
    return np.where(good, days.astype(np.float64), np.nan)


def _unit_of(title: str) -> str:
    """Calendar unit that the title names; `clock` for a time of day, empty for none."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])", title)]
    if "".join(words) in _NAMES:
        return _NAMES["".join(words)]
    if {"day", "week"} <= set(words) or {"week", "year"} == set(words):
        return ""  # the day of the week is no part of a date
    if {"day", "year"} <= set(words):
        return "day of the year"
    return next((_NAMES[word] for word in words if word in _NAMES), "clock" if _CLOCKS & set(words) else "")


def _unit_of_codes(title: str, words: Sequence[str]) -> str:
    """Calendar unit of codes such as Q01 or M01 in a column called Period; empty for others."""
    if title.strip().lower() != "period" or not words:
        return ""
    for unit, pattern in (("quarter", r"[qQ]0?[1-5]"), ("month", r"[mM](0[1-9]|1[0-3])")):
        if all(re.fullmatch(pattern, word.strip()) for word in words[:200]):
            return unit
    return ""


_CODES = {
    "quarter": re.compile(r"[qt]0?([1-4])"),
    "month": re.compile(r"m(0[1-9]|1[0-2])"),
    "hour": re.compile(r"h?([0-2]?\d)(?:[:.]00|h)?"),
}
"""How units are written beside plain numbers: Q1 and Q01, M01, 14:00 and 14h."""


def _numbers(words: Sequence[str], unit: str) -> Numbers:
    """Numbers (rows,) of the words; of months also by their names."""
    values, wrong = values_of(words)
    for index in wrong:
        word = tidied(words[index]).lower().rstrip(".")
        if unit in _CODES and (found := _CODES[unit].fullmatch(word)):
            values[index] = int(found[1])
        elif unit == "month":
            values[index] = MONTHS.get(word, np.nan)
    return values


def _whole_numbers(words: Sequence[str], unit: str) -> Numbers | None:
    """Numbers of the column, where nearly all are whole and none is far from a calendar's; else None."""
    values = _numbers(words, unit)
    known = values[np.isfinite(values)]
    if (
        len(known) < 0.9 * len(values)
        or not len(known)
        or (known % 1 != 0).any()
        or known.min() < 0
        or known.max() > 2400
    ):
        return None
    return values


def _fits(values: Numbers | None, unit: str) -> bool:
    """Whether nearly all numbers are of the calendar unit."""
    if values is None:
        return False
    _, least, most = _UNITS[unit]
    return bool(((values >= least) & (values <= most)).mean() >= 0.9)


def _date_and_time(
    columns: Sequence[Sequence[str]], titles: Sequence[str], units: list[str], numbers: list[Numbers | None]
) -> tuple[JoinedForm, ...]:
    """Forms of a date and its time of day: a clock, or columns of the hour and perhaps of minute and second."""
    for first, (words, title) in enumerate(zip(columns, titles, strict=True)):
        if units[first] not in ("", "clock", "day") or len(set(words[:1000])) == min(len(words), 1000) > 1:
            continue  # dates that do not repeat need no time of day
        dates = [form for form in date_forms(words, title) if form.step == "day"]
        if not dates:
            continue
        near = sorted(
            (index for index in range(len(columns)) if index != first), key=lambda index: abs(index - first - 1)
        )
        for index in near:
            clocks = [form for form in date_forms(columns[index], titles[index]) if form.clock]
            if clocks and (units[index] in ("clock", "hour") or index == first + 1):
                return tuple(_joined((first, index), pair) for pair in product(dates, clocks[:1]))
            values = numbers[index]
            if units[index] not in ("clock", "hour") or values is None:
                continue
            if np.nanmax(values) > 24 and np.nanmax(values % 100) < 60:
                return tuple(_joined((first, index), (form, "hhmm")) for form in dates)
        hours = _column_of("hour", units, numbers)
        if hours is not None:
            rest = [(unit, i) for unit in ("minute", "second") if (i := _column_of(unit, units, numbers)) is not None]
            indices = (first, hours, *(index for _, index in rest))
            return tuple(_joined(indices, (form, "hour", *(unit for unit, _ in rest))) for form in dates)
    return ()


def _column_of(unit: str, units: list[str], numbers: list[Numbers | None]) -> int | None:
    """The first column whose title names the unit and whose numbers are of it."""
    return next(
        (
            i
            for i, (named, values) in enumerate(zip(units, numbers, strict=True))
            if named == unit and _fits(values, unit)
        ),
        None,
    )


def _calendar(
    columns: Sequence[Sequence[str]], units: list[str], numbers: list[Numbers | None]
) -> tuple[JoinedForm, ...]:
    """Form of a year and the units below it, by the columns' titles or, where they have none, by their numbers."""
    year = _column_of("year", units, numbers)
    if year is None:
        return _untitled(columns, units, numbers)
    chosen = {"year": year}
    for unit in ("month", "day of the year", "week", "quarter"):
        index = _column_of(unit, units, numbers)
        if index is not None:
            chosen[unit] = index
            break
    else:
        return ()
    lower = ["day", "hour", "minute", "second"] if "month" in chosen else ["hour", "minute", "second"]
    for unit in lower:
        index = _column_of(unit, units, numbers)
        if index is None:
            clock = next(
                (
                    i
                    for i, words in enumerate(columns)
                    if units[i] == "clock" and any(f.clock for f in date_forms(words))
                ),
                None,
            )
            if unit == "hour" and clock is not None:
                form = next(form for form in date_forms(columns[clock]) if form.clock)
                return (_joined((*chosen.values(), clock), (*chosen, form)),)
            break
        chosen[unit] = index
    return (_joined(tuple(chosen.values()), tuple(chosen)),)


def _untitled(
    columns: Sequence[Sequence[str]], units: list[str], numbers: list[Numbers | None]
) -> tuple[JoinedForm, ...]:
    """Form of columns without such titles that stand side by side: years that rise, then months that begin again with them."""
    for first in range(len(columns) - 1):
        year, month = numbers[first], numbers[first + 1]
        if not _fits(year, "year") or not _fits(month, "month") or {units[first], units[first + 1]} - {""}:
            continue
        units_found = ["year", "month"]
        day = numbers[first + 2] if first + 2 < len(columns) and not units[first + 2] else None
        for parts in ([*units_found, "day"], units_found) if _fits(day, "day") else (units_found,):
            form = _joined(tuple(range(first, first + len(parts))), tuple(parts))
            moments = moments_of_joined(columns, form)
            known = moments[np.isfinite(moments)]
            if len(known) >= 3 and (np.diff(known) > 0).all() and evenness(known) >= 0.9:
                return (form,)
    return ()


def _joined(indices: tuple[int, ...], parts: tuple[DateForm | str, ...]) -> JoinedForm:
    names = [part if isinstance(part, str) else part.name for part in parts]
    order = next((part.order for part in parts if isinstance(part, DateForm) and part.order), "")
    units = {part.step if isinstance(part, DateForm) else part for part in parts}
    step = next((unit for unit in _FINEST if unit in units), "second")
    step = {"minute": "second", "day of the year": "day"}.get(step, step)
    return JoinedForm(indices, parts, " + ".join(names), "second" if "hhmm" in units else step, order)
