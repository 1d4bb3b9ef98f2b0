"""A table of a series: a date, a value to forecast, perhaps other columns; one step a row, or several that are averaged."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnnlab.config.data import Data
from rnnlab.tasks.own.common.findings import TOLERATED, Choice, Findings, Report
from rnnlab.tasks.own.common.limits import LARGEST
from rnnlab.tasks.own.common.source import quiet
from rnnlab.tasks.own.roles.column_roles import Roles
from rnnlab.tasks.own.roles.series_roles import warn_constant
from rnnlab.tasks.own.several_series import ONE, SUM, SeriesNames, chosen_series, note_groups
from rnnlab.tasks.own.tables.block_values import moments_in, values_in
from rnnlab.tasks.own.tables.records import Block
from rnnlab.tasks.own.tables.table import Table
from rnnlab.tasks.own.values.date_columns import moments_of_joined
from rnnlab.tasks.own.values.date_steps import Step, gaps_of, usual_step
from rnnlab.tasks.own.values.dates import DateForm
from rnnlab.tasks.own.values.filling import filled, filled_text
from rnnlab.tasks.own.values.moments import stamps
from rnnlab.tasks.own.values.numbers import NumberStyle
from rnnlab.text.numbers import percent

_WEEK = 7 * 86_400.0
"""Seconds."""


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
    moments: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """Seconds since 1970 of the steps (steps,); none where the table has no dates."""


def read_series(
    table: Table, roles: Roles, findings: Findings, *, keep: bool, to_go_on: bool = False, report: Report = quiet
) -> SeriesTable:
    """Series of the table, in the order of its dates.

    `to_go_on`: it is forecast past its last value. Rows after that, whose value is missing, are left out, and columns that
    never change stay, as the net reads them.
    """
    channels = roles.inputs
    names = tuple(table.header[index] for index in channels)
    dates = ", ".join(table.header[index] for index in roles.dates)
    findings.facts |= {
        "date_column": dates or None,
        "target_column": names[0],
        "input_columns": list(names),
    }
    most = LARGEST // (8 * (len(channels) + 1))
    # Without keeping, the check needs only the value to forecast.
    gathered = _Gathered(roles, table)
    for block in table.blocks(findings, report):
        if gathered.rows + len(block) > most:
            findings.stop(
                "large",
                f"{findings.name} has more than {most:,} rows of {len(channels)} columns; take a sample, or a part",
            )
            break
        values, moments, good = _read_block(block, table, roles, findings)
        gathered.add(values if keep else values[:, :1], moments, block, good)
    series = gathered.series(names if keep else names[:1], findings, keep, to_go_on)
    series.channels = len(channels)
    return series


def _read_block(
    block: Block, table: Table, roles: Roles, findings: Findings
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Values (rows, channels) and moments (rows,) of the rows that can be read, and which they are; the others are noted.

    Without a number to forecast a row cannot be read; in a column beside it a word that is none counts as missing.
    """
    rows = len(block)
    values = np.empty((rows, len(roles.inputs)))
    good = np.ones(rows, dtype=bool)
    for channel, index in enumerate(roles.inputs):
        words = block.columns[index]
        values[:, channel], wrong = values_in(block, index, roles.styles.get(index, NumberStyle()), roles.missing)
        for row in wrong:
            message = f"{words[row].strip()[:20]!r} in the column {table.header[index][:40]} is not a number"
            if not channel:
                findings.row("not a number", f"line {block.lines[row]}", message)
            elif good[row]:
                findings.note_at("no number", f"line {block.lines[row]}", f"{message}, and counts as missing")
        if not channel:
            good[wrong] = False
    if not roles.dates:
        return values[good], np.zeros(int(good.sum())), good
    moments = _moments(block, roles)
    undated = np.isnan(moments)
    titles = [table.header[index][:40] for index in roles.dates]
    for row in np.flatnonzero(undated & good).tolist():
        word = " ".join(block.columns[index][row].strip() for index in roles.dates)[:20]
        noun = "column" if len(titles) == 1 else "columns"
        message = f"{word!r} in the {noun} {', '.join(titles)} is not a date as the others are"
        findings.row("date", f"line {block.lines[row]}", message)
    good &= ~undated
    return values[good], moments[good], good


def _moments(block: Block, roles: Roles) -> NDArray[np.float64]:
    """Seconds since 1970 of each row, NaN where its words are no date."""
    form = roles.form
    assert form is not None
    if isinstance(form, DateForm):
        return moments_in(block, roles.dates[0], form)
    return moments_of_joined(block.columns, form)


class _Gathered:
    """Rows of a series in the order of the file."""

    def __init__(self, roles: Roles, table: Table) -> None:
        self._dated = bool(roles.dates)
        self._wish, self._given = roles.series, bool(roles.group)
        self._names = SeriesNames(roles.apart, [table.header[index] for index in roles.apart], given=self._given)
        # One growing buffer each: pieces to be joined at the end would be there twice then.
        self._values, self._moments = array("d"), array("d")
        self.rows = 0

    def add(
        self, values: NDArray[np.float64], moments: NDArray[np.float64], block: Block, good: NDArray[np.bool_]
    ) -> None:
        self._values.frombytes(values.tobytes())
        self._moments.frombytes(moments.tobytes())
        self.rows += len(values)
        self._names.add(block, good)

    def series(self, names: tuple[str, ...], findings: Findings, keep: bool, to_go_on: bool) -> SeriesTable:
        """Series in order, one step a date, no value missing; every change is noted."""
        findings.judge(self.rows)
        if findings.first_stop() or not self.rows:
            return SeriesTable(steps=self.rows, names=names)
        values, moments = np.frombuffer(self._values).reshape(self.rows, -1), np.frombuffer(self._moments)
        self._values, self._moments = array("d"), array("d")
        chosen = chosen_series(self._names, moments, self._wish, findings, dated=self._dated, given=self._given)
        if chosen.groups is not None:
            note_groups(chosen, self._wish, findings)
        if findings.first_stop():
            return SeriesTable(steps=self.rows, names=names)
        how, moments = chosen.how, chosen.moments
        if not chosen.rows.all():
            values, moments = values[chosen.rows], moments[chosen.rows]
        del chosen
        if self._dated or how != ONE:
            values, moments = _in_order(values, moments, how, findings, dated=self._dated)
        if to_go_on:
            known = int(np.flatnonzero(~np.isnan(values[:, 0])).max(initial=-1)) + 1
            values, moments = values[:known], moments[:known]
        values, moments = _whole(values, moments, names, findings)
        if not len(values):
            return SeriesTable(steps=0, names=names)
        if not to_go_on:
            values, names = _changing(values, names, findings)
        if np.ptp(values[:, 0]) == 0:
            findings.warn("constant", f"{names[0]} has the same value at every step: there is nothing to forecast")
        if self._dated and len(values) > 1:
            # With a step of months a decimal year falls on some time of the day, which nobody wrote.
            step = usual_step(moments)[0]
            first, last = _written(moments[[0, -1]], step)
            findings.facts["dates"] = {"first": first, "last": last, "step": step.name}
        return SeriesTable(
            values=values if keep else values[:0],
            labels=_labels(moments, self._dated, len(values)) if keep else [],
            names=names,
            steps=len(values),
            moments=moments if keep and self._dated else np.zeros(0),
        )


def _in_order(
    values: NDArray[np.float64], moments: NDArray[np.float64], how: str, findings: Findings, *, dated: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows sorted by date, those of one date averaged, or added up where `how` is `sum`."""
    if count := int(np.count_nonzero(moments[1:] < moments[:-1])):
        falling = (moments[1:] <= moments[:-1]).all()
        backwards = "the dates run backwards" if falling else "the dates are not in order"
        findings.warn("order", f"{backwards}: the rows were put in order", count=count)
        order = np.argsort(moments, kind="stable")
        values, moments = values[order], moments[order]
    if (moments[1:] <= moments[:-1]).any():
        distinct, first, counts = np.unique(moments, return_index=True, return_counts=True)
        put = "added up" if how == SUM else "averaged"
        choices = () if how == SUM else (Choice("each column is added up", f"data.series={SUM}"),)
        findings.warn(
            "same date",
            f"up to {int(counts.max()):,} rows stand for one {'date' if dated else 'step'}; each column was {put} over them",
            count=len(moments) - len(distinct),
            choices=choices,
        )
        if (fewer := int((counts < counts.max()).sum())) and how == SUM:
            findings.warn(
                "fewer rows", f"{fewer:,} dates have fewer rows than others: their sums are lower for that", count=fewer
            )
        present = ~np.isnan(values)
        sums = np.add.reduceat(np.where(present, values, 0.0), first, axis=0)
        found = np.add.reduceat(present.astype(np.float64), first, axis=0)
        shared = np.minimum(found, 1.0) if how == SUM else found
        values = np.divide(sums, shared, out=np.full_like(sums, np.nan), where=found > 0)
        moments = distinct
    if not dated:
        return values, moments
    step = usual_step(moments)[0]
    if wide := gaps_of(moments, step):
        wider = "1 step is" if wide == 1 else f"{wide:,} steps are"
        findings.warn(
            "gaps",
            f"{wider} wider than the usual {step.name}: dates are missing, and the net does not see that",
            count=wide,
        )
    return values, moments


def _whole(
    values: NDArray[np.float64], moments: NDArray[np.float64], names: tuple[str, ...], findings: Findings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows from the first whose value is known; a value missing later takes the one before it, never a future one."""
    unknown = np.isnan(values[:, 0])
    if unknown.all():
        findings.stop("missing", f"{findings.name} has no value in the column {names[0]}")
        return values[:0], moments[:0]
    if first := int(unknown.argmin()):
        findings.warn(
            "missing",
            f"the first {first:,} steps have no value and are left out"
            if first > 1
            else "the first step has no value and is left out",
            count=first,
        )
        values, moments = values[first:], moments[first:]
    missing = np.isnan(values)
    lost = int(missing[:, 0].sum())
    if lost > TOLERATED * len(values):
        findings.stop(
            "missing",
            f"{findings.name} has no value at {lost:,} of {len(values):,} steps in the column {names[0]}, and of the column "
            f"to forecast at most {percent(TOLERATED)} may be missing: name another with data.target_column, or fill them in "
            "the file",
        )
    elif missing.any():
        values = filled(values)
        count, leading = int(missing.sum()), int(np.isnan(values).sum())
        findings.warn("missing values", filled_text(count - leading, leading), count=count)
    return values, moments


def _changing(
    values: NDArray[np.float64], names: tuple[str, ...], findings: Findings
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The value to forecast and all columns that are not constant."""
    if values.shape[1] == 1:
        return values, names
    changing = np.fmax.reduce(values, axis=0) > np.fmin.reduce(values, axis=0)  # which pass over missing values
    changing[0] = True
    warn_constant([name for name, kept in zip(names, changing.tolist(), strict=True) if not kept], findings)
    kept = np.flatnonzero(changing)
    return values[:, kept], tuple(names[index] for index in kept.tolist())


def _written(moments: NDArray[np.float64], step: Step) -> list[str]:
    """Dates of the moments, no finer than such steps tell."""
    return stamps(moments, days=bool(step.months) or step.seconds > _WEEK, minutes=step.seconds >= 300)


def _labels(moments: NDArray[np.float64], dated: bool, steps: int) -> list[str]:
    """A step's date, with its time where there are any but midnights; its number where there are no dates."""
    if dated:
        return _written(moments, usual_step(moments)[0])
    return [str(step) for step in range(1, steps + 1)]


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
