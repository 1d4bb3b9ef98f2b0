"""Figures of a comparison over the settings in which its runs differ: points over a number, boxes over names, a map over two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnlab.config.tree import FIELDS
from rnnlab.plots.analysis import Points, tried_ticks
from rnnlab.plots.comparison.columns import short_key
from rnnlab.plots.comparison.over import (
    BARRED,
    chart_over,
    is_numeric,
    means_over,
    parting_key,
    points_over,
    scores_by_value,
    spread_name,
)
from rnnlab.plots.drawing.axes import HUGE, Scale, scale_of, ticks
from rnnlab.plots.run.figures import format_of, title_of
from rnnlab.reports.drawing.heat import HeatCell, cell_inches, draw_cells
from rnnlab.reports.drawing.style import (
    PAPER,
    colour,
    complete,
    entitle,
    label,
    marker_style,
    name_axes,
    new_axes,
    set_ticks,
    shaded,
    slug,
)
from rnnlab.reports.figures.figure import LINES, Figure
from rnnlab.runs.comparison import Comparison
from rnnlab.runs.event_numbers import real
from rnnlab.text import numbers
from rnnlab.text.sanitise import plain
from rnnlab.text.table import Cell, Column, Table, text_cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing


def over_figure(comparison: Comparison, keys: Sequence[str], *, figure: str = "", name: str = "") -> Figure | None:
    """`figure` on validation (the one that the rows are ranked by) over one or two of the settings in which the rows differ.

    None where no row has it.
    """
    figure = figure or comparison.ranked_by
    if len(keys) == 2:
        return _map_figure(comparison, keys[0], keys[1], figure, name)
    if is_numeric(comparison, keys[0]):
        return _points_figure(comparison, keys[0], figure, name)
    return _box_figure(comparison, keys[0], figure, name)


def _figure(
    comparison: Comparison,
    keys: Sequence[str],
    figure: str,
    name: str,
    draw: Any,
    table: Table,
    words: str,
    size: tuple[float, float],
) -> Figure:
    return Figure(
        name=slug(name or comparison.task, figure, "over", *keys),
        title=table.heading,
        description=plain(words),
        numbers=table,
        lines=lambda width, palette: chart_over(
            comparison, keys, width=width, height=LINES, palette=palette, figure=figure
        ),
        draw=draw,
        size=size,
    )


def _title(comparison: Comparison, keys: Sequence[str], figure: str) -> str:
    return plain(f"{comparison.task}: validation {title_of(figure)} over {' and '.join(map(short_key, keys))}")


# A number.


def _points_figure(comparison: Comparison, key: str, figure: str, name: str) -> Figure | None:
    """A point for each row; where one other setting differs, its values apart, in a column of their own."""
    series, log_x = points_over(comparison, key, figure)
    kept = {value: points for value, each in series.items() if (points := _within_reach(each)).x}
    if not kept:
        return None
    by = parting_key(comparison, key)
    spread = spread_name(comparison, figure)
    title, write, barred = _title(comparison, (key,), figure), format_of(figure), spread == BARRED
    columns = [Column(by, short_key(by), left=True)] if by else []
    columns += [Column(key, short_key(key)), Column("mean", f"validation {title_of(figure)}")]
    columns += [Column("std", "std")] if barred else []
    rows = []
    for value, each in kept.items():
        for x, y, std in zip(each.x, each.y, _stds(each), strict=True):
            cells = [text_cell(value)] if by else []
            cells += [Cell(numbers.rate(x), (x,)), Cell(write(y), (y,))]
            rows.append(tuple([*cells, Cell(write(std), (std,))] if barred else cells))
    notes = ("mean ± std over repeats (of a sample, n - 1)",) if barred else ()
    ranked = sorted(
        (y, x, each.name if by else "") for each in kept.values() for x, y in zip(each.x, each.y, strict=True)
    )
    (low, low_x, low_by), (high, high_x, high_by) = ranked[0], ranked[-1]
    words = (
        f"{len(ranked)} points. Lowest {write(low)} at {short_key(key)} {numbers.rate(low_x)}{f', {low_by}' if by else ''}; "
        f"highest {write(high)} at {numbers.rate(high_x)}{f', {high_by}' if by else ''}."
    )
    size = (6.4, 3.6)
    drawn = f"{title}, {spread}" if by and spread else title
    return _figure(
        comparison, (key,), figure, name, lambda: _draw_points(list(kept.values()), key, figure, drawn, log_x, size),
        Table(title, tuple(columns), tuple(rows), notes), words, size,
    )  # fmt: skip


def _within_reach(points: Points) -> Points:
    """The points without those that no axis holds."""
    kept = [
        row for row in zip(points.x, points.y, _stds(points), strict=True) if abs(row[0]) < HUGE and abs(row[1]) < HUGE
    ]
    x, y, deviations = ([row[at] for row in kept] for at in range(3))
    return replace(points, x=x, y=y, std=deviations if points.std is not None else None)


def _stds(points: Points) -> Sequence[float]:
    return points.std if points.std is not None else [0.0] * len(points.x)


def _draw_points(
    series: Sequence[Points], key: str, figure: str, title: str, log_x: bool, size: tuple[float, float]
) -> Drawing:
    drawing, axes = new_axes(size)
    handles: list[Any] = []
    for points in series:
        style = marker_style(points.marker, points.role, 1) | {"linestyle": "none", "color": colour(points.role)}
        if points.std is not None:
            handles.append(
                axes.errorbar(
                    points.x, points.y, yerr=points.std, capsize=3, elinewidth=1.2, label=label(points.name), **style
                )
            )
        else:
            (drawn,) = axes.plot(points.x, points.y, label=label(points.name), **style)
            handles += [drawn] if points.name else []
    x = [value for points in series for value in points.x]
    ends = [
        end
        for points in series
        for value, std in zip(points.y, _stds(points), strict=True)
        for end in (value - std, value + std)
    ]
    x_scale = scale_of(min(x), max(x), log=log_x, margin=0.06)
    y_scale = scale_of(min(ends), max(ends), margin=0.06)
    if log_x:
        axes.set_xscale("log")
    axes.set_xlim(*((10**x_scale.low, 10**x_scale.high) if log_x else (x_scale.low, x_scale.high)))
    axes.set_ylim(y_scale.low, y_scale.high)
    set_ticks(axes, "x", tried_ticks(x) or ticks(x_scale, 7))
    _complete_scores(drawing, axes, y_scale, key, figure, title, handles)
    return drawing


def _complete_scores(
    drawing: Drawing, axes: Axes, y_scale: Scale, key: str, figure: str, title: str, handles: Sequence[Any]
) -> None:
    """Ticks, grid, names and legend of axes of scores over a setting."""
    set_ticks(axes, "y", ticks(y_scale, 6))
    axes.grid(visible=True, axis="y")
    x_name = f"{short_key(key)} (logarithmic)" if axes.get_xscale() == "log" else short_key(key)
    complete(drawing, axes, title, x=x_name, y=title_of(figure), handles=handles)


# A name.


Scores = list[tuple[float, float, int]]
"""Mean, standard deviation and number of runs of each row."""


def _box_figure(comparison: Comparison, key: str, figure: str, name: str) -> Figure | None:
    found: dict[str, Scores] = {names[0]: [] for names in scores_by_value(comparison, (key,), figure)}
    for row in comparison.rows:
        spread = row.validation.get(figure)
        if spread is not None and abs(real(spread.mean)) < HUGE:
            std = 0.0 if spread.std is None else real(spread.std)
            found[FIELDS[key].text(row.settings[key])].append((real(spread.mean), std, spread.n))
    groups = [(value, sorted(scores)) for value, scores in found.items() if scores]
    if not groups:
        return None
    title, write = _title(comparison, (key,), figure), format_of(figure)
    columns = (
        Column(key, short_key(key), left=True),
        Column("mean", f"validation {title_of(figure)}"),
        Column("std", "std"),
        Column("n", "runs"),
    )
    rows = [
        (
            text_cell(value),
            Cell(write(mean), (mean,)),
            Cell(write(std) if runs > 1 else "", (std if runs > 1 else None,)),
            Cell(str(runs), (runs,)),
        )
        for value, scores in groups
        for mean, std, runs in scores
    ]
    means = [
        f"{label(value)} {write(sum(score[0] for score in scores) / len(scores))} ({len(scores)})"
        for value, scores in groups
    ]
    words = f"Mean, and of how many configurations: {', '.join(means[:12])}{' and more' if len(means) > 12 else ''}."
    notes = ("a point is a configuration: its mean ± std over repeats (of a sample, n - 1)",)
    size = (6.4, 3.6)
    return _figure(
        comparison, (key,), figure, name, lambda: _draw_boxes(groups, key, figure, title, size),
        Table(title, columns, tuple(rows), notes), words, size,
    )  # fmt: skip


def _draw_boxes(
    groups: Sequence[tuple[str, Scores]], key: str, figure: str, title: str, size: tuple[float, float]
) -> Drawing:
    """Each configuration as a point with its deviation; of several a box of quartiles, whiskers to the ends."""
    drawing, axes = new_axes(size)
    ink = {"color": colour("validation"), "linewidth": 1.2}
    several = [(at, scores) for at, (_, scores) in enumerate(groups) if len(scores) > 2]
    if several:
        axes.boxplot(
            [[score[0] for score in scores] for _, scores in several], positions=[at for at, _ in several], widths=0.45,
            whis=(0, 100), showfliers=False, patch_artist=True, manage_ticks=False,
            boxprops=ink | {"facecolor": shaded(0.12, "validation")}, medianprops={"color": PAPER.text, "linewidth": 1.6},
            whiskerprops=ink, capprops=ink,
        )  # fmt: skip
    beside = 0.36 if several else 0.0  # a bar of deviations on a box could be taken for its whisker
    points = [(at - beside, *score) for at, (_, scores) in enumerate(groups) for score in scores]
    x, y, std = ([point[index] for point in points] for index in range(3))
    bars: dict[str, Any] = {
        "marker": "o",
        "markersize": 4.5,
        "linestyle": "none",
        "color": colour("validation"),
        "zorder": 3,
    }
    handles = []
    if any(std):
        handles.append(axes.errorbar(x, y, yerr=std, capsize=3, elinewidth=1.2, label="mean ± std", **bars))
    else:
        axes.plot(x, y, **bars)
    y_scale = scale_of(
        min(a - b for a, b in zip(y, std, strict=True)), max(a + b for a, b in zip(y, std, strict=True)), margin=0.08
    )
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.set_ylim(y_scale.low, y_scale.high)
    slanted = {"rotation": 30, "ha": "right"} if sum(len(value) for value, _ in groups) > 55 else {}
    set_ticks(axes, "x", [(float(at), label(value, 20)) for at, (value, _) in enumerate(groups)], **slanted)
    _complete_scores(drawing, axes, y_scale, key, figure, title, handles)
    return drawing


# Two settings.


def _map_figure(comparison: Comparison, down: str, across: str, figure: str, name: str) -> Figure | None:
    rows, y_labels, x_labels = means_over(comparison, down, across, figure)
    finite = [value for row in rows for value in row if value is not None and abs(value) < HUGE]
    if not finite:
        return None
    title, write = _title(comparison, (down, across), figure), format_of(figure)
    low, high = min(finite), max(finite)
    columns = (
        Column(down, f"{short_key(down)} ↓ {short_key(across)} →", left=True),
        *(Column(f"{across}={text}", plain(text)) for text in x_labels),
    )
    table = Table(
        title,
        columns,
        tuple(
            (text_cell(text), *(Cell("–" if value is None else write(value), (value,)) for value in row))
            for text, row in zip(y_labels, rows, strict=True)
        ),
        ("mean of the configurations with these two values; –: not tried",),
    )

    def placed(wanted: float) -> str:
        i, j = next((i, j) for i, row in enumerate(rows) for j, value in enumerate(row) if value == wanted)
        return f"{write(wanted)} at {short_key(down)} {y_labels[i]}, {short_key(across)} {x_labels[j]}"

    words = f"{len(y_labels)} by {len(x_labels)} values. Lowest {placed(low)}; highest {placed(high)}."

    def cell(i: int, j: int) -> HeatCell:
        value = rows[i][j]
        if value is None or not abs(value) < HUGE:
            return HeatCell(0.0, "validation", "·")
        share = 0.5 if high <= low else (value - low) / (high - low)
        return HeatCell(max(0.02, share), "validation", write(value))

    wide = max(0.5, cell_inches(len(x_labels)))
    size = (min(11.0, max(4.0, 1.6 + wide * len(x_labels))), min(10.0, max(2.6, 1.5 + 0.38 * len(y_labels))))

    def draw() -> Drawing:
        drawing, axes = new_axes(size)
        draw_cells(axes, len(y_labels), len(x_labels), cell, y_labels, x_labels, square=False)
        name_axes(axes, short_key(across), short_key(down))
        entitle(drawing, title)
        return drawing

    return _figure(comparison, (down, across), figure, name, draw, table, words, size)
