"""Figures of curves: loss and metric of one run, of several on the same axes, and the mean over seeds with its band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rnnlab.plots.comparison.mean import Band, mean_chart, repeated_over
from rnnlab.plots.comparison.overlay import overlay_chart
from rnnlab.plots.describe.charts import describe_chart, listed, x_name_of
from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.points import chart_table, x_text
from rnnlab.plots.drawing.run_styles import STYLES
from rnnlab.plots.drawing.zoom import WHOLE, Part, part_text, zoomed
from rnnlab.plots.run.figures import (
    LEAKING,
    figure_title,
    is_range_test,
    loss_chart,
    metric_chart,
    title_of,
    wants_log,
)
from rnnlab.reports.drawing.line_chart import draw_chart
from rnnlab.reports.drawing.style import slug
from rnnlab.reports.figures.figure import LINES, Figure
from rnnlab.runs.state import RunState
from rnnlab.text.sanitise import plain


def chart_figure(
    chart: Chart,
    name: str,
    title: str,
    *,
    size: tuple[float, float] = (6.4, 3.6),
    notes: Sequence[str] = (),
    part: Part = WHOLE,
) -> Figure | None:
    """The chart as a figure, on that `part` of its axes, which its title and a note then say; None of nothing to draw.

    Raises `UsageError` where no point lies there.
    """
    if not chart.drawable:
        return None
    chart, x_name = zoomed(chart, part), x_name_of(chart)
    if of := part_text(chart, x_name, part):
        title, notes = f"{title} ({of})", [of, *notes]
    marks = [f"baseline: {each.label}" for each in chart.baselines]
    if chart.star is not None and chart.x_labels is None:
        marks.append(f"★ {chart.y_format(chart.star.y)} at {x_name} {x_text(chart, chart.star.x)}")
    marks += [f"{each.label} at {x_name} {x_text(chart, each.x)}" for each in chart.annotations]
    return Figure(
        name=name,
        title=plain(title),
        description=describe_chart(chart, notes),
        numbers=chart_table(chart, title, x_name or "step", [*notes, *marks]),
        lines=lambda width, palette: chart_lines(chart, width=width, height=LINES, palette=palette),
        draw=lambda: draw_chart(chart, plain(title), size),
        size=size,
    )


def loss_figure(
    state: RunState, name: str, *, x_axis: XAxis = "epochs", log_y: bool | None = None, part: Part = WHOLE
) -> Figure | None:
    """Training and validation loss of the run called `name`; of a test of learning rates the loss over them.

    `log_y`: whether that axis is logarithmic; None: where the values need it.
    """
    log_y = (wants_log(state) if log_y is None else log_y) and not is_range_test(state)
    chart = loss_chart(state, x_axis=x_axis, log_y=log_y)
    over = " over the learning rate" if is_range_test(state) else ""
    return chart_figure(
        chart, slug("loss", name), f"{name}: {figure_title(state, 'loss')}{over}", notes=_notes([state]), part=part
    )


def metric_figure(
    state: RunState,
    name: str,
    *,
    metric: str = "",
    x_axis: XAxis = "epochs",
    log_y: bool | None = None,
    part: Part = WHOLE,
) -> Figure | None:
    """The run's metric, or another of its figures by name, on the training and validation parts."""
    metric = metric or state.metric
    if not metric:
        return None
    log_y = wants_log(state, metric) if log_y is None else log_y
    chart = metric_chart(state, metric=metric, x_axis=x_axis, log_y=log_y)
    return chart_figure(chart, slug(metric, name), f"{name}: {title_of(metric)}", notes=_notes([state]), part=part)


def overlay_figure(
    runs: Sequence[tuple[str, RunState]],
    figure: str,
    *,
    name: str = "",
    x_axis: XAxis = "epochs",
    log_y: bool | None = None,
    part: Part = WHOLE,
    more: int = 0,
) -> Figure | None:
    """`figure` (`loss`, or a metric) of up to eight named runs on the same axes; validation as lines, training dotted.

    `more` runs were left out already.
    """
    log_y = any(wants_log(state, figure) for _, state in runs) if log_y is None else log_y
    chart = overlay_chart(runs, figure, x_axis=x_axis, log_y=log_y)
    title = f"{title_of(figure)} of {len(runs[: len(STYLES)])} runs, validation"
    notes = _notes([state for _, state in runs]) + _left_out(max(0, len(runs) - len(STYLES)) + more, "run")
    return chart_figure(chart, slug(name or "overlay", figure), title, notes=notes, size=(6.4, 4.2), part=part)


def mean_figure(
    groups: Mapping[str, Sequence[RunState]],
    figure: str,
    *,
    name: str = "",
    band: Band = "std",
    x_axis: XAxis = "epochs",
    log_y: bool | None = None,
    part: Part = WHOLE,
    more: int = 0,
    uncounted: Sequence[str] = (),
) -> Figure | None:
    """`figure` on validation of each named group of repeats: the mean as a line, and a band about it.

    `band`: `std`, ± the standard deviation of a sample, or `range`, from the least to the greatest. `more` groups were left out
    already, and the runs `uncounted` as without a result.
    """
    if log_y is None:
        log_y = any(wants_log(state, figure) for states in groups.values() for state in states)
    chart = mean_chart(groups, figure, band=band, x_axis=x_axis, log_y=log_y)
    what = "± standard deviation (of a sample, n - 1)" if band == "std" else "from the least to the greatest"
    title = f"{title_of(figure)}, validation: mean over {repeated_over(groups)}, band {what}"
    notes = _notes([state for states in groups.values() for state in states])
    if uncounted:
        notes.append(f"not counted, as without a result: {listed(uncounted)}")
    notes += ["a curve ends where the first of its runs ended"] + _left_out(
        max(0, len(groups) - len(STYLES)) + max(0, more), "configuration"
    )
    return chart_figure(chart, slug(name or "mean", figure), title, notes=notes, size=(6.4, 4.2), part=part)


def _notes(states: Sequence[RunState]) -> list[str]:
    """What makes the figures doubtful."""
    return [LEAKING] if any(state.leaks for state in states) else []


def _left_out(count: int, noun: str) -> list[str]:
    return [f"{count} {noun}{'' if count == 1 else 's'} more left out"] if count > 0 else []
