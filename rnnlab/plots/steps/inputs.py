"""The input as curves of its channels; of a window of a series with the forecast, and what truly followed, after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.drawing.curves import Annotation, Curve
from rnnlab.runs.step_prediction import StepPrediction
from rnnlab.text.lines import Lines
from rnnlab.text.numbers import figure
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain

_ROLES: tuple[Role, ...] = ("text", "validation", "test", "accent", "warning", "baseline")


def input_lines(
    predicted: StepPrediction,
    *,
    width: int,
    height: int,
    palette: Palette,
    cursor: int | None = None,
    channel: int | None = None,
    before: Sequence[Sequence[float]] = (),
) -> Lines:
    """Values of the channels by step, in exactly `width` × `height` cells; `channel` alone where one is given.

    `before` are the values (channels, columns) as they were before they were edited, drawn dotted.
    """
    chart = input_chart(predicted, channel=channel, before=before, labels=max(2, width // 10))
    if cursor is not None:
        mark = Annotation(float(predicted.columns[cursor] + 1), f"step {predicted.columns[cursor] + 1}")
        chart = replace(chart, annotations=[mark])
    return chart_lines(chart, width=width, height=height, palette=palette)


def input_chart(
    predicted: StepPrediction, *, channel: int | None = None, before: Sequence[Sequence[float]] = (), labels: int = 6
) -> Chart:
    """The same as numbers."""
    steps = [float(column + 1) for column in predicted.columns]
    forecast = predicted.problem == "forecasting"
    chosen = range(len(predicted.values)) if channel is None else [channel]
    curves = []
    for at in chosen:
        if at < len(before) and tuple(before[at]) != predicted.values[at]:
            curves.append(Curve("as it was", steps, list(before[at]), role="baseline", dotted=True))
        curves.append(
            Curve(channel_name(predicted, at), steps, list(predicted.values[at]), role=_ROLES[at % len(_ROLES)])
        )
    ahead = len(predicted.prediction.numbers) if forecast and 0 in chosen else 0
    if ahead:
        after = [float(predicted.steps + 1 + at) for at in range(ahead)]
        if predicted.after:
            curves.append(Curve("truth", after, list(predicted.after), role="good", marker="○"))
        curves.append(Curve("forecast", after, list(predicted.prediction.numbers), role="train", marker="◆"))
    last = float(predicted.steps + ahead)
    every = max(1, -(-int(last) // max(1, labels)))
    return Chart(
        curves=curves,
        title=predicted.unit,
        x_limits=(1.0, max(2.0, last)),
        x_labels=[(float(step), str(step)) for step in range(1, int(last) + 1, every)],
        x_name="step",
        x_format=lambda step: f"step {round(step)}",
        y_format=figure,
    )


def channel_name(predicted: StepPrediction, channel: int) -> str:
    """Name of a channel: its title in the data, else its number."""
    if channel < len(predicted.channels):
        return plain(predicted.channels[channel], 20)
    return "value" if len(predicted.values) == 1 else f"channel {channel + 1}"
