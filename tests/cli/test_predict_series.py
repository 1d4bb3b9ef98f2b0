"""`rnnlab predict RUN FILE` of a series: the forecast past the end of the file, with its dates."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

from rnnlab.cli.main import run as rnnlab
from rnnlab.runs.folders import RunFolder
from tests.training.recorded_runs import recorded


def month(index: int) -> str:
    return f"{2010 + index // 12}-{index % 12 + 1:02d}-01"


def value(index: int) -> float:
    return round(100 + 10 * math.sin(index * math.pi / 6) + index % 3, 3)


def table(first: int, count: int) -> str:
    lines = [f"{month(i)},{value(i)},{20 + i % 5}" for i in range(first, first + count)]
    return "month,sales,temp\n" + "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    root = tmp_path_factory.mktemp("series")
    data = root / "sales.csv"
    data.write_text(table(0, 150))
    return recorded(
        root / "sessions",
        task="own",
        data__path=str(data),
        data__window=12,
        data__horizon=3,
        data__season=12,
        train__epochs=15,
    )


def forecast(
    run: RunFolder, file: Path, *arguments: str, capsys: pytest.CaptureFixture[str]
) -> list[tuple[str, float]]:
    assert rnnlab(["predict", str(run.path), str(file), "--json", *arguments]) == 0
    document = json.loads(capsys.readouterr().out)
    return [(step["date"], step["forecast"]) for step in document["forecast"]]


def test_a_forecast_goes_on_after_the_file_by_its_dates(
    sales: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new.csv"
    file.write_text(table(40, 60))
    steps = forecast(sales, file, capsys=capsys)
    assert [date for date, _ in steps] == [month(i) for i in range(100, 112)]  # the season is longer than the horizon
    assert all(80 < number < 125 for _, number in steps)
    longer = forecast(sales, file, "--ahead", "14", capsys=capsys)
    assert longer[:12] == pytest.approx(steps)
    assert longer[-1][0] == month(113)


def test_the_first_steps_are_what_the_net_says_of_the_last_window(
    sales: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new.csv"
    file.write_text(table(40, 60))
    steps = forecast(sales, file, "--ahead", "3", capsys=capsys)
    typed = "; ".join(f"{value(i)}, {20 + i % 5}" for i in range(88, 100))
    assert rnnlab(["predict", str(sales.path), typed, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)["predictions"][0]["answer"]
    assert [number for _, number in steps] == pytest.approx(answer, rel=1e-5)


def test_columns_are_found_by_their_titles_and_rows_without_a_value_are_yet_to_come(
    sales: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, other = tmp_path / "new.csv", tmp_path / "other.csv"
    file.write_text(table(0, 100))
    rows = list(csv.DictReader(table(0, 100).splitlines()))
    lines = [f"{row['temp']},x{i % 7},{row['sales']},{row['month']}" for i, row in enumerate(rows)]
    lines += [f"20,x,,{month(i)}" for i in range(100, 106)]
    other.write_text("temp,shop,sales,month\n" + "\n".join(reversed(lines)) + "\n")
    assert forecast(sales, other, capsys=capsys) == pytest.approx(forecast(sales, file, capsys=capsys))


def test_a_column_that_stands_still_goes_in_all_the_same(
    sales: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "still.csv"
    file.write_text("month,sales,temp\n" + "".join(f"{month(i)},{value(i)},21\n" for i in range(30)))
    assert [date for date, _ in forecast(sales, file, capsys=capsys)][:2] == [month(30), month(31)]


def test_a_table_that_the_net_cannot_go_on_from_is_refused_in_a_sentence(
    sales: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "short.csv"
    file.write_text(table(0, 9))
    assert rnnlab(["predict", str(sales.path), str(file)]) == 2
    assert "windows of 12" in capsys.readouterr().err
    file.write_text("month,sales\n" + "".join(f"{month(i)},{value(i)}\n" for i in range(30)))
    assert rnnlab(["predict", str(sales.path), str(file)]) == 2
    assert "temp" in capsys.readouterr().err


def test_a_forecast_is_written_as_a_table(sales: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "new.csv", tmp_path / "out.csv"
    file.write_text(table(0, 100))
    steps = forecast(sales, file, capsys=capsys)
    assert rnnlab(["predict", str(sales.path), str(file), "-o", str(out)]) == 0
    written = list(csv.reader(out.read_text().splitlines()))
    assert written[0] == ["date", "sales (forecast)"]
    assert [(date, float(number)) for date, number in written[1:]] == pytest.approx(steps)
    assert rnnlab(["predict", str(sales.path), str(file), "--ahead", "2"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == f"sales after {month(99)}, by 1 month"
    assert [line.split()[0] for line in shown[1:]] == [month(100), month(101)]


def test_one_of_several_series_goes_on_in_a_file_of_all_and_in_one_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [(shop, month(i), value(i) * factor) for shop, factor in (("Ost", 1), ("West", 10)) for i in range(80)]
    data = tmp_path / "shops.csv"
    data.write_text("shop,month,sales\n" + "".join(f"{shop},{date},{number:.3f}\n" for shop, date, number in rows))
    run = recorded(
        tmp_path / "sessions", task="own", data__path=str(data), data__series="West", data__window=12, train__epochs=2
    )
    of_all = forecast(run, data, "--ahead", "2", capsys=capsys)
    assert [date for date, _ in of_all] == [month(80), month(81)]
    alone = tmp_path / "west.csv"
    alone.write_text(
        "month,sales\n" + "".join(f"{date},{number:.3f}\n" for shop, date, number in rows if shop == "West")
    )
    assert forecast(run, alone, "--ahead", "2", capsys=capsys) == of_all
    east = tmp_path / "east.csv"
    east.write_text(
        "Shop,month,sales\n" + "".join(f"{shop},{date},{n:.3f}\n" for shop, date, n in rows if shop == "Ost")
    )
    assert rnnlab(["predict", str(run.path), str(east)]) != 0
    assert "holds no series 'West', which data.series names; Shop: 1 series, Ost" in capsys.readouterr().err
