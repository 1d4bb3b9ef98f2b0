"""Panels of the Compare screen: curves of the groups, and the table of what differs among them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from textual import events
from textual.geometry import clamp
from textual.message import Message

from rnnlab.errors import UsageError
from rnnlab.plots.comparison.differences import Intervals, differences_lines, differences_table, marks_of
from rnnlab.plots.comparison.groups import Group, grouped_chart
from rnnlab.plots.drawing.axes import XAxis
from rnnlab.plots.drawing.chart import Chart, chart_lines
from rnnlab.plots.run.figures import title_of
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines, sentence
from rnnlab.text.palette import Palette
from rnnlab.text.sections import paragraph
from rnnlab.text.table import Table
from rnnlab.ui.described.figures import Described
from rnnlab.ui.run.panels.panel import Panel


def _version(groups: Mapping[str, Sequence[RunState]]) -> Hashable:
    """A value that differs once a run of a group has changed, or is another one. The states stay alive meanwhile."""
    return tuple(
        (name, tuple((id(state.started), state.last_seq, state.status) for state in states))
        for name, states in groups.items()
    )


class CurvesPanel(Panel):
    """One figure of all the groups."""

    groups: Mapping[str, Sequence[RunState]] = {}
    figure = "loss"
    x_axis: XAxis = "epochs"
    log_y = False
    cursor: float | None = None
    waiting = ""
    _chart: Chart | None = None
    """Of the groups as they were shown last: a mean over many runs takes longer than a key may."""
    _drawn_of: Hashable = None

    class CursorPlaced(Message):
        """The mouse was clicked at `x` of the x axis."""

        def __init__(self, x: float) -> None:
            super().__init__()
            self.x = x

    def show(self, groups: Mapping[str, Sequence[RunState]], figure: str, x_axis: XAxis, *, log_y: bool) -> None:
        """Draw this figure of the groups as they are now; where nothing has changed, nothing is drawn."""
        drawn = (figure, x_axis, log_y, self.cursor, self.waiting, _version(groups))
        if drawn != self._drawn_of:
            self.groups, self.figure, self.x_axis, self.log_y, self._chart = groups, figure, x_axis, log_y, None
            self._drawn_of = drawn
            self.redraw()

    def chart(self) -> Chart:
        """The curves."""
        if self._chart is None:
            chart = grouped_chart(self.groups, self.figure, x_axis=self.x_axis, log_y=self.log_y)
            # The columns of a run that trains grow, each by itself.
            curves = [replace(each, x=list(each.x), y=list(each.y)) for each in chart.curves]
            self._chart = replace(chart, curves=curves)
        return self._chart

    def draw(self, width: int, height: int) -> Lines:
        """The curves, with the cursor's values."""
        if self.waiting:
            return sentence(self.waiting, width, height, self.palette.style("muted"))
        return chart_lines(self.chart(), width=width, height=height, palette=self.palette, cursor=self.cursor)

    def sentences(self) -> Described:
        """What each curve did."""
        from rnnlab.plots.describe.charts import describe_chart

        chart = self.chart()
        if not chart.drawable:
            raise UsageError("There is nothing to describe in this panel yet.")
        return Described(f"{title_of(self.figure)} of the groups", describe_chart(chart))

    def extent(self) -> tuple[float, float] | None:
        """The range of the x axis; None before there is a point."""
        xs = [end for curve in self.chart().curves if len(curve.x) for end in (curve.x[0], curve.x[-1])]
        return (float(min(xs)), float(max(xs))) if xs else None

    def on_click(self, event: events.Click) -> None:
        """The cursor to where the mouse points."""
        offset, extent = event.get_content_offset(self), self.extent()
        left = next((strip.text.find("└") + 1 for strip in reversed(self._strips or []) if "└" in strip.text), 0)
        width = self.content_size.width - left
        if event.chain == 1 and offset is not None and extent is not None and offset.x >= left and width > 1:
            self.post_message(self.CursorPlaced(extent[0] + (offset.x - left) / (width - 1) * (extent[1] - extent[0])))


class TablePanel(Panel):
    """What differs among the groups and what came of it, a table for each of their data, and what follows."""

    groups: Sequence[Group] = ()
    intervals: Intervals = {}
    letters: Mapping[str, str] = {}
    concluded: Sequence[str] = ()
    top = 0
    _lines: tuple[tuple[int, Palette], Lines] | None = None

    def show(self, groups: Sequence[Group], letters: Mapping[str, str]) -> None:
        """Show these groups, of which two have letters."""
        if groups is not self.groups or letters != self.letters:
            self.groups, self.letters, self._lines = groups, letters, None
            self.redraw()

    def conclude(self, intervals: Intervals, concluded: Sequence[str]) -> None:
        """Show the intervals of the means, and what follows from them."""
        self.intervals, self.concluded, self._lines = intervals, concluded, None
        self.redraw()

    def lines(self, width: int) -> Lines:
        """All of it, however high; kept, as a key that scrolls or zooms changes none of it."""
        drawn = width, self.palette
        if self._lines is None or self._lines[0] != drawn:
            self._lines = drawn, self._all_lines(width)
        return self._lines[1]

    def _all_lines(self, width: int) -> Lines:
        from rnnlab.plots.describe.comparison import describe_groups

        text, muted = self.palette.style("text"), self.palette.style("muted")
        found: Lines = []
        for comparison in dict.fromkeys(id(group.comparison) for group in self.groups):
            held = [group for group in self.groups if id(group.comparison) == comparison]
            found += differences_lines(
                held[0].comparison, self.groups, self.palette, width, self.letters, self.intervals
            )
            found += [[], *paragraph(describe_groups(held), width, text), []]
        for each in self.concluded:
            found += paragraph(each, width, muted)
        return found

    def draw(self, width: int, height: int) -> Lines:
        """The part from line `top` on."""
        lines = self.lines(width - 1) if self.groups else []
        self.top = clamp(self.top, 0, max(0, len(lines) - height))
        return lines[self.top : self.top + height]

    def plain_text(self) -> str:
        """All of it."""
        top, self.top = self.top, 0
        try:
            return super().plain_text()
        finally:
            self.top = top

    def tables(self) -> list[Table]:
        """The tables by themselves, as they are written to a file."""
        comparisons = {id(group.comparison): group.comparison for group in self.groups}
        marks = marks_of(self.groups, self.letters)
        return [differences_table(each, self.groups, marks, self.intervals) for each in comparisons.values()]

    def sentences(self) -> Described:
        """Which group is best, and what follows from the statistics."""
        from rnnlab.plots.describe.comparison import describe_groups

        if not self.groups:
            raise UsageError("There is nothing to describe in this panel yet.")
        comparisons = dict.fromkeys(id(group.comparison) for group in self.groups)
        parts = [describe_groups([g for g in self.groups if id(g.comparison) == each]) for each in comparisons]
        return Described("comparison", "\n".join([*parts, *self.concluded]))

    def scroll_lines(self, by: int) -> None:
        """Move the part that is shown."""
        self.top += by
        self.redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_lines(2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_lines(-2)
