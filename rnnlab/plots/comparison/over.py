"""A comparison's figure over the settings in which its rows differ: one that is a number, one that is not, or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnlab.config.tree import FIELDS
from rnnlab.plots.analysis import Points, box, heat_map, scatter
from rnnlab.plots.comparison.columns import short_key
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.run.figures import format_of, title_of
from rnnlab.runs.comparison import Comparison
from rnnlab.runs.event_numbers import real
from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette

LOG_FROM = 10.0
"""A setting whose greatest value is so many times its least has a logarithmic axis."""
BARRED = "mean ± std"
"""The name of points that have a bar for their deviation."""
MOST_BARS = 200
"""Points that have a bar for their deviation: of more the bars hide the points, and take a second to draw."""


def number_of(value: Any) -> float | None:
    """A setting's value as a number; of a list of one its only one; else None."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def numeric_keys(comparison: Comparison) -> list[str]:
    """The settings that differ and are a number in every row."""
    return [
        key for key in comparison.differing if all(number_of(row.settings[key]) is not None for row in comparison.rows)
    ]


def chart_over(
    comparison: Comparison, keys: Sequence[str], *, width: int, height: int, palette: Palette, figure: str = ""
) -> Lines:
    """`figure` of the validation part (the one that the rows are ranked by) over one or two of the differing settings.

    Over a number: a point a row, with its standard deviation where it stands for several seeds; where one other setting differs,
    points of its values apart. Over anything else: a box for each value. Over two settings: a heat map of the means.
    """
    figure = figure or comparison.ranked_by
    title = f"validation {title_of(figure)}"
    size: dict[str, Any] = {"width": width, "height": height, "palette": palette}
    if len(keys) == 2:
        return _map(comparison, keys[0], keys[1], figure, title, size)
    key = keys[0]
    if not is_numeric(comparison, key):
        values = scores_by_value(comparison, (key,), figure)
        return box([(names[0], scores) for names, scores in values.items()], title=title, x_name=key, **size)
    series, log_x = points_over(comparison, key, figure)
    title = f"{title} over {key}"  # not at the end of the axis, where the last value stands
    if len(series) > 1 and (spread := spread_name(comparison, figure)):
        title = f"{title}, {spread}"
    return scatter(list(series.values()), title=title, log_x=log_x, tried=True, **size)


def is_numeric(comparison: Comparison, key: str) -> bool:
    """Whether the differing setting is a number in every row."""
    return key in numeric_keys(comparison)


def parting_key(comparison: Comparison, key: str) -> str:
    """The one setting beside `key` that differs, where it has few enough values to tell them apart; else empty."""
    others = [other for other in comparison.differing if other not in (key, "data.seed")]
    return others[0] if len(others) == 1 and 2 <= len(_values(comparison, others[0])) <= len(STYLES) else ""


def spread_name(comparison: Comparison, figure: str) -> str:
    """What a point is: `BARRED` of repeats, `mean` where there are too many for bars; empty where it is one run."""
    spreads = [spread for row in comparison.rows if (spread := row.validation.get(figure)) is not None]
    if not any(spread.n > 1 for spread in spreads):
        return ""
    return BARRED if len(spreads) <= MOST_BARS else "mean"


def points_over(comparison: Comparison, key: str, figure: str) -> tuple[dict[str, Points], bool]:
    """Points of the rows: validation `figure` over the number that the setting is; and whether that axis is logarithmic.

    Where one other setting differs, points for each of its values, which are the keys; else all as one, under an empty one.
    """
    spread_of = spread_name(comparison, figure)
    by = parting_key(comparison, key)
    found: dict[str, list[tuple[float, float, float]]] = {
        text: [] for text in (_values(comparison, by) if by else [""])
    }
    for row in comparison.rows:
        x, spread = number_of(row.settings[key]), row.validation.get(figure)
        if x is not None and spread is not None:
            std = 0.0 if spread.std is None else real(spread.std)
            found[FIELDS[by].text(row.settings[by]) if by else ""].append((x, real(spread.mean), std))
    parted = [(text, sorted(points)) for text, points in found.items() if points]
    every = [x for _, points in parted for x, _, _ in points]
    log_x = bool(every) and min(every) > 0 and max(every) >= LOG_FROM * min(every)
    series = {}
    for at, (text, points) in enumerate(parted):
        xs, means, stds = ([point[index] for point in points] for index in range(3))
        role, marker = STYLES[at] if len(parted) > 1 else ("validation", "●")
        name = f"{short_key(by)} {text}" if by else spread_of
        series[text] = Points(xs, means, name, stds if spread_of == BARRED else None, role, marker)
    return series, log_x


def _map(comparison: Comparison, down: str, across: str, figure: str, title: str, size: dict[str, Any]) -> Lines:
    rows, y_labels, x_labels = means_over(comparison, down, across, figure)
    return heat_map(
        rows, x_labels, y_labels, title=title, x_name=across, y_name=down, y_format=format_of(figure), **size
    )


def means_over(
    comparison: Comparison, down: str, across: str, figure: str
) -> tuple[list[list[float | None]], list[str], list[str]]:
    """The mean of the rows' validation `figure` for each pair of values (None: not tried), and the values down and across."""
    means = {
        names: sum(scores) / len(scores)
        for names, scores in scores_by_value(comparison, (down, across), figure).items()
    }
    y_labels, x_labels = _values(comparison, down), _values(comparison, across)
    return [[means.get((y, x)) for x in x_labels] for y in y_labels], y_labels, x_labels


def _values(comparison: Comparison, key: str) -> list[str]:
    """The values of a setting, as typed: numbers in their order, before what is none."""
    values = {FIELDS[key].text(row.settings[key]): row.settings[key] for row in comparison.rows}

    def order(text: str) -> tuple[bool, float, str]:
        number = number_of(values[text])
        return number is None, number or 0.0, text

    return sorted(values, key=order)


def scores_by_value(comparison: Comparison, keys: tuple[str, ...], figure: str) -> dict[tuple[str, ...], list[float]]:
    """The scores of the rows, by the values of `keys`, in the order of these."""
    found: dict[tuple[str, ...], list[float]] = {}
    for row in comparison.rows:
        if (score := row.score(figure)) is not None:
            found.setdefault(tuple(FIELDS[key].text(row.settings[key]) for key in keys), []).append(score)
    order = _values(comparison, keys[0])
    return dict(sorted(found.items(), key=lambda item: order.index(item[0][0])))
