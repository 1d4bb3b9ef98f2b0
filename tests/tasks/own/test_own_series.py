"""Tables of a series to forecast."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import RunConfig, UsageError
from rnnlab.config.data import Data
from rnnlab.tasks.describe.profile import data_card
from rnnlab.tasks.load import load
from rnnlab.tasks.own.check import CheckReport, check_file
from rnnlab.tasks.own.common.findings import Findings
from rnnlab.tasks.own.series import check_windows
from rnnlab.tasks.own.values.filling import filled
from rnnlab.tasks.splitting.types import SUBSET_NAMES, Split

DAYS = [date(2020, 1, 1) + timedelta(days=n) for n in range(200)]
VALUES = [round(10 + (n % 7) + 0.5 * (n % 3), 1) for n in range(200)]


def config(path: Path, **settings: object) -> RunConfig:
    chosen = {"task.name": "own", "data.path": str(path), "data.window": 14}
    return RunConfig.from_settings(chosen | {f"data.{name}": value for name, value in settings.items()})


def write(folder: Path, lines: list[str]) -> Path:
    path = folder / "series.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def loaded(folder: Path, lines: list[str], **settings: object) -> Split:
    return load(config(write(folder, lines), **settings))


def checked(folder: Path, lines: list[str], **settings: object) -> CheckReport:
    chosen: dict[str, object] = {"data.window": 14} | {f"data.{name}": value for name, value in settings.items()}
    return check_file(write(folder, lines), chosen)


def truth(split: Split) -> list[float]:
    assert split.series is not None
    return [round(value, 6) for value in split.series.truth.tolist()]


@pytest.mark.parametrize(
    ("header", "form", "point"),
    [
        ("date,sales", "{0:%Y-%m-%d},{1}", "."),
        ("Datum;Umsatz", "{0:%d.%m.%Y};{1}", ","),
        ("", "{0:%m/%d/%Y}\t{1}", "."),
        ("ds,y", "{0:%Y-%m-%d} 00:00:00,{1}", "."),
        ("when,how much", "{0:%Y%m%d},{1}", "."),
    ],
)
def test_however_it_is_written_the_series_is_the_same(tmp_path: Path, header: str, form: str, point: str) -> None:
    rows = [form.format(day, str(value).replace(".", point)) for day, value in zip(DAYS, VALUES, strict=True)]
    split = loaded(tmp_path, ([header] if header else []) + rows)
    assert split.card.problem == "forecasting"
    assert split.card.metric == "mae"
    assert split.split_kind == "time"
    assert truth(split) == VALUES
    assert split.series is not None
    assert split.series.labels[:2] == ("2020-01-01", "2020-01-02")
    assert split.train.inputs.shape[1:] == (14, 1)


def test_the_future_is_tested_and_nothing_of_it_scales_the_past(tmp_path: Path) -> None:
    rows = [
        f"{day},{value if n < 150 else value * 1000}" for n, (day, value) in enumerate(zip(DAYS, VALUES, strict=True))
    ]
    split = loaded(tmp_path, ["date,value", *rows], test=0.2, validation=0.1)
    assert split.series is not None
    assert split.train.spans is not None
    assert split.test.spans is not None
    assert split.train.spans[:, 2].max() <= split.series.validation
    assert split.test.spans[:, 1].min() >= split.series.test
    assert split.scale["input_offset_0"] == pytest.approx(np.mean(VALUES[:140]))


def test_other_columns_go_in_and_constant_ones_do_not(tmp_path: Path) -> None:
    rows = [f"{day},{value},{n % 5},7" for n, (day, value) in enumerate(zip(DAYS, VALUES, strict=True))]
    split = loaded(tmp_path, ["date,value,weather,store", *rows])
    assert split.input_size == 2
    assert any("never change are left out: store" in note for note in split.notes)
    alone = loaded(tmp_path, ["date,value,weather,store", *rows], input_column="value")
    assert alone.input_size == 1
    other = loaded(tmp_path, ["date,value,weather,store", *rows], target_column="weather", input_column="weather")
    assert truth(other)[:6] == [0, 1, 2, 3, 4, 0]


def test_numbers_without_dates_are_a_series_in_the_order_of_the_file(tmp_path: Path) -> None:
    split = loaded(tmp_path, [str(value) for value in VALUES])
    assert truth(split) == VALUES
    assert split.series is not None
    assert split.series.labels[0] == "1"


def test_backwards_gaps_and_several_rows_a_date_are_put_right_and_said(tmp_path: Path) -> None:
    rows = [f"{day},{value + shift}" for day, value in zip(DAYS, VALUES, strict=True) for shift in (-1, 1)]
    del rows[100:104]
    report = checked(tmp_path, ["date,value", *reversed(rows)], series="mean")
    assert report.trainable
    assert [problem.kind for problem in report.problems] == ["order", "same date", "gaps"]
    assert report.rows == 198
    split = loaded(tmp_path, ["date,value", *reversed(rows)], series="mean")
    assert truth(split) == VALUES[:50] + VALUES[52:]


def test_a_missing_value_takes_the_one_before_it_never_one_of_the_future(tmp_path: Path) -> None:
    words = [str(value) for value in VALUES]
    words[0] = words[1] = "NA"
    words[20] = ""
    report = checked(tmp_path, ["date,value", *(f"{day},{word}" for day, word in zip(DAYS, words, strict=True))])
    assert report.trainable
    assert {problem.kind: problem.count for problem in report.problems} == {"missing": 2, "missing values": 1}
    split = loaded(tmp_path, ["date,value", *(f"{day},{word}" for day, word in zip(DAYS, words, strict=True))])
    assert truth(split)[:3] == VALUES[2:5]
    assert truth(split)[18] == VALUES[19]


def test_lines_that_are_no_numbers_or_dates_are_named(tmp_path: Path) -> None:
    rows = [f"{day},{value}" for day, value in zip(DAYS, VALUES, strict=True)]
    rows[10], rows[11], rows[12] = "2020-01-11,ten", "someday,12", "2020-01-13"
    report = checked(tmp_path, ["date,value", *rows])
    assert report.trainable
    assert {problem.kind: problem.where for problem in report.problems} == {
        "not a number": "line 12",
        "date": "line 13",
        "ragged": "line 14",
        "gaps": "",
    }


def test_a_word_beside_the_value_to_forecast_counts_as_missing_and_no_step_is_lost(tmp_path: Path) -> None:
    def lines(word: str) -> list[str]:
        pizza = [word if row % 16 == 3 else str(row % 9) for row in range(len(DAYS))]
        return ["week,sales,pizza", *map(",".join, zip(map(str, DAYS), map(str, VALUES), pizza, strict=True))]

    report = checked(tmp_path, lines("<1"))
    assert report.trainable
    assert report.rows == len(DAYS)
    found = {problem.kind: problem for problem in report.problems}
    assert set(found) == {"no number", "missing values"}
    assert (found["no number"].count, found["no number"].where, found["no number"].rows) == (13, "line 5", False)
    assert found["no number"].places[0][1] == "'<1' in the column pizza is not a number, and counts as missing"
    assert found["missing values"].count == 13
    read, empty = loaded(tmp_path, lines("<1")), loaded(tmp_path, lines(""))
    assert truth(read) == truth(empty)
    assert all((read.subset(name).inputs == empty.subset(name).inputs).all() for name in SUBSET_NAMES)


def test_a_table_of_one_row_is_said_to_hold_one(tmp_path: Path) -> None:
    for lines in (["text,label", "hello world,pos"], ["date,value", "2020-01-01,3.5"], ["a,b,c,label", "1,2,3,x"]):
        for settings in ({}, {"kind": "series"}, {"kind": "text"}):
            reason = checked(tmp_path, lines, **settings).reason
            assert reason.endswith("series.csv holds one row, and there is nothing to learn from one alone")
    again = ["date,value", "2020-01-01,3.5", "2020-01-01,4.5"]
    assert "the series has 1 step, too few" in checked(tmp_path, again, window=1, series="mean").reason
    assert "dates" not in checked(tmp_path, again, window=1, series="mean").facts


@pytest.mark.parametrize(
    ("lines", "settings", "words"),
    [
        (
            ["date,value", *(f"{day},{n}" for n, day in enumerate(DAYS[:12]))],
            {},
            "too few for a train part with data.window = 14",
        ),
        (["date,value", *(f"{day},x" for day in DAYS)], {"kind": "series"}, "no column of numbers to forecast"),
        (
            ["date,value", *(f"{day},{n}" for n, day in enumerate(DAYS))],
            {"split": "random"},
            "does not suit a series to forecast; choose one of distinct, time",
        ),
        (
            ["date,value", *(f"{day},{'' if n % 2 else n}" for n, day in enumerate(DAYS))],
            {},
            "no value at 100 of 200 steps",
        ),
        (
            ["date,value", *(f"{day},{n}" for n, day in enumerate(DAYS))],
            {"target_column": "price"},
            "no column 'price'",
        ),
    ],
)
def test_what_cannot_be_forecast_is_refused_alike_by_check_and_train(
    tmp_path: Path, lines: list[str], settings: dict[str, object], words: str
) -> None:
    report = checked(tmp_path, lines, **settings)
    assert not report.trainable
    assert words in report.reason
    with pytest.raises(UsageError) as refusal:
        loaded(tmp_path, lines, **settings)
    assert str(refusal.value) == report.reason


def test_a_wide_table_without_dates_is_doubted(tmp_path: Path) -> None:
    rows = [",".join(str((n * k) % 11) for k in range(1, 41)) for n in range(1, 200)]
    assert next(problem.kind for problem in checked(tmp_path, rows).problems) == "wide"


def test_windows_that_would_not_fit_are_refused_with_what_would(tmp_path: Path) -> None:
    rows = [f"{moment},{n % 7},{n % 5},{n % 3},{n % 2}" for n, moment in enumerate(moments(40_000))]
    report = checked(tmp_path, ["date,value,a,b,c", *rows], window=10_000)
    assert "40,000 steps of 4 columns" in report.reason
    assert "take 6.0 GiB, of at most 2" in report.reason

    def said(window: int, stride: int) -> str:
        findings = Findings("own.csv")
        check_windows(findings, 40_000, 4, Data(window=window, stride=stride))
        stop = findings.first_stop()
        return stop.message if stop else ""

    assert said(4_000, 1).endswith("raise data.stride, or make data.window smaller")
    assert not said(4_000, 40)
    # Validation and test are cut at every step, whatever the stride.
    assert said(20_000, 10_000).endswith("make data.window smaller, or take a part")


def test_dates_without_one_value_are_a_series_without_values(tmp_path: Path) -> None:
    report = checked(tmp_path, ["date,value", *(f"{day},NaN" for day in DAYS)])
    assert report.kind == "series"
    assert report.reason.endswith("series.csv has no column of numbers to forecast")


def test_a_card_names_the_split_that_was_made(tmp_path: Path) -> None:
    path = write(tmp_path, ["date,value", *(f"{day},{value}" for day, value in zip(DAYS, VALUES, strict=True))])
    assert data_card(config(path))["split"] == "time"


def test_one_of_a_thing_is_said_as_one(tmp_path: Path) -> None:
    rows = [f"{day},{'' if n in (0, 30) else value}" for n, (day, value) in enumerate(zip(DAYS, VALUES, strict=True))]
    del rows[100]
    assert {problem.message for problem in checked(tmp_path, ["date,value", *rows]).problems} == {
        "the first step has no value and is left out",
        "a missing value took the one before it",
        "1 step is wider than the usual 1 day: dates are missing, and the net does not see that",
    }


def moments(count: int) -> list[str]:
    return [f"{datetime(2020, 1, 1) + timedelta(minutes=n):%Y-%m-%d %H:%M}" for n in range(count)]


def test_a_series_cannot_be_read_as_classes(tmp_path: Path) -> None:
    lines = ["date,sales", *(f"{day},{value}" for day, value in zip(DAYS, VALUES, strict=True))]
    assert checked(tmp_path, lines).trainable
    assert "data.problem = classes does not suit" in checked(tmp_path, lines, problem="classes").reason
    with pytest.raises(UsageError, match="set it to auto"):
        loaded(tmp_path, lines, problem="classes")


def test_a_long_gap_is_filled_from_before_it_wherever_it_lies_in_the_file() -> None:
    values = np.arange(200_000.0).reshape(-1, 2)
    values[65_000:66_000, 0] = np.nan  # across the pieces that are filled at a time
    values[65_536, 1] = np.nan
    values[:3, 1] = np.nan
    found = filled(values)
    assert (found[65_000:66_000, 0] == values[64_999, 0]).all()
    assert found[65_536, 1] == values[65_535, 1]
    assert np.isnan(found[:3, 1]).all()
    known = ~np.isnan(values)
    assert (found[known] == values[known]).all()


def test_a_stretch_of_a_file_without_a_row_that_can_be_read_is_said(tmp_path: Path) -> None:
    lines = ["date,value"]
    for n in range(80_000):
        lines.append(
            f"{datetime(2020, 1, 1) + timedelta(minutes=n)},{'broken' if 20_000 <= n < 60_000 else n * 7 % 10}"
        )
    report = checked(tmp_path, lines, kind="series", target_column="value")
    assert not report.trainable
    assert "'broken' in the column value is not a number" in " ".join(report.reason.split())
