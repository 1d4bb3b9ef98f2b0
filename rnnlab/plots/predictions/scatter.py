"""Predicted numbers over true ones: a dot each, and the line on which they would lie."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnlab.plots.drawing.axes import HUGE, scale_of
from rnnlab.plots.drawing.canvas import Ink
from rnnlab.plots.drawing.frame import axis_marks, draw_title, draw_x_axis, empty_chart, framed
from rnnlab.text.lines import Lines
from rnnlab.text.numbers import figure, whole
from rnnlab.text.palette import Palette

FEW = 400
"""Points up to which each is four dots, so that it is seen."""
Pair = tuple[float, float]
"""A true number and the predicted one."""


def sound_pairs(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that can be drawn: both numbers finite, and not beyond what a scale holds."""
    return [pair for pair in pairs if all(math.isfinite(value) and abs(value) < HUGE for value in pair)]


def scatter_text(pairs: Sequence[Pair], unit: str = "") -> str:
    """How near the predicted numbers are: the mean absolute error (MAE), and R², the share of the variance that is explained."""
    held = sound_pairs(pairs)
    if not held:
        return "No finite number was predicted."
    count = len(held)
    off = sum(abs(true - predicted) / count for true, predicted in held)
    mean = sum(true / count for true, _ in held)
    spread = sum((true - mean) * (true - mean) for true, _ in held)
    left = sum((true - predicted) * (true - predicted) for true, predicted in held)
    explained = f", R² {figure(1 - left / spread, 3)}" if spread > 0 and math.isfinite(left / spread) else ""
    of = f" {unit}" if unit else ""
    return f"{whole(count)} number{'' if count == 1 else 's'}, MAE {figure(off)}{of}{explained}"


def scatter_plot(
    pairs: Sequence[Pair],
    *,
    width: int,
    height: int,
    palette: Palette,
    unit: str = "",
    empty: str = "Nothing was predicted yet.",
) -> Lines:
    """The pairs in exactly `width` × `height` cells, both axes on one scale; dotted the line of right predictions."""
    held = sound_pairs(pairs)
    if not held or width < 16 or height < 6:
        return empty_chart(empty if not held else "too small", width, height, palette)
    ends = [value for pair in held for value in pair]
    scale = scale_of(min(ends), max(ends), margin=0.04)
    canvas, frame = framed(width, height, palette, scale)
    ideal, dots = Ink(frame.width, frame.height), Ink(frame.width, frame.height)
    for column in range(0, ideal.columns, 2):
        y = _dot_row(column / max(1, ideal.columns - 1), ideal)
        ideal.run(column, y, y)
    size = 2 if len(held) <= FEW else 1
    for true, predicted in held:
        y = _dot_row(scale(predicted), dots)
        column = _dot_column(scale(true), dots)
        for beside in range(size):
            dots.run(column + beside, y, y + size - 1)
    canvas.blit(ideal, frame.left, frame.top, palette.style("baseline"))
    canvas.blit(dots, frame.left, frame.top, palette.style("validation", bold=True))
    dropped = len(pairs) - len(held)
    note = f"{whole(dropped)} not finite" if dropped else ""
    draw_title(canvas, "predicted", note, palette, [("⠒", "predicted = true", "baseline")])
    draw_x_axis(canvas, frame, axis_marks(scale, frame), f"true {unit}".strip(), palette)
    return canvas.lines()


def _dot_row(share: float, ink: Ink) -> int:
    return ink.rows - 1 - math.floor(share * (ink.rows - 1) + 0.5)


def _dot_column(share: float, ink: Ink) -> int:
    return math.floor(share * (ink.columns - 1) + 0.5)
