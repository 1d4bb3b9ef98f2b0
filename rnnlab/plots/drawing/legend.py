"""The row over a plot: what is drawn, and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.style import Style

from rnnlab.plots.drawing.canvas import Canvas
from rnnlab.plots.drawing.tracks import Baseline, Track
from rnnlab.text.lines import fit
from rnnlab.text.palette import Palette


def draw_legend(
    canvas: Canvas,
    left: int,
    title: str,
    tracks: Sequence[Track],
    baselines: Sequence[Baseline],
    read: Sequence[int | None],
    at: str,
    y_format: Callable[[float], str],
    palette: Palette,
) -> None:
    """The row over the plot: what is drawn, and the last values or those at the cursor, whose indices are `read`.

    What does not fit is left out: first the baselines, the last of them first, then the values, then the title; of values at
    the cursor, which were asked for, the title and then the names. `at` is the cursor's position as text, empty without one.
    """
    muted, text_style = palette.style("muted"), palette.style("text")
    heading: list[tuple[str, Style]] = [(title, palette.style("text", bold=True))] if title else []
    place: list[tuple[str, Style]] = [(at, palette.style("accent"))] if at else []
    heading += place
    entries: list[list[tuple[str, Style]]] = []
    for track, index in zip(tracks, read, strict=True):
        style = palette.style(track.curve.role, bold=True)
        entries.append(
            [
                (track.curve.marker or ("┄" if track.curve.dotted else "━"), style),
                (track.curve.name, muted),
                ("–", muted) if index is None else (y_format(track.line[index]), text_style),
            ]
        )
    last = [[("┄", palette.style("baseline")), (baseline.label, muted)] for baseline in baselines]
    named, valued = [entry[:2] for entry in entries], [entry[::2] for entry in entries]
    at_cursor = ([place, *entries], [heading, *valued], [place, *valued])
    for groups in (
        *([heading, *entries, *last[:kept]] for kept in range(len(last), -1, -1)),
        *(at_cursor if at else ()),
        [heading, *named],
        entries,
        named,
        valued,
    ):
        groups = [group for group in groups if group]
        parts = [
            (fit(text, cell_len(fit(text, 80).rstrip())), style, g)
            for g, group in enumerate(groups)
            for text, style in group
        ]
        needed = sum(cell_len(text) + 1 for text, _, _ in parts) + 2 * (len(groups) - 1) - 1
        x = left if left + needed <= canvas.width else 0
        if needed > canvas.width:
            continue
        before = 0
        for text, style, group in parts:
            x += 2 * (group - before)
            canvas.text(x, 0, text, style)
            x += cell_len(text) + 1
            before = group
        return
