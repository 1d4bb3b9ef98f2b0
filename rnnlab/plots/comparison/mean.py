"""Mean of a figure over repeats of a configuration, with the band that its runs are in, as curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from rnnlab.plots.comparison.overlay import overlaid_series
from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.chart import Chart
from rnnlab.plots.drawing.curves import Curve
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.figures import format_of, is_share, title_of, x_column
from rnnlab.runs.state import RunState

Band = Literal["std", "range"]
"""Mean ± standard deviation (of a sample, n - 1), or from the least to the greatest."""


def mean_chart(
    groups: Mapping[str, Sequence[RunState]],
    figure: str,
    *,
    band: Band = "std",
    x_axis: XAxis = "epochs",
    log_y: bool = False,
) -> Chart:
    """The mean of `figure` on validation over the runs of each named group, and the band about it.

    A curve ends where the first of its runs ended: beyond, its mean would be over other runs than before. Groups beyond the
    eighth are left out, as are runs that have nothing to draw.
    """
    curves = []
    for (name, states), (role, marker) in zip(groups.items(), STYLES, strict=False):
        held = [series for state in states if (series := overlaid_series(state, f"{figure}/validation")) is not None]
        points = mean_points([(x_column(series, x_axis), series.mean) for series in held], band)
        if points is None:
            continue
        x, mean, low, high = points
        label = f"{name}, mean of {len(held)}" if len(held) > 1 else f"{name}, 1 run"
        curves.append(Curve(label, x, mean, low, high, role=role, marker=marker))
    return Chart(
        curves=curves,
        title=title_of(figure),
        x_axis=x_axis,
        log_y=log_y,
        y_limits=(0.0, 1.0) if is_share(figure) else (0.0, math.inf),
        y_format=format_of(figure),
        empty=f"None of these runs has {title_of(figure)} to draw yet.",
    )


def repeated_over(groups: Mapping[str, Sequence[RunState]]) -> str:
    """What the runs of the groups differ in, so that a mean is over it: `seeds`, `folds`, or `seeds and folds`."""
    found = []
    for name, group, key in (("seeds", "train", "seed"), ("folds", "data", "fold")):
        values = [
            {state.started.config.get(group, {}).get(key) for state in states if state.started is not None}
            for states in groups.values()
        ]
        if any(len(each) > 1 for each in values):
            found.append(name)
    return " and ".join(found) or "runs"


def mean_points(
    curves: Sequence[tuple[Sequence[float], Sequence[float]]], band: Band = "std"
) -> tuple[list[float], list[float], list[float], list[float]] | None:
    """Places, means, low and high ends of the band, over curves that each are (x, y); None where there are none.

    The places are those of the curve that ends first, as far as all curves reach; others are interpolated between their points.
    Where a curve is not finite there is no mean: that place is left out.
    """
    curves = [(x, y) for x, y in curves if len(x)]
    if not curves:
        return None
    shortest = min(curves, key=lambda curve: curve[0][-1])
    first = max(curve[0][0] for curve in curves)
    places = [float(x) for x in shortest[0] if x >= first] or [float(shortest[0][-1])]
    # Repeats are mostly evaluated at the same steps.
    aligned = all(x == curves[0][0] for x, _ in curves) and len(places) == len(curves[0][0])
    columns = [y if aligned else _along(x, y, places) for x, y in curves]
    kept, means, low, high = [], [], [], []
    for place, values in zip(places, zip(*columns, strict=True), strict=True):
        if not all(map(math.isfinite, values)):
            continue
        mean = math.fsum(values) / len(values)
        kept.append(place)
        means.append(mean)
        if band == "range":
            low.append(min(values))
            high.append(max(values))
        else:
            spread = _deviation(values, mean)
            low.append(mean - spread)
            high.append(mean + spread)
    return kept, means, low, high


def _deviation(values: Sequence[float], mean: float) -> float:
    """The standard deviation of a sample: a fortieth of the time of `statistics.stdev`, which counts in fractions."""
    if len(values) < 2:
        return 0.0
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _along(x: Sequence[float], y: Sequence[float], places: Sequence[float]) -> Sequence[float]:
    """The curve's values at the places, which rise, on the lines between its points."""
    values = []
    after, last = 0, len(x) - 1
    for place in places:
        while after < last and x[after] < place:
            after += 1
        if after == 0 or x[after] <= place:
            values.append(y[after])
            continue
        share = (place - x[after - 1]) / (x[after] - x[after - 1])
        values.append(y[after - 1] + share * (y[after] - y[after - 1]))
    return values
