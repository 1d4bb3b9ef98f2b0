"""One picture of a run in a given space: what a replay shows while the log is played."""

from __future__ import annotations

from rich.segment import Segment

from rnnlab.plots.drawing.progress_bar import progress_bar
from rnnlab.plots.run.confusion import confusion
from rnnlab.plots.run.figures import figure_title, format_of, is_starred, loss_plot
from rnnlab.plots.run.forecast import forecast_plot
from rnnlab.plots.run.report import SIDE_BY_SIDE, run_plots, sample_line
from rnnlab.plots.run.status import status_mark
from rnnlab.runs.event_numbers import real
from rnnlab.runs.state import RunState
from rnnlab.runs.verdict import verdict_of
from rnnlab.text import numbers
from rnnlab.text.lines import Line, Lines, beside, fit, padded, width_of
from rnnlab.text.palette import Palette
from rnnlab.text.sections import heading


def run_frame(state: RunState, *, width: int, height: int, palette: Palette, name: str = "") -> Lines:
    """The run as it stands, in exactly `width` × `height` cells.

    A line of progress, the plots, and under them the confusion matrix or the forecast and the samples, as far as there is
    room.
    """
    width, height = max(10, width), max(1, height)
    lines: Lines = [_progress(state, width, palette, name)]
    wide = width >= SIDE_BY_SIDE
    classes = state.started.data.classes if state.started else ()
    kept = state.matrices.get("validation")
    matrix = kept.last if kept is not None else None
    left = height - 1
    below = min(left - 10, max(len(classes) + 2, min(10, len(state.samples) + 1))) if left >= 18 else 0
    forecast = state.forecast
    if forecast is not None and left >= 18:
        below = max(below, min(left - 10, 14))
    if not (state.samples or matrix or forecast):
        below = 0
    above = left - below
    if wide:
        lines += run_plots(state, width, above, palette, stacked=False)
    elif above >= 15:
        lines += run_plots(state, width, (above - 1) // 2, palette, stacked=True)
    else:
        lines += loss_plot(state, width=width, height=above, palette=palette)
    if below >= 3:
        side = max(40, width // 3) if matrix is not None or forecast is not None else width
        blocks, widths = [], []
        if matrix is not None and classes and width - side - 3 >= 20:
            room = width - side - 3
            blocks.append(
                [
                    heading("confusion", room, palette, f"validation · epoch {matrix.epoch} · row %"),
                    *confusion(matrix.counts, classes, width=room, height=below - 1, palette=palette),
                ]
            )
            widths.append(room)
        if forecast is not None and width - side - 3 >= 20:
            room = width - side - 3
            blocks.append(
                [
                    heading("forecast", room, palette, state.forecast_split),
                    *forecast_plot(forecast, width=room, height=below - 1, palette=palette),
                ]
            )
            widths.append(room)
        samples = [sample_line(sample, side, palette) for sample in state.samples[: below - 1]]
        blocks.append([heading("samples", side, palette), *samples])
        widths.append(side)
        lines += beside(blocks, widths, gap=3)
    blank: Line = [Segment(" " * width)]
    return [padded(line, width) for line in [*lines, *[list(blank)] * (height - len(lines))][:height]]


def _progress(state: RunState, width: int, palette: Palette, name: str) -> Line:
    """Name, status, a bar to the last epoch, and the best figure so far."""
    glyph, label, role = status_mark(state.status, verdict_of(state), state.paused_after)
    started = state.started
    title = f"{started.data.task} · {started.model} · {name or started.run}" if started else name
    right: Line = []
    if started is not None:
        epochs = f"epoch {min(state.epoch, started.epochs)}/{started.epochs}"
        right.append(Segment(f"  {epochs}  ", palette.style("text")))
        share = state.step / started.steps_total if started.steps_total else 0.0
        right += progress_bar(share, max(6, min(24, width // 6)), palette)
        right.append(Segment(f"  {numbers.duration(state.seconds)}", palette.style("muted")))
        if state.best is not None and width >= 90:
            value = format_of(state.selected)(real(state.best.metrics.get(state.selected, "nan")))
            star = "★ " if is_starred(state) else ""
            best = f"  {star}{figure_title(state, state.selected)} {value} @ {state.best.epoch}"
            right.append(Segment(best, palette.style("good")))
    right = [Segment(f"  {glyph} {label}", palette.style(role, bold=True)), *right]
    room = width - width_of(right)
    if room < 8:
        return padded(right, width)
    return [Segment(fit(title, room), palette.style("text", bold=True)), *right]
