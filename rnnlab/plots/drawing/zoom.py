"""Part of the axes that a chart is drawn on: from where to where, with the spikes or without."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from rnnlab.errors import UsageError
from rnnlab.plots.drawing.axes import Scale
from rnnlab.plots.drawing.chart import Chart, y_scale_of_chart
from rnnlab.plots.drawing.points import x_text

Ends = tuple[float | None, float | None]
"""From where to where; None: up to where the values end."""


@dataclass(frozen=True)
class Part:
    """What of both axes is drawn; `without_spikes`: the y axis is that of the middle 98 % of the values."""

    x: Ends | None = None
    y: Ends | None = None
    without_spikes: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is all of both axes."""
        return self.x is None and self.y is None and not self.without_spikes


WHOLE = Part()


def parse_ends(option: str, text: str) -> Ends | None:
    """The ends of `5:20`, `5:` or `:20`; None of an empty text. Raises `UsageError` with the option's name."""
    if not text:
        return None
    low, separator, high = text.partition(":")
    try:
        ends = tuple(float(end) if end.strip() else None for end in (low, high))
    except ValueError:
        ends = ()
    known = [end for end in ends if end is not None]
    if not separator or not known or not all(map(math.isfinite, known)) or known != sorted(set(known)):
        raise UsageError(f"{option} {text!r} is no range; say LOW:HIGH, such as 5:20, or only one of them, such as 5:")
    return ends[0], ends[1]


def zoomed(chart: Chart, part: Part) -> Chart:
    """The chart on that part of its axes. Raises `UsageError` where that holds no point."""
    if part.is_whole or not chart.drawable:
        return chart
    if part.x is not None:
        low, high = _filled(part.x, *_extent(chart))
        if not any(low <= x <= high for curve in chart.curves for x in curve.x):
            first, last = (x_text(chart, end) for end in _extent(chart))
            raise UsageError(f"no point lies in that part of the x axis; the curves go from {first} to {last}")
        star = chart.star if chart.star is not None and low <= chart.star.x <= high else None
        notes = tuple(each for each in chart.annotations if low <= each.x <= high)
        chart = replace(chart, x_limits=(low, high), star=star, annotations=notes)
    chart = replace(chart, y_middle=part.without_spikes)
    scale = y_scale_of_chart(chart) if part.y is not None else None
    return chart if part.y is None or scale is None else replace(chart, y_window=_window(part.y, scale))


def part_text(chart: Chart, x_name: str, part: Part) -> str:
    """What is drawn of the axes of a chart that is zoomed: `zoomed: epoch 5 to 12, y axis from .1 to .5`."""
    parts = []
    if part.x is not None and chart.x_limits is not None:
        parts.append(f"{x_name} {x_text(chart, chart.x_limits[0])} to {x_text(chart, chart.x_limits[1])}".strip())
    if chart.y_window is not None:
        low, high = (10**end if chart.log_y else end for end in chart.y_window)
        parts.append(f"y axis from {chart.y_format(low)} to {chart.y_format(high)}")
    elif part.without_spikes:
        parts.append("y axis of the middle 98 % of the values")
    return f"zoomed: {', '.join(parts)}" if parts else ""


def _extent(chart: Chart) -> tuple[float, float]:
    ends = [end for curve in chart.curves if len(curve.x) for end in (curve.x[0], curve.x[-1])]
    return float(min(ends)), float(max(ends))


def _filled(ends: Ends, low: float, high: float) -> tuple[float, float]:
    """The ends, those that are left open where the values end; never of no extent."""
    first, last = (low if ends[0] is None else ends[0]), (high if ends[1] is None else ends[1])
    return (first, last) if last > first else (first, first + 1.0) if ends[1] is None else (last - 1.0, last)


def _window(ends: Ends, scale: Scale) -> tuple[float, float]:
    """The ends as a scale counts them. Raises `UsageError` where a logarithmic axis has no such place."""
    if scale.log and any(end is not None and end <= 0 for end in ends):
        raise UsageError("a logarithmic y axis holds values above 0 alone; give such a range, or --y linear")
    low, high = (None if end is None else math.log10(end) if scale.log else end for end in ends)
    return _filled((low, high), scale.low, scale.high)
