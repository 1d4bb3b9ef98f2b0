"""Dates with the day of the week and numbers with a decimal comma, between semicolons, tabs or bars: commas part nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from rnnlab.config import RunConfig
from rnnlab.tasks.load import load
from rnnlab.tasks.own.tables.shapes import shape_of
from tests.tasks.own.tables import check, day, notes, roles, value

N = 120
SHORT = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
LONG = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
FRENCH = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")


def comma(number: float) -> str:
    """The number as it is written in most of Europe."""
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


def excel(at: date) -> str:
    """The long date of a German spreadsheet."""
    return f"{SHORT[at.weekday()]}, {at:%d.%m.%Y}"


def long_day(at: date) -> str:
    """A date in words."""
    return f"{LONG[at.weekday()]}, {at.day}. {('Januar', 'Februar', 'März', 'April', 'Mai')[at.month - 1]} {at.year}"


def french(at: date) -> str:
    """A date with the short name of the day, as French programs write it."""
    return f"{FRENCH[at.weekday()]}., {at.day} {('janvier', 'février', 'mars', 'avril', 'mai')[at.month - 1]} {at.year}"


def american(at: date) -> str:
    """A date in words, with two commas."""
    return f"{at:%A, %B} {at.day}, {at.year}"


@pytest.mark.parametrize("sign", [";", "\t", "|"])
@pytest.mark.parametrize("written", [excel, long_day, french, american])
@pytest.mark.parametrize("unit", ["", " €"])
def test_a_date_with_the_day_of_the_week_is_one_field(
    tmp_path: Path, written: Callable[[date], str], sign: str, unit: str
) -> None:
    lines = [f"{written(day(row))}{sign}{comma(value(row) * 30)}{unit}" for row in range(N)]
    report = check(tmp_path, "\n".join([f"Datum{sign}Wert", *lines]) + "\n")
    assert report.trainable
    assert roles(report) == {"date": "Datum", "forecast": "Wert"}
    assert report.facts["dates"] == {"first": "2019-01-01", "last": "2019-04-30", "step": "1 day"}
    assert "decimal comma" in notes(report, "forecast")
    split = load(
        RunConfig.from_settings({"task.name": "own", "data.path": str(tmp_path / "own.csv"), "data.window": 4})
    )
    assert split.series is not None
    assert split.series.truth.tolist() == pytest.approx([round(value(row) * 30, 2) for row in range(N)])


@pytest.mark.parametrize("head", ["", "Export vom 3.4.2019, Werk 2\nDatum;Wert\n"])
def test_titles_are_not_needed_for_that(tmp_path: Path, head: str) -> None:
    report = check(tmp_path, head + "".join(f"{excel(day(row))};{comma(value(row))}\n" for row in range(N)))
    assert report.facts["delimiter"] == "semicolon"
    assert report.facts["dates"] == {"first": "2019-01-01", "last": "2019-04-30", "step": "1 day"}


def test_a_first_line_with_another_sign_above_a_table_with_commas_is_passed_over(tmp_path: Path) -> None:
    rows = "".join(f"{day(row)},{value(row)},{value(row + 1)}\n" for row in range(N))
    for head in ("Station; Berlin\n", "Messung A | B\n"):
        report = check(tmp_path, f"{head}date,a,b\n{rows}")
        assert roles(report) == {"date": "date", "forecast": "a", "input": "b"}


def test_words_beside_numbers_are_no_dates() -> None:
    assert [shape_of(word) for word in ("Fr, 01.01.2021", "Friday, January 1, 2021", "vendredi 1 jan 2021")] == [
        "date"
    ] * 3
    assert [shape_of(word) for word in ("do 3 or 4", "Mo, So", "Samson 1 2", "size 3, 4")] == ["text"] * 4
