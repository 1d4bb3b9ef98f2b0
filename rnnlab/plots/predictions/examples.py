"""Examples of an error report: a table with a row each, and one of them in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from rnnlab.runs.error_report import ErrorReport, WorstError
from rnnlab.text.lines import Line, Lines, fit, padded
from rnnlab.text.numbers import figure, percent, probability
from rnnlab.text.palette import Palette, Role
from rnnlab.text.sanitise import plain
from rnnlab.text.sections import heading, paragraph
from rnnlab.text.sparkline import sparkline

FEW_STEPS = 12
"""Steps up to which measurements are better read as numbers than as a curve."""
_SHARE_OF_TEXT = 3
"""Target and prediction have at most one part each of so many of a line."""
_LONGEST_NAME = 24
_BAR = 30
_CURVE = 14
"""Cells of a small curve at least, the gap behind it counted in."""
_CHANNEL_ROLES: tuple[Role, ...] = ("train", "validation", "test", "good", "accent")
_MOST_TEXT = 2000
"""Characters of an input that are written in full."""


def measure_of(report: ErrorReport, row: WorstError) -> str:
    """What makes the row bad: the probability of the prediction, the share of right steps, the absolute error."""
    if report.problem == "classification":
        return "–" if row.probability is None else probability(row.probability, 3)
    if report.problem == "per-step classification":
        return percent(row.score)
    return figure(-row.score)


def measure_title(report: ErrorReport) -> str:
    """What `measure_of` is called over a column."""
    return {"classification": "prob.", "per-step classification": "right"}.get(report.problem, "error")


def is_curve(row: WorstError) -> bool:
    """Whether the input is drawn as curves: measurements of more than a few steps."""
    return any(len(channel) > FEW_STEPS for channel in row.channels)


class _Column(NamedTuple):
    title: str
    texts: list[str]
    align: Literal["left", "right"]
    role: Role


class ExampleTable:
    """The rows of a report as lines of `width` cells: measure, row, group, target, prediction, and the input.

    Where true and predicted class were both asked for, they stand in no column, as they are the same in all rows.
    """

    def __init__(self, report: ErrorReport, width: int, palette: Palette) -> None:
        self._report, self._width, self._palette = report, width, palette
        rows = report.worst
        measured: Role = "text" if report.right else "bad"
        columns = [
            _Column(measure_title(report), [measure_of(report, row) for row in rows], "right", measured),
            _Column("row", [str(row.row) for row in rows], "right", "muted"),
        ]
        if report.group:
            columns.append(_Column(report.group, [row.group for row in rows], "left", "text"))
        if not (report.true and report.predicted and report.problem == "classification"):
            columns += [
                _Column("target", [row.target for row in rows], "left", "text"),
                _Column("prediction", [row.prediction for row in rows], "left", "bad"),
            ]
        most = max(6, width // _SHARE_OF_TEXT)
        self._columns = columns
        self._widths = [
            min(most, max(cell_len(fit(cell, most).rstrip()) for cell in (column.title, *column.texts)))
            for column in columns
        ]
        self._room = max(0, width - sum(self._widths) - 2 * len(columns))
        channels = max((len(row.channels) for row in rows if is_curve(row)), default=0)
        self._channels = channels
        self._curves = max(1, min(channels, self._room // _CURVE))
        # Each channel has one scale in all rows, so that rows compare.
        self._extents = [
            _extent([row.channels[at] for row in rows if at < len(row.channels)]) for at in range(self._curves)
        ]

    def head(self) -> Line:
        """The titles of the columns."""
        muted = self._palette.style("muted", italic=True)
        head = [
            Segment(fit(column.title, cells, column.align) + "  ", muted)
            for column, cells in zip(self._columns, self._widths, strict=True)
        ]
        title = "input" if any(row.input for row in self._report.worst) else ""
        if self._channels > 1:
            part = "" if self._curves == self._channels else f"{self._curves} of "
            title = f"{part}{self._channels} channels, each on one scale in all rows"
        return padded([*head, Segment(fit(title, self._room), muted)], self._width)

    def line(self, at: int, *, cursor: bool = False) -> Line:
        """The row at this index of the report; the one under the cursor is marked."""
        line: Line = []
        row = self._report.worst[at]
        marked = self._palette.style("accent", bold=True) + Style(reverse=True)
        for column, cells in zip(self._columns, self._widths, strict=True):
            style = marked if cursor else self._palette.style(column.role)
            if column.title == "prediction" and row.steps and not cursor:
                line += [*_marked(row, cells, self._palette), Segment("  ")]
            else:
                line.append(Segment(fit(column.texts[at], cells, column.align) + "  ", style))
        if is_curve(row):
            line += self._curve_cells(row)
        else:
            line.append(Segment(fit(row.input, self._room), marked if cursor else self._palette.style("text")))
        return padded(line, self._width)

    def lines(self) -> Lines:
        """The titles and all rows."""
        return [self.head(), *(self.line(at) for at in range(len(self._report.worst)))]

    def _curve_cells(self, row: WorstError) -> Line:
        """A small curve for each channel, as many as fit."""
        cells = max(1, self._room // self._curves - 1)
        line: Line = []
        for at, channel in enumerate(row.channels[: self._curves]):
            low, high = self._extents[at]
            bars = sparkline(channel, cells, low=low, high=high)
            line.append(Segment(fit(bars, cells) + " ", self._palette.style(_CHANNEL_ROLES[at % 5])))
        return line


def _marked(row: WorstError, cells: int, palette: Palette) -> Line:
    """The prediction of each step, the wrong ones marked, in exactly so many cells."""
    gap = "" if all(len(plain(text)) <= 1 for pair in row.steps for text in pair) else " "
    line: Line = []
    for target, predicted in row.steps:
        role: Role = "muted" if not target else "good" if target == predicted else "bad"
        line.append(Segment((plain(predicted, _LONGEST_NAME) if target else "·") + gap, palette.style(role)))
    return padded(line, cells)


def _extent(channels: Sequence[Sequence[float]]) -> tuple[float | None, float | None]:
    values = [value for channel in channels for value in channel]
    return (min(values), max(values)) if values else (None, None)


def example_lines(report: ErrorReport, row: WorstError, width: int, palette: Palette) -> Lines:
    """One example in full, in lines of `width` cells: its input, target and prediction, and the likeliest classes."""
    width = max(12, width)
    text, muted = palette.style("text"), palette.style("muted")
    group = f" · {report.group} {row.group}" if report.group and row.group else ""
    lines: Lines = [
        heading(f"row {row.row}", width, palette, f"{measure_title(report)} {measure_of(report, row)}{group}")
    ]
    if row.input and not row.steps and not is_curve(row):
        lines += paragraph(plain(row.input, _MOST_TEXT), width, palette.style("text", bold=True))
    if row.steps:
        lines += marked_steps(row, width, palette)
    else:
        role: Role = "good" if row.target == row.prediction else "bad" if report.problem == "classification" else "text"
        for name, value, style in (("target", row.target, text), ("predicted", row.prediction, palette.style(role))):
            lines.append([Segment(fit(name, 11), muted), Segment(fit(value, width - 11), style)])
    if row.likely:
        lines += _probabilities(row, width, palette)
    if is_curve(row):
        lines += _curves(row, width, palette)
        if len(row.channels) == 1:  # of a window its dates
            lines += paragraph(plain(row.input, _MOST_TEXT), width, muted)
    return [padded(line, width) for line in lines]


def _probabilities(row: WorstError, width: int, palette: Palette) -> Lines:
    """A bar for each of the likeliest classes; what is left of 1 is that of the others."""
    names = min(_LONGEST_NAME, width // 3, max(cell_len(plain(name, _LONGEST_NAME)) for name, _ in row.likely))
    bar = max(4, min(_BAR, width - names - 8))
    lines: Lines = []
    for name, share in row.likely:
        role: Role = "good" if name == row.target else "bad" if name == row.prediction else "muted"
        filled = round(max(0.0, min(1.0, share)) * bar)
        lines.append(
            [
                Segment(fit(name, names) + " ", palette.style("text")),
                Segment("━" * filled, palette.style(role)),
                Segment("─" * (bar - filled), palette.style("grid")),
                Segment(fit(probability(share, 3), 6, "right"), palette.style("muted")),
            ]
        )
    return lines


def _curves(row: WorstError, width: int, palette: Palette) -> Lines:
    """A line for each channel with its extent: each has a scale of its own."""
    lines: Lines = []
    for at, channel in enumerate(row.channels):
        label = f"{figure(min(channel), 2)} … {figure(max(channel), 2)}" if channel else ""
        cells = max(4, width - 22)
        lines.append(
            [
                Segment(fit(str(at + 1), 3), palette.style("muted")),
                Segment(fit(sparkline(channel, cells), cells), palette.style(_CHANNEL_ROLES[at % 5])),
                Segment(fit(label, 19, "right"), palette.style("muted")),
            ]
        )
    return lines


def marked_steps(row: WorstError, width: int, palette: Palette) -> Lines:
    """Input, target and prediction of each step under each other, `^` under each wrong one; cut where the line is full."""
    cells = max(cell_len(plain(text, _LONGEST_NAME)) for pair in row.steps for text in pair)
    gap = 0 if cells == 1 else 1
    names = 11
    per_line = max(1, (width - names) // (cells + gap))
    given = list(plain(row.input, len(row.input))) if len(plain(row.input)) == len(row.steps) else []
    lines: Lines = []
    for first in range(0, len(row.steps), per_line):
        part = row.steps[first : first + per_line]
        wrong = [bool(target) and target != predicted for target, predicted in part]
        rows: list[tuple[str, list[str], Role]] = [
            ("target", [target or "·" for target, _ in part], "text"),
            ("predicted", [predicted for _, predicted in part], "good"),
            ("wrong", ["^" if each else " " for each in wrong], "bad"),
        ]
        if given:
            rows.insert(0, ("input", given[first : first + per_line], "muted"))
        if not any(wrong):
            rows.pop()
        for name, texts, role in rows:
            line: Line = [Segment(fit(name, names), palette.style("muted"))]
            for text, bad in zip(texts, wrong, strict=True):
                shown: Role = "bad" if bad and name == "predicted" else role
                line.append(Segment(fit(text, cells) + " " * gap, palette.style(shown)))
            lines.append(padded(line, width))
    return lines
