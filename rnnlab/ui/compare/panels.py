"""Panels of the Compare screen: curves of the groups, and the table of what differs among them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from textual import events
from textual.geometry import clamp

from rnnlab.errors import UsageError
from rnnlab.plots.comparison.differences import Intervals, differences_lines, differences_table, marks_of
from rnnlab.plots.comparison.groups import Group, grouped_chart
from rnnlab.plots.drawing.chart import Chart, chart_lines, x_ends_of_chart
from rnnlab.plots.run.figures import title_of
from rnnlab.runs.state import RunState
from rnnlab.text.lines import Lines, sentence
from rnnlab.text.palette import Palette
from rnnlab.text.sections import paragraph
from rnnlab.text.table import Table
from rnnlab.ui.described.figures import Described
from rnnlab.ui.run.panels.panel import Panel
from rnnlab.ui.run.panels.view import Extent, View
from rnnlab.ui.run.panels.zoomable_panel import ZoomablePanel


def _version(groups: Mapping[str, Sequence[RunState]]) -> Hashable:
    """A value that differs once a run of a group has changed, or is another one. The states stay alive meanwhile."""
    return tuple(
        (name, tuple((id(state.started), state.last_seq, state.status) for state in states))
        for name, states in groups.items()
    )


class CurvesPanel(ZoomablePanel):
    """One figure of all the groups: `loss` or `metric`."""

    groups: Mapping[str, Sequence[RunState]] = {}
    figure = "loss"
    log_y = False
    waiting = ""
    x_whole: Extent = None
    """The ends of the whole x axis, which all panels share."""
    _whole: Chart | None = None
    """Of the groups as they were shown last: a mean over many runs takes longer than a key may."""
    _taken_of: Hashable = None
    _seen: Hashable = None
    """The part of the axes that was drawn last; None: this figure of these groups has not been drawn."""

    def take(self, groups: Mapping[str, Sequence[RunState]], figure: str, view: View, *, log_y: bool) -> None:
        """Take this figure of the groups as they are now; `see` draws it, once it is known where the other panels' curves end."""
        of = (figure, view.x_axis, log_y, self.waiting, _version(groups))
        if of != self._taken_of:
            self.groups, self.figure, self.view, self.log_y, self._whole = groups, figure, view, log_y, None
            self._taken_of, self._seen = of, None

    def see(self, view: View, x_whole: Extent) -> None:
        """Draw the part of the axes that is seen, of an x axis with these ends; nothing where nothing has changed."""
        self.view, self.x_whole = view, x_whole
        seen = (view.x_limits(x_whole), view.y_window(self.kind), view.without_spikes, view.cursor)
        if seen != self._seen:
            self._seen = seen
            self.redraw()

    def whole_chart(self) -> Chart:
        """The curves on all of both axes."""
        if self._whole is None:
            chart = grouped_chart(self.groups, self.figure, x_axis=self.view.x_axis, log_y=self.log_y)
            # The columns of a run that trains grow, each by itself.
            curves = [replace(each, x=list(each.x), y=list(each.y)) for each in chart.curves]
            self._whole = replace(chart, curves=curves)
        return self._whole

    def chart(self) -> Chart:
        """The curves in the part of the axes that is seen."""
        return self.view.part_of(self.whole_chart(), self.kind, self.x_whole)

    def draw(self, width: int, height: int) -> Lines:
        """The curves, with the cursor's values."""
        if self.waiting:
            return sentence(self.waiting, width, height, self.palette.style("muted"))
        return chart_lines(self.chart(), width=width, height=height, palette=self.palette, cursor=self.view.cursor)

    def sentences(self) -> Described:
        """What each curve did."""
        from rnnlab.plots.describe.charts import describe_chart

        chart = self.whole_chart()
        if not chart.drawable:
            raise UsageError("There is nothing to describe in this panel yet.")
        return Described(f"{title_of(self.figure)} of the groups", describe_chart(chart))

    def extent(self) -> Extent:
        """The ends of the x axis that holds all of the curves; None before there is a point."""
        return x_ends_of_chart(self.whole_chart())


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
