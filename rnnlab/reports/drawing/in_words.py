"""A figure in words: what a person who cannot see it should know of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rnnlab.plots.drawing.chart import Chart
from rnnlab.reports.drawing.points import drawn_curves, x_text
from rnnlab.text.sanitise import plain

LEVEL = 0.02
"""A curve that ends within this share of its range from where it began is said to end level."""
_MOST = 10
"""Curves, classes or cells that are described one by one."""


def chart_in_words(chart: Chart, x_name: str) -> str:
    """Where each curve begins and ends, its extremes, and what is marked."""
    sentences = []
    curves = drawn_curves(chart)
    for curve in curves[:_MOST]:
        sentences.append(_curve_in_words(curve.name, curve.x, curve.y, chart, x_name))
    if len(curves) > _MOST:
        sentences.append(f"{len(curves) - _MOST} more curves are in the table.")
    if chart.star is not None and chart.x_labels is None:
        sentences.append(f"Best evaluation: {chart.y_format(chart.star.y)} at {x_name} {x_text(chart, chart.star.x)}.")
    if chart.baselines:
        sentences.append(f"Baselines: {', '.join(each.label for each in chart.baselines)}.")
    if chart.annotations:
        noted = [f"{each.label} at {x_name} {x_text(chart, each.x)}" for each in chart.annotations[:_MOST]]
        more = f" and {len(chart.annotations) - _MOST} more" if len(chart.annotations) > _MOST else ""
        sentences.append(f"Marked: {', '.join(noted)}{more}.")
    if chart.log_y:
        sentences.append("The y axis is logarithmic.")
    return plain(" ".join(sentences))


def _curve_in_words(name: str, x: Sequence[float], y: Sequence[float], chart: Chart, x_name: str) -> str:
    value: Callable[[float], str] = chart.y_format

    def place(at: float) -> str:
        return f"{x_name} {x_text(chart, at)}".strip()

    if len(y) == 1:
        return f"{name}: {value(y[0])} at {place(x[0])}, its only point."
    low, high = min(y), max(y)
    moved = y[-1] - y[0]
    trend = "rises" if moved > 0 else "falls"
    text = f"{name}: {trend} from {value(y[0])} to {value(y[-1])} at {place(x[-1])}"
    if value(y[0]) == value(y[-1]) or abs(moved) <= LEVEL * (high - low):
        text = f"{name}: begins at {value(y[0])} and ends level with that, at {value(y[-1])}, at {place(x[-1])}"
    ends = {value(y[0]), value(y[-1])}
    extremes = [
        f"{kind} {value(found)} at {place(x[y.index(found)])}"
        for kind, found in (("lowest", low), ("highest", high))
        if value(found) not in ends
    ]
    return f"{', '.join([text, *extremes])}."


def listed(names: Sequence[str], most: int = _MOST) -> str:
    """The names with commas, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return plain(", ".join(names[:most])) + more
