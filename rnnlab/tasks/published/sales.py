"""Daily sales of 50 items in 10 stores, 2013 to 2017: the data of Kaggle's Store Item Demand Forecasting Challenge (2018)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config import ConfigError, RunConfig, UsageError
from rnnlab.runs.data_summary import DataSummary
from rnnlab.tasks.describe.naive_forecast import LAST
from rnnlab.tasks.download.filesets import files_in, find_source
from rnnlab.tasks.encoding.numbers import numbers_of
from rnnlab.tasks.published.cache import Arrays, cached
from rnnlab.tasks.splitting.normalise import as_trained
from rnnlab.tasks.splitting.types import Split
from rnnlab.tasks.splitting.windows import forecasting_split

WEEK, YEAR = 7, 364
"""Lags in days; 364 are 52 weeks, so that a weekday is compared with the same one."""
_TABLE = re.compile(r"(store_sales|train)\.csv")
_HEADER = b"date,store,item,sales"
_COLUMNS = 6
"""Year, month, day, store, item, sales."""
_VERSION = 1


def load(config: RunConfig) -> Split:
    """Split by time of the daily mean over all stores and items, or of one store's sales of one item.

    Raises `UsageError`; `MissingData` where the data set is not here.
    """
    source = find_source(TASKS["sales"], config)
    held = cached("sales", _VERSION, source, lambda: parse(source))
    table = held["sales"].astype(np.float64)  # (stores, items, days)
    stores, items = held["stores"].tolist(), held["items"].tolist()
    series, unit = _series(config.data.series, table, stores, items)
    days = held["days"].astype("datetime64[D]")
    season = config.data.season
    weekly = "same weekday last week" if season == WEEK else f"{season} days ago"
    return forecasting_split(
        TASKS["sales"],
        config,
        series[:, None],
        [str(day) for day in days],
        naive={LAST: 1, weekly: season, f"{YEAR} days ago": YEAR},
        unit=unit,
        notes=(
            f"{table.size:,} rows of {len(stores)} stores and {len(items)} items, {days[0]} to {days[-1]}, no day missing",
        ),
    )


def _series(
    wish: str, table: NDArray[np.float64], stores: list[int], items: list[int]
) -> tuple[NDArray[np.float64], str]:
    """Series (days,) that `data.series` names, and its unit."""
    if wish == "mean":
        mean: NDArray[np.float64] = table.mean(axis=(0, 1))
        return mean, "items a day, mean"
    store, _, item = wish.partition(":")
    try:
        return table[stores.index(int(store)), items.index(int(item))], "items a day"
    except ValueError:
        raise ConfigError(
            "data.series",
            wish,
            f"mean, or a store and an item such as 1:15 (stores {stores[0]} to {stores[-1]}, items {items[0]} to {items[-1]})",
        ) from None


def parse(source: Path) -> Arrays:
    """The table as arrays: `sales` (stores, items, days), `stores`, `items`, `days` since 1970. Raises `UsageError`."""
    name, data = next(files_in(source, _TABLE), ("", b""))
    where = f"{name} in {source}" if name else str(source)
    if not name:
        raise UsageError(f"{source} holds neither store_sales.csv nor train.csv; fetch the data set again")
    header, _, body = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").partition(b"\n")
    if header.strip() != _HEADER:
        raise UsageError(
            f"{where} is another table: its first line is not {_HEADER.decode()}; fetch the data set again"
        )
    # Numbers alone are left once a date's dashes are commas too: one call reads all 5 million.
    if body.translate(None, b"0123456789,-\n"):
        raise UsageError(f"{where} holds more than dates and whole numbers; fetch the data set again")
    body = body.rstrip(b"\n")
    rows = body.count(b"\n") + 1
    numbers = np.fromstring(body.replace(b"-", b",").replace(b"\n", b","), dtype=np.int64, sep=",")
    if len(numbers) != rows * _COLUMNS:
        raise UsageError(f"{where} is cut or damaged: its rows are not date, store, item and sales; fetch it again")
    return _block(numbers.reshape(rows, _COLUMNS), where)


def _block(rows: NDArray[np.int64], where: str) -> Arrays:
    year, month, day, store, item, sales = rows.T
    if not ((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year > 1900) & (year < 2200)).all():
        raise UsageError(f"{where} holds something that is no date; fetch the data set again")
    months = (year - 1970) * 12 + month - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + day - 1
    stores, store_place = np.unique(store, return_inverse=True)
    items, item_place = np.unique(item, return_inverse=True)
    first, last = int(days.min()), int(days.max())
    shape = (len(stores), len(items), last - first + 1)
    if len(rows) != np.prod(shape, dtype=np.float64):
        raise UsageError(f"{where} has days missing or twice: {len(rows):,} rows instead of {shape}; fetch it again")
    block = np.full(shape, -1, dtype=np.int32)
    block[store_place, item_place, days - first] = sales
    if (block < 0).any():
        raise UsageError(f"{where} has days missing or twice; fetch the data set again")
    return {"sales": block, "stores": stores, "items": items, "days": np.arange(first, last + 1)}


def encode(summary: DataSummary, text: str) -> NDArray[np.float32]:
    """Values (window, 1) of the last days as typed, oldest first, in the series' own unit. Raises `UsageError`."""
    values = numbers_of(text, TASKS["sales"].example)
    if len(values) < summary.longest:
        raise UsageError(
            f"these are {len(values)} days; the net was trained on windows of {summary.longest}, so type that many numbers, "
            "the last day last"
        )
    return as_trained(values[-summary.longest :], summary.scale)
