"""Bar of epochs: which of the kept matrices is shown, where the best one is, and what stands at its ends."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from rnnlab.text.lines import Line, padded
from rnnlab.text.palette import Palette

LEAST = 24
"""Cells below which no bar is drawn."""


def epoch_bar(epochs: Sequence[int], shown: int, *, best: int | None, test: bool, width: int, palette: Palette) -> Line:
    """`epoch 1 ━━━●──★── 20 test`: a bar in `width` cells for the matrices of these epochs, the one at index `shown` marked.

    `test`: the matrix of the test subset stands after the last epoch, and `shown` is `len(epochs)` where it is the one shown.
    """
    left, right, cells = _parts(epochs, test, width)
    muted, accent = palette.style("muted"), palette.style("accent", bold=True)
    at = _cell_of(shown, len(epochs), cells) if shown < len(epochs) else cells
    star = _cell_of(list(epochs).index(best), len(epochs), cells) if best is not None and best in epochs else None
    line: Line = [Segment(left, muted)]
    for cell in range(cells):
        if cell == at:
            line.append(Segment("●", accent))
        elif cell == star:
            line.append(Segment("★", palette.style("good")))
        else:
            line.append(Segment("━" if cell < at else "─", palette.style("accent" if cell < at else "grid")))
    line.append(Segment(right, muted))
    if test:
        line.append(Segment("●" if shown >= len(epochs) else "○", accent if shown >= len(epochs) else muted))
        line.append(Segment(" test", accent if shown >= len(epochs) else muted))
    return padded(line, width)


def matrix_at(cell: int, epochs: Sequence[int], *, test: bool, width: int) -> int | None:
    """Index of the matrix under the `cell` of the bar, `len(epochs)` for that of the test subset; None beside the bar."""
    left, _, cells = _parts(epochs, test, width)
    at = cell - len(left)
    if at < 0:
        return None
    if at >= cells:
        return len(epochs) if test else len(epochs) - 1
    return min(len(epochs) - 1, round(at * (len(epochs) - 1) / max(1, cells - 1)))


def _parts(epochs: Sequence[int], test: bool, width: int) -> tuple[str, str, int]:
    """What stands left and right of the bar, and the bar's cells."""
    left, right = f"epoch {epochs[0]} ", f" {epochs[-1]}  " if test else f" {epochs[-1]}"
    return left, right, max(1, width - len(left) - len(right) - (len("● test") if test else 0))


def _cell_of(index: int, count: int, cells: int) -> int:
    return round(index * (cells - 1) / max(1, count - 1))
