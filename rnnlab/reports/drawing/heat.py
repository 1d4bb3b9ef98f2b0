"""Cells of a matrix as a drawing: shaded squares, their texts, and the names of rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnlab.reports.drawing.style import PAPER, label, set_ticks
from rnnlab.text.palette import Role

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WRITTEN_UP_TO = 26
"""Rows or columns of a matrix whose cells have room for a number; in larger ones shades alone are drawn."""
NAMED_UP_TO = 120
"""Classes that are all named; of more every second, third …"""
LONGEST = 18
"""Characters of a name."""


class HeatCell(NamedTuple):
    """A cell: how strongly it is shaded (0 to 1) in which colour, and the text on it."""

    share: float
    role: Role
    text: str = ""


def cell_inches(count: int) -> float:
    """Width of a cell where there are so many in a row."""
    return 0.6 if count <= 4 else 0.42 if count <= 10 else 0.3 if count <= WRITTEN_UP_TO else max(0.055, 7.6 / count)


def square_size(count: int) -> tuple[float, float]:
    """Inches of a figure with one square matrix of so many classes."""
    side = count * cell_inches(count)
    return min(10.0, max(4.0, side + 1.9)), min(10.0, max(2.8, side + 1.7))


def draw_cells(
    axes: Axes,
    rows: int,
    columns: int,
    cell: Callable[[int, int], HeatCell],
    row_names: Sequence[str],
    column_names: Sequence[str],
    *,
    square: bool = True,
) -> None:
    """The cells from the upper left; each colour is the one that the text plot has in the light theme."""
    import numpy as np

    picture = np.full((rows, columns, 3), 255, dtype=np.uint8)
    written = max(rows, columns) <= WRITTEN_UP_TO
    size = 8.0 if columns <= 10 else 6.5
    for i in range(rows):
        for j in range(columns):
            share, role, text = cell(i, j)
            style = PAPER.heat(share, role)
            if style.bgcolor is not None:
                picture[i, j] = style.bgcolor.get_truecolor()
            if written and text:
                ink = style.color.get_truecolor().hex if style.color is not None else PAPER.text
                weight = "bold" if style.bold else "normal"
                axes.text(
                    j, i, label(text, 12), ha="center", va="center", fontsize=size, color=ink, fontweight=weight,
                    parse_math=False, in_layout=False,
                )  # fmt: skip
    # Without interpolation each cell is a pixel of the picture, however large it is shown.
    axes.imshow(picture, interpolation="none", aspect="equal" if square else "auto")
    _name(axes, row_names, column_names)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_color(PAPER.grid)
    if written:
        lines: dict[str, Any] = {"colors": PAPER.background, "linewidth": 0.8}
        axes.hlines([at - 0.5 for at in range(1, rows)], -0.5, columns - 0.5, **lines)
        axes.vlines([at - 0.5 for at in range(1, columns)], -0.5, rows - 0.5, **lines)


def _name(axes: Axes, row_names: Sequence[str], column_names: Sequence[str]) -> None:
    for axis, names in (("y", row_names), ("x", column_names)):
        count = len(names)
        size = 8.0 if count <= WRITTEN_UP_TO else max(4.0, min(7.0, 500 / count))
        stride = -(-count // NAMED_UP_TO)
        marks = [(float(at), label(name, LONGEST)) for at, name in enumerate(names) if at % stride == 0]
        upright = axis == "x" and (count > 10 or max(map(len, names), default=0) > 6)
        set_ticks(axes, axis, marks, fontsize=size, **({"rotation": 90} if upright else {}))
