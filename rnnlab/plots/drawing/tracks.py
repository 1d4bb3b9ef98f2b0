"""Curves made ready to be drawn: finite points in order, averages, and the extents of both axes."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import le

from rnnlab.plots.drawing.axes import HUGE, Scale, scale_of
from rnnlab.plots.drawing.strokes import nearest
from rnnlab.text.palette import Role

_BESIDE = 0.02
"""Share of the axis by which a curve whose points are close is read past its ends: curves end at almost the same x."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: `y` over `x`, both of one length, `x` not falling.

    `low` and `high` are the spread about each point, drawn faint. `smoothing` from 0 to below 1 is the weight of the past
    in an exponential average (bias corrected): the average is then the line, and `y` itself is drawn faint under it.
    `counts` says of how many values each `y` is the mean: a short window weighs less in the average, as the last one of a run.
    `marker` is a character set on the points, so that curves differ without colour too; a `dotted` curve is one of dots.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    role: Role = "train"
    marker: str = ""
    smoothing: float = 0.0
    dotted: bool = False
    counts: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """A dotted horizontal line at `y`."""

    y: float
    label: str


@dataclass(slots=True)
class Track:
    """A curve made ready: finite points, its average where it is smoothed, and the spread to draw under it."""

    curve: Curve
    x: Sequence[float]
    line: Sequence[float]
    low: Sequence[float] | None
    high: Sequence[float] | None

    def point_at(self, x: float, span: float) -> int | None:
        """The index of the point that is read at `x` on an axis of this extent: the nearest.

        None past an end of the curve, by more than its points are apart: evaluations are rare, and a run that ended early has
        no value where another is read.
        """
        at, points = nearest(self.x, x), self.x
        if points[0] <= x <= points[-1]:
            return at
        other = (1 if at == 0 else at - 1) if len(points) > 1 else None
        apart = abs(points[at] - (0.0 if other is None else points[other]))
        return at if abs(x - points[at]) <= max(apart, _BESIDE * span) else None


def ready(curve: Curve, log_y: bool) -> Track | None:
    """The curve's finite points in order, or None where there are none."""
    x, y = curve.x, curve.y
    least = 0 if log_y else -HUGE
    spread = curve.low is not None and curve.high is not None and not curve.smoothing
    columns: list[Sequence[float]] = [x, y]
    if spread and curve.low is not None and curve.high is not None:
        columns += [curve.low, curve.high]
    weighted = curve.smoothing > 0 and curve.counts is not None
    if weighted and curve.counts is not None:
        columns.append(curve.counts)
    if not y:
        return None
    # min and max see no nan, so that is asked first; all three run at C's speed.
    sound = all(all(map(math.isfinite, column)) for column in columns)
    if not (sound and min(x) > -HUGE and max(x) < HUGE and min(y) > least and max(y) < HUGE):
        kept = [row for row in zip(*columns, strict=True) if is_drawable(row[0], row[1], log_y)]
        columns = [list(column) for column in zip(*kept, strict=True)]
        if not columns:
            return None
        x, y = columns[0], columns[1]
    if not all(map(le, x, x[1:])):
        columns = [list(column) for column in zip(*sorted(zip(*columns, strict=True)), strict=True)]
        x, y = columns[0], columns[1]
    if spread:
        low, high = columns[2], columns[3]
        if not sound or min(min(low), min(high)) <= least or max(max(low), max(high)) >= HUGE:
            low = [v if least < v < HUGE else at for v, at in zip(low, y, strict=True)]
            high = [v if least < v < HUGE else at for v, at in zip(high, y, strict=True)]
        return Track(curve, x, y, low, high)
    if curve.smoothing > 0:
        line = smooth(y, curve.smoothing, columns[-1] if weighted else None)
        if log_y and min(line) <= 0:
            # The average of the least numbers there are is rounded to zero, which a log axis does not have.
            line = [max(value, min(y)) for value in line]
        return Track(curve, x, line, y, y)
    return Track(curve, x, y, None, None)


def smooth(values: Sequence[float], weight: float, counts: Sequence[float] | None = None) -> list[float]:
    """The exponential average of `values` with `weight` on the past, corrected for its start at zero (Kingma and Ba 2015).

    `counts`: of how many each value is the mean; one of half the median moves the average as half a value would.
    """
    if not 0 < weight < 1:
        return list(values)
    typical = statistics.median_low(counts) if counts else 1
    average, rest, averages = 0.0, 1.0, []
    for value, count in zip(values, counts or (1,) * len(values), strict=True):
        past = weight if count == typical else weight ** (count / typical)
        average = past * average + (1.0 - past) * value
        rest *= past
        averages.append(average / (1.0 - rest))
    return averages


def is_drawable(x: float, y: float, log_y: bool) -> bool:
    """Whether a point can be drawn on the axes at all."""
    return -HUGE < x < HUGE and (0 if log_y else -HUGE) < y < HUGE


def height_of(y: float, scale: Scale) -> float:
    """The value as the scale counts it: its logarithm on a logarithmic one."""
    if scale.log:
        return math.log10(y) if y > 0 else -math.inf
    return y


def extent(tracks: Sequence[Track]) -> tuple[float, float]:
    """The ends of the x axis that holds all of them."""
    return axis_ends(min(track.x[0] for track in tracks), max(track.x[-1] for track in tracks))


def axis_ends(low: float, high: float) -> tuple[float, float]:
    """The ends of an x axis from the first to the last x, or from zero where that is near; never of no extent."""
    if 0 < low <= 0.4 * high:
        low = 0.0
    if high - low <= max(abs(low), abs(high)) * 1e-9 or high - low < 1e-290:
        return (0.0, high) if high > 1e-290 else (low, low + max(1.0, abs(low)))
    return low, high


def y_scale_of(
    tracks: Sequence[Track], baselines: Sequence[Baseline], log_y: bool, limits: tuple[float, float] | None
) -> Scale:
    """The y axis that holds all curves, their spreads, and the baselines that are not too far away.

    `limits` are bounds that values cannot pass; the axis keeps to them as far as the data does.
    """
    low = min(min(min(t.line), min(t.low) if t.low is not None else math.inf) for t in tracks)
    high = max(max(max(t.line), max(t.high) if t.high is not None else -math.inf) for t in tracks)
    drawn_low, drawn_high = low, high
    for baseline in baselines:
        if is_drawable(0, baseline.y, log_y):
            # A baseline far from the curves would flatten them; it is then named in the legend only.
            wide_low, wide_high = min(low, baseline.y), max(high, baseline.y)
            if log_y or wide_high - wide_low <= 3 * (drawn_high - drawn_low) or limits is not None:
                low, high = wide_low, wide_high
    scale = scale_of(low, high, log=log_y)
    if limits is None or log_y:
        return scale
    # The bounds hold as far as the data keeps to them.
    low, high = max(scale.low, min(limits[0], low)), min(scale.high, max(limits[1], high))
    return Scale(low, high) if high > low else scale


def within(track: Track, low: float, high: float, log_y: bool) -> Track | None:
    """The track from `low` to `high` of its x axis, its lines cut at the window's edges; None where nothing of it lies there."""
    x = track.x
    first, last = bisect_left(x, low), bisect_right(x, high)
    if first == 0 and last == len(x):
        return track
    enters, leaves = 0 < first < len(x), 0 < last < len(x)
    if first == last and not (enters and leaves):
        return None

    def cut(values: Sequence[float]) -> list[float]:
        inside = list(values[first:last])
        if enters and x[first] > low:
            inside.insert(0, _between(x, values, first, low, log_y))
        if leaves and x[last - 1] < high:
            inside.append(_between(x, values, last, high, log_y))
        return inside

    line = cut(track.line)
    lower = None if track.low is None else cut(track.low)
    # One object for both says that the spread is the curve itself.
    upper = lower if track.high is track.low else None if track.high is None else cut(track.high)
    places = list(x[first:last])
    if enters and x[first] > low:
        places.insert(0, low)
    if leaves and x[last - 1] < high:
        places.append(high)
    return Track(track.curve, places, line, lower, upper)


def _between(x: Sequence[float], values: Sequence[float], after: int, at: float, log_y: bool) -> float:
    """The value at `at` on the drawn line from point `after - 1` to point `after`."""
    share = (at - x[after - 1]) / (x[after] - x[after - 1])
    first, last = values[after - 1], values[after]
    if log_y:
        return float(first ** (1 - share) * last**share)
    return first + (last - first) * share


def middle_scale(tracks: Sequence[Track], log_y: bool) -> Scale:
    """The y axis of the middle 98 % of all drawn values: a spike is then outside of it."""
    values = sorted(value for track in tracks for column in _columns(track) for value in column)
    cut = len(values) // 100
    return scale_of(values[cut], values[-1 - cut], log=log_y)


def outside(tracks: Sequence[Track], scale: Scale) -> tuple[int, float, int, float]:
    """Of the drawn points those above the scale, and the greatest; those below it, and the least."""
    above, below, greatest, least = 0, 0, -math.inf, math.inf
    for track in tracks:
        for value in track.high if track.high is not None else track.line:
            if height_of(value, scale) > scale.high:
                above, greatest = above + 1, max(greatest, value)
        for value in track.low if track.low is not None else track.line:
            if height_of(value, scale) < scale.low:
                below, least = below + 1, min(least, value)
    return above, greatest, below, least


def _columns(track: Track) -> list[Sequence[float]]:
    columns = [track.line]
    if track.low is not None and track.high is not None:
        columns += [track.low] if track.low is track.high else [track.low, track.high]
    return columns
