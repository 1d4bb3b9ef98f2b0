"""What happened in a run, one event a line: commands, diagnoses, the best epoch, its beginning and its end."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from rich.segment import Segment

from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.run.figures import command_label, figure_title, format_of, value_text, x_column
from rnnlab.plots.run.status import status_sentence
from rnnlab.runs.event_numbers import real
from rnnlab.runs.state import AppliedCommand, RunState
from rnnlab.runs.verdict import verdict_of
from rnnlab.text import numbers
from rnnlab.text.lines import Line, Lines, fit, padded, sentence
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import paragraph
from rnnlab.text.table import Cell, Column, Table, figure_cell, text_cell, whole_cell

_DETAIL = 3
"""Lines for the full text of the chosen event."""
_CURVES = ("loss/train", "loss/validation")


@dataclass(frozen=True, slots=True)
class RunEvent:
    """An event of a run: the update at which it happened, a glyph, a sentence, and what to do about it."""

    step: int
    epoch: float
    glyph: str
    text: str
    role: Role
    remedy: str = ""

    def x(self, state: RunState, x_axis: XAxis) -> float:
        """Where the event lies on an x axis."""
        if x_axis == "epochs":
            return self.epoch
        return float(self.step) if x_axis == "steps" else _seconds_at(state, self.step)


def run_events(state: RunState) -> list[RunEvent]:
    """The events in the order in which they happened; of a log as long as it may be there are only so many."""
    started = state.started
    per_epoch = started.steps_per_epoch if started else 0
    events = [_command(command) for command in state.applied_commands]
    events += [
        RunEvent(
            noticed.step,
            noticed.step / per_epoch if per_epoch else noticed.epoch,
            "⚠",
            noticed.message,
            "warning",
            noticed.remedy,
        )
        for noticed in state.diagnoses
    ]
    if (best := state.best) is not None:
        value = format_of(state.selected)(real(best.metrics.get(state.selected, "nan")))
        text = f"best {figure_title(state, state.selected)} {value}, at the end of epoch {best.epoch}"
        events.append(RunEvent(best.step, best.step / per_epoch if per_epoch else best.epoch, "★", text, "good"))
    if state.ended and started is not None:
        glyph, text, role = status_sentence(state.status, verdict_of(state))
        reason = f": {state.message}" if state.message else ""
        epoch = state.step / per_epoch if per_epoch else float(state.epoch)
        events.append(RunEvent(state.step, epoch, glyph, f"{text}{reason}", role, state.hint))
    return sorted(events, key=lambda event: event.step)


def events_table(state: RunState) -> Table:
    """The events, a row each: when, what, and what to do about it."""
    columns = (
        Column("epoch", "epoch"),
        Column("step", "update"),
        Column("event", "event", left=True),
        Column("remedy", "what to do", left=True),
    )
    rows = tuple(
        (
            figure_cell(each.epoch),
            whole_cell(each.step),
            text_cell(f"{each.glyph} {each.text}"),
            Cell(plain(each.remedy)),
        )
        for each in run_events(state)
    )
    return Table("events", columns, rows, facts=(("table", "events"),))


def _command(command: AppliedCommand) -> RunEvent:
    what = command_label(command)
    if command.command == "set":
        before = f"{value_text(command.before)} → " if command.before is not None or not command.error else ""
        name = "learning rate" if command.key == "optim.lr" else command.key.partition(".")[2].replace("_", " ")
        what = f"{name} {before}{value_text(command.value)}"
    if command.error:
        return RunEvent(command.step, command.epoch, "✗", f"{what}: refused, {command.error}", "bad")
    return RunEvent(command.step, command.epoch, "▾", what, "accent")


def _seconds_at(state: RunState, step: int) -> float:
    """When an update was made: a diagnosis does not say so itself, the curves do."""
    for name in _CURVES:
        series = state.curves.get(name)
        if series is not None and len(series):
            at = min(len(series) - 1, bisect_left(series.step, step))
            return x_column(series, "seconds")[at]
    return state.seconds


def event_lines(state: RunState, *, width: int, height: int, palette: Palette, chosen: int | None = None) -> Lines:
    """The list in exactly `width` × `height` cells, with the `chosen` event in sight; its full text stands under the list.

    Without a choice the newest events are in sight.
    """
    events = run_events(state)
    if width <= 0 or height <= 0:
        return []
    if not events:
        text = "No events yet: commands, diagnoses and the best epoch are listed here."
        return sentence(text, width, height, palette.style("muted"))
    at = len(events) - 1 if chosen is None else max(0, min(chosen, len(events) - 1))
    detail = _detail(events[at], width, palette) if chosen is not None and height >= 4 + _DETAIL else []
    rows = height - len(detail)
    first = max(0, min(at - rows // 2, len(events) - rows))
    lines = [
        _event_line(event, width, palette, chosen is not None and first + index == at)
        for index, event in enumerate(events[first : first + rows])
    ]
    lines += [[] for _ in range(rows - len(lines))] + detail
    return [padded(line, width) for line in lines]


def _event_line(event: RunEvent, width: int, palette: Palette, chosen: bool) -> Line:
    where = f"{event.epoch:.1f}" if event.epoch < 1000 else numbers.count(event.epoch)
    step = f"{numbers.whole(event.step)} " if width >= 50 else ""
    return [
        Segment("▸" if chosen else " ", palette.style("accent", bold=True)),
        Segment(fit(where, 6, "right"), palette.style("text" if chosen else "muted")),
        Segment(fit(step, 10 if step else 0, "right"), palette.style("muted")),
        Segment(f" {event.glyph} ", palette.style(event.role, bold=True)),
        Segment(fit(event.text, max(0, width - 10 - (10 if step else 0))), palette.style("text", bold=chosen)),
    ]


def _detail(event: RunEvent, width: int, palette: Palette) -> Lines:
    """The full text of an event, and what to do about it, under a thin rule."""
    lines: Lines = paragraph(f"{event.glyph} {event.text}", width, palette.style(event.role))
    if event.remedy:
        lines += paragraph(f"→ {event.remedy}", width, palette.style("muted"))
    lines = lines[:_DETAIL]
    rule: Line = [Segment("─" * width, palette.style("grid"))]
    return [rule, *lines, *([] for _ in range(_DETAIL - len(lines)))]
