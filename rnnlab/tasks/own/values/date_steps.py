"""Steps between dates: the usual one in calendar units, how even they are, and the dates that come next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.own.values.date_values import DAY, days_of, month_lengths

_TOLERANCE = 0.02
"""Share of the usual step by which a step may differ and still be one: clocks jitter, and decimal years are rounded."""
_MONTHS = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}


@dataclass(frozen=True)
class Step:
    """Usual step between dates: `months`, or `seconds`; `business`: days from Monday to Friday, the weekend left out."""

    months: int = 0
    seconds: float = 0.0
    business: bool = False

    @property
    def name(self) -> str:
        """The step in words, such as 1 hour, 3 months, 1 business day."""
        if self.business:
            return "1 business day"
        if self.months:
            unit = _MONTHS.get(self.months, "month")
            count = self.months // 12 if self.months % 12 == 0 else 1 if self.months in _MONTHS else self.months
            unit = "year" if self.months % 12 == 0 else unit
        else:
            units = ((7 * DAY, "week"), (DAY, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))
            # A spreadsheet's days and decimal years are rounded: 3,600.29 seconds are an hour.
            rounded = next((pair for pair in ((30.44 * DAY, "month"), *units) if self._counts(pair[0])), None)
            if rounded is None:
                return f"{self.seconds:,.6g} seconds"
            size, unit = rounded
            count = round(self.seconds / size)
        return f"{count:,} {unit}" + ("" if count == 1 else "s")

    def _counts(self, size: float) -> bool:
        """Whether the step is so many units of that size; one, to a thousandth, and a mean month to a hundredth."""
        times = round(self.seconds / size)
        if size == 30.44 * DAY:
            return times == 1 and abs(self.seconds - size) <= 0.01 * size
        return times > 0 and abs(self.seconds - times * size) <= (0.001 * size if times == 1 else 0.0)


def usual_step(moments: NDArray[np.float64]) -> tuple[Step, float]:
    """Usual step of the moments (seconds since 1970, in any order) and the share of steps that are it.

    Moments that are missing or repeated are passed over. Fewer than two have no step: its length is 0, the share 1.
    """
    distinct = moments if _rises(moments) else np.unique(moments[np.isfinite(moments)])
    if len(distinct) < 2:
        return Step(), 1.0
    steps = np.diff(distinct)
    middle = float(np.median(steps))
    if middle >= 27 * DAY and (found := _months(distinct)) is not None:
        return found
    if 0.9 * DAY <= middle <= 1.1 * DAY and (business := _business_days(distinct)) is not None:
        return business
    common, count = _commonest(steps)
    # Where no length stands out, as with decimal years, the middle one does.
    usual = common if count > 0.5 * len(steps) else middle
    # In place, as what follows does for a series that fills much of the memory.
    steps -= usual
    return Step(seconds=usual), float((np.abs(steps, out=steps) <= _TOLERANCE * usual).mean())


def _rises(moments: NDArray[np.float64]) -> bool:
    """Whether each moment is after the one before, and none is missing."""
    return len(moments) > 0 and bool(np.isfinite(moments[[0, -1]]).all() and (moments[1:] > moments[:-1]).all())


def _commonest(steps: NDArray[np.float64]) -> tuple[float, int]:
    """The commonest length of a step, to a millisecond, and how many steps have it; of several the shortest."""
    rounded = np.round(steps, 3)
    rounded.sort()
    begins = np.flatnonzero(np.concatenate([[True], rounded[1:] != rounded[:-1]]))
    counts = np.diff(begins, append=len(rounded))
    return float(rounded[begins[counts.argmax()]]), int(counts.max())


def evenness(moments: NDArray[np.float64]) -> float:
    """Share of the steps between the moments, in order and each once, that are the usual one.

    Calendar months, quarters and years count as even, and so do business days. 1 for fewer than two moments.
    """
    return usual_step(moments)[1]


def civil(moments: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Months since the year 0, days of the month from 1, and seconds of the day, of moments (moments,)."""
    days = np.floor(moments / DAY).astype(np.int64)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 12 * 1970
    first = days_of(months // 12, months % 12 + 1, np.ones_like(months))
    return months, days - first + 1, moments - days * DAY


def _months(distinct: NDArray[np.float64]) -> tuple[Step, float] | None:
    """Usual step in months, where the dates stand on one day of the month, or on its last."""
    months, day, second = civil(distinct)
    usual_day = int(day.max())
    lengths = month_lengths(months // 12, months % 12 + 1)
    fitting = (day == np.minimum(usual_day, lengths)) | (day == lengths)
    # Another day of the month fits no better by being earlier: the commonest decides.
    if fitting.mean() < 0.9:
        common = np.bincount(day).argmax()
        fitting = day == common
    if fitting.mean() < 0.5:
        return None
    steps, counts = np.unique(np.diff(months), return_counts=True)
    usual = int(steps[counts.argmax()])
    if usual < 1:
        return None
    even = (np.diff(months) == usual) & fitting[1:] & fitting[:-1] & (np.abs(np.diff(second)) < 7200)
    return Step(months=usual), float(even.mean())


def _business_days(distinct: NDArray[np.float64]) -> tuple[Step, float] | None:
    """Steps of one business day, where no date is on a weekend."""
    days = np.floor(distinct / DAY).astype(np.int64)
    weekday = (days + 3) % 7
    if (weekday >= 5).any() or len(distinct) < 6:
        return None
    even = np.diff(days - 2 * ((days + 3) // 7)) == 1
    return Step(seconds=DAY, business=True), float(even.mean())


def continued(last: float, step: Step, count: int, day: int = 0) -> NDArray[np.float64]:
    """The `count` moments after `last`, a step apart; `day` is the day of the month that months keep where they have it."""
    ahead = np.arange(1, count + 1)
    if step.months:
        months, first_day, second = civil(np.array([last]))
        later = months[0] + step.months * ahead
        lengths = month_lengths(later // 12, later % 12 + 1)
        keeps = np.minimum(day or int(first_day[0]), lengths)
        if not day and first_day[0] == month_lengths(months // 12, months % 12 + 1)[0] and first_day[0] < 31:
            # The 28th of February after the 31st of January was the month's last day: so are the next ones.
            keeps = lengths
        found: NDArray[np.float64] = DAY * days_of(later // 12, later % 12 + 1, keeps) + second[0]
        return found
    if step.business:
        business = np.busday_offset(np.datetime64(int(last // DAY), "D"), ahead, roll="backward").astype(np.int64)
        weekdays: NDArray[np.float64] = DAY * business.astype(np.float64) + last % DAY
        return weekdays
    evenly: NDArray[np.float64] = last + step.seconds * ahead.astype(np.float64)
    return evenly


def gaps_of(moments: Sequence[float] | NDArray[np.float64], step: Step) -> int:
    """How many steps between the moments, in order, are longer than the usual one by half."""
    usual = step.seconds or step.months * 30.44 * DAY
    return int((np.diff(np.asarray(moments)) > (3.5 if step.business else 1.5) * usual).sum()) if usual else 0
