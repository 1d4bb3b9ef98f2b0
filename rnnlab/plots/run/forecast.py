"""A forecast over the truth: one step ahead, rolling from its own predictions, and beside both the naive ones."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Literal

from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.curves import Curve
from rnnlab.runs.event_numbers import Number, real
from rnnlab.runs.events import Forecast
from rnnlab.text.lines import Lines, sentence
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain

Naive = Literal["best", "all", "none"]

_TICK = 14
"""Cells that a date and the air about it take."""


def forecast_plot(
    forecast: Forecast | None,
    *,
    width: int,
    height: int,
    palette: Palette,
    title: str = "",
    first: int = 0,
    cursor: float | None = None,
    naive: Naive = "best",
    empty: str = "The forecast is drawn from the first evaluation on.",
) -> Lines:
    """The forecast over the truth in exactly `width` × `height` cells, from step `first` on; the axis has dates.

    As many steps as can be distinguished are drawn (`steps_in`). `naive`: which naive forecasts are drawn too, dotted: the
    best, all, none.
    """
    if width <= 0 or height <= 0:
        return []
    if forecast is None or not forecast.truth:
        return sentence(empty, width, height, palette.style("muted"))
    shown = steps_in(width, len(forecast.truth))
    chart = forecast_chart(
        forecast, first=first, shown=shown, labels=max(2, width // _TICK), title=title, naive=naive, empty=empty
    )
    return chart_lines(chart, width=width, height=height, palette=palette, cursor=cursor)


def forecast_chart(
    forecast: Forecast,
    *,
    first: int = 0,
    shown: int | None = None,
    labels: int = 6,
    title: str = "",
    naive: Naive = "best",
    empty: str = "",
) -> Chart:
    """The forecast over the truth, `shown` steps from step `first` on; the axis has at most so many labels, of dates."""
    shown = len(forecast.truth) if shown is None else shown
    first = min(max(0, first), len(forecast.truth) - shown)
    names = [name for name in forecast_errors(forecast) if name in forecast.baselines]
    names = names[: {"best": 1, "all": len(names), "none": 0}[naive]]
    rows = [(name, forecast.baselines[name], "") for name in names]
    rows += [("truth", forecast.truth, ""), ("rolling", forecast.rolling, "▴"), ("one step", forecast.one_step, "◆")]
    return Chart(
        curves=[_curve(name, values, first, shown, marker) for name, values, marker in rows if values],
        title=title,
        x_limits=(float(first), float(max(first + 1, first + shown - 1))),
        x_labels=date_labels(forecast, labels, first, shown),
        x_format=lambda step: label_of(forecast, step),
        x_value=lambda step: label_of(forecast, step),
        empty=empty,
    )


def steps_in(width: int, steps: int) -> int:
    """How many of so many steps are drawn in `width` cells: two dots each, and never less than four weeks of days."""
    return min(steps, max(28, width - 6))


def forecast_errors(forecast: Forecast) -> dict[str, float]:
    """The mean absolute error of each forecast over the steps shown, best first; what never has a finite one is left out."""
    rows = {"one step ahead": forecast.one_step, "rolling": forecast.rolling, **forecast.baselines}
    errors = {}
    for name, values in rows.items():
        missed = [abs(real(a) - real(b)) for a, b in zip(values, forecast.truth, strict=False)]
        missed = [error for error in missed if math.isfinite(error)]
        if missed:
            errors[name] = sum(error / len(missed) for error in missed)
    return dict(sorted(errors.items(), key=lambda item: item[1]))


def label_of(forecast: Forecast, step: float) -> str:
    """What the step is called: a day between the first and the last, else its number."""
    days = _days(forecast)
    steps = len(forecast.truth)
    at = round(step)
    if days is None or steps < 2:
        return str(at)
    first, last = days
    return (first + (last - first) * (at / (steps - 1))).date().isoformat()


def date_labels(forecast: Forecast, most: int, first: int = 0, shown: int | None = None) -> list[tuple[float, str]]:
    """At most `most` tick labels on the axis of the steps from `first` on: position and label."""
    steps = len(forecast.truth)
    shown = steps if shown is None else shown
    if _days(forecast) is None and (first or shown < steps or not forecast.first):
        spacing = max(1, math.ceil(shown / most))
        return [(float(step), str(step + 1)) for step in range(first, first + shown, spacing)]
    if _days(forecast) is None:
        # Names that are no dates show where it begins and where it ends.
        ends = [(0.0, plain(forecast.first, 20)), (float(steps - 1), plain(forecast.last, 20))]
        return [(step, name) for step, name in ends if name]
    spacing = max(1, math.ceil((shown - 1) / max(1, most - 1)))
    # Whole weeks, where that is a day or two more: the same weekday at each label.
    spacing = -(-spacing // 7) * 7 if spacing > 4 else spacing
    return [(float(step), label_of(forecast, step)) for step in range(first, first + shown, spacing)]


def _days(forecast: Forecast) -> tuple[dt.datetime, dt.datetime] | None:
    """The first and the last day, where the steps have dates."""
    try:
        first, last = dt.datetime.fromisoformat(forecast.first), dt.datetime.fromisoformat(forecast.last)
        return (first, last) if last >= first else None
    except (ValueError, TypeError):
        # TypeError: one of them has a time zone, the other none.
        return None


_ROLES: dict[str, Role] = {"truth": "text", "one step": "train", "rolling": "validation"}


def _curve(name: str, values: Sequence[Number], first: int, shown: int, marker: str) -> Curve:
    """A part of a curve over the steps; naive forecasts are dotted, a marker makes it differ without colour too."""
    part = [real(value) for value in values[first : first + shown]]
    return Curve(
        name,
        [float(first + step) for step in range(len(part))],
        part,
        role=_ROLES.get(name, "baseline"),
        marker=marker,
        dotted=name not in _ROLES,
    )
