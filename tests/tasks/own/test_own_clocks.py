"""Clocks and counters of steps that are not even: the order of the rows, and never the value to forecast."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.tasks.own.tables import check, day, left_out, roles, settings_of, table, value

N = 120


def ticks(step: float = 0.02, jitter: float = 0.003, gap_at: int = -1) -> list[float]:
    """Times of a clock of this step, each a little early or late, with one gap perhaps."""
    drawn = random.Random(0)
    times = [0.0]
    for row in range(N - 1):
        times.append(times[-1] + step + drawn.uniform(-jitter, jitter) + (50 * step if row == gap_at else 0))
    return times


@pytest.mark.parametrize(
    "title", ["time", "Elapsed (s)", "time_s", "Time [ms]", "sensorTime", "seconds since start", "t", "Zeit", "uptime"]
)
def test_a_clock_with_jitter_is_the_order_and_not_the_value(tmp_path: Path, title: str) -> None:
    rows = [(f"{at:.3f}", value(row)) for row, at in enumerate(ticks())]
    report = check(tmp_path, table(rows, f"{title},light"))
    assert report.trainable
    assert roles(report) == {"forecast": "light"}
    assert left_out(report) == {title: "rises, as a clock does"}


def test_a_clock_with_a_gap_or_without_a_number_is_not_the_value(tmp_path: Path) -> None:
    counted = [(round(1000 + at), value(row)) for row, at in enumerate(ticks(20, 0, gap_at=40))]
    assert roles(check(tmp_path, table(counted, "millis,light"))) == {"forecast": "light"}
    rows = [("" if row % 40 == 3 else f"{at:.3f}", value(row)) for row, at in enumerate(ticks())]
    assert roles(check(tmp_path, table(rows, "time,light"))) == {"forecast": "light"}


def test_a_clock_that_stands_still_for_some_rows_is_not_the_value(tmp_path: Path) -> None:
    rows = [(row // 8, value(row), value(row + 3)) for row in range(N)]
    assert roles(check(tmp_path, table(rows, "seconds,a,b"))) == {"forecast": "a", "input": "b"}


def test_an_untitled_first_column_that_rises_by_nearly_one_step_is_said_to_be_the_clock(tmp_path: Path) -> None:
    rows = table([(f"{at:.3f}", value(row), value(row + 3)) for row, at in enumerate(ticks())])
    report = check(tmp_path, rows)
    assert roles(report) == {"forecast": "column 2", "input": "column 3"}
    assert settings_of(report, "clock") == ["data.target_column=1"]
    # A person may say otherwise, and is taken at their word.
    assert roles(check(tmp_path, rows, target_column="1"))["forecast"] == "column 1"


def test_a_serial_log_that_begins_within_a_line_forecasts_what_was_measured(tmp_path: Path) -> None:
    drawn = random.Random(1)
    lines = [f"{1020 + 20 * row + drawn.randint(-1, 1)}\t{value(row)}\t{value(row + 5)}" for row in range(N)]
    report = check(tmp_path, "\n".join(["23,1000\t49.79\t16.40", *lines]) + "\n")
    assert roles(report) == {"forecast": "column 2", "input": "column 3"}


def test_a_step_that_begins_anew_is_not_the_value_and_that_is_said(tmp_path: Path) -> None:
    rows = [(row % 40 * 10, value(row)) for row in range(N)]
    report = check(tmp_path, table(rows, "step,loss"))
    assert roles(report) == {"forecast": "loss"}
    assert left_out(report) == {"step": "rises, as a clock does, and begins anew 2 times"}
    assert [(problem.kind, problem.count) for problem in report.problems] == [("restart", 2)]


def _units(units: int = 6) -> list[tuple[object, ...]]:
    """Rows of units that run for some cycles each: unit, cycle, a measurement, and the cycles that remain."""
    lengths = [30 + 3 * unit for unit in range(units)]
    return [(f"{unit + 1}", at + 1, value(at), n - at) for unit, n in enumerate(lengths) for at in range(n)]


@pytest.mark.parametrize("header", ["unit,cycle,s1,RUL", "machine,operation,s1,left", ""])
def test_a_counter_that_begins_anew_with_each_unit_tells_series_apart(tmp_path: Path, header: str) -> None:
    report = check(tmp_path, table(_units(), header))
    unit, cycle, measured, left = header.split(",") if header else [f"column {index}" for index in range(1, 5)]
    assert roles(report) == {"forecast": measured, "input": left, "group": unit}
    assert left_out(report) == {cycle: "counts the steps of each series"}
    assert "data.series=6" in settings_of(report, "several series")
    alone = check(tmp_path, table(_units(), header), series="6")
    assert alone.trainable
    assert alone.rows == 45


def test_what_adds_up_beside_a_date_is_still_the_value(tmp_path: Path) -> None:
    drawn, total, rows = random.Random(2), 12_000, []
    for row in range(N):
        total += drawn.randint(30, 50)
        rows.append((day(row), total, value(row)))
    for title in ("total_cases", "odometer", "price", "index", "hours", "T"):
        assert roles(check(tmp_path, table([row[:2] for row in rows], f"date,{title}"))) == {
            "date": "date",
            "forecast": title,
        }
    for title in ("total_cases", "odometer", "price", "T", "operating hours"):
        assert roles(check(tmp_path, table(rows, f"date,{title},fuel")))["forecast"] == title


def test_a_value_that_rises_beside_a_clock_or_alone_is_still_the_value(tmp_path: Path) -> None:
    rows = [(f"{at:.3f}", round(20 + 0.3 * row + value(row) / 500, 3)) for row, at in enumerate(ticks())]
    assert roles(check(tmp_path, table(rows, "time,T"))) == {"forecast": "T"}
    assert roles(check(tmp_path, table(rows, "t,T"))) == {"forecast": "T"}
    assert roles(check(tmp_path, table([row[:1] for row in rows], "time"))) == {"forecast": "time"}


def test_a_time_that_goes_up_and_down_is_a_measurement(tmp_path: Path) -> None:
    rows = [(day(row), value(row), row % 7) for row in range(N)]
    assert roles(check(tmp_path, table(rows, "date,lap time,lane")))["forecast"] == "lap time"
