"""The points of a chart that are drawn: no more than a picture can show, every spike among them; and as a table."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rnnlab.plots.drawing.axes import HUGE
from rnnlab.plots.drawing.chart import Chart
from rnnlab.plots.drawing.tracks import Track, ready
from rnnlab.text import numbers
from rnnlab.text.palette import Role
from rnnlab.text.table import Cell, Column, Table

_DASHED = ("validation", "rolling")
"""Curves that stand beside another one of the same run, from which they differ without colour too."""
BUCKETS = 100
"""Parts that a long curve is cut into: of each its least and greatest point are drawn."""


@dataclass(frozen=True)
class Drawn:
    """A curve as it is drawn: the points of its line, and the low and high ends of its band at `band_x`."""

    name: str
    role: Role
    track: Track
    dashed: bool
    x: list[float]
    y: list[float]
    band_x: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)


def drawn_curves(chart: Chart, *, beyond: int = 0) -> list[Drawn]:
    """The curves of the chart that have a point to draw in the part of the x axis that is drawn, in order.

    With `beyond` so many points more at either end, as a line may lead out of sight. A curve called as one before it (`train`,
    of several runs) is called after the one that it follows.
    """
    found: list[Drawn] = []
    taken: set[str] = set()
    for curve in chart.curves:
        track = ready(curve, chart.log_y)
        if track is not None and chart.x_limits is not None:
            track = _inside(track, *chart.x_limits, beyond)
        if track is None:
            continue
        name = curve.name
        if name in taken or (curve.dotted and name == "train" and found):
            name = f"{found[-1].name if found else ''} {name}".strip()
        while name in taken:
            name += " again"
        taken.add(name)
        x, y = _thinned(track.x, track.line)
        band = (track.low, track.high)
        if curve.smoothing and len(track.x) > 1:
            band = _raw_band(chart, track)
        low, high = band
        band_x, low_kept, high_kept = ([], [], []) if low is None or high is None else _thinned_band(track, low, high)
        if low_kept == high_kept:
            band_x, low_kept, high_kept = [], [], []
        dashed = curve.name in _DASHED
        found.append(Drawn(name, curve.role, track, dashed, x, y, band_x, low_kept, high_kept))
    return found


def _inside(track: Track, low: float, high: float, beyond: int) -> Track | None:
    """The points of the track from `low` to `high` of its x axis; None where there is none."""
    first, last = bisect_left(track.x, low), bisect_right(track.x, high)
    if first == last:
        return None
    held = slice(max(0, first - beyond), last + beyond)
    lower = None if track.low is None else track.low[held]
    # One object for both says that the spread is the curve itself.
    upper = lower if track.high is track.low else None if track.high is None else track.high[held]
    return Track(track.curve, track.x[held], track.line[held], lower, upper)


def _raw_band(chart: Chart, track: Track) -> tuple[Sequence[float] | None, Sequence[float] | None]:
    """The least and greatest values that an average goes through: of the points that are drawn alone."""
    curve = track.curve
    if curve.low is None or curve.high is None:
        return None, None
    kept = {x: (low, high) for x, low, high in zip(curve.x, curve.low, curve.high, strict=True)}
    pairs = [kept.get(x, (y, y)) for x, y in zip(track.x, track.line, strict=True)]
    sound = [
        (low, high) if -HUGE < low <= high < HUGE and (low > 0 or not chart.log_y) else (y, y)
        for (low, high), y in zip(pairs, track.line, strict=True)
    ]
    return [low for low, _ in sound], [high for _, high in sound]


def _buckets(points: int) -> list[range]:
    if points <= 2 * BUCKETS:
        return [range(at, at + 1) for at in range(points)]
    edges = [at * points // BUCKETS for at in range(BUCKETS + 1)]
    return [range(a, b) for a, b in pairwise(edges)]


def _ends(bucket: range, y: Sequence[float]) -> tuple[int, int]:
    """Where in the bucket the least and the greatest value are, in order."""
    least, greatest = min(bucket, key=y.__getitem__), max(bucket, key=y.__getitem__)
    return min(least, greatest), max(least, greatest)


def _thinned(x: Sequence[float], y: Sequence[float]) -> tuple[list[float], list[float]]:
    """The first and last point, and of each bucket the least and the greatest, in order."""
    kept = {0, len(x) - 1}
    for bucket in _buckets(len(x)):
        kept.update(_ends(bucket, y))
    order = sorted(kept)
    return [float(x[at]) for at in order], [float(y[at]) for at in order]


def _thinned_band(
    track: Track, low: Sequence[float], high: Sequence[float]
) -> tuple[list[float], list[float], list[float]]:
    """The band at the last point that is drawn of each bucket, as wide as anywhere in it."""
    buckets = _buckets(len(track.x))
    return (
        [float(track.x[_ends(bucket, track.line)[1]]) for bucket in buckets],
        [float(min(low[at] for at in bucket)) for bucket in buckets],
        [float(max(high[at] for at in bucket)) for bucket in buckets],
    )


def chart_table(chart: Chart, heading: str, x_name: str, notes: Sequence[str] = ()) -> Table:
    """Every drawn number: a row for each x, a column for each curve, and two for its band."""
    columns = [Column(_key(x_name), x_name)]
    held: list[dict[float, float]] = []
    curves = drawn_curves(chart)
    for curve in curves:
        columns.append(Column(_key(curve.name), curve.name))
        held.append(dict(zip(curve.x, curve.y, strict=True)))
        for end, values in (("low", curve.low), ("high", curve.high)):
            if values:
                columns.append(Column(f"{_key(curve.name)}_{end}", end, curve.name))
                held.append(dict(zip(curve.band_x, values, strict=True)))
    rows = []
    for x in sorted({x for column in held for x in column}):
        cells = [Cell(x_text(chart, x), (x if chart.x_value is None else chart.x_value(x),))]
        for column in held:
            value = column.get(x)
            cells.append(Cell("", (None,)) if value is None else Cell(chart.y_format(value), (value,)))
        rows.append(tuple(cells))
    return Table(heading, tuple(columns), tuple(rows), tuple(notes))


def x_text(chart: Chart, x: float) -> str:
    """A place on the x axis as text: `14`, `7.52`, `1:20`."""
    if chart.x_format is not None:
        return chart.x_format(x)
    if chart.x_axis == "seconds":
        return numbers.duration(x)
    return numbers.whole(x) if x == round(x) else numbers.figure(x)


def _key(name: str) -> str:
    return name.replace(" ", "_")
