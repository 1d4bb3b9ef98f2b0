"""The most frequent confusions of a matrix in a list, for the room that is left under it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment

from rnnlab.plots.confusion.cells import Counts
from rnnlab.plots.confusion.order import frequent_confusions
from rnnlab.text.lines import Lines, fit, padded
from rnnlab.text.numbers import percent, whole
from rnnlab.text.palette import Palette
from rnnlab.text.sections import heading

LEAST = 5
"""Lines of a list that is worth its room, the empty one over it counted in."""
_LONGEST_NAME = 24


def pair_lines(counts: Counts, classes: Sequence[str], *, width: int, height: int, palette: Palette) -> Lines:
    """`true → predicted  n  share`, the most frequent first, under a title, in exactly `width` × `height` cells."""
    lines: Lines = [
        [],
        heading("most frequent confusions", width, palette, "true → predicted, rows, of the true class"),
    ]
    worst = frequent_confusions(counts, max(0, height - len(lines)))
    names = [tuple(fit(classes[at], _LONGEST_NAME).rstrip() for at in (i, j)) for i, j, _ in worst]
    left, right = (max((cell_len(pair[at]) for pair in names), default=0) for at in (0, 1))
    for (i, _, n), (true, predicted) in zip(worst, names, strict=True):
        lines.append(
            [
                Segment(fit(true, left), palette.style("text")),
                Segment(" → ", palette.style("muted")),
                Segment(fit(predicted, right), palette.style("bad")),
                Segment(fit(whole(n), 8, "right"), palette.style("text", bold=True)),
                Segment(fit(percent(n / sum(counts[i]), 1), 10, "right"), palette.style("muted")),
            ]
        )
    if not worst:
        lines.append([Segment(fit("none", width), palette.style("muted"))])
    lines += [[] for _ in range(height - len(lines))]
    return [padded(line, width) for line in lines[:height]]
