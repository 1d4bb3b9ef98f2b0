"""The sales table: read whole or refused in a sentence, one series of it, and the figures that everybody gets of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.tasks.describe.summary import summarise_split
from rnnlab.tasks.download.data_folders import MissingData
from rnnlab.tasks.encoding.encode import encode_inputs
from rnnlab.tasks.load import load
from rnnlab.tasks.published.sales import parse

DAYS, STORES, ITEMS = 500, 2, 3


def sales(day: int, store: int, item: int) -> int:
    return 10 * store + item + 3 * (day % 7)


def table() -> str:
    days = np.datetime64("2013-01-01") + np.arange(DAYS)
    rows = [
        f"{days[day]},{store},{item},{sales(day, store, item)}"
        for item in range(1, ITEMS + 1)
        for store in range(1, STORES + 1)
        for day in range(DAYS)
    ]
    return "date,store,item,sales\n" + "\n".join(rows) + "\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sales").mkdir()
    (tmp_path / "sales" / "store_sales.csv").write_text(table())
    return tmp_path


def config(root: Path, **settings: object) -> RunConfig:
    keys = {key.replace("__", "."): value for key, value in settings.items()}
    return RunConfig.from_settings({"task.name": "sales", "data.path": str(root), **keys})


def test_the_mean_is_of_all_stores_and_items_of_a_day(root: Path) -> None:
    track = load(config(root)).series
    assert track is not None
    expected = [np.mean([sales(day, s, i) for s in (1, 2) for i in (1, 2, 3)]) for day in range(DAYS)]
    assert track.truth == pytest.approx(expected)
    assert (track.labels[0], track.labels[-1]) == ("2013-01-01", "2014-05-15")


def test_one_store_and_item(root: Path) -> None:
    split = load(config(root, data__series="2:3"))
    assert split.series is not None
    assert split.series.truth.tolist() == [sales(day, 2, 3) for day in range(DAYS)]
    assert split.unit == "items a day"
    for wish in ("3:1", "1:9", "1", "all", "1:x", ""):
        with pytest.raises(ConfigError, match=r"data.series.*stores 1 to 2, items 1 to 3"):
            load(config(root, data__series=wish))


def test_a_week_that_repeats_is_forecast_without_error_by_the_week_before(root: Path) -> None:
    made = config(root)
    summary = summarise_split(load(made), made)
    assert summary.baselines["same weekday last week"] == {"train": 0.0, "validation": 0.0, "test": 0.0}
    assert summary.baselines["last value"]["test"] > 3
    assert summary.baseline_name in ("same weekday last week", "364 days ago")
    assert summary.leaks == {}
    other = summarise_split(load(config(root, data__season=5)), made)
    assert other.baselines["5 days ago"]["test"] > 1


def test_the_last_window_typed_is_read_in_its_own_unit(root: Path) -> None:
    made = config(root, data__window=7)
    split = load(made)
    summary = summarise_split(split, made)
    assert split.series is not None
    assert split.test.spans is not None
    first, asked, _ = split.test.spans[0].tolist()
    typed = ", ".join(str(value) for value in split.series.truth[first:asked])
    for text in (typed, "1 2 3 " + typed):  # only the last window of a longer past is read
        inputs, lengths = encode_inputs(summary, [text])
        assert inputs[0] == pytest.approx(split.test.inputs[0], abs=1e-5)
        assert lengths.tolist() == [7]
    with pytest.raises(UsageError, match="windows of 7"):
        encode_inputs(summary, ["1, 2, 3"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("date,", "day,", 1), "its first line is not date,store,item,sales"),
        (lambda text: text.rpartition(",")[0], "cut or damaged"),
        (lambda text: text.replace("2013-01-05,1,1,", "2013-01-05,1,x,", 1), "more than dates and whole numbers"),
        (lambda text: text.replace("2013-01-05,1,1,", "2013-13-05,1,1,", 1), "no date"),
        (lambda text: text.replace("2013-01-05,1,1,", "2013-01-04,1,1,", 1), "missing or twice"),
        (lambda text: text.rpartition("2014-05-15")[0], "missing or twice"),
        (lambda text: "", "its first line is not"),
    ],
    ids=["header", "cut", "letters", "month", "twice", "short", "empty"],
)
def test_a_damaged_table_is_refused_in_a_sentence(root: Path, change, said: str) -> None:  # type: ignore[no-untyped-def]
    path = root / "sales" / "store_sales.csv"
    path.write_text(change(table()))
    with pytest.raises(UsageError, match=said):
        load(config(root))


def test_lines_may_end_as_on_windows(root: Path) -> None:
    path = root / "sales" / "store_sales.csv"
    before = parse(path.parent)
    path.write_bytes(b"\xef\xbb\xbf" + table().replace("\n", "\r\n").encode())
    after = parse(path.parent)
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_what_is_not_here_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="rnnlab data fetch sales"):
        load(config(tmp_path))


@pytest.mark.real_data
def test_the_published_table(cache: Path) -> None:
    if "RNNLAB_DATA" not in os.environ:
        pytest.skip("needs the published data sets in RNNLAB_DATA")
    made = RunConfig.from_settings({"task.name": "sales"})
    started = time.process_time()
    split = load(made)
    assert time.process_time() - started < 5
    started = time.process_time()
    assert load(made).fingerprint() == split.fingerprint()
    assert time.process_time() - started < 0.5
    assert split.series is not None
    truth = split.series.truth
    assert (len(truth), round(truth.min(), 1), round(truth.max(), 1)) == (1826, 23.4, 89.9)
    assert (split.series.labels[0], split.series.labels[-1]) == ("2013-01-01", "2017-12-31")
    errors = {name: round(scores["test"], 2) for name, scores in summarise_split(split, made).baselines.items()}
    assert errors["last value"] == 6.75
    assert errors["same weekday last week"] == 1.80
    assert errors["364 days ago"] == 2.32
