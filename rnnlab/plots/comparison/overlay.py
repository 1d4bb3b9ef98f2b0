"""Several runs on one plot: the same figure of each, in a colour and with a marker of its own."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.curves import Baseline, Curve, smooth
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.figures import SMOOTHING, format_of, is_share, title_of, weight_for, x_column
from rnnlab.runs.series import Series
from rnnlab.runs.state import RunState
from rnnlab.runs.verdict import learned_baselines
from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette, Role

BOTH_UP_TO = 3
"""Runs whose training and validation curves can be followed in one plot; of more, validation alone is drawn."""


def overlay_plot(
    runs: Sequence[tuple[str, RunState]],
    figure: str,
    *,
    width: int,
    height: int,
    palette: Palette,
    x_axis: XAxis = "epochs",
    log_y: bool = False,
    cursor: float | None = None,
) -> Lines:
    """The chart of `overlay_chart` in exactly `width` × `height` cells."""
    chart = overlay_chart(runs, figure, x_axis=x_axis, log_y=log_y)
    return chart_lines(chart, width=width, height=height, palette=palette, cursor=cursor)


def overlay_chart(
    runs: Sequence[tuple[str, RunState]], figure: str, *, x_axis: XAxis = "epochs", log_y: bool = False
) -> Chart:
    """`figure` (`loss`, or a metric) of each of the named runs: validation as a line with its marker, training dotted.

    Runs beyond the eighth are left out, as is a run that has nothing to draw.
    """
    curves = []
    named = zip(_labels([name for name, _ in runs]), (state for _, state in runs), strict=True)
    for (name, state), (role, marker) in zip(named, STYLES, strict=False):
        curves += _curve(state, f"{figure}/validation", name, x_axis, role, marker)
        if len(runs) <= BOTH_UP_TO:
            curves += _curve(state, f"{figure}/train", "train", x_axis, role, "")
    return Chart(
        curves=curves,
        title=title_of(figure),
        x_axis=x_axis,
        log_y=log_y,
        baselines=_baselines([state for _, state in runs], figure),
        y_limits=(0.0, 1.0) if is_share(figure) else (0.0, math.inf),
        y_format=format_of(figure),
        empty=f"None of these runs has {title_of(figure)} to draw yet.",
    )


def _baselines(states: Sequence[RunState], figure: str) -> list[Baseline]:
    """The baselines that are more than a constant; of runs on different data, whose scores differ, none."""
    found: dict[str, set[float]] = {}
    for state in states:
        if state.started is not None and figure == state.metric:
            for name, scores in learned_baselines(state.started.data).items():
                if "validation" in scores:
                    found.setdefault(name, set()).add(scores["validation"])
    if any(len(values) > 1 for values in found.values()):
        return []
    shown = format_of(figure)
    return [Baseline(value, f"{name} {shown(value)}") for name, (value,) in found.items()]


def _labels(names: Sequence[str]) -> list[str]:
    """The names; of many runs their numbers, which the legend has room for, where no two are alike."""
    numbers = [match[0] if (match := re.match(r"\d+", name)) else "" for name in names]
    distinct = len(set(numbers)) == len(numbers) and all(numbers)
    return numbers if len(names) > BOTH_UP_TO and distinct else list(names)


def overlaid_series(state: RunState, name: str) -> Series | None:
    """The curve called `name` as it compares with other runs' ones; None where there is nothing to draw."""
    # A weighted, smoothed or focal loss stands on a scale of its own; the plain one beside it compares.
    series = state.curves.get(f"plain_{name}") or state.curves.get(name)
    return series if series is not None and len(series) else None


def _curve(state: RunState, name: str, label: str, x_axis: XAxis, role: Role, marker: str) -> list[Curve]:
    series = overlaid_series(state, name)
    if series is None:
        return []
    # Averaged beforehand: the raw loss, faint under each average, would hide the other runs.
    values = series.mean if marker else smooth(series.mean, weight_for(len(series), SMOOTHING), series.count)
    return [Curve(label, x_column(series, x_axis), values, role=role, marker=marker, dotted=not marker)]
