"""Horizontal bars: how many rows each class has, how lengths are distributed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.plots.drawing.axes import HUGE, labels, nice_step
from rnnlab.text import numbers
from rnnlab.text.bar import bar_text
from rnnlab.text.lines import Lines, fit, sentence
from rnnlab.text.palette import Palette, Role


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a name, a value of at least zero, and a note after it."""

    label: str
    value: float
    note: str = ""


def bars(
    entries: Sequence[Bar],
    *,
    width: int,
    height: int,
    palette: Palette,
    role: Role = "train",
    first: int = 0,
    empty: str = "Nothing to count.",
) -> Lines:
    """A row each, in exactly `width` × `height` cells; where they do not fit, those from `first` on and how many more."""
    if width <= 0 or height <= 0:
        return []
    if not entries:
        return sentence(empty, width, height, palette.style("muted"))
    rows = height if len(entries) <= height else max(1, height - 1)
    first = min(max(0, first), len(entries) - rows) if len(entries) > rows else 0
    shown = entries[first : first + rows]
    names = min(max(cell_len(fit(e.label, 24).rstrip()) for e in entries), max(3, width // 3))
    values = [numbers.whole(e.value) if e.value == round_or(e.value) else numbers.figure(e.value) for e in entries]
    digits = max(map(len, values))
    notes = max((cell_len(fit(e.note, 16).rstrip()) + 2 for e in entries if e.note), default=0)
    room = width - names - digits - notes - 2
    if room < 4:
        notes, room = 0, width - names - digits - 2
    largest = max((e.value for e in entries if math.isfinite(e.value)), default=0.0)
    lines: Lines = []
    for entry, value in zip(shown, values[first:], strict=False):
        share = entry.value / largest if largest > 0 and math.isfinite(entry.value) else 0.0
        line = [Segment(fit(entry.label, names) + " ", palette.style("text"))]
        if room > 0:
            line.append(Segment(bar_text(share, room), palette.style(role)))
        line.append(Segment(" " + fit(value, digits, "right"), palette.style("text")))
        if notes:
            line.append(Segment(fit("  " + entry.note if entry.note else "", notes), palette.style("muted")))
        lines.append(Segment.adjust_line_length(line, width))
    if len(entries) > rows and height > rows:
        more = f"{first + 1}–{first + rows} of {len(entries)}, +{len(entries) - rows} more"
        lines.append([Segment(fit(more, width), palette.style("muted", italic=True))])
    while len(lines) < height:
        lines.append([Segment(" " * width)])
    return lines


def histogram(
    values: Sequence[float],
    *,
    width: int,
    height: int,
    palette: Palette,
    role: Role = "train",
    empty: str = "Nothing to count.",
) -> Lines:
    """How often values fall in each of at most `height` round intervals."""
    finite = [value for value in values if -HUGE < value < HUGE]
    if not finite or width <= 0 or height <= 0:
        return sentence(empty, width, height, palette.style("muted")) if width > 0 and height > 0 else []
    low, high = min(finite), max(finite)
    step = nice_step((high - low) or 1.0, max(1, height - 1))
    if all(value == round_or(value) for value in finite):
        step = max(1.0, step)
    start = math.floor(low / step) if math.isfinite(low / step) else 0
    counts: dict[int, int] = {}
    for value in finite:
        index = min(height - 1, max(0, math.floor(value / step) - start)) if math.isfinite(value / step) else 0
        counts[index] = counts.get(index, 0) + 1
    indices = range(max(counts) + 1)
    edges = labels([(start + index) * step for index in indices], step)
    entries = [Bar(edge, counts.get(index, 0)) for index, edge in zip(indices, edges, strict=True)]
    return bars(entries, width=width, height=height, palette=palette, role=role)


def round_or(value: float) -> float:
    """The nearest whole number; a value that is not finite as it is."""
    return round(value) if math.isfinite(value) else value
