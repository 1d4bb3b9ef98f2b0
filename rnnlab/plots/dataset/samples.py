"""Rows of a data set: text as text, measurements as small curves, a series as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.plots.drawing.curves import Annotation, Curve, plot
from rnnlab.plots.run.forecast import date_labels
from rnnlab.runs.events import Forecast
from rnnlab.text.lines import Line, Lines, fit, padded
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import heading
from rnnlab.text.sparkline import sparkline

_MOST = 24
"""Samples that are shown."""
_CURVE = 12
"""Cells of a small curve at least."""
_FEW = 12
"""Steps that are better read as numbers."""
_ROWS = 3
"""Lines of a sentence that does not fit into one."""
_WORDS = 3
"""Blanks of a text that is wrapped like a sentence."""
_NARROW = 20
"""Cells below which no text is wrapped."""
_SERIES = 12
"""Lines of the plot of a whole series."""
_CHANNEL_ROLES: tuple[Role, ...] = ("train", "validation", "test", "good", "accent")


def sample_block(document: Mapping[str, Any], width: int, palette: Palette) -> Lines:
    """A few training rows and their targets."""
    samples = list(document.get("samples") or ())[:_MOST]
    if not samples:
        return []
    channels = max((len(sample.get("curves") or ()) for sample in samples), default=0)
    if channels and max(len(channel) for sample in samples for channel in sample.get("curves") or [[]]) > _FEW:
        note = f"{channels} channels, each on its own scale" if channels > 1 else ""
        return [heading("samples", width, palette, note), *_curved(samples, channels, width, palette)]
    stepwise = document.get("problem") == "per-step classification"
    note = "the input, under it the target" if stepwise else ""
    return [heading("samples", width, palette, note), *_written(samples, width, palette, stepwise)]


def _written(samples: Sequence[Mapping[str, Any]], width: int, palette: Palette, below: bool) -> Lines:
    """`input → target`, the inputs in a column of their own; or the target `below` its input, step under step."""
    given = [plain(str(sample.get("input", "")), 400) for sample in samples]
    targets = [plain(str(sample.get("target", "")), 400) for sample in samples]
    lines: Lines = []
    if below:
        for text, target in zip(given, targets, strict=True):
            lines.append([Segment(fit("  " + text, width), palette.style("text"))])
            lines.append(
                [Segment("→ ", palette.style("muted")), Segment(fit(target, width - 2), palette.style("accent"))]
            )
        return lines
    longest, target_cells = max(map(cell_len, given)), max(map(cell_len, targets))
    room = (
        longest if longest + 3 + min(target_cells, 16) <= width else max(8, width - 3 - min(target_cells, width // 3))
    )
    for text, target in zip(given, targets, strict=True):
        first, *further = _cut(text, room)
        line: Line = [
            Segment(fit(first, room), palette.style("text")),
            Segment(" → ", palette.style("muted")),
            Segment(fit(target, width - room - 3), palette.style("accent")),
        ]
        lines.append(padded(line, width))
        lines += [padded([Segment("  " + fit(rest, room - 2), palette.style("text"))], width) for rest in further]
    return lines


def _cut(text: str, room: int) -> list[str]:
    """A sentence in up to `_ROWS` lines of `room` cells, those after the first two cells narrower; what is no sentence in one."""
    if cell_len(text) <= room or text.count(" ") < _WORDS or room < _NARROW:
        return [text]
    rows: list[str] = []
    row = ""
    for word in text.split(" "):
        longer = f"{row} {word}" if row else word
        if cell_len(longer) > room - (2 if rows else 0) and row and len(rows) < _ROWS - 1:
            rows.append(row)
            longer = word
        row = longer
    return [*rows, row]


def _curved(samples: Sequence[Mapping[str, Any]], channels: int, width: int, palette: Palette) -> Lines:
    """The target, and a small curve for each channel; each channel has one scale in all rows, so that rows compare."""
    names = min(18, max(cell_len(fit(str(sample.get("target", "")), 18).rstrip()) for sample in samples))
    room = width - names - 1
    across = max(1, min(channels, room // (_CURVE + 1)))
    # As many lines as are needed, the curves shared out evenly: 9 stand as 3 and 3 and 3.
    across = -(-channels // -(-channels // across))
    cells = max(4, room // across - 1)
    extents = [_extent([s["curves"][c] for s in samples if c < len(s.get("curves") or ())]) for c in range(channels)]
    lines: Lines = []
    for sample in samples:
        curves = sample.get("curves") or ()
        for first in range(0, max(1, len(curves)), across):
            label = str(sample.get("target", "")) if first == 0 else ""
            line: Line = [Segment(fit(label, names), palette.style("text"))]
            for channel in range(first, min(first + across, len(curves))):
                low, high = extents[channel]
                bars = sparkline(curves[channel], cells, low=low, high=high)
                line.append(Segment(" " + fit(bars, cells), palette.style(_CHANNEL_ROLES[channel % 5])))
            lines.append(padded(line, width))
    return lines


def _extent(rows: Sequence[Sequence[float]]) -> tuple[float | None, float | None]:
    values = [value for row in rows for value in row]
    return (min(values), max(values)) if values else (None, None)


def series_block(document: Mapping[str, Any], width: int, palette: Palette) -> Lines:
    """The whole series, with the steps where validation and test begin."""
    series = document.get("series") or {}
    curve = [float(value) for value in series.get("curve") or ()]
    if len(curve) < 2:
        return []
    points = max(int(series.get("points", len(curve))), 2)
    x = [index * (points - 1) / (len(curve) - 1) for index in range(len(curve))]
    annotations = [Annotation(float(series[part]), part) for part in ("validation", "test") if part in series]
    # Dates between the ends, as the forecast's axis has them.
    named = Forecast(first=str(series.get("first", "")), last=str(series.get("last", "")), truth=(0.0,) * points)
    facts = [f"{points:,} steps"]
    facts += [f"{key} {series[key]}" for key in ("window", "horizon", "season") if key in series]
    return [
        heading("series", width, palette, " · ".join(facts)),
        *plot(
            [Curve("", x, curve)],
            width=width,
            height=_SERIES,
            palette=palette,
            x_limits=(0.0, float(points - 1)),
            x_labels=date_labels(named, max(2, width // 14)),
            annotations=annotations,
        ),
    ]
