"""The plots of a run: its state, read as curves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from rnnlab.config.objectives import loss_title
from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.curves import Annotation, Baseline, Curve, Star
from rnnlab.runs.current import waiting_text
from rnnlab.runs.event_numbers import real
from rnnlab.runs.lr_range import RangeTest
from rnnlab.runs.series import Series
from rnnlab.runs.state import AppliedCommand, Best, RunState
from rnnlab.runs.verdict import BELOW_BASELINE
from rnnlab.text import numbers
from rnnlab.text.lines import Lines
from rnnlab.text.palette import Palette

SMOOTHING = 0.9
"""The weight of the past when smoothing is on."""

_TITLES = {
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "macro_f1": "macro F1",
    "top2_accuracy": "top-2 accuracy",
    "top5_accuracy": "top-5 accuracy",
    "r2": "R²",
    "smape": "sMAPE, 0 to 2",
}
"""Titles, where they are not the metric's own."""
SECONDARY = ("top2_accuracy", "top5_accuracy", "r2", "smape")
"""Metrics that stand in the table of all figures alone: where each figure is a column there is no room for them."""
LEAKING = "⚠ leaking split"
"""What stands beside every figure of a run whose training has seen rows of the other parts."""


def is_share(metric: str) -> bool:
    """Whether a metric is a share of one: accuracy, of all or of one kind of step, and what is like it."""
    return metric.startswith("accuracy") or metric in (
        "macro_f1",
        "balanced_accuracy",
        "top2_accuracy",
        "top5_accuracy",
    )


def title_of(metric: str) -> str:
    """A metric's title: its name with blanks, or a longer one."""
    if metric.startswith("accuracy_"):
        return f"accuracy, {metric.removeprefix('accuracy_')}"
    return _TITLES.get(metric, metric.replace("_", " "))


def figure_title(state: RunState, figure: str) -> str:
    """As `title_of`, of one run's figure: its loss by its kind, as `weighted loss`."""
    if figure != "loss" or state.started is None:
        return title_of(figure)
    config, problem = state.started.config, state.started.data.problem

    def value_of(key: str) -> object:
        group, _, name = key.partition(".")
        # Class weights are those of whole sequences' classes.
        return None if group == "data" and problem != "classification" else config.get(group, {}).get(name)

    return loss_title(value_of) if "classification" in problem else "loss"


def format_of(metric: str) -> Callable[[float], str]:
    """How a metric's values are written: .823 for shares, three significant digits for others."""
    return (lambda value: numbers.probability(value, 3)) if is_share(metric) else numbers.figure


def baselines_of(state: RunState) -> dict[str, dict[str, float]]:
    """The baselines' scores, by name and split, the simplest first."""
    if state.started is None:
        return {}
    data = state.started.data
    first = {data.baseline_name or "baseline": data.baseline} if data.baseline else {}
    return first | {name: scores for name, scores in data.baselines.items() if name not in first}


def wants_log(state: RunState, figure: str = "loss") -> bool:
    """Whether a figure spans so much that only a logarithmic axis shows it all."""
    names = (f"{figure}/train", f"{figure}/validation")
    values = [value for name in names if (series := state.curves.get(name)) for value in series.mean]
    return bool(values) and min(values) > 0 and max(values) > 30 * min(values)


def weight_for(points: int, smoothing: float) -> float:
    """The smoothing weight for a curve of so many points: at most `smoothing`, less where there are few.

    The average then spans at most a fortieth of the curve and does not lag behind it.
    """
    return min(smoothing, max(0.0, 1.0 - 40.0 / max(1, points)))


def loss_plot(
    state: RunState,
    *,
    width: int,
    height: int,
    palette: Palette,
    x_axis: XAxis = "epochs",
    log_y: bool = False,
    smoothing: float = SMOOTHING,
    cursor: float | None = None,
    title: str | None = None,
) -> Lines:
    """The chart of `loss_chart` in exactly `width` × `height` cells."""
    chart = loss_chart(state, x_axis=x_axis, log_y=log_y, smoothing=smoothing, title=title)
    return chart_lines(chart, width=width, height=height, palette=palette, cursor=cursor)


def loss_chart(
    state: RunState,
    *,
    x_axis: XAxis = "epochs",
    log_y: bool = False,
    smoothing: float = SMOOTHING,
    title: str | None = None,
) -> Chart:
    """Training loss, its spread faint, and validation loss with its markers; ★ where validation was best.

    Of a test of learning rates the chart of `rates_chart`.
    """
    title = figure_title(state, "loss") if title is None else title
    if is_range_test(state):
        return rates_chart(state, title=title)
    curves = [
        curve
        for curve in (
            _curve(state, "loss/train", "train", x_axis, smoothing),
            _curve(state, "loss/validation", "validation", x_axis),
        )
        if curve
    ]
    best = state.best
    star = Star(_x_of(best, x_axis, _per_epoch(state)), real(best.metrics.get("loss", "nan"))) if best else None
    return Chart(
        curves=curves,
        title=title,
        x_axis=x_axis,
        log_y=log_y,
        annotations=_annotations(state, x_axis),
        star=star,
        empty=_empty(state, "The loss is drawn from the first updates on."),
    )


def is_range_test(state: RunState) -> bool:
    """Whether the run tries ever larger rates, so that its loss is drawn over them."""
    return "loss/tried" in state.curves


def is_starred(state: RunState) -> bool:
    """Whether the plots of loss and metric have a ★: at the best evaluation, where it is a number."""
    if state.best is None or is_range_test(state):
        return False
    return any(math.isfinite(real(state.best.metrics.get(name, "nan"))) for name in ("loss", state.metric))


def rates_plot(state: RunState, *, width: int, height: int, palette: Palette, title: str = "loss") -> Lines:
    """The chart of `rates_chart` in exactly `width` × `height` cells."""
    return chart_lines(rates_chart(state, title=title), width=width, height=height, palette=palette)


def rates_chart(state: RunState, *, title: str = "loss") -> Chart:
    """The chart of `tried_rates_chart` of a run that is a test of learning rates."""
    return tried_rates_chart(state.curves["lr/tried"].mean, state.curves["loss/tried"].mean, title=title)


def tried_rates_chart(rates: Sequence[float], losses: Sequence[float], *, title: str = "loss") -> Chart:
    """The loss over the logarithm of the rate, single updates faint under their average; ★ the rate suggested."""
    test = RangeTest()
    test.add(rates, losses)
    exponents = [math.log10(rate) for rate in test.rates]
    advice = test.advice()
    star, annotations = None, []
    if advice is not None:
        at = min(range(len(exponents)), key=lambda i: abs(exponents[i] - math.log10(advice.suggested)))
        star = Star(exponents[at], test.losses[at])
        annotations = [Annotation(exponents[at], f"try {advice.suggested:g}")]
    first, last = math.floor(exponents[0]), math.ceil(exponents[-1])
    # What blows up at the end would flatten all that matters.
    shown = [min(loss, 2.0 * max(test.losses[: max(1, len(test.losses) // 2)])) for loss in losses[: len(exponents)]]
    return Chart(
        curves=[
            Curve("updates", exponents, shown, role="muted"),
            Curve("average", exponents, test.losses, role="train"),
        ],
        title=f"{title} over the learning rate" if title else "",
        x_labels=[(float(power), f"1e{power}") for power in range(first, last + 1)],
        x_name="learning rate",
        x_format=lambda exponent: numbers.rate(10**exponent),
        x_value=lambda exponent: 10**exponent,
        annotations=annotations,
        star=star,
    )


def metric_plot(
    state: RunState,
    *,
    width: int,
    height: int,
    palette: Palette,
    metric: str = "",
    x_axis: XAxis = "epochs",
    log_y: bool = False,
    cursor: float | None = None,
    title: str | None = None,
) -> Lines:
    """The chart of `metric_chart` in exactly `width` × `height` cells."""
    chart = metric_chart(state, metric=metric, x_axis=x_axis, log_y=log_y, title=title)
    return chart_lines(chart, width=width, height=height, palette=palette, cursor=cursor)


def metric_chart(
    state: RunState,
    *,
    metric: str = "",
    x_axis: XAxis = "epochs",
    log_y: bool = False,
    title: str | None = None,
) -> Chart:
    """The task's metric on training and validation rows, over the baselines' scores."""
    metric = metric or state.metric
    curves = [
        curve
        for curve in (
            _curve(state, f"{metric}/train", "train", x_axis),
            _curve(state, f"{metric}/validation", "validation", x_axis),
        )
        if curve
    ]
    baselines = []
    if metric == state.metric:
        baselines = [
            Baseline(scores["validation"], f"{name} {format_of(metric)(scores['validation'])}")
            for name, scores in baselines_of(state).items()
            if "validation" in scores
        ]
    best = state.best
    star = Star(_x_of(best, x_axis, _per_epoch(state)), real(best.metrics.get(metric, "nan"))) if best else None
    return Chart(
        curves=curves,
        title=title_of(metric) if title is None else title,
        x_axis=x_axis,
        log_y=log_y,
        baselines=baselines,
        annotations=_annotations(state, x_axis),
        star=star,
        y_limits=(0.0, 1.0) if is_share(metric) else (0.0, math.inf),
        y_format=format_of(metric),
        empty=_empty(
            state,
            "A test of learning rates: nothing is evaluated, and no weights are kept."
            if is_range_test(state)
            else "Drawn from the first evaluation on, at the end of the first epoch.",
        ),
    )


def x_column(series: Series, x_axis: XAxis) -> Sequence[float]:
    """The column of a series that an x axis shows."""
    if x_axis == "steps":
        return series.step
    return series.epoch if x_axis == "epochs" else series.seconds


def command_label(command: AppliedCommand) -> str:
    """The label of a command on a plot: `lr ×2`, `pause`."""
    if command.command == "rollback" and command.value is not None:
        return f"back to epoch {command.value:g}"
    if command.command != "set":
        return command.command
    name = command.key.partition(".")[2] or command.key
    if command.key != "optim.lr":
        return f"{name} {value_text(command.value)}"
    return f"{name} {numbers.factor(command.before, command.value)}".rstrip()


def value_text(value: float | None) -> str:
    """The value that a live setting was given."""
    return "none" if value is None else numbers.rate(value)


def _curve(
    state: RunState, name: str, role: str, x_axis: XAxis, smoothing: float = 0.0, label: str | None = None
) -> Curve | None:
    series = state.curves.get(name)
    if series is None or not len(series):
        return None
    return Curve(
        role if label is None else label,
        x_column(series, x_axis),
        series.mean,
        series.low,
        series.high,
        role="validation" if role == "validation" else "train",
        marker="◆" if role == "validation" else "",
        smoothing=weight_for(len(series), smoothing),
        counts=series.count,
    )


def _x_of(best: Best, x_axis: XAxis, per_epoch: int) -> float:
    if x_axis == "seconds":
        return best.seconds
    if x_axis == "steps" or not per_epoch:
        return float(best.step)
    return best.step / per_epoch


def _per_epoch(state: RunState) -> int:
    return state.started.steps_per_epoch if state.started else 0


def _annotations(state: RunState, x_axis: XAxis) -> list[Annotation]:
    """Commands and diagnoses, where they took effect."""
    x_of: dict[XAxis, Callable[[AppliedCommand], float]] = {
        "steps": lambda command: command.step,
        "epochs": lambda command: command.epoch,
        "seconds": lambda command: command.seconds,
    }
    annotations = [
        Annotation(x_of[x_axis](command), command_label(command))
        for command in state.applied_commands
        if not command.error and command.command != "resume"
    ]
    if x_axis != "seconds":  # which a diagnosis does not have
        per_epoch = _per_epoch(state)
        annotations += [
            Annotation(
                noticed.step / per_epoch if x_axis == "epochs" and per_epoch else noticed.step, noticed.kind, "⚠"
            )
            for noticed in state.diagnoses
            if noticed.kind not in _OF_THE_END
        ]
    return annotations


_OF_THE_END = (BELOW_BASELINE, "")
"""Diagnoses of the best weights at the end, which belong to no moment of the run."""


def _empty(state: RunState, waiting: str) -> str:
    if state.ended and not is_range_test(state):
        return "The run ended before there was anything to draw."
    text = waiting_text(state.status)
    return f"{text[:1].upper()}{text[1:]}." if text else waiting
