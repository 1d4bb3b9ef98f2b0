"""Numbers with a comma in them, unquoted between commas: refused where titles show it; row names as R writes them are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.tasks.load import load
from tests.tasks.own.tables import check, day, left_out, roles, table, value

N = 120


def comma(row: int, decimals: int = 1) -> str:
    """A measurement with a decimal comma."""
    return f"{value(row):.{decimals}f}".replace(".", ",")


@pytest.mark.parametrize(
    ("header", "line", "number"),
    [
        ("date,value", lambda row: f"{day(row)},{comma(row)}", "50,0"),
        ("date,value", lambda row: f"{day(row)},{comma(row, 2)}", "50,00"),
        ("date,value", lambda row: f"{day(row)},{comma(row).removesuffix(',0')}", "55,8"),
        ("date,change", lambda row: f"{day(row)},-{comma(row)}", "-50,0"),
        ("Report 3\ndate,value", lambda row: f"{day(row)},{comma(row)}", "50,0"),
        ("date,city,value", lambda row: f"{day(row)},Bonn,{comma(row)}", "50,0"),
        ("date,a,b", lambda row: f"{day(row)},{comma(row)},{comma(row + 1)}", "50,0"),
        ("price,pieces", lambda row: f"{comma(row % 40)},{row % 9}", "50,0"),
        ("time,value", lambda row: f"{row},{comma(row)}", "50,0"),
        ('"date","value"', lambda row: f'"{day(row)}",{comma(row)}', "50,0"),
    ],
)
def test_a_decimal_comma_between_commas_is_refused(tmp_path: Path, header: str, line: object, number: str) -> None:
    assert callable(line)
    report = check(tmp_path, "\n".join([header, *map(line, range(N))]) + "\n")
    assert not report.trainable
    (problem,) = report.problems
    assert problem.kind == "decimal"
    assert number in problem.message
    assert "decimal comma" in problem.message
    assert "in quotes, or part the fields with semicolons" in problem.message
    with pytest.raises(UsageError, match="more than there are titles"):
        load(RunConfig.from_settings({"task.name": "own", "data.path": str(tmp_path / "own.csv")}))


def test_a_comma_for_thousands_between_commas_is_called_so(tmp_path: Path) -> None:
    rows = [(day(row), f"{round(value(row) * 100):,}") for row in range(N)]
    (problem,) = check(tmp_path, table(rows, "date,sold")).problems
    assert "a number such as 5,000 seems to hold a comma for thousands" in problem.message


@pytest.mark.parametrize("quote", ['"', ""])
def test_names_of_rows_without_a_title_are_read_as_before(tmp_path: Path, quote: str) -> None:
    numbered = table([(f"{quote}{row + 1}{quote}", day(row), value(row)) for row in range(N)], "date,value")
    assert roles(check(tmp_path, numbered)) == {"date": "date", "forecast": "value"}
    whole = [(f"{quote}{row + 1}{quote}", round(value(row)), row * 7 % 5) for row in range(N)]
    report = check(tmp_path, table(whole, "speed,gears"))
    assert roles(report) == {"forecast": "speed", "input": "gears"}
    assert left_out(report) == {"column 1": "counts the rows"}
    dated = [(f"{quote}{day(row)}{quote}", round(value(row)), row * 7 % 5) for row in range(N)]
    assert roles(check(tmp_path, table(dated, "speed,gears"))) == {
        "date": "column 1",
        "forecast": "speed",
        "input": "gears",
    }


def test_lines_above_a_table_of_whole_numbers_are_passed_over(tmp_path: Path) -> None:
    rows = [(day(row), round(value(row)), row * 7 % 5) for row in range(N)]
    assert roles(check(tmp_path, table(rows, "Station,Berlin\ndate,speed,gears")))["forecast"] == "speed"
    four = [(day(row), round(value(row)), row * 7 % 5, row * 3 % 7) for row in range(N)]
    assert roles(check(tmp_path, table(four, "Station,Berlin")))["forecast"] == "column 2"


def test_a_delimiter_at_the_end_of_each_row_is_no_decimal_comma(tmp_path: Path) -> None:
    report = check(tmp_path, table([(day(row), round(value(row)), "") for row in range(N)], "date,value"))
    assert roles(report) == {"date": "date", "forecast": "value"}
