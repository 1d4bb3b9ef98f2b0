"""A table of a series: a date, a value to forecast, perhaps other columns; one step a row, or several that are averaged."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rnnlab.config.data import Data
from rnnlab.tasks.own.columns import dates_of, value_columns
from rnnlab.tasks.own.findings import TOLERATED, Findings, Report
from rnnlab.tasks.own.limits import LARGEST
from rnnlab.tasks.own.sequences import filled, filled_text
from rnnlab.tasks.own.source import quiet
from rnnlab.tasks.own.table import Table
from rnnlab.tasks.own.words import DateReader, number_of

MOST_STEPS = 5_000_000
_LONGEST_LABEL = 64
_WIDE = 20
"""Minimum number of numeric columns at which a table without dates is hardly a series."""
_EPOCH = datetime(1970, 1, 1)


@dataclass
class SeriesTable:
    """Series as read: `values` (steps, channels), the forecast channel first, and a label for each step.

    Without keeping, `values` is empty and only `steps` is known.
    """

    values: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 1)))
    labels: list[str] = field(default_factory=list)
    names: tuple[str, ...] = ()
    steps: int = 0
    channels: int = 1
    """Input columns, constant ones included."""


def read_series(
    table: Table,
    input_column: str | None,
    target_column: str | None,
    findings: Findings,
    *,
    keep: bool,
    report: Report = quiet,
) -> SeriesTable:
    """Series of the table, in the order of its dates. Raises `Refusal` where the columns are not found."""
    dated = dates_of(table)
    target, channels = value_columns(table, dated[0] if dated else None, input_column, target_column, findings.name)
    names = tuple(table.header[index] for index in channels)
    findings.facts |= {
        "date_column": table.header[dated[0]] if dated else None,
        "target_column": table.header[target],
        "input_columns": list(names),
    }
    if dated is None and len(channels) >= _WIDE:
        findings.warn(
            "wide",
            f"{findings.name} has {len(channels):,} columns of numbers and no dates: each row was taken for a step of one "
            "series; if a row is a whole sequence, save the rows as X_train with their labels as y_train in an .npz file",
        )
    most = min(MOST_STEPS, LARGEST // (8 * len(channels)))
    # Without keeping, the check needs only the value to forecast.
    gathered = _Gathered(len(channels) if keep else 1, dated is not None)
    moment_of = _moments(dated[1]) if dated else None
    for number, fields in table.rows(findings, report):
        if gathered.rows >= most:
            findings.stop(
                "large",
                f"{findings.name} has more than {most:,} rows of {len(channels)} columns; take a sample, or a part",
            )
            break
        row = _numbers(fields, channels, table, findings, f"line {number}")
        if row is None:
            continue
        if dated is None or moment_of is None:
            gathered.add(row if keep else row[:1], 0.0)
            continue
        word = fields[dated[0]]
        moment = moment_of(word) if len(word) < _LONGEST_LABEL else None
        if moment is None:
            message = (
                f"{word.strip()[:20]!r} in the column {table.header[dated[0]][:40]} is not a date as the others are"
            )
            findings.row("date", f"line {number}", message)
            continue
        gathered.add(row if keep else row[:1], moment)
    series = gathered.series(names if keep else names[:1], findings, keep)
    series.channels = len(channels)
    return series


def _numbers(
    fields: list[str], channels: tuple[int, ...], table: Table, findings: Findings, where: str
) -> list[float] | None:
    """Values of one row, NaN where one is missing; None, and noted, where one is not a number."""
    values = []
    for index in channels:
        value = number_of(fields[index], table.decimal_comma)
        if value is None:
            message = f"{fields[index].strip()[:20]!r} in the column {table.header[index][:40]} is not a number"
            findings.row("not a number", where, message)
            return None
        values.append(value)
    return values


def _moments(reader: DateReader) -> Callable[[str], float | None]:
    """Function from a date to seconds since 1970; a repeated date is parsed once."""

    @lru_cache(maxsize=4096)
    def moment_of(word: str) -> float | None:
        date = reader(word)
        return None if date is None else (date - _EPOCH).total_seconds()

    return moment_of


class _Gathered:
    """Rows of a series in the order of the file."""

    def __init__(self, channels: int, dated: bool) -> None:
        self._channels = channels
        self._dated = dated
        self._values = array("d")
        self._moments = array("d")
        self.rows = 0

    def add(self, row: list[float], moment: float) -> None:
        self._values.extend(row)
        self._moments.append(moment)
        self.rows += 1

    def series(self, names: tuple[str, ...], findings: Findings, keep: bool) -> SeriesTable:
        """Series in order, one step a date, no value missing; every change is noted."""
        findings.judge(self.rows)
        if findings.first_stop() or not self.rows:
            return SeriesTable(steps=self.rows, names=names)
        values = np.frombuffer(self._values, dtype=np.float64).reshape(self.rows, self._channels)
        moments = np.frombuffer(self._moments, dtype=np.float64)
        if self._dated:
            values, moments = _in_order(values, moments, findings)
        values, moments = _whole(values, moments, names, findings)
        if not len(values):
            return SeriesTable(steps=0, names=names)
        values, names = _changing(values, names, findings)
        if np.ptp(values[:, 0]) == 0:
            findings.warn("constant", f"{names[0]} has the same value at every step: there is nothing to forecast")
        return SeriesTable(
            values=values if keep else values[:0],
            labels=_labels(moments, self._dated, len(values)) if keep else [],
            names=names,
            steps=len(values),
        )


def _in_order(
    values: NDArray[np.float64], moments: NDArray[np.float64], findings: Findings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows sorted by date, those of one date averaged."""
    steps = np.diff(moments)
    if (steps < 0).any():
        backwards = "the dates run backwards" if (steps <= 0).all() else "the dates are not in order"
        findings.warn("order", f"{backwards}: the rows were put in order", count=int((steps < 0).sum()))
        order = np.argsort(moments, kind="stable")
        values, moments = values[order], moments[order]
    distinct, first, counts = np.unique(moments, return_index=True, return_counts=True)
    if len(distinct) < len(moments):
        findings.warn(
            "same date",
            f"up to {int(counts.max()):,} rows stand for one date, as where a file holds several series; each column was "
            "averaged over them",
            count=len(moments) - len(distinct),
        )
        present = ~np.isnan(values)
        sums = np.add.reduceat(np.where(present, values, 0.0), first, axis=0)
        found = np.add.reduceat(present.astype(np.float64), first, axis=0)
        values = np.divide(sums, found, out=np.full_like(sums, np.nan), where=found > 0)
        moments = distinct
    gaps = np.diff(moments)
    if len(gaps):
        usual = float(np.median(gaps))
        wide = int((gaps > 1.5 * usual).sum())
        if wide:
            wider = "1 step is" if wide == 1 else f"{wide:,} steps are"
            findings.warn(
                "gaps",
                f"{wider} wider than the usual {_duration(usual)}: dates are missing, and the net does not see that",
                count=wide,
            )
    return values, moments


def _whole(
    values: NDArray[np.float64], moments: NDArray[np.float64], names: tuple[str, ...], findings: Findings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows from the first whose value is known; a value missing later takes the one before it, never a future one."""
    known = np.flatnonzero(~np.isnan(values[:, 0]))
    if not len(known):
        findings.stop("missing", f"{findings.name} has no value in the column {names[0]}")
        return values[:0], moments[:0]
    if known[0]:
        findings.warn(
            "missing",
            f"the first {int(known[0]):,} steps have no value and are left out"
            if known[0] > 1
            else "the first step has no value and is left out",
            count=int(known[0]),
        )
        values, moments = values[known[0] :], moments[known[0] :]
    missing = np.isnan(values)
    lost = int(missing[:, 0].sum())
    if lost > TOLERATED * len(values):
        findings.stop(
            "missing", f"{findings.name} has no value at {lost:,} of {len(values):,} steps in the column {names[0]}"
        )
    elif missing.any():
        count = int(missing.sum())
        findings.warn("missing values", filled_text(count), count=count)
    return filled(values), moments


def _changing(
    values: NDArray[np.float64], names: tuple[str, ...], findings: Findings
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The value to forecast and all columns that are not constant."""
    changing = np.ptp(values, axis=0) > 0
    changing[0] = True
    if not changing.all():
        left = [name[:40] for name, kept in zip(names, changing.tolist(), strict=True) if not kept]
        some = ", ".join(left[:8]) + (", …" if len(left) > 8 else "")
        findings.warn("constant column", f"columns that never change are left out: {some}", count=len(left))
    kept = np.flatnonzero(changing)
    return values[:, kept], tuple(names[index] for index in kept.tolist())


def _duration(seconds: float) -> str:
    unit, length = next(
        (pair for pair in (("day", 86400.0), ("hour", 3600.0), ("minute", 60.0)) if seconds >= pair[1]), ("second", 1.0)
    )
    count = f"{seconds / length:.4g}"
    return f"{count} {unit}" + ("" if count == "1" else "s")


def _labels(moments: NDArray[np.float64], dated: bool, steps: int) -> list[str]:
    """A step's date, with its time where there are any but midnights; its number where there are no dates."""
    if not dated:
        return [str(step) for step in range(1, steps + 1)]
    unit = "D" if not (moments % 86400).any() else "m" if not (moments % 60).any() else "s"
    stamps = moments.astype(np.int64).astype("datetime64[s]").astype(f"datetime64[{unit}]")
    return [stamp.replace("T", " ") for stamp in np.datetime_as_string(stamps).tolist()]


def check_windows(findings: Findings, steps: int, channels: int, data: Data) -> None:
    """Notes a stop where all windows together would not fit in memory.

    Training windows begin every `data.stride` steps, the others at each.
    """
    held = data.validation + data.test
    one = data.window * channels * 4
    kept = steps * held * one
    size = kept + steps * (1 - held) / data.stride * one
    if size > LARGEST:
        remedy = (
            "raise data.stride, or make data.window smaller"
            if kept < LARGEST / 2
            else "make data.window smaller, or take a part"
        )
        findings.stop(
            "large",
            f"{findings.name} has {steps:,} steps of {channels} columns: cut into windows of {data.window:,} they would take "
            f"{size / 2**30:,.1f} GiB, of at most {LARGEST // 2**30}; {remedy}",
        )
