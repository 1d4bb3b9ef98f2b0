"""Line chart in sentences: from where to where each curve went, where it was best, and what it has done since."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from rnnlab.plots.drawing.chart import Chart
from rnnlab.plots.drawing.points import Drawn, drawn_curves, x_text
from rnnlab.text.sanitise import plain

LEVEL = 0.02
"""Share of a curve's range within which two of its values are level."""
LONG = 0.25
"""Share of the x axis over which a curve must have been level, up to its end, to be called so."""
_MOST = 10
"""Curves, classes or cells that are described one by one."""


_X_NAMES = {"epochs": "epoch", "steps": "step", "seconds": "time"}


def x_name_of(chart: Chart) -> str:
    """What the x axis counts: `epoch`; nothing where it has labels of its own."""
    return chart.x_name or ("" if chart.x_labels is not None else _X_NAMES[chart.x_axis])


def describe_chart(chart: Chart, notes: Sequence[str] = ()) -> str:
    """A sentence for each curve, then what is marked, and the notes as sentences; of nothing drawn that sentence."""
    if not chart.drawable:
        return plain(chart.empty)
    x_name = x_name_of(chart)
    sentences = []
    curves = drawn_curves(chart)
    for curve in curves[:_MOST]:
        sentences.append(curve_sentence(curve, chart, x_name))
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
    sentences += [f"{note[:1].upper()}{note[1:]}." for note in notes]
    return plain(" ".join(sentences))


def curve_sentence(curve: Drawn, chart: Chart, x_name: str) -> str:
    """What one curve did, as in `Validation loss fell from 2.31 to .58 at epoch 9, its lowest, and has risen since, to .66`.

    A curve turns where it is furthest from where it began: at its lowest, or at its highest. Which of these is good is not said,
    as a chart may show either.
    """
    x, y, value = curve.x, curve.y, chart.y_format

    def place(at: int) -> str:
        return f"{x_name} {x_text(chart, x[at])}".strip()

    name = _subject(curve, chart)
    if len(y) == 1:
        return f"{name} is {value(y[0])} at {place(0)}, its only point."
    low, high, last = min(y), max(y), len(y) - 1
    margin = LEVEL * (high - low)
    if value(low) == value(high):
        return f"{name} stays at {value(y[0])} up to {place(last)}."
    down = y[0] - low >= high - y[0]
    turn = y.index(low if down else high)
    verb, extreme, back = ("fell", "lowest", "risen") if down else ("rose", "highest", "fallen")
    text = f"{name} {verb} from {value(y[0])} to {value(y[turn])}"
    if abs(y[last] - y[turn]) > margin and value(y[last]) != value(y[turn]):
        return f"{text} at {place(turn)}, its {extreme}, and has {back} since, to {value(y[last])} at {place(last)}."
    level = level_from(x, y, margin)
    if x[last] - x[level] >= LONG * (x[last] - x[0]) > 0:
        ends = "" if value(y[last]) == value(y[turn]) else f", at {value(y[last])} at the end"
        return f"{text} at {place(turn)}, level since {place(level)}{ends}."
    if turn == last:
        return f"{text}, its {extreme}, at {place(last)}, and was still {'falling' if down else 'rising'}."
    return f"{text} at {place(turn)}, its {extreme}, and ends level with that at {place(last)}."


def _subject(curve: Drawn, chart: Chart) -> str:
    """What a curve is called: of a part of the data with the figure, `Validation loss`; else by its name."""
    part = {"train": "Training", "validation": "Validation"}.get(curve.name)
    return f"{part} {chart.title}" if part and chart.title else curve.name


def level_from(x: Sequence[float], y: Sequence[float], margin: float) -> int:
    """Index of the first point from which on the curve stays within `margin` of its last value."""
    at = len(y) - 1
    while at > 0 and abs(y[at - 1] - y[-1]) <= margin:
        at -= 1
    return bisect_left(x, x[at])


def listed(names: Sequence[str], most: int = _MOST) -> str:
    """The names with commas, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return plain(", ".join(names[:most])) + more
